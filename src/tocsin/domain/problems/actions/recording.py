"""One act on one problem: lock, check, change, tell the journal."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from rules.predicates import Predicate

from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import User
from tocsin.domain.problems.enums import ProblemState
from tocsin.domain.problems.events import ProblemMoved
from tocsin.domain.problems.models import Problem
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound

NO_SUCH_PROBLEM = "There is no such problem, or you may not see it."


def lock(problem_id: UUID) -> Problem:
    """Lock a problem until the transaction ends. Raises NotFound."""
    found = Problem.objects.select_for_update(of=("self",)).filter(pk=problem_id).first()
    if found is None:
        raise NotFound("problem_not_found", NO_SUCH_PROBLEM)
    return found


def demand(by: User | None, predicate: Predicate, thing: object, message: str) -> None:
    """Raise NotAllowed unless the person may; machines (None) may do what their callers decide."""
    if by is not None and not predicate.test(by, thing):
        raise NotAllowed("not_allowed", message)


def actor_of(by: User | None) -> str:
    return "system" if by is None else f"person:{by.pk}"


def stream_of(problem_id: UUID) -> str:
    """Return the journal stream of a problem."""
    return f"problem:{problem_id}"


def tell(
    problem: Problem, kind: str, by: User | None, now: datetime, *, tickets: Collection[UUID] = (), said: str = "", **data: Any
) -> None:  # fmt: skip
    """Journal something on a problem; and, as `said`, on the tickets that it concerns."""
    actor = actor_of(by)
    named: Mapping[str, Any] = {"problem": problem.reference, "title": problem.title}
    facts = [Fact(stream=stream_of(problem.pk), kind=kind, at=now, actor=actor, data={**named, **data})]
    facts += [
        Fact(stream=f"ticket:{ticket}", kind=said or kind, at=now, actor=actor, data=named)
        for ticket in sorted(tickets)
    ]
    record_many(facts)


def put_state(problem: Problem, state: str, now: datetime) -> None:
    """Set the state with the times that belong to it, save it, and publish the move."""
    before = problem.state
    problem.state, problem.updated_at = state, now
    problem.closed_at = now if state == ProblemState.CLOSED else None
    if state == ProblemState.FIXED:
        problem.fixed_at = now
    problem.save()
    publish(ProblemMoved(problem_id=problem.pk, before=before, after=state, at=now))


def next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('problems_number')")
        return int(cursor.fetchone()[0])


def text(name: str, value: str, limit: int, *, required: bool = False) -> str:
    """Return `value` without surrounding blanks. Raises InvalidInput if empty (when required) or too long."""
    cleaned = value.replace("\x00", "").strip()
    if required and not cleaned:
        raise InvalidInput("required", f"Fill in {name}.", {name: "This must not be empty."})
    if len(cleaned) > limit:
        problem = f"At most {limit} characters; this has {len(cleaned)}."
        raise InvalidInput("too_long", f"Shorten {name}. {problem}", {name: problem})
    return cleaned
