"""One engine process: listener, ticker, a sender for each channel, auditor. Any number run side by side."""

import os
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import connection

from tocsin.channels.ways import ALWAYS
from tocsin.domain.notify.actions import LeaseTerms
from tocsin.domain.notify.actions.providers import PROVIDERS
from tocsin.domain.notify.providers import channels_in_use
from tocsin.domain.notify.transport import Capabilities
from tocsin.engine.auditor import Auditor
from tocsin.engine.bells import Bell, Listener
from tocsin.engine.due import DueSource
from tocsin.engine.events import Events
from tocsin.engine.failover import Book, Failover, measure_providers
from tocsin.engine.indexer import index_marked
from tocsin.engine.loop import Loop
from tocsin.engine.sender import Sender, SendTerms
from tocsin.engine.sources import SOURCES
from tocsin.engine.ticker import Ticker
from tocsin.engine.webhooks import Webhooks
from tocsin.intake.alerts.storing import EVENTS
from tocsin.kernel.clock import database_now
from tocsin.kernel.doorbell import DUE, OUTBOX

log = structlog.get_logger(__name__)

PARTS = ("ticker", "sender", "auditor", "indexer", "webhooks", "events")
TICKERS = 2  # in one process
HELPERS_LAG = 0.05  # seconds after a due instant until a second ticker looks as well
LONGEST_SEND = 10.0  # seconds that one send may take
LETTER_TRIES = 60  # of one letter, five minutes apart in the end: a mail server may be away for some hours
PROGRAMS_READ_FASTER = 30  # a receiver that is a program may get so many times what a person may
PROVIDERS_EVERY = 3.0  # seconds until a channel that is new gets its sender, if nobody has rung
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
    if capabilities.letters:
        lease = replace(lease, per_minute=0, max_attempts=max(LETTER_TRIES, lease.max_attempts))
    return SendTerms(lease=lease, timeout=min(LONGEST_SEND, settings.LEASE_SECONDS / 2))


def sender_of(channel: str, bell: Bell, stopping: threading.Event, book: Book | None = None) -> Sender:
    """Return the sender of one channel, behind which the channel's providers stand in for each other."""
    shared = book or Book(channel)
    capabilities = Failover(shared).capabilities
    return Sender(lambda: Failover(shared, capabilities), send_terms(capabilities), bell, stopping)


class Engine:
    """The loops of one process. `parts` selects among ticker, sender and auditor."""

    def __init__(self, parts: Collection[str] = PARTS, sources: Sequence[DueSource] = SOURCES) -> None:
        self._stopping = threading.Event()
        self._worker = f"{socket.gethostname()}:{os.getpid()}"
        self._loops: list[Loop] = []
        self._senders: dict[str, Sender] = {}
        self._books: dict[str, Book] = {}
        self._bells: list[Bell] = []
        due: list[Bell] = []
        outbox: list[Bell] = []
        if "ticker" in parts:
            due.append(self._add_tickers(sources))
        if "sender" in parts:
            outbox.append(self._add("providers", self._look_at_providers, Bell(PROVIDERS)))
        self._outbox = outbox
        if "auditor" in parts:
            canary = timedelta(minutes=settings.CANARY_MINUTES)
            auditor = Auditor(sources, outside=settings.BEAT_URL, allow=settings.WEBHOOK_ALLOW, canary_every=canary)
            self._add("auditor", auditor.round)
        if "indexer" in parts:
            self._add("indexer", index_marked)
        if "webhooks" in parts:
            self._add("webhooks", Webhooks().round)
        events = [self._add("events", Events(self._stopping).round)] if "events" in parts else []
        self._listener = Listener({DUE: due, OUTBOX: outbox, EVENTS: events}, self._stopping)

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

    def _look_at_providers(self) -> float:
        """Start a sender for each channel that needs one by now, and have changed providers heard of at once.

        A channel without a provider has one too as soon as something waits: it says that it cannot be sent, so that
        the person is told by another method.
        """
        for book in list(self._books.values()):
            book.forget()
        for channel in [*ALWAYS, *sorted(channels_in_use())]:
            if channel not in self._senders:
                self._start_sender(channel)
        measure_providers(database_now(connection))
        return PROVIDERS_EVERY

    def _start_sender(self, channel: str) -> None:
        bell, book = Bell(channel), Book(channel)
        sender = sender_of(channel, bell, self._stopping, book)
        self._senders[channel], self._books[channel] = sender, book
        sender.start()
        self._add(f"sender:{channel}", sender.round, bell)
        self._outbox.append(bell)
        self._loops[-1].start()

    def run(self) -> None:
        """Run until `stop` is called, then let what is in flight end."""
        self._listener.start()
        for loop in list(self._loops):
            loop.start()
        log.info("engine runs", worker=self._worker, loops=[loop.name for loop in self._loops])
        self._stopping.wait()
        for bell in list(self._bells):
            bell.ring()
        for loop in list(self._loops):
            loop.join(DRAIN_WITHIN)
        for sender in self._senders.values():
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
        channels = [*ALWAYS, *sorted(channels_in_use() - set(ALWAYS))]
        done["sender"] = sum(sender_of(channel, Bell(), stopping).drain() for channel in channels)
    if "auditor" in parts:
        Auditor(sources).round()
        done["auditor"] = 1
    if "indexer" in parts:
        while index_marked() == 0:
            pass
        done["indexer"] = 1
    if "webhooks" in parts:
        done["webhooks"] = Webhooks().drain()
    if "events" in parts:
        done["events"] = Events(stopping).drain()
    return done
