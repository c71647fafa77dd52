"""Folding the clocks of tickets anew, and writing what that changes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.calendars.queries import business_calendars
from tocsin.domain.journal.actions import Fact as Entry
from tocsin.domain.journal.actions import record_many
from tocsin.domain.journal.publish import publish
from tocsin.domain.sla.events import ClockBreached, ClocksChanged
from tocsin.domain.sla.history import histories, terms_of
from tocsin.domain.sla.logic.clock import Calendar, ClockFold, Step, fold
from tocsin.domain.sla.models import Agreement, Clock
from tocsin.domain.sla.queries import agreement_for, agreements
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.doorbell import DUE, ring
from tocsin.kernel.ids import new_id

type Key = tuple[UUID, str, UUID | None, int]

_FIELDS = [
    "agreement", "calendar", "priority", "target_seconds", "agreed_due_at", "state", "started_at", "running_since",
    "consumed_seconds", "elapsed_seconds", "due_at", "breached_at", "stopped_at", "trace",
]  # fmt: skip
_CLAIM = """
SELECT t.id FROM tickets_ticket t
WHERE t.id IN (SELECT c.ticket_id FROM sla_clock c WHERE c.due_at <= %s ORDER BY c.due_at LIMIT %s)
FOR UPDATE OF t SKIP LOCKED
"""


def recompute(*, ticket_ids: Sequence[UUID], now: datetime, actor: str = "engine") -> None:
    """Bring the clocks of these tickets in line with their history as of `now`, journal and publish what changed.

    Call with the tickets locked. A ticket to which no agreement applies has no running clocks.
    """
    with transaction.atomic():
        tickets = list(Ticket.objects.filter(pk__in=ticket_ids))
        known: dict[UUID, dict[Key, Clock]] = defaultdict(dict)
        for clock in Clock.objects.filter(ticket_id__in=ticket_ids):
            known[clock.ticket_id][clock.ticket_id, clock.kind, clock.team_id, clock.sequence] = clock
        folded = fold_all(tickets, agreements(), now)
        new, changed, entries, breached = [], [], [], []
        for ticket in tickets:
            rows = folded[ticket.pk]
            for row in rows:
                before = known[ticket.pk].pop((row.ticket_id, row.kind, row.team_id, row.sequence), None)
                if before is None:
                    new.append(row)
                elif _differs(before, row):
                    row.pk = before.pk
                    changed.append(row)
                else:
                    continue
                entries += _entries(before, row, now, actor)
                if row.breached_at is not None and (before is None or before.breached_at is None):
                    breached.append(row)
        gone = [clock for rest in known.values() for clock in rest.values()]
        _write(new, changed, gone)
        record_many(entries)
        _tell(new, changed, gone, breached, now)


def fold_all(
    tickets: Sequence[Ticket],
    among: Sequence[Agreement],
    now: datetime,
    calendars: dict[UUID, Calendar] | None = None,
) -> dict[UUID, list[Clock]]:
    """Return the clocks that each ticket has by its history, as unsaved rows. Writes nothing."""
    facts = histories(tickets)
    known: dict[UUID, Calendar] = dict(business_calendars([agreement.calendar_id for agreement in among]))
    known.update(calendars or {})
    terms = {agreement.pk: terms_of(agreement) for agreement in among}
    found: dict[UUID, list[Clock]] = {}
    for ticket in tickets:
        agreement = agreement_for(ticket, among)
        if agreement is None:
            found[ticket.pk] = []
            continue
        calendar = known[agreement.calendar_id]
        clocks = fold(facts[ticket.pk], terms[agreement.pk], calendar, now)
        found[ticket.pk] = [_row(ticket, agreement, calendar, clock) for clock in clocks]
    return found


def _row(ticket: Ticket, agreement: Agreement, calendar: Calendar, clock: ClockFold) -> Clock:
    return Clock(
        id=new_id(), ticket_id=ticket.pk, kind=clock.kind, team_id=UUID(clock.team) if clock.team else None,
        sequence=clock.sequence, agreement_id=agreement.pk, calendar_id=agreement.calendar_id, priority=clock.priority,
        target_seconds=int(clock.target), agreed_due_at=clock.agreed_due_at, state=clock.state,
        started_at=clock.started_at, running_since=clock.running_since, consumed_seconds=clock.consumed,
        elapsed_seconds=clock.elapsed,
        due_at=clock.due_at(calendar), breached_at=clock.breached_at, stopped_at=clock.stopped_at,
        trace=[_step(step) for step in clock.trace],
    )  # fmt: skip


def _step(step: Step) -> dict[str, Any]:
    return asdict(step) | {
        "at": step.at.isoformat(),
        "consumed": round(step.consumed, 3),
        "elapsed": round(step.elapsed, 3),
    }


def _differs(before: Clock, after: Clock) -> bool:
    """Whether anything but the mere passing of time has changed."""
    names = (
        "state",
        "target_seconds",
        "due_at",
        "agreed_due_at",
        "breached_at",
        "stopped_at",
        "agreement_id",
        "calendar_id",
    )
    return before.trace != after.trace or any(getattr(before, name) != getattr(after, name) for name in names)


def _entries(before: Clock | None, after: Clock, now: datetime, actor: str) -> list[Entry]:
    """Journal the steps that are new; where the past itself reads differently now, one recomputation."""
    stream = f"ticket:{after.ticket_id}"
    base = {"clock": str(after.pk), "clock_kind": after.kind}
    old = before.trace if before is not None else []
    if after.trace[: len(old)] != old:
        due = {"due_before": _text(before.due_at if before else None), "due_after": _text(after.due_at)}
        target = {"target_before": before.target_seconds if before else None, "target_after": after.target_seconds}
        return [Entry(stream=stream, kind="clock.recomputed", at=now, actor=actor, data=base | due | target)]
    found = []
    for step in after.trace[len(old) :]:
        data = base | {name: step[name] for name in ("cause", "consumed", "elapsed", "target")} | {"since": step["at"]}
        data["due_at"] = _text(after.due_at)
        found.append(Entry(stream=stream, kind=f"clock.{step['what']}", at=now, actor=actor, data=data))
    return found


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _write(new: list[Clock], changed: list[Clock], gone: list[Clock]) -> None:
    Clock.objects.bulk_create(new, batch_size=2_000)
    if changed:
        Clock.objects.bulk_update(changed, _FIELDS, batch_size=500)
    if gone:
        Clock.objects.filter(pk__in=[clock.pk for clock in gone]).delete()


def _tell(new: list[Clock], changed: list[Clock], gone: list[Clock], breached: list[Clock], now: datetime) -> None:
    if any(clock.due_at for clock in (*new, *changed)):
        ring(connection, DUE)
    ids = tuple(dict.fromkeys(clock.ticket_id for clock in (*new, *changed, *gone)))
    for clock in breached:
        publish(ClockBreached(ticket_id=clock.ticket_id, clock_id=clock.pk, kind=clock.kind, at=now))
    if ids:
        publish(ClocksChanged(ticket_ids=ids, at=now))


def breach_due(*, now: datetime, limit: int = 500) -> int:
    """Mark the clocks that have run out by `now` (the database's clock). Return how many tickets were dealt with.

    Safe for several engines at once: tickets that another one holds are passed over.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [now, limit])
            tickets = [row[0] for row in cursor.fetchall()]
        if tickets:
            recompute(ticket_ids=tickets, now=now)
            _put_to_rest(tickets, now)
        return len(tickets)


def _put_to_rest(ticket_ids: Sequence[UUID], now: datetime) -> None:
    """A due time that the history does not bear out must not come back for ever."""
    left = Clock.objects.filter(ticket_id__in=ticket_ids, due_at__lte=now)
    entries = [
        Entry(
            stream="system", kind="alarm.clock", at=now, actor="engine",
            data={"clock": str(clock.pk), "ticket": str(clock.ticket_id), "due_at": _text(clock.due_at)},
        )
        for clock in left
    ]  # fmt: skip
    if entries:
        record_many(entries)
        left.update(due_at=None)
