"""Children are kept up, and taken down cleanly (real processes)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

# A supervisor in a process of its own, with children that note their starts and ends in a folder.
SUPERVISOR = """
import os, sys
from tocsin.cli import supervisor
from tocsin.cli.supervisor import Child, Supervisor

supervisor.FIRST_PAUSE = 0.05
supervisor.DRAIN_SECONDS = 1.0
folder, *names = sys.argv[1:]
child = '''
import os, pathlib, signal, sys, time
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
def end(number, frame):
    if name == "deaf":
        return
    (folder / f"{name}.drained").touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
with (folder / f"{name}.started").open("a") as file:
    file.write(f"{os.getpid()}\\\\n")
while not (folder / f"{name}.crash").exists():
    time.sleep(0.02)
sys.exit(7)
'''
children = [Child(name, [sys.executable, "-c", child, folder, name], pause=0.05) for name in names]
moved = lambda: os.path.exists(os.path.join(folder, "moved")) and not os.remove(os.path.join(folder, "moved"))
watch = Supervisor(children, environment=os.environ, say=lambda line: print(line, flush=True), check=moved)
watch.run(lambda: print("started", flush=True))
print("ended", flush=True)
"""


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "did not come about"
        time.sleep(0.02)


def starts(folder: Path, name: str) -> list[int]:
    """Return the process numbers under which a child has run."""
    path = folder / f"{name}.started"
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def supervise(folder: Path, *names: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, folder, *names], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    for name in names:
        wait_until(lambda name=name: bool(starts(folder, name)))
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_lets_every_child_drain(tmp_path: Path, number: int) -> None:
    process = supervise(tmp_path, "web", "engine")
    process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert output.splitlines() == ["stopping ...", "ended"]
    assert (tmp_path / "web.drained").exists()
    assert (tmp_path / "engine.drained").exists()


def test_crashed_child_is_started_again_alone(tmp_path: Path) -> None:
    process = supervise(tmp_path, "web", "engine")
    (tmp_path / "engine.crash").touch()
    wait_until(lambda: len(starts(tmp_path, "engine")) >= 2)
    (tmp_path / "engine.crash").unlink()
    process.terminate()
    output, _ = process.communicate(timeout=30)
    assert "engine ended (exit status 7); starting it again" in output
    assert len(starts(tmp_path, "web")) == 1


def test_killed_child_is_started_again(tmp_path: Path) -> None:
    process = supervise(tmp_path, "engine")
    os.kill(starts(tmp_path, "engine")[0], signal.SIGKILL)
    wait_until(lambda: len(starts(tmp_path, "engine")) == 2)
    process.terminate()
    output, _ = process.communicate(timeout=30)
    assert "engine ended (signal SIGKILL)" in output


def test_child_that_does_not_listen_is_killed_in_the_end(tmp_path: Path) -> None:
    process = supervise(tmp_path, "deaf")
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert not is_alive(starts(tmp_path, "deaf")[0])


def test_moved_database_restarts_every_child(tmp_path: Path) -> None:
    process = supervise(tmp_path, "web", "engine")
    (tmp_path / "moved").touch()
    wait_until(lambda: len(starts(tmp_path, "web")) == 2 and len(starts(tmp_path, "engine")) == 2)
    process.terminate()
    process.communicate(timeout=30)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child of its parent's death")
def test_children_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    process = supervise(tmp_path, "web")
    process.kill()
    process.wait()
    wait_until(lambda: not is_alive(starts(tmp_path, "web")[0]))
    assert (tmp_path / "web.drained").exists()
