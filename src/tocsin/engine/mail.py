"""One mail process: the listener, the fetcher, and the loop that takes in what they have stored."""

import threading
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import connection

from tocsin.engine.bells import Bell, Listener
from tocsin.engine.loop import Loop
from tocsin.engine.steady import steady_seconds
from tocsin.intake.email import queries, storing, taking
from tocsin.intake.email.imap import Fetcher, account_of
from tocsin.intake.email.smtp import run_listener
from tocsin.kernel.clock import database_now

log = structlog.get_logger(__name__)

AT_ONCE = 10  # mails between two looks at whether to stop
LONGEST_SLEEP = 15.0
BREATHE_EVERY = 60.0  # seconds between two signs of life of the listener
FORGET_EVERY = 3600.0
DRAIN_WITHIN = 25.0


class MailProcess:
    """Everything that `tocsin mail` runs. Any number may run side by side; only one can listen on an address."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._bell = Bell()
        self._taker = Loop("mail:taker", self._round, self._bell, self._stopping)
        self._doorbell = Listener({storing.MAIL: [self._bell]}, self._stopping)
        self._fetching: threading.Thread | None = None
        self._listening = ""
        self._stop_listening: Callable[[], None] = lambda: None
        self._breathed = self._forgot = float("-inf")

    def run(self) -> None:
        """Run until `stop` is called. Raises OSError when the address to listen on is taken."""
        if settings.MAIL_LISTEN:
            self._listening, self._stop_listening = run_listener(settings.MAIL_LISTEN)
        if settings.IMAP_URL:
            fetcher = self._fetcher()
            self._fetching = threading.Thread(target=fetcher.run, name="imap", daemon=True)
            self._fetching.start()
        self._doorbell.start()
        self._taker.start()
        log.info("mail runs", listens=self._listening, fetches=bool(self._fetching))
        self._stopping.wait()
        self._stop_listening()
        self._bell.ring()
        self._taker.join(DRAIN_WITHIN)
        if self._fetching is not None:
            self._fetching.join(DRAIN_WITHIN)
        log.info("mail has stopped")

    def once(self) -> dict[str, int]:
        """Fetch what is in the mailbox and take in what is due, in this thread: {"fetched": n, "taken": n}."""
        fetched = self._fetcher().once() if settings.IMAP_URL else 0
        taken = 0
        while batch := taking.take_due(now=database_now(connection), limit=AT_ONCE):
            taken += batch
        return {"fetched": fetched, "taken": taken}

    def stop(self) -> None:
        """Ask everything to end (SIGTERM drains; SIGKILL is equally safe: what is stored is stored)."""
        self._stopping.set()

    def _fetcher(self) -> Fetcher:
        account = account_of(settings.IMAP_URL, settings.IMAP_PASSWORD)
        return Fetcher(account, largest=settings.MAIL_LARGEST, move_to=settings.IMAP_MOVE_TO, stopping=self._stopping)

    def _round(self) -> float:
        now = database_now(connection)
        if taking.take_due(now=now, limit=AT_ONCE) == AT_ONCE:
            return 0
        self._keep_house()
        due = queries.next_due()
        if due is None:
            return LONGEST_SLEEP
        return min(max((due - database_now(connection)).total_seconds() + 0.001, 0.01), LONGEST_SLEEP)

    def _keep_house(self) -> None:
        at = steady_seconds()
        if self._listening and at - self._breathed >= BREATHE_EVERY:
            self._breathed = at
            storing.source_works(name=self._listening, now=database_now(connection))
        if at - self._forgot >= FORGET_EVERY:
            self._forgot = at
            taking.forget_raw(now=database_now(connection))
