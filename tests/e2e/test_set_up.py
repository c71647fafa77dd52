"""A newcomer's first minutes: an empty database, the printed address, six steps, and a test answered from the mail."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import START_SECONDS, _database_url, _free_port


class Mails:
    """What the mail server has taken."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        body = message_from_bytes(envelope.content or b"", policy=policy.default).get_body(("plain",))
        self.texts.append(body.get_content() if body else "")
        return "250 taken"

    def find(self, pattern: str) -> str:
        """Wait for a mail and return what the pattern's group matches in the newest."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            for text in reversed(self.texts):
                if match := re.search(pattern, text):
                    return match[1]
            time.sleep(0.2)
        raise AssertionError(f"no mail says {pattern}: {self.texts}")


@pytest.fixture
def mails() -> Iterator[tuple[Mails, int]]:
    taken, port = Mails(), _free_port()
    controller = Controller(taken, hostname="127.0.0.1", port=port)
    controller.start()
    yield taken, port
    controller.stop()


@pytest.fixture
def beginning(tmp_path: Path) -> Iterator[str]:
    """`tocsin serve` on an empty database; the address that it prints for the first administrator."""
    name, port = f"e2e_first_{os.getpid()}", _free_port()
    with psycopg.connect(_database_url("postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        environment = {
            **os.environ, "DATABASE_URL": _database_url(name), "TOCSIN_STATE": str(tmp_path), "COLUMNS": "200",
            "TOCSIN_WEBHOOK_ALLOW": "127.0.0.0/8", "TOCSIN_SMTP_HOST": "",
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "tocsin", "serve", "--port", str(port)], env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        said: list[str] = []
        found = threading.Event()

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                said.append(line)
                if "/set-up/first/" in line:
                    found.set()
            found.set()

        threading.Thread(target=read, daemon=True).start()
        try:
            found.wait(START_SECONDS)
            match = re.search(r"http\S+/set-up/first/\S+", "".join(said))
            assert match, "".join(said[-40:])
            yield match[0]
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_from_nothing_to_a_test_that_was_heard(browser: Browser, beginning: str, mails: tuple[Mails, int]) -> None:
    taken, port = mails
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.goto(beginning)
    page.get_by_label("Your name").fill("Mia Example")
    page.get_by_label("E-mail").fill("mia@example.org")
    page.get_by_label("Password").fill("a long sentence of mine")
    page.get_by_role("button", name="Begin").click()

    page.get_by_label("What your organisation is called").fill("Alder and Finch")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Save and go on").click()

    page.get_by_label("Mail server").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(port))
    page.get_by_label("Encryption").select_option("none")
    page.get_by_label("Sender").fill("Tocsin <tocsin@example.org>")
    page.get_by_role("button", name="Save and send me a code").click()
    page.get_by_label("Code").fill(taken.find(r"\b(\d{6})\b"))
    page.get_by_role("button", name="Check the code").click()
    expect(page.get_by_text("Mail reaches mia@example.org")).to_be_visible()
    page.get_by_role("link", name="Next step").click()

    page.get_by_label("Who works in it besides you").fill("Tom Tester tom@example.org")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="Save and go on").click()  # the usual hours
    page.get_by_role("radio", name=re.compile("Nobody owns it")).check()
    page.get_by_role("button", name="Publish it").click()

    page.get_by_role("button", name="Fire a test at me").click()
    phone = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    phone.goto(taken.find(r"(http\S+/respond/\S+)"))
    phone.get_by_role("button", name="Acknowledge", exact=True).click()
    expect(page.get_by_text("You were reached and heard")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Finish").click()
    expect(page.get_by_role("heading", name="Everything is set up")).to_be_visible()
    phone.context.close()
    context.close()
