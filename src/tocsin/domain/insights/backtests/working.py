"""Working on a back-test piece by piece. Pieces may be done by any worker, in any order, twice: the result is the same."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction

from tocsin.domain.escalation.logic import spec
from tocsin.domain.insights.backtests.asking import ASKERS
from tocsin.domain.insights.backtests.rules import may_backtest
from tocsin.domain.insights.backtests.running import Outcome, Question, as_json, tickets_of, walk_tickets
from tocsin.domain.insights.logic.backtest import merged
from tocsin.domain.insights.models.backtest import BackTest, BackTestChunk, BackTestTicket, State
from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import Conflict, NotAllowed, NotFound, TocsinError

log = structlog.get_logger(__name__)

FORGOTTEN = timedelta(minutes=15)  # a piece begun so long ago has lost its worker


def question_of(backtest: BackTest) -> Question:
    """Return what a back-test asks."""
    return Question(
        tuple(spec.from_json(one["spec"]) for one in backtest.variants),
        tuple(spec.from_json(one) for one in backtest.children),
        backtest.starts_at, backtest.ends_at, backtest.answers, backtest.whose,
    )  # fmt: skip


def work_on(*, backtest_id: UUID) -> None:
    """Do every piece that is left, here and now."""
    rows = BackTestChunk.objects.filter(backtest_id=backtest_id, tally__isnull=True).order_by("number")
    for number in list(rows.values_list("number", flat=True)):
        work_on_chunk(backtest_id=backtest_id, number=number)


def work_on_chunk(*, backtest_id: UUID, number: int) -> bool:
    """Do one piece; whoever does the last one merges them all. Return whether it was done here."""
    with transaction.atomic():
        # Only the piece is locked: with the back-test's row two workers that begin at once would pass each other over.
        chunk = BackTestChunk.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            backtest_id=backtest_id, number=number, tally__isnull=True, backtest__state=State.RUNNING
        ).first()  # fmt: skip
        if chunk is None:
            return False
        chunk.begun_at = database_now(connection)
        chunk.save(update_fields=["begun_at"])
    backtest = BackTest.objects.get(pk=backtest_id)
    question = question_of(backtest)
    rows = tickets_of(question).filter(number__gte=chunk.first, number__lte=chunk.last)
    try:
        outcome = walk_tickets(question, rows, go_on=lambda _done: _is_running(backtest_id))
    except TocsinError as error:
        _fail(backtest_id, error.message)
        return False
    except Exception as error:
        log.exception("backtest.failed", backtest=str(backtest_id), chunk=number)
        _fail(backtest_id, f"{type(error).__name__}: {error}")
        raise
    if outcome is None:
        return False
    _keep(backtest, chunk, outcome)
    return True


def _is_running(backtest_id: UUID) -> bool:
    return BackTest.objects.filter(pk=backtest_id, state=State.RUNNING).exists()


@transaction.atomic
def _keep(backtest: BackTest, chunk: BackTestChunk, outcome: Outcome) -> None:
    """Write a piece, and with the last one the whole. The back-test's row is the lock under which pieces are counted."""
    now = database_now(connection)
    whole = BackTest.objects.select_for_update(of=("self",)).get(pk=backtest.pk)
    if whole.state != State.RUNNING:
        return
    BackTestTicket.objects.filter(backtest=whole, number__gte=chunk.first, number__lte=chunk.last).delete()
    BackTestTicket.objects.bulk_create(
        (
            BackTestTicket(
                backtest=whole, ticket_id=row.ticket, number=row.ticket_number, change=row.difference.change,
                added=len(row.difference.added), avoided=len(row.difference.avoided), ended=row.ended,
                people=sorted({page.person for page in (*row.difference.added, *row.difference.avoided)}),
                detail=as_json(row),
            )
            for row in outcome.rows
        ),
        batch_size=1_000,
    )  # fmt: skip
    chunk.tally, chunk.done_at = outcome.tally, now
    chunk.save(update_fields=["tally", "done_at"])
    left = BackTestChunk.objects.filter(backtest=whole, tally__isnull=True)
    if left.exists():
        return
    tallies = BackTestChunk.objects.filter(backtest=whole).order_by("number").values_list("tally", flat=True)
    whole.found = merged(tally for tally in tallies if tally)
    whole.state, whole.finished_at = State.DONE, now
    whole.save(update_fields=["found", "state", "finished_at"])
    data = {"backtest": str(whole.pk), "seconds": round((now - whole.created_at).total_seconds(), 1)}
    record(stream=f"policy:{backtest.policy.slug}", kind="backtest.done", actor="engine", at=now, data=data)


def _fail(backtest_id: UUID, why: str) -> None:
    now = database_now(connection)
    rows = BackTest.objects.filter(pk=backtest_id, state=State.RUNNING)
    rows.update(state=State.FAILED, error=why[:300], finished_at=now)


@transaction.atomic
def cancel(*, backtest_id: UUID, by: User, now: datetime) -> BackTest:
    """Stop a back-test that is under way; workers notice within a batch. Raises NotFound, NotAllowed, Conflict."""
    found = BackTest.objects.select_for_update(of=("self",)).filter(pk=backtest_id).first()
    if found is None:
        raise NotFound("backtest_not_found", "There is no such back-test.")
    if not may_backtest.test(by):
        raise NotAllowed("not_allowed", ASKERS)
    if found.state != State.RUNNING:
        raise Conflict("backtest_over", "The back-test is over; there is nothing to cancel.")
    found.state, found.finished_at = State.CANCELLED, now
    found.save(update_fields=["state", "finished_at"])
    data = {"backtest": str(found.pk)}
    record(stream=f"policy:{found.policy.slug}", kind="backtest.cancelled", actor=f"person:{by.pk}", at=now, data=data)
    return found


def forgotten(*, now: datetime) -> list[tuple[UUID, int]]:
    """Return the pieces that nobody seems to work on: never begun or begun long ago."""
    rows = BackTestChunk.objects.filter(tally__isnull=True, backtest__state=State.RUNNING)
    rows = rows.exclude(begun_at__gt=now - FORGOTTEN).exclude(backtest__created_at__gt=now - FORGOTTEN)
    return list(rows.order_by("backtest__created_at", "number").values_list("backtest_id", "number"))
