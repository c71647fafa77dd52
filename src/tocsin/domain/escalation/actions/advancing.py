"""A level is due: claim, decide and carry out in batches, any number of engines side by side."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from tocsin.domain.escalation.actions.deeds import finish
from tocsin.domain.escalation.actions.locking import maintenance_until
from tocsin.domain.escalation.actions.work import Work, load
from tocsin.domain.escalation.logic.events import MaintenanceBegan, Ticked
from tocsin.domain.escalation.models import Maintenance, Run
from tocsin.domain.journal.actions import record
from tocsin.kernel.failpoints import failpoint

FIRST_BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(minutes=15)
ALARM_AFTER = 5

log = structlog.get_logger()

# The ticket row is the aggregate's lock. Another engine's rows are skipped, a person's act is not waited for:
# the run is due again in the next round.
_LOCK = "SELECT t.id FROM tickets_ticket t WHERE t.id IN ({due}) FOR UPDATE OF t SKIP LOCKED"
_DUE = "SELECT r.ticket_id, r.due_at FROM escalation_run r WHERE r.due_at <= %(now)s ORDER BY r.due_at LIMIT {most}"
CLAIM = _LOCK.format(due=f"SELECT ticket_id FROM ({_DUE.format(most='%(limit)s')}) AS first")  # noqa: S608 - constants only
# More are due than one batch takes: customers, and the integrations that their tickets come from, take turns, so that
# a storm in one of them delays nobody else's level (SECURITY 10).
CLAIM_IN_TURNS = _LOCK.format(
    due=f"""
  SELECT ticket_id FROM (
    SELECT due.ticket_id, due.due_at,
      row_number() OVER (PARTITION BY t.organisation_id, t.external_source ORDER BY due.due_at) AS turn
    FROM ({_DUE.format(most="%(many)s")}) AS due JOIN tickets_ticket t ON t.id = due.ticket_id
  ) AS turns ORDER BY turn, due_at LIMIT %(limit)s"""  # noqa: S608 - constants only
)
HOW_MANY = f"SELECT count(*) FROM ({_DUE.format(most='%(limit)s + 1')}) AS due"  # noqa: S608 - constants only
MANY = 100  # batches among which turns are taken; in a longer queue than that its oldest


def _claim(now: datetime, limit: int) -> list[UUID]:
    """Lock the tickets of due runs and return the runs that are still due once the locks are held."""
    with connection.cursor() as cursor:
        wanted: dict[str, Any] = {"now": now, "limit": limit, "many": MANY * limit}
        cursor.execute(HOW_MANY, wanted)
        cursor.execute(CLAIM if cursor.fetchone()[0] <= limit else CLAIM_IN_TURNS, wanted)
        tickets = [row[0] for row in cursor.fetchall()]
        if not tickets:
            return []
        # A fresh statement sees what was committed before the locks were granted.
        cursor.execute(
            "SELECT id FROM escalation_run WHERE ticket_id = ANY(%s) AND due_at <= %s ORDER BY due_at, id",
            [tickets, now],
        )
        return [row[0] for row in cursor.fetchall()]


def advance_due(*, now: datetime, limit: int = 500) -> int:
    """Fire what is due at `now` (the database's clock). Return how many runs were advanced.

    One transaction for the batch. If it fails, the runs are tried one by one, so that a poisoned
    one delays nobody else's page; the poisoned one backs off and raises an alarm.
    """
    try:
        with transaction.atomic():
            claimed = _claim(now, limit)
            _advance(claimed, now)
            failpoint("advance.before_commit")
    except (OperationalError, InterfaceError):
        raise  # the database's trouble is no run's poison: the ticker waits, reconnects and comes back
    except Exception:
        log.exception("advance.batch_failed")
        return _one_by_one(now, limit)
    if claimed:
        failpoint("advance.after_commit")
    return len(claimed)


def _advance(run_ids: Sequence[UUID], now: datetime) -> None:
    if not run_ids:
        return
    work = Work(load(run_ids), now, "engine")
    in_maintenance = Maintenance.objects.filter(starts_at__lte=now, ends_at__gt=now).exists()
    for item in work.items:
        until = maintenance_until(item.ticket, now) if in_maintenance else None
        if until is not None:
            work.apply(item, MaintenanceBegan(until=until))
        else:
            work.apply(item, Ticked())
        if item.state.due_at is not None and item.state.due_at <= now:
            raise RuntimeError(f"run {item.run.pk} is still due at {item.state.due_at} after its tick at {now}")
        item.changed = True  # the column may lag behind the state after a back-off
    finish(work)


def _one_by_one(now: datetime, limit: int) -> int:
    due = Run.objects.filter(due_at__lte=now).order_by("due_at").values_list("pk", "ticket_id")[:limit]
    done = 0
    for run_id, ticket_id in list(due):
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1 FROM tickets_ticket WHERE id = %s FOR UPDATE SKIP LOCKED", [ticket_id])
                    held = cursor.fetchone()
                if held and Run.objects.filter(pk=run_id, due_at__lte=now).exists():
                    _advance([run_id], now)
                    done += 1
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("advance.run_failed", run=str(run_id))
            _back_off(run_id, ticket_id, now, error)
    return done


def _back_off(run_id: UUID, ticket_id: UUID, now: datetime, error: Exception) -> None:
    """Push a poisoned run's due time, doubling; after a few failures say so where operators look."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        run.failures += 1
        run.due_at = now + min(FIRST_BACKOFF * 2 ** (run.failures - 1), LONGEST_BACKOFF)
        run.save(update_fields=["failures", "due_at"])
        data = {"run": str(run_id), "failures": run.failures, "error": f"{type(error).__name__}: {error}"[:300]}
        record(stream=f"ticket:{ticket_id}", kind="run.failed", actor="engine", at=now, data=data)
        if run.failures == ALARM_AFTER:
            record(stream="system", kind="alarm.run", actor="engine", at=now, data=data | {"ticket": str(ticket_id)})


def next_run_due() -> datetime | None:
    """When the next run is due, or None."""
    return Run.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first()
