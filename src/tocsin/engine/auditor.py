"""The auditor: looks, independently of those who work, for anything that should have happened and did not (SECURITY 16)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import connection

from tocsin.domain.escalation.actions.canary import WITHIN, look_after_canary
from tocsin.domain.escalation.drills import canary_health
from tocsin.domain.journal.actions import checkpoint
from tocsin.domain.journal.queries import last_checkpoint_at
from tocsin.domain.knowledge.actions import remind_owners
from tocsin.domain.notify import queries as notify
from tocsin.domain.notify.actions import answered, beat, first_time, forget_beats, record_audit
from tocsin.domain.notify.actions.health import BEAT_OUTSIDE, FORGET_AFTER
from tocsin.domain.notify.guarded import Refused, Unreachable, fetch
from tocsin.domain.oncall import queries as oncall
from tocsin.engine import metrics
from tocsin.engine.due import DueSource
from tocsin.engine.standing import measure_standing
from tocsin.engine.steady import steady_seconds
from tocsin.intake.alerts import queries as events
from tocsin.kernel.clock import database_now

log = structlog.get_logger(__name__)

LOOK_EVERY = 10.0  # seconds
OVERDUE_AFTER = timedelta(minutes=2)
CHECKPOINT_EVERY = timedelta(minutes=10)
BEAT_OUTSIDE_EVERY = 60.0  # seconds
BEAT_OUTSIDE_WITHIN = 5.0


class Auditor:
    """One auditor; several do no harm. It reads the due rows themselves and trusts no loop's word for its work.

    `outside`: address of a dead-man's switch, fetched every minute while nothing is overdue; when the fetches stop,
    somebody outside notices. `allow`: networks that are not public in which it may stand. `canary_every`: how often an
    escalation of our own goes the whole way (0: never); the switch is told nothing unless it has come through lately.
    """

    def __init__(
        self, sources: Sequence[DueSource], outside: str = "", allow: Sequence[str] = (),
        canary_every: timedelta = timedelta(),
    ) -> None:  # fmt: skip
        self._sources = sources
        self._canary_every = canary_every
        self._outside = outside
        self._allow = tuple(allow)
        self._told_outside = float("-inf")

    def round(self) -> float:
        """Look once; leave the findings where the health page, metrics and journal find them."""
        now = database_now(connection)
        ages = self._ages(now)
        overdue = {name: age for name, age in ages.items() if age > OVERDUE_AFTER.total_seconds()}
        self._measure(ages, now)
        audit = record_audit(overdue=overdue, now=now)
        for name in audit.began:
            log.error("due rows are not worked off", source=name, seconds=round(overdue[name]))
        for name in audit.ended:
            log.info("caught up", source=name)
        forget_beats(before=now - FORGET_AFTER)
        last = last_checkpoint_at()
        if last is None or now - last >= CHECKPOINT_EVERY:
            checkpoint(now=now)
        day = f"articles:{now.date()}"
        if answered(key=day) is None and first_time(key=day, now=now):
            remind_owners(now=now)
        if self._canary_every:
            look_after_canary(every=self._canary_every, now=now)
        canary = canary_health(every=self._canary_every, within=WITHIN, now=now)
        metrics.CANARY_AGE.set(canary.age_seconds if canary.age_seconds is not None else -1)
        if not overdue and canary.state in ("ok", "off"):
            self._tell_outside()
        return LOOK_EVERY

    def _ages(self, now: datetime) -> dict[str, float]:
        """Return, for each kind of due row, how many seconds its oldest is late (0: none is)."""
        dues = {source.name: source.next_due() for source in self._sources}
        dues["outbox"] = notify.next_due()
        dues["events"] = events.next_due()
        return {name: max(0.0, (now - at).total_seconds()) if at else 0.0 for name, at in dues.items()}

    def _measure(self, ages: Mapping[str, float], now: datetime) -> None:
        for name, age in ages.items():
            metrics.OVERDUE.labels(source=name).set(age)
        metrics.OVERDUE_MAX.set(max(ages.values()))
        outbox = notify.outbox_health(now)
        metrics.OUTBOX_PENDING.set(outbox.pending)
        metrics.OUTBOX_AGE.set(outbox.overdue_seconds)
        metrics.EXPIRED_LEASES.set(outbox.expired_leases)
        metrics.DUPLICATES.set(outbox.suspected_duplicates)
        metrics.UNCOVERED.set(len(oncall.uncovered(now)))
        measure_standing(now)
        metrics.AUDITED.set(now.timestamp())

    def _tell_outside(self) -> None:
        if not self._outside or steady_seconds() - self._told_outside < BEAT_OUTSIDE_EVERY:
            return
        try:
            fetch("GET", self._outside, timeout=BEAT_OUTSIDE_WITHIN, allow=self._allow)
        except (Refused, Unreachable) as error:
            log.warning("the dead-man's switch does not answer", error=str(error))
        else:
            beat(name=BEAT_OUTSIDE, now=database_now(connection))
        self._told_outside = steady_seconds()
