"""Keeping the facts: those of tickets that changed, or of all anew. Both go through the same statements."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.calendars.logic.business import BusinessCalendar
from tocsin.domain.calendars.queries import always, business_calendars
from tocsin.domain.insights.actions import metrics_sql as sql
from tocsin.domain.tickets.models import Ticket

BATCH = 2_000
MOST = 200_000  # of one round, so that a round ends
NEWEST = 20_000  # entries of the journal that a quick round looks at
LOCK = 0x6D657472  # "metr": one round at a time
FIRST = UUID(int=0)

type Say = Callable[[int, int], None]
READ_FROM = (
    "tickets_ticket", "tickets_change", "tickets_message", "sla_clock", "escalation_escalation", "journal_entry",
    "journal_stream",
)  # fmt: skip


def refresh_recent() -> int:
    """Count anew what the newest entries of the journal tell of; return how many tickets. For each minute.

    Where so much happened that older entries may have been passed over (an import), all tickets are looked at.
    """
    done = _refresh(sql.RECENT, MOST, clean=False)
    return done + refresh() if done >= BATCH else done


def refresh(*, limit: int = MOST) -> int:
    """Count anew every ticket whose journal grew since it was counted; return how many. Up to `limit` in one round.

    A round that meets another does nothing. What is committed while a batch is read is counted in the next round: the
    journal's length is read first, so it can only be too short.
    """
    return _refresh(sql.STALE, limit, clean=True)


def _refresh(stale: str, limit: int, *, clean: bool) -> int:
    done = 0
    while done < limit:
        with transaction.atomic(), connection.cursor() as cursor:
            if not _alone(cursor):
                return done
            if clean and not done:
                _clean(cursor)
            cursor.execute(stale, {"limit": min(BATCH, limit - done), "newest": NEWEST})
            ids = [pk for (pk,) in cursor.fetchall()]
            if not ids:
                return done
            _count(cursor, ids)
        done += len(ids)
    return done


def rebuild(*, say: Say = lambda _done, _of: None) -> int:
    """Count every ticket anew, batch by batch; `say` is told (done, of). Interrupted, it leaves whole batches."""
    total = Ticket.objects.filter(is_drill=False).count()
    _analyze(READ_FROM)
    done, after = 0, FIRST
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            _wait_for_turn(cursor)
            if not done:
                _clean(cursor)
            cursor.execute(sql.ALL, {"after": after, "limit": BATCH})
            ids = [pk for (pk,) in cursor.fetchall()]
            if not ids:
                break
            _count(cursor, ids)
        done, after = done + len(ids), ids[-1]
        say(done, max(total, done))
    _analyze(sql.TABLES)
    return done


def _analyze(tables: Sequence[str]) -> None:
    """Let the planner know tables that may just have been filled: after an import it takes minutes for seconds else."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {table}")


def _alone(cursor: Any) -> bool:
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
    return bool(cursor.fetchone()[0])


def _wait_for_turn(cursor: Any) -> None:
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _clean(cursor: Any) -> None:
    for table in sql.TABLES:
        cursor.execute(sql.ORPHANS.format(table=table))


def _count(cursor: Any, ids: Sequence[UUID]) -> None:
    streams = [f"ticket:{pk}" for pk in ids]
    cursor.execute("SELECT name, length FROM journal_stream WHERE name = ANY(%s)", [streams])
    seen = {name.removeprefix("ticket:"): length for name, length in cursor.fetchall()}
    given = {"ids": list(ids), "streams": streams, "seen": json.dumps(seen)}
    for table in sql.TABLES:
        cursor.execute(sql.FORGET.format(table=table), given)
    for statement in (sql.TICKETS, sql.ESCALATIONS, sql.CLOCKS, sql.HOPS):
        cursor.execute(statement, given)
    _business(cursor, given)


def _business(cursor: Any, given: dict[str, Any]) -> None:
    """Put lengths in business time beside those by the wall."""
    cursor.execute(sql.LENGTHS, given)
    rows = cursor.fetchall()
    known = business_calendars({calendar for _, _, calendar, *_ in rows if calendar})
    found: dict[str, list[dict[str, Any]]] = {"ticket": [], "escalation": []}
    for kind, pk, calendar, begun, first, second in rows:
        hours = known.get(calendar, always())
        found[kind].append({"id": str(pk), "first": _open(hours, begun, first), "second": _open(hours, begun, second)})
    for kind, lengths in found.items():
        if lengths:
            cursor.execute(sql.BUSINESS[kind], [json.dumps(lengths)])


def _open(hours: BusinessCalendar, begun: datetime, ended: datetime | None) -> float | None:
    return None if ended is None else hours.business_time_between(begun, ended)
