"""Hypotheses: what might be the cause, tested and judged."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import User
from tocsin.domain.problems import rules
from tocsin.domain.problems.actions.opening import WORKERS
from tocsin.domain.problems.actions.recording import demand, lock, tell, text
from tocsin.domain.problems.enums import HypothesisState
from tocsin.domain.problems.models import Hypothesis
from tocsin.kernel.errors import InvalidInput, NotFound
from tocsin.kernel.ids import new_id


@transaction.atomic
def add_hypothesis(*, problem_id: UUID, words: str, by: User, now: datetime) -> Hypothesis:
    """Offer an explanation to be tested."""
    found = lock(problem_id)
    demand(by, rules.may_work_on_problems, None, WORKERS)
    made = Hypothesis.objects.create(
        id=new_id(), problem=found, text=text("text", words, 500, required=True), by=by, at=now
    )
    found.updated_at = now
    found.save(update_fields=["updated_at"])
    tell(found, "problem.hypothesis", by, now, text=made.text)
    return made


@transaction.atomic
def judge_hypothesis(*, hypothesis_id: UUID, state: str, test: str, by: User, now: datetime) -> Hypothesis:
    """Say how a hypothesis was tested and whether it stood. One that stood becomes the cause if none is written yet."""
    row = Hypothesis.objects.filter(pk=hypothesis_id).values_list("problem_id", flat=True).first()
    if row is None:
        raise NotFound("hypothesis_not_found", "There is no such hypothesis.")
    found = lock(row)
    demand(by, rules.may_work_on_problems, None, WORKERS)
    if state not in (HypothesisState.CONFIRMED, HypothesisState.REJECTED):
        problem = "Choose whether it was confirmed or rejected."
        raise InvalidInput("bad_state", problem, {"state": problem})
    one = Hypothesis.objects.get(pk=hypothesis_id)
    one.state, one.test = state, text("test", test, 500, required=True)
    one.judged_by, one.judged_at = by, now
    one.save()
    if state == HypothesisState.CONFIRMED and not found.cause:
        found.cause = one.text
    found.updated_at = now
    found.save()
    tell(found, "problem.hypothesis_judged", by, now, text=one.text, state=state, test=one.test)
    return one
