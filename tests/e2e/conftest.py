"""The whole product as a newcomer starts it: `tocsin demo` on a database of its own, and a real browser."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, sync_playwright

HERE = Path(__file__).resolve().parent
CHROMIUM = Path("/usr/bin/chromium")
ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
START_SECONDS = 420
AGENT = "tomas@alderfinch.example"
ADMINISTRATOR = "ruth@alderfinch.example"


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demonstration."""

    address: str
    password: str


def _database_url(name: str) -> str:
    told = connection.settings_dict
    return f"postgres://{quote(told['USER'])}:{quote(told['PASSWORD'])}@{told['HOST']}:{told['PORT']}/{name}"


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Debian's browser; the reason is printed where it is not installed."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: install Debian's chromium to run the end-to-end tests")
    return CHROMIUM


class Demonstration:
    """`tocsin demo` on an empty database, started when it is first asked for; whoever asks after its end gets another."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._end: Callable[[], None] | None = None
        self._demo: Demo | None = None
        self._broken = False  # whoever asks after a start that failed is told at once

    def running(self) -> Demo:
        assert not self._broken, "the demonstration did not start, as an earlier test says"
        if self._demo is None:
            self._broken = True
            self._demo = self._start()
            self._broken = False
        return self._demo

    def end(self) -> None:
        if self._end is not None:
            self._end()
        self._end = self._demo = None

    def _start(self) -> Demo:
        if running := os.environ.get("E2E_DEMO"):
            address, _, password = running.partition(" ")
            return Demo(address, password)
        # The state folder of the tests stays: without DATABASE_URL it is where the server lives.
        name, port = f"e2e_{os.getpid()}", _free_port()
        _on_the_server(f'CREATE DATABASE "{name}"')
        told = {"DATABASE_URL": _database_url(name), "TOCSIN_STATE": str(self._state), "COLUMNS": "200"}
        command = [sys.executable, "-m", "tocsin", "demo", "--port", str(port)]
        process = subprocess.Popen(
            command, env={**os.environ, **told}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

        def end() -> None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
            _on_the_server(f'DROP DATABASE "{name}" WITH (FORCE)')

        self._end = end
        return Demo(f"http://127.0.0.1:{port}", _password(process))


def _on_the_server(statement: str) -> None:
    with psycopg.connect(_database_url("postgres"), autocommit=True) as server:
        server.execute(statement)  # type: ignore[call-overload]  # no parameters; the name is ours


DEMONSTRATION = pytest.StashKey[Demonstration]()


@pytest.fixture(scope="session")
def demonstration(
    chromium: Path, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Demonstration]:
    made = Demonstration(tmp_path_factory.mktemp("state"))
    pytestconfig.stash[DEMONSTRATION] = made
    yield made
    made.end()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the demonstration with the last of these tests: its engine and worker would run beside all others."""
    if nextitem is not None and HERE not in nextitem.path.parents and DEMONSTRATION in item.config.stash:
        item.config.stash[DEMONSTRATION].end()


@pytest.fixture(scope="module")
def demo(demonstration: Demonstration) -> Demo:
    """`tocsin demo`, with an empty database, the same for all tests of a worker.

    E2E_DEMO="http://127.0.0.1:8000 PASSWORD" names one that runs already: quick to look again, but it keeps what was done.
    """
    return demonstration.running()


def _password(process: "subprocess.Popen[str]") -> str:
    """Read what the command prints until it says how to sign in; go on reading so that it never waits for us."""
    said: list[str] = []
    found = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if "See its mails" in line:
                found.set()
        found.set()

    threading.Thread(target=read, daemon=True).start()
    found.wait(START_SECONDS)
    match = re.search(r"Password\s+(\S+)", "".join(said))
    assert match, "the demonstration did not start:\n" + "".join(said[-40:])
    return match.group(1)


# Per module: while Playwright runs, its event loop counts as running in this thread, which would make the tests of
# other modules that come to the same worker believe that they are in asynchronous code.
@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def kept() -> dict[str, object]:
    """Filled by the first module that signs in: the demonstration lives longer than a browser."""
    return {}


@pytest.fixture(scope="module")
def signed_in(browser: Browser, demo: Demo, kept: dict[str, object]) -> dict[str, object]:
    """What the browser keeps of somebody who has signed in, by address."""
    if kept.get("address") == demo.address:
        return kept
    for email in (AGENT, ADMINISTRATOR):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{demo.address}/")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(demo.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/queue")
        kept[email] = context.storage_state()
        context.close()
    kept["address"] = demo.address
    return kept


@pytest.fixture
def agent(browser: Browser, signed_in: dict[str, object]) -> Iterator[BrowserContext]:
    """The agent's browser on a desk."""
    context = browser.new_context(storage_state=signed_in[AGENT], viewport={"width": 1440, "height": 900})  # type: ignore[arg-type]  # as Playwright gave it
    yield context
    context.close()
