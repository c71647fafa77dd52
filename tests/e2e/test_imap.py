"""Fetching from a real IMAP server: Debian's dovecot, with IDLE, a restart under way, and folders numbered anew."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from imap_tools import MailBoxUnencrypted

from tests.intake.email.conftest import written
from tocsin.intake.email import queries, storing
from tocsin.intake.email.imap import Fetcher, account_of
from tocsin.intake.email.models import InboundMail, MailSource

CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/log
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{place}/mail/%u
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={place}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


@dataclass
class Dovecot:
    """A server of our own, which can be killed and started again."""

    place: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"imap://ana@127.0.0.1:{self.port}/INBOX"

    def start(self) -> None:
        command = [
            str(shutil.which("dovecot", path="/usr/sbin:/usr/bin")),
            "-F",
            "-c",
            str(self.place / "dovecot.conf"),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._answers)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                return line.recv(10).startswith(b"* OK")
        except OSError:
            return False

    def put(self, subject: str) -> None:
        """Lay a mail into the inbox, as a delivering server does."""
        with MailBoxUnencrypted("127.0.0.1", self.port).login("ana", "secret") as box:
            box.append(written(subject=subject, text=f"Words of {subject}.").as_bytes(), "INBOX")


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for the world outside; fail when it does not come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    program = shutil.which("dovecot", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip("no dovecot here: install Debian's dovecot-imapd to run the IMAP test")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if not version.startswith("2.3"):
        pytest.skip(f"dovecot {version.split()[0]} reads another configuration than 2.3")
    if os.geteuid() != 0:
        pytest.skip("dovecot wants to be started by root, to become its users")
    place = Path(tempfile.mkdtemp(prefix="tocsin-imap-"))
    place.chmod(0o755)  # its users must get in; the folders of pytest are closed to them
    owner = pwd.getpwnam("nobody")
    with socket.create_server(("127.0.0.1", 0)) as free:
        server = Dovecot(place, free.getsockname()[1])
    for folder in ("mail", "home", "run", "state"):
        (place / folder).mkdir(parents=True)
    for folder in ("mail", "home"):
        os.chown(place / folder, owner.pw_uid, owner.pw_gid)
    text = CONFIGURATION.format(place=place, port=server.port, uid=owner.pw_uid, gid=owner.pw_gid)
    (place / "dovecot.conf").write_text(text)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(place)


@pytest.fixture
def fetching(dovecot: Dovecot, settings: Any) -> Iterator[Callable[..., Fetcher]]:
    """Make a fetcher; `run` in a thread is stopped at the end."""
    stopping = threading.Event()
    threads: list[threading.Thread] = []

    def make(*, run: bool = False, **more: Any) -> Fetcher:
        wanted: dict[str, Any] = {"largest": 1_000_000, "move_to": "", "stopping": stopping}
        fetcher = Fetcher(account_of(dovecot.url, "secret"), **(wanted | more))
        if run:
            threads.append(threading.Thread(target=fetcher.run, daemon=True))
            threads[-1].start()
        return fetcher

    yield make
    stopping.set()
    for thread in threads:
        thread.join(20)


def subjects() -> list[str]:
    found = InboundMail.objects.order_by("received_at", "pk")
    return [str(mail.subject) for row in found if (mail := queries.read(row))]


@pytest.mark.django_db(transaction=True)
def test_mail_is_fetched_at_once_by_idle_and_again_after_the_server_was_gone(
    dovecot: Dovecot, fetching: Callable[..., Fetcher]
) -> None:
    dovecot.put("first")
    fetching(run=True)
    until(lambda: subjects() == ["first"])
    began = time.monotonic()
    dovecot.put("second")
    until(lambda: subjects() == ["first", "second"])
    assert time.monotonic() - began < 15  # by IDLE; looking by itself would take minutes
    dovecot.stop()
    until(lambda: MailSource.objects.get().failures > 0, 60)
    dovecot.start()
    dovecot.put("third")
    until(lambda: subjects() == ["first", "second", "third"], 60)
    # The mail is stored first; that the source is well again is noted right after.
    until(lambda: (MailSource.objects.get().failures, MailSource.objects.get().last_uid) == (0, 3))
    assert MailSource.objects.get().last_error


@pytest.mark.django_db(transaction=True)
def test_what_was_stored_is_flagged_and_nothing_is_fetched_twice(
    dovecot: Dovecot, fetching: Callable[..., Fetcher]
) -> None:
    dovecot.put("one")
    dovecot.put("two")
    assert (fetching().once(), fetching().once()) == (2, 0)
    with MailBoxUnencrypted("127.0.0.1", dovecot.port).login("ana", "secret") as box:
        assert [message.flags for message in box.fetch(mark_seen=False)] == [("\\Seen",), ("\\Seen",)]
    # The server forgets its numbers: everything is read again and known by its bytes.
    storing.note_read(name=account_of(dovecot.url).name, validity=1, uid=99)
    assert (fetching().once(), InboundMail.objects.count()) == (0, 2)


@pytest.mark.django_db(transaction=True)
def test_what_was_stored_can_be_moved_and_what_is_too_large_stays(
    dovecot: Dovecot, fetching: Callable[..., Fetcher]
) -> None:
    dovecot.put("small")
    with MailBoxUnencrypted("127.0.0.1", dovecot.port).login("ana", "secret") as box:
        box.append(written(subject="large", text="x" * 70_000).as_bytes(), "INBOX")
    assert fetching(move_to="Taken", largest=60_000).once() == 1
    with MailBoxUnencrypted("127.0.0.1", dovecot.port).login("ana", "secret") as box:
        assert [message.subject for message in box.fetch()] == ["large"]
        box.folder.set("Taken")
        assert [message.subject for message in box.fetch()] == ["small"]
    assert sorted(InboundMail.objects.values_list("state", flat=True)) == ["received", "refused"]


@pytest.mark.django_db(transaction=True)
def test_a_wrong_password_is_said_where_the_settings_page_shows_it(dovecot: Dovecot) -> None:
    stopping = threading.Event()
    fetcher = Fetcher(account_of(dovecot.url, "wrong"), largest=1, move_to="", stopping=stopping)
    thread = threading.Thread(target=fetcher.run, daemon=True)
    thread.start()
    until(lambda: MailSource.objects.filter(failures__gt=0).exists())
    stopping.set()
    thread.join(20)
    assert "AUTHENTICATIONFAILED" in MailSource.objects.get().last_error
