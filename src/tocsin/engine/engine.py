"""One engine process: listener, ticker, a sender for each channel, auditor. Any number run side by side."""

import os
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import structlog
from django.conf import settings

from tocsin.channels.console.transport import ConsoleTransport
from tocsin.channels.email.transport import EmailTransport, SmtpServer
from tocsin.channels.webhook.signature import secret_for
from tocsin.channels.webhook.transport import WebhookTransport
from tocsin.domain.notify.actions import LeaseTerms
from tocsin.domain.notify.transport import Capabilities, Transport
from tocsin.engine.auditor import Auditor
from tocsin.engine.bells import Bell, Listener
from tocsin.engine.due import DueSource
from tocsin.engine.loop import Loop
from tocsin.engine.sender import Sender, SendTerms
from tocsin.engine.sources import SOURCES
from tocsin.engine.ticker import Ticker
from tocsin.kernel.doorbell import DUE, OUTBOX

log = structlog.get_logger(__name__)

PARTS = ("ticker", "sender", "auditor")
TICKERS = 2  # in one process
HELPERS_LAG = 0.05  # seconds after a due instant until a second ticker looks as well
LONGEST_SEND = 10.0  # seconds that one send may take
PROGRAMS_READ_FASTER = 30  # a receiver that is a program may get so many times what a person may
DRAIN_WITHIN = 25.0  # seconds for a loop's round in flight when the engine is told to stop


def send_terms(capabilities: Capabilities) -> SendTerms:
    """Return leases and time-outs for one channel as configured (docs/operator.md)."""
    lease = LeaseTerms(
        seconds=settings.LEASE_SECONDS,
        bundle_over=settings.BUNDLE_OVER,
        per_minute=settings.PER_MINUTE,
        max_attempts=settings.MAX_ATTEMPTS,
    )
    if not capabilities.bundles:
        lease = replace(lease, bundle_over=0, per_minute=lease.per_minute * PROGRAMS_READ_FASTER)
    return SendTerms(lease=lease, timeout=min(LONGEST_SEND, settings.LEASE_SECONDS / 2))


def transports() -> list[Callable[[], Transport[Any]]]:
    """Return how to make each channel's way out. One that is not configured says so at each try, and is passed over."""
    server = SmtpServer(
        host=settings.SMTP_HOST, port=settings.SMTP_PORT, user=settings.SMTP_USER, password=settings.SMTP_PASSWORD,
        tls=settings.SMTP_TLS, sender=settings.MAIL_FROM,
    )  # fmt: skip
    return [
        lambda: EmailTransport(server),
        lambda: WebhookTransport(secret_for, settings.WEBHOOK_ALLOW),
        ConsoleTransport,
    ]


class Engine:
    """The loops of one process. `parts` selects among ticker, sender and auditor."""

    def __init__(self, parts: Collection[str] = PARTS, sources: Sequence[DueSource] = SOURCES) -> None:
        self._stopping = threading.Event()
        self._worker = f"{socket.gethostname()}:{os.getpid()}"
        self._loops: list[Loop] = []
        self._senders: list[Sender] = []
        self._bells: list[Bell] = []
        due: list[Bell] = []
        outbox: list[Bell] = []
        if "ticker" in parts:
            due.append(self._add_tickers(sources))
        if "sender" in parts:
            outbox += [self._add_sender(make) for make in transports()]
        if "auditor" in parts:
            auditor = Auditor(sources, outside=settings.BEAT_URL, allow=settings.WEBHOOK_ALLOW)
            self._add("auditor", auditor.round)
        self._listener = Listener({DUE: due, OUTBOX: outbox}, self._stopping)

    def _add_tickers(self, sources: Sequence[DueSource]) -> Bell:
        """Add one ticker that answers the bell, and others that it calls when there is much to do.

        While one waits for the database another decides; they pass each other's rows over.
        """
        helpers = [Bell() for _ in range(TICKERS - 1)]

        def call_help() -> None:
            for bell in helpers:
                bell.ring()

        for bell in helpers:
            self._add("ticker:helper", Ticker(sources, self._stopping, lag=HELPERS_LAG).round, bell)
        return self._add("ticker", Ticker(sources, self._stopping, call_help=call_help).round)

    def _add(self, kind: str, round_: Callable[[], float], bell: Bell | None = None) -> Bell:
        bell = bell or Bell()
        self._bells.append(bell)
        self._loops.append(Loop(f"{kind}:{self._worker}", round_, bell, self._stopping))
        return bell

    def _add_sender(self, make: Callable[[], Transport[Any]]) -> Bell:
        bell = Bell(make().capabilities.channel)
        sender = Sender(make, send_terms(make().capabilities), bell, self._stopping)
        self._senders.append(sender)
        return self._add(f"sender:{sender.channel}", sender.round, bell)

    def run(self) -> None:
        """Run until `stop` is called, then let what is in flight end."""
        self._listener.start()
        for sender in self._senders:
            sender.start()
        for loop in self._loops:
            loop.start()
        log.info("engine runs", worker=self._worker, loops=[loop.name for loop in self._loops])
        self._stopping.wait()
        for bell in self._bells:
            bell.ring()
        for loop in self._loops:
            loop.join(DRAIN_WITHIN)
        for sender in self._senders:
            sender.finish()
        log.info("engine has stopped", worker=self._worker)

    def stop(self) -> None:
        """Ask the loops to end after the round they are in (SIGTERM drains; SIGKILL is equally safe)."""
        self._stopping.set()


def work_once(parts: Collection[str] = PARTS, sources: Sequence[DueSource] = SOURCES) -> dict[str, int]:
    """Do in this thread whatever is due now, and end: {part: rows or messages dealt with}. For cron and tests."""
    stopping = threading.Event()
    done: dict[str, int] = {}
    if "ticker" in parts:
        done["ticker"] = Ticker(sources, stopping).drain()
    if "sender" in parts:
        senders = [Sender(make, send_terms(make().capabilities), Bell(), stopping) for make in transports()]
        done["sender"] = sum(sender.drain() for sender in senders)
    if "auditor" in parts:
        Auditor(sources).round()
        done["auditor"] = 1
    return done
