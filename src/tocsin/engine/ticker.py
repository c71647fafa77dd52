"""The ticker: works off whatever is due, then sleeps until the next thing is."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from tocsin.domain.journal.actions import record
from tocsin.engine import metrics
from tocsin.engine.due import Claim, DueSource
from tocsin.engine.steady import steady_seconds
from tocsin.kernel.clock import database_now
from tocsin.kernel.failpoints import failpoint

log = structlog.get_logger(__name__)

BATCH = 500  # rows of one claim
LONGEST_SLEEP = 5.0  # a bell may go unheard
SHORTEST_SLEEP = 0.001
SWEEP_EVERY = 30.0  # seconds between rounds that claim from every source, whatever it says of its next row
FIRST_REST, LONGEST_REST = 1.0, 30.0  # seconds for which a failing source is left alone
ALARM_AFTER = 3  # failures in a row


class Ticker:
    """One ticker; any number may run side by side. Decides with the database's clock, read before each claim.

    `call_help` is called when a claim came back full, so that a second ticker of the process joins in; that one gets
    a `lag` (seconds), so that it does not get in the first one's way over a single row.
    """

    def __init__(
        self,
        sources: Sequence[DueSource],
        stopping: threading.Event,
        batch: int = BATCH,
        *,
        lag: float = 0.0,
        call_help: Callable[[], None] | None = None,
    ) -> None:
        self._sources = sources
        self._stopping = stopping
        self._batch = batch
        self._lag = lag
        self._call_help = call_help
        self._failures: dict[str, int] = {}
        self._resting_until: dict[str, float] = {}
        self._empty_looks = 0
        self._swept = float("-inf")

    def round(self) -> float:
        """Claim once from every source that has something due; return seconds until the next round (0: there may be more).

        To ask a source what is due next costs one statement, to claim from it costs four: most rounds find nothing.
        """
        now, taken, dues = database_now(connection), 0, list[datetime]()
        sweeping = steady_seconds() - self._swept >= SWEEP_EVERY
        for source in self._sources:
            if self._stopping.is_set():
                return 0
            if self._resting_until.get(source.name, 0) > steady_seconds():
                continue
            due = source.next_due()
            if sweeping or (due is not None and due <= now):
                taken += self._work_off(source)
            if due is not None:
                dues.append(due)
        if sweeping:
            self._swept = steady_seconds()
        if taken:
            self._empty_looks = 0
            return 0
        return self._until(min(dues, default=None))

    def drain(self) -> int:
        """Work until nothing is due any more; return how many rows were taken."""
        total = 0
        while not self._stopping.is_set():
            taken = sum(self._work_off(source) for source in self._sources)
            if not taken:
                break
            total += taken
        return total

    def _work_off(self, source: DueSource) -> int:
        try:
            taken = self._claim(source, source.claim)
        except (OperationalError, InterfaceError):
            raise  # the database's trouble, not this source's: the loop waits and reconnects
        except Exception:
            log.exception("a batch of due rows failed", source=source.name)
            taken = self._after_failure(source)
        else:
            self._failures.pop(source.name, None)
        failpoint("ticker.committed")
        return taken

    def _claim(self, source: DueSource, claim: Claim) -> int:
        taken = claim(now=database_now(connection), limit=self._batch)
        if taken:
            metrics.CLAIMED.labels(source=source.name).inc(taken)
        if taken >= self._batch and self._call_help is not None:
            self._call_help()
        return taken

    def _after_failure(self, source: DueSource) -> int:
        """Try the rows one by one where the source can; else leave it alone for a while. The others go on."""
        metrics.SOURCE_FAILURES.labels(source=source.name).inc()
        failures = self._failures[source.name] = self._failures.get(source.name, 0) + 1
        if source.one_by_one is not None:
            try:
                return self._claim(source, source.one_by_one)
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                log.exception("due rows failed one by one as well", source=source.name)
        rest = min(FIRST_REST * 2.0 ** (failures - 1), LONGEST_REST)
        self._resting_until[source.name] = steady_seconds() + rest
        if failures == ALARM_AFTER:
            self._alarm(source, failures)
        return 0

    def _alarm(self, source: DueSource, failures: int) -> None:
        log.error("due rows keep failing", source=source.name, failures=failures)
        data = {"source": source.name, "failures": failures}
        with transaction.atomic():
            record(stream="system", kind="alarm.source", actor="engine", at=database_now(connection), data=data)

    def _until(self, due: datetime | None) -> float:
        """Return seconds until the earliest due row, at most five."""
        if due is None:
            return LONGEST_SLEEP
        wait = (due - database_now(connection)).total_seconds() + self._lag
        if wait > 0:
            self._empty_looks = 0
            return min(wait + SHORTEST_SLEEP, LONGEST_SLEEP)
        # Due, but not to be had: another worker has it locked. Look again soon, then less often.
        self._empty_looks += 1
        return min(0.01 * 2.0 ** min(self._empty_looks, 10), LONGEST_SLEEP / 5)
