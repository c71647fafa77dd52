"""The auditor: looks, independently of those who work, for anything that should have happened and did not (SECURITY 16)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from tocsin.domain.journal.actions import checkpoint, record
from tocsin.domain.journal.queries import last_checkpoint_at
from tocsin.domain.notify import queries as notify
from tocsin.domain.notify.actions import beat, forget_beats
from tocsin.domain.notify.actions.health import FORGET_AFTER
from tocsin.engine import metrics
from tocsin.engine.due import DueSource
from tocsin.kernel.clock import database_now

log = structlog.get_logger(__name__)

LOOK_EVERY = 10.0  # seconds
OVERDUE_AFTER = timedelta(minutes=2)
CHECKPOINT_EVERY = timedelta(minutes=10)


class Auditor:
    """One auditor; several do no harm. It reads the rows themselves and trusts no loop's word for its work."""

    def __init__(self, sources: Sequence[DueSource]) -> None:
        self._sources = sources
        self._known: frozenset[str] = frozenset()

    def round(self) -> float:
        """Look once; leave the findings where the health page, metrics and journal find them."""
        now = database_now(connection)
        ages = self._ages(now)
        overdue = {name: age for name, age in ages.items() if age > OVERDUE_AFTER.total_seconds()}
        self._measure(ages, now)
        with transaction.atomic():
            self._journal(overdue, now)
            beat(name="auditor", now=now, data={"overdue": overdue})
            forget_beats(before=now - FORGET_AFTER)
        last = last_checkpoint_at()
        if last is None or now - last >= CHECKPOINT_EVERY:
            with transaction.atomic():
                checkpoint(now=now)
        return LOOK_EVERY

    def _ages(self, now: datetime) -> dict[str, float]:
        """Return, for each kind of due row, how many seconds its oldest is late (0: none is)."""
        dues = {source.name: source.next_due() for source in self._sources}
        dues["outbox"] = notify.next_due()
        return {name: max(0.0, (now - at).total_seconds()) if at else 0.0 for name, at in dues.items()}

    def _measure(self, ages: dict[str, float], now: datetime) -> None:
        for name, age in ages.items():
            metrics.OVERDUE.labels(source=name).set(age)
        metrics.OVERDUE_MAX.set(max(ages.values()))
        outbox = notify.outbox_health(now)
        metrics.OUTBOX_PENDING.set(outbox.pending)
        metrics.OUTBOX_AGE.set(outbox.overdue_seconds)
        metrics.EXPIRED_LEASES.set(outbox.expired_leases)
        metrics.DUPLICATES.set(outbox.suspected_duplicates)
        metrics.AUDITED.set(now.timestamp())

    def _journal(self, overdue: dict[str, float], now: datetime) -> None:
        """Journal when something begins or ceases to be overdue, not at every look."""
        names = frozenset(overdue)
        if names == self._known:
            return
        for name in sorted(names - self._known):
            log.error("due rows are not worked off", source=name, seconds=round(overdue[name]))
        rounded = {name: round(age) for name, age in overdue.items()}
        kind = "audit.overdue" if names else "audit.caught_up"
        record(stream="system", kind=kind, actor="engine", at=now, data={"overdue": rounded})
        self._known = names
