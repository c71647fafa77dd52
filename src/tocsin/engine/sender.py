"""The sender of one channel: leases due deliveries and has a few threads hand them to the provider.

Each channel has its own sender, so a slow or broken provider fills its own threads and nobody else's.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection

from tocsin.domain.notify import actions, queries
from tocsin.domain.notify.actions import LeaseTerms, Parcel
from tocsin.domain.notify.transport import Sent, Transport, TransportError
from tocsin.engine import metrics
from tocsin.engine.bells import Bell
from tocsin.engine.loop import give_up_connection
from tocsin.engine.steady import steady_seconds
from tocsin.kernel.clock import database_now
from tocsin.kernel.failpoints import failpoint

log = structlog.get_logger(__name__)

AT_ONCE = 8  # deliveries that one thread takes: few, so that an answer still stops most of a storm
LONGEST_SLEEP = 5.0
SETTLE_EVERY = 5.0
KEEP_OPEN = 5.0  # seconds for which an idle thread keeps its connection to the provider
STOP_WITHIN = 20.0  # seconds for sends in flight when the engine drains


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTerms:
    """`timeout`: seconds that one send may take, well within the lease."""

    lease: LeaseTerms
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class _Task:
    parcels: tuple[Parcel, ...]
    until: float  # steady seconds: nothing may be begun after this, the lease is about to end


class Sender:
    """Sends what one channel has due. `make_transport` is called once in each thread."""

    def __init__(
        self,
        make_transport: Callable[[], Transport[Any]],
        terms: SendTerms,
        bell: Bell,
        stopping: threading.Event,
    ) -> None:
        self._make_transport = make_transport
        self._terms = terms
        self._bell = bell
        self._stopping = stopping
        self.capabilities = make_transport().capabilities
        self.channel = self.capabilities.channel
        self._lease = terms.lease
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(self.capabilities.workers)
        self._threads = [
            threading.Thread(target=self._work, name=f"sending:{self.channel}:{n}", daemon=True)
            for n in range(self.capabilities.workers)
        ]
        self._settled = float("-inf")

    def start(self) -> None:
        """Start the sending threads; `round` feeds them."""
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Let sends in flight end, then end the threads. What was leased but not begun is given back."""
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(STOP_WITHIN)

    def round(self) -> float:
        """Lease for as many threads as are idle and hand over; return seconds until the next round."""
        idle = self._take_idle()
        if idle == 0:
            return LONGEST_SLEEP  # whoever becomes idle rings
        handed = 0
        try:
            parcels, until = self._leased(limit=idle * AT_ONCE)
            for share in _shares(parcels, idle):
                self._tasks.put(_Task(share, until))
                handed += 1
        finally:
            for _ in range(idle - handed):
                self._idle.release()
        if handed:
            return 0
        self._settle()
        return self._until_next()

    def drain(self) -> int:
        """Send, in this thread, until nothing is due; return how many messages were tried."""
        tried = 0
        with closing(self._make_transport()) as transport:
            while not self._stopping.is_set():
                parcels, until = self._leased(limit=AT_ONCE)
                if not parcels:
                    break
                tried += len(parcels)
                self._send_all(transport, _Task(tuple(parcels), until))
        self._settle()
        return tried

    def _leased(self, limit: int) -> tuple[list[Parcel], float]:
        # The lease is counted from before it was asked for: being early is harmless, being late is not.
        began = steady_seconds()
        parcels = actions.lease(channel=self.channel, now=database_now(connection), limit=limit, terms=self._lease)
        if parcels:
            failpoint("sender.leased")
        return parcels, began + self._lease.seconds - self._terms.timeout

    def _take_idle(self) -> int:
        idle = 0
        while self._idle.acquire(blocking=False):
            idle += 1
        return idle

    def _settle(self) -> None:
        if steady_seconds() - self._settled >= SETTLE_EVERY:
            self._settled = steady_seconds()
            actions.settle_withdrawn(now=database_now(connection))

    def _until_next(self) -> float:
        due = queries.next_due([self.channel])
        if due is None:
            return LONGEST_SLEEP
        wait = (due - database_now(connection)).total_seconds()
        return min(max(wait + 0.001, 0.01), LONGEST_SLEEP)

    def _work(self) -> None:
        transport = self._make_transport()
        try:
            while (task := self._next_task(transport)) is not None:
                try:
                    self._send_all(transport, task)
                except Exception:
                    log.exception("sending stopped short; the leases will end", channel=self.channel)
                    give_up_connection()
                finally:
                    self._idle.release()
                    self._bell.ring()
        finally:
            transport.close()
            connection.close()

    def _next_task(self, transport: Transport[Any]) -> _Task | None:
        """Wait for work; a kept connection to the provider is given up when none comes for a while."""
        try:
            return self._tasks.get(timeout=KEEP_OPEN)
        except queue.Empty:
            transport.close()
            return self._tasks.get()

    def _send_all(self, transport: Transport[Any], task: _Task) -> None:
        for position, parcel in enumerate(task.parcels):
            if self._stopping.is_set() or steady_seconds() >= task.until:
                actions.release(parcels=task.parcels[position:], now=database_now(connection))
                return
            self._send(transport, parcel, task.until + self._terms.timeout)

    def _send(self, transport: Transport[Any], parcel: Parcel, lease_ends: float) -> None:
        """Send one parcel and record what came of it."""
        now_standing = actions.standing(parcel=parcel)
        now = database_now(connection)
        if now_standing.withdrawn:
            actions.record_withdrawn(parcel=parcel, withdrawn=now_standing.withdrawn, now=now)
        left = parcel.without(now_standing.withdrawn | now_standing.lost)
        if left is None:
            return
        began = steady_seconds()
        try:
            sent = self._hand_over(transport, left, now)
        except TransportError as error:
            metrics.NOT_SENT.labels(channel=self.channel, permanent=str(error.permanent).lower()).inc()
            log.warning("not sent", channel=self.channel, answer=error.answer, permanent=error.permanent)
            refusal, most = error, self._lease.max_attempts
            self._persist(
                lambda at: actions.record_failed(parcel=left, error=refusal, now=at, max_attempts=most), lease_ends
            )
            return
        failpoint("sender.accepted")
        metrics.PROVIDER.labels(channel=self.channel).observe(steady_seconds() - began)
        metrics.SENT.labels(channel=self.channel).inc()
        ours = self._persist(lambda at: actions.record_sent(parcel=left, sent=sent, now=at), lease_ends)
        failpoint("sender.recorded")
        if ours:
            waited = (now - left.lead.due_at).total_seconds() + steady_seconds() - began
            metrics.LATENCY.labels(channel=self.channel).observe(max(0.0, waited))

    def _hand_over(self, transport: Transport[Any], parcel: Parcel, now: datetime) -> Sent:
        try:
            payload = transport.payload(parcel.message(now))
            return transport.send(payload, idempotency_key=parcel.key, timeout=self._terms.timeout)
        except TransportError:
            raise
        except Exception as error:
            # A defect in a channel must not keep the person from being told by another method.
            log.exception("a channel failed in a way it does not know", channel=self.channel)
            raise TransportError(f"{type(error).__name__}: {error}"[:500]) from error

    def _persist(self, write: Callable[[datetime], int], lease_ends: float) -> int:
        """Record, and while the database is away keep trying until the lease ends: what was sent should be known.

        Repeating is safe: a write that did commit has cleared the lease, so the next one matches nothing.
        """
        pause = 0.1
        while True:
            try:
                written = write(database_now(connection))
            except (OperationalError, InterfaceError) as error:
                give_up_connection()
                if steady_seconds() + pause >= lease_ends:
                    raise
                log.warning("could not record yet", channel=self.channel, error=str(error).strip())
                time.sleep(pause)
                pause = min(pause * 2, 2.0)
                continue
            if not written:
                metrics.LEASES_LOST.labels(channel=self.channel).inc()
            return written


def _shares(parcels: Sequence[Parcel], most: int) -> list[tuple[Parcel, ...]]:
    """Deal parcels out to at most `most` threads, evenly, keeping their order within each."""
    return [tuple(parcels[start::most]) for start in range(min(most, len(parcels)))]
