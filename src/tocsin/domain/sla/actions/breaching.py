"""Marking clocks that have run out. Called by the engine; any number of engines may do this side by side."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet

from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.sla.actions.recomputing import recompute
from tocsin.domain.sla.models import Clock

log = structlog.get_logger(__name__)

TRY_AGAIN_AFTER = timedelta(minutes=10)

# The lock is on the ticket, as in every action on it; what another engine holds is passed over before
# the limit counts, so that two engines share the work instead of both looking at the same few rows.
_CLAIM = """
SELECT t.id FROM sla_clock c JOIN tickets_ticket t ON t.id = c.ticket_id
WHERE c.due_at <= %s ORDER BY c.due_at LIMIT %s FOR UPDATE OF t SKIP LOCKED
"""


def breach_due(*, now: datetime, limit: int = 500) -> int:
    """Mark the clocks that have run out by `now` (the database's clock). Return how many tickets were dealt with.

    Safe for several engines at once: tickets that another one holds are passed over. A ticket that
    cannot be dealt with keeps no other from being so: it is put off, with an alarm in the journal.
    """
    try:
        return _breach(now, limit)
    except (OperationalError, InterfaceError):
        raise  # the database's trouble, not that of a clock
    except Exception:
        log.exception("a batch of due clocks failed; they are taken one by one")
        return sum(_breach_alone(ticket_id, now) for ticket_id in _due(now, limit))


def _breach(now: datetime, limit: int) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [now, limit])
            tickets = list(dict.fromkeys(row[0] for row in cursor.fetchall()))
        if tickets:
            _mark(tickets, now)
        return len(tickets)


def _mark(ticket_ids: Sequence[UUID], now: datetime) -> None:
    recompute(ticket_ids=ticket_ids, now=now)
    # A due time that the history does not bear out must not come back for ever.
    left = Clock.objects.filter(ticket_id__in=ticket_ids, due_at__lte=now)
    if _alarm(left, "the history does not bear out the due time; the clock waits for the next change", now):
        left.update(due_at=None)


def _due(now: datetime, limit: int) -> list[UUID]:
    rows = Clock.objects.filter(due_at__lte=now).order_by("due_at").values_list("ticket_id", flat=True)
    return list(dict.fromkeys(rows[:limit]))


def _breach_alone(ticket_id: UUID, now: datetime) -> int:
    try:
        with transaction.atomic():
            if not _locked(ticket_id):
                return 0
            _mark([ticket_id], now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("the clocks of a ticket failed", ticket=str(ticket_id))
        _put_off(ticket_id, f"{type(error).__name__}: {error}", now)
    return 1


def _put_off(ticket_id: UUID, problem: str, now: datetime) -> None:
    with transaction.atomic():
        if _locked(ticket_id):
            left = Clock.objects.filter(ticket_id=ticket_id, due_at__lte=now)
            _alarm(left, problem[:500], now)
            left.update(due_at=now + TRY_AGAIN_AFTER)


def _locked(ticket_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM tickets_ticket WHERE id = %s FOR UPDATE SKIP LOCKED", [ticket_id])
        return cursor.fetchone() is not None


def _alarm(clocks: QuerySet[Clock], problem: str, now: datetime) -> bool:
    entries = []
    for clock in clocks:
        data = {"clock": str(clock.pk), "ticket": str(clock.ticket_id), "problem": problem}
        due = {"due_at": clock.due_at.isoformat() if clock.due_at else None}
        entries.append(Fact(stream="system", kind="alarm.clock", at=now, actor="engine", data=data | due))
    record_many(entries)
    return bool(entries)
