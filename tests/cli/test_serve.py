"""`tocsin serve`, whole: a fresh state directory, real processes, the embedded server."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.servers import Site
from tocsin.config.postgres_server import free_port


@pytest.fixture
def site() -> Iterator[Site]:
    state = Path(tempfile.mkdtemp(prefix="tocsin-state-"))
    state.chmod(0o755)  # as root the database runs as somebody else, who must get in
    made = Site(state, state, uid=0)
    yield made
    made.close()
    shutil.rmtree(state, ignore_errors=True)


def serve(site: Site, port: int) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "TOCSIN_BASE_URL"}}
    return subprocess.Popen(
        [sys.executable, "-m", "tocsin", "serve", "--port", str(port), "--no-engine", "--no-worker"],
        env={**environment, "TOCSIN_STATE": str(site.state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if word in line:
            return
    raise AssertionError(f"ended without {word!r}: {''.join(lines)}")


def status_of(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_serve_comes_up_survives_the_loss_of_the_database_and_stops_cleanly(site: Site) -> None:
    port = free_port()
    process = serve(site, port)
    try:
        read_until(process, f"Tocsin is ready: http://127.0.0.1:{port}")
        assert status_of(port) == 200
        pid = site.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 60
        while site.pid() in {None, pid}:
            assert time.monotonic() < end, "the database was not started again"
            time.sleep(0.1)
        assert status_of(port) == 200
        process.terminate()
        read_until(process, "tocsin: stopped")
        assert process.wait(60) == 0
        assert site.pid() is None
    finally:
        process.kill()


def test_taken_port_is_refused_before_anything_is_started(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        output, _ = serve(site, port).communicate(timeout=60)
    assert f"Cannot listen on 127.0.0.1:{port}" in output
    assert "--port" in output
    assert site.pid() is None
