"""One engine process: listener, ticker, a sender for each channel, auditor. Any number run side by side."""

import os
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from typing import Any

import structlog
from django.conf import settings

from tocsin.channels.console.transport import ConsoleTransport
from tocsin.channels.email.transport import EmailTransport, SmtpServer
from tocsin.channels.webhook.transport import WebhookTransport
from tocsin.domain.notify.actions import LeaseTerms
from tocsin.domain.notify.transport import Transport
from tocsin.engine.auditor import Auditor
from tocsin.engine.bells import Bell, Listener
from tocsin.engine.loop import Loop
from tocsin.engine.sender import Sender, SendTerms
from tocsin.engine.sources import SOURCES
from tocsin.engine.ticker import Ticker
from tocsin.kernel.doorbell import DUE, OUTBOX

log = structlog.get_logger(__name__)

PARTS = ("ticker", "sender", "auditor")
LONGEST_SEND = 10.0  # seconds that one send may take
DRAIN_WITHIN = 25.0  # seconds for a loop's round in flight when the engine is told to stop


def send_terms() -> SendTerms:
    """Return leases and time-outs as configured (docs/operator.md)."""
    lease = LeaseTerms(
        seconds=settings.LEASE_SECONDS, bundle_over=settings.BUNDLE_OVER, per_minute=settings.PER_MINUTE,
        max_attempts=settings.MAX_ATTEMPTS,
    )  # fmt: skip
    return SendTerms(lease=lease, timeout=min(LONGEST_SEND, settings.LEASE_SECONDS / 2))


def transports() -> list[Callable[[], Transport[Any]]]:
    """Return how to make each configured channel's way out. Without an SMTP server e-mail is not sent, but kept."""
    made: list[Callable[[], Transport[Any]]] = [
        ConsoleTransport,
        lambda: WebhookTransport(lambda _address: settings.WEBHOOK_SECRET, settings.WEBHOOK_ALLOW),
    ]
    if settings.SMTP_HOST:
        server = SmtpServer(
            host=settings.SMTP_HOST, port=settings.SMTP_PORT, user=settings.SMTP_USER, password=settings.SMTP_PASSWORD,
            tls=settings.SMTP_TLS, sender=settings.MAIL_FROM,
        )  # fmt: skip
        made.append(lambda: EmailTransport(server))
    return made


class Engine:
    """The loops of one process. `parts` selects among ticker, sender and auditor."""

    def __init__(self, parts: Collection[str] = PARTS) -> None:
        self._stopping = threading.Event()
        self._worker = f"{socket.gethostname()}:{os.getpid()}"
        self._loops: list[Loop] = []
        self._senders: list[Sender] = []
        due_bells: list[Bell] = []
        outbox_bells: list[Bell] = []
        if "ticker" in parts:
            due_bells.append(self._add_loop("ticker", Ticker(SOURCES, self._stopping).round))
        if "sender" in parts:
            for make in transports():
                bell = Bell()
                sender = Sender(make, send_terms(), bell, self._stopping, f"sender:{self._worker}")
                self._senders.append(sender)
                self._loops.append(Loop(f"sender:{self._worker}:{sender.channel}", sender.round, bell, self._stopping))
                outbox_bells.append(bell)
        if "auditor" in parts:
            self._add_loop("auditor", Auditor(SOURCES).round)
        self._listener = Listener({DUE: due_bells, OUTBOX: outbox_bells}, self._stopping)

    def _add_loop(self, kind: str, round_: Callable[[], float]) -> Bell:
        bell = Bell()
        self._loops.append(Loop(f"{kind}:{self._worker}", round_, bell, self._stopping))
        return bell

    def run(self) -> None:
        """Run until `stop` is called, then let what is in flight end."""
        self._listener.start()
        for sender in self._senders:
            sender.start()
        for loop in self._loops:
            loop.start()
        log.info("engine runs", worker=self._worker, loops=[loop.name for loop in self._loops])
        while not self._stopping.wait(1.0):
            pass
        self._finish()
        log.info("engine has stopped", worker=self._worker)

    def stop(self) -> None:
        """Ask the loops to end after the round they are in (SIGTERM drains; SIGKILL is equally safe)."""
        self._stopping.set()

    def _finish(self) -> None:
        for loop in self._loops:
            loop.join(DRAIN_WITHIN)
        for sender in self._senders:
            sender.finish()


def work_once(parts: Sequence[str] = PARTS) -> dict[str, int]:
    """Do in this thread whatever is due now, and end: {part: rows or messages dealt with}. For cron and tests."""
    stopping = threading.Event()
    done: dict[str, int] = {}
    if "ticker" in parts:
        done["ticker"] = Ticker(SOURCES, stopping).drain()
    if "sender" in parts:
        done["sender"] = sum(Sender(make, send_terms(), Bell(), stopping).drain() for make in transports())
    if "auditor" in parts:
        Auditor(SOURCES).round()
        done["auditor"] = 1
    return done
