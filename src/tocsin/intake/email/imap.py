"""Fetching from an IMAP mailbox: what is new is stored, then flagged or moved, then remembered by UID. Reconnects.

The order makes a crash harmless: a mail that was stored but not remembered is fetched again and recognised by its
bytes; one that was not stored is still there.
"""

import hashlib
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

import structlog
from django.db import connection
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError

from tocsin.intake.email import storing
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import InvalidInput

log = structlog.get_logger(__name__)

IDLE_SECONDS = 240  # servers may hang up after half an hour; a look in between finds what an IDLE has missed
POLL_SECONDS = 60  # where the server has no IDLE
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 120.0
NETWORK_SECONDS = 60.0
LOCAL = {"localhost", "127.0.0.1", "::1"}
ERRORS = (ImapToolsError, OSError, EOFError, ssl.SSLError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One folder of one mailbox."""

    scheme: str  # imaps, imap+starttls, imap (loopback only)
    host: str
    port: int
    user: str
    password: str
    folder: str

    @property
    def name(self) -> str:
        return f"imap {self.user}@{self.host}/{self.folder}"


def account_of(url: str, password: str = "") -> Account:
    """Read imaps://user@host:993/INBOX; the password may stand in it or come apart. Raises InvalidInput."""
    parts = urlsplit(url)
    ports = {"imaps": 993, "imap+starttls": 143, "imap": 143}
    problem = ""
    if parts.scheme not in ports or not parts.hostname or not parts.username:
        problem = "Write it as imaps://user@host/INBOX."
    elif parts.scheme == "imap" and parts.hostname not in LOCAL:
        problem = "Without TLS only this machine may be reached. Use imaps:// or imap+starttls://."
    if problem:
        raise InvalidInput("bad_imap_url", f"TOCSIN_IMAP_URL cannot be used. {problem}", {"TOCSIN_IMAP_URL": problem})
    return Account(
        scheme=parts.scheme, host=str(parts.hostname), port=parts.port or ports[parts.scheme], user=unquote(str(parts.username)),
        password=password or unquote(parts.password or ""), folder=unquote(parts.path.strip("/")) or "INBOX",
    )  # fmt: skip


class Fetcher:
    """Keeps one folder read until told to stop. One thread."""

    def __init__(self, account: Account, *, largest: int, move_to: str, stopping: threading.Event) -> None:
        self._account = account
        self._largest = largest
        self._move_to = move_to
        self._stopping = stopping

    def run(self) -> None:
        """Fetch and wait, for ever; every failure is noted where the settings page shows it, and tried again."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                with self._connected() as mailbox:
                    pause = FIRST_PAUSE
                    self._stay(mailbox)
            except Exception as error:
                # The network, the server or the database: all of them come back, and nothing was half done.
                log.warning("mail cannot be fetched", mailbox=self._account.name, error=str(error), again_in=pause)
                self._note_failure(error)
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            finally:
                connection.close()

    def once(self) -> int:
        """Fetch what is new and return how many mails were stored for the first time. Raises what the server answers."""
        with self._connected() as mailbox:
            return self._fetch(mailbox)

    def sign_in(self) -> None:
        """Sign in and out again. Raises what the server answers."""
        with self._connected():
            pass

    def _stay(self, mailbox: BaseMailBox) -> None:
        can_idle = "IDLE" in mailbox.client.capabilities
        while not self._stopping.is_set():
            self._fetch(mailbox)
            connection.close()  # nothing is asked of the database for minutes
            if not can_idle:
                self._stopping.wait(POLL_SECONDS)
                continue
            self._idle(mailbox)

    def _idle(self, mailbox: BaseMailBox) -> None:
        """Wait until the server says that something is new, in short waits so that a stop is soon noticed."""
        with mailbox.idle as waiting:
            for _ in range(IDLE_SECONDS // 2):
                if self._stopping.is_set() or waiting.poll(timeout=2):
                    return

    def _fetch(self, mailbox: BaseMailBox) -> int:
        name = self._account.name
        validity = int(mailbox.folder.status(self._account.folder)["UIDVALIDITY"])
        known, last = storing.read_so_far(name)
        if known != validity:
            last = 0  # the server has numbered its mails anew; what is stored already is recognised by its bytes
        fresh = sorted(uid for uid in map(int, mailbox.uids(f"UID {last + 1}:*")) if uid > last)
        made = 0
        for uid in fresh:
            if self._stopping.is_set():
                break
            made += self._take(mailbox, str(uid))
            storing.note_read(name=name, validity=validity, uid=uid)
        now = database_now(connection)
        storing.source_works(name=name, now=now, got_mail=bool(made))
        return made

    def _take(self, mailbox: BaseMailBox, uid: str) -> int:
        """Store one mail, then flag or move it; return 1 if it was not known before."""
        now = database_now(connection)
        size = _size(mailbox, uid)
        if size > self._largest:
            digest = hashlib.sha256(f"{self._account.name} {uid} {size}".encode()).hexdigest()
            storing.note_oversize(source="imap", size=size, digest=digest, now=now)
            return 0
        raw = _raw(mailbox, uid)
        if raw is None:
            return 0  # somebody has taken it out of the folder meanwhile
        _, made = storing.store(raw=raw, source="imap", now=now)
        self._put_away(mailbox, uid)
        return int(made)

    def _put_away(self, mailbox: BaseMailBox, uid: str) -> None:
        if not self._move_to:
            mailbox.flag(uid, MailMessageFlags.SEEN, True)
            return
        if not mailbox.folder.exists(self._move_to):
            mailbox.folder.create(self._move_to)
        mailbox.move(uid, self._move_to)

    def _connected(self) -> BaseMailBox:
        account = self._account
        make: Callable[..., BaseMailBox] = MailBox
        more = {"timeout": NETWORK_SECONDS}
        if account.scheme == "imap":
            make = MailBoxUnencrypted
        elif account.scheme == "imap+starttls":
            make = MailBoxStartTls
        return make(account.host, account.port, **more).login(
            account.user, account.password, initial_folder=account.folder
        )

    def _note_failure(self, error: Exception) -> None:
        try:
            now: datetime = database_now(connection)
            storing.source_fails(name=self._account.name, error=_said(error), now=now)
        except Exception as also:  # the database is what does not answer: the log has it, and we go on
            log.warning("the failure could not be noted", error=str(also))


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _size(mailbox: BaseMailBox, uid: str) -> int:
    _, data = mailbox.client.uid("fetch", uid, "(RFC822.SIZE)")
    words = b" ".join(part for part in data if isinstance(part, bytes)).replace(b")", b" ").split()
    at = words.index(b"RFC822.SIZE") if b"RFC822.SIZE" in words else -2
    return int(words[at + 1]) if at >= 0 else 0


def _raw(mailbox: BaseMailBox, uid: str) -> bytes | None:
    _, data = mailbox.client.uid("fetch", uid, "(BODY.PEEK[])")
    return next((bytes(part[1]) for part in data if isinstance(part, tuple)), None)
