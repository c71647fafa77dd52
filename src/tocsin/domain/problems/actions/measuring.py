"""Preventive measures, and the daily judgement whether they worked. One without effect opens its problem again."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.publish import publish
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import User
from tocsin.domain.problems import rules
from tocsin.domain.problems.actions.opening import RUNNERS
from tocsin.domain.problems.actions.recording import demand, lock, put_state, tell, text
from tocsin.domain.problems.enums import MeasureKind, ProblemState, VerdictWord
from tocsin.domain.problems.events import MeasureJudged
from tocsin.domain.problems.logic.changes import since_last_change
from tocsin.domain.problems.logic.effect import BEFORE, LEAST_BEFORE, Effect, compare, verdict
from tocsin.domain.problems.logic.lifecycle import ENDED
from tocsin.domain.problems.logic.series import WEEK, Key, parsed
from tocsin.domain.problems.logic.words import judged, without_effect
from tocsin.domain.problems.models import Measure, Problem
from tocsin.domain.problems.queries import series as counted
from tocsin.domain.problems.queries.sayings import said_measure
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound
from tocsin.kernel.ids import new_id

LEAST_HORIZON, MOST_HORIZON = 2, 52
YEARS = timedelta(days=730)


@transaction.atomic
def add_measure(
    *, problem_id: UUID, kind: str, title: str, series: str, starts_on: date, by: User, now: datetime,
    expected: float = 0.5, horizon: int = 8, owner: User | None = None,
) -> Measure:  # fmt: skip
    """Take a measure. `series` (logic.series.Key) is what it should lower by the share `expected`, from `starts_on` on.

    It is judged after `horizon` weeks. Raises InvalidInput for a series that counts nothing or numbers out of range.
    """
    found = lock(problem_id)
    demand(by, rules.may_run_problem, found, RUNNERS)
    key = _checked(kind, series, starts_on, now, expected, horizon)
    made = Measure.objects.create(
        id=new_id(), problem=found, kind=kind, title=text("title", title, 200, required=True), owner=owner or by,
        starts_on=starts_on, series=key.text, names=counted.names_of(key), expected=expected, horizon=horizon, made_at=now,
        made_by=by,
    )  # fmt: skip
    _judge(made, now.astimezone(UTC).date())
    found.updated_at = now
    found.save(update_fields=["updated_at"])
    tell(found, "problem.measure", by, now, measure=made.title, measure_kind=kind, starts_on=starts_on.isoformat())
    return made


def _checked(kind: str, series: str, starts_on: date, now: datetime, expected: float, horizon: int) -> Key:
    wrong: dict[str, str] = {}
    if kind not in MeasureKind.values:
        wrong["kind"] = "Choose one of the kinds."
    if not 0 < expected <= 1:
        wrong["expected"] = "Between 1 and 100 per cent."
    if not LEAST_HORIZON <= horizon <= MOST_HORIZON:
        wrong["horizon"] = f"Between {LEAST_HORIZON} and {MOST_HORIZON} weeks."
    if abs(starts_on - now.date()) > YEARS:
        wrong["starts_on"] = "Within two years of today."
    key = None
    try:
        key = parsed(series)
    except ValueError:
        wrong["series"] = "Choose what it should lower."
    if wrong or key is None:
        raise InvalidInput("bad_measure", " ".join(wrong.values()), wrong)
    return key


@transaction.atomic
def withdraw_measure(*, measure_id: UUID, by: User, now: datetime) -> Measure:
    """Stop judging a measure: it was not taken, or another takes its place. What was found out stays."""
    found, made = _locked(measure_id)
    demand(by, rules.may_run_problem, found, RUNNERS)
    if made.withdrawn_at is not None:
        raise Conflict("withdrawn", "This measure was withdrawn already.")
    made.withdrawn_at = now
    made.save(update_fields=["withdrawn_at"])
    tell(found, "problem.measure_withdrawn", by, now, measure=made.title)
    return made


def _locked(measure_id: UUID) -> tuple[Problem, Measure]:
    problem = Measure.objects.filter(pk=measure_id).values_list("problem_id", flat=True).first()
    if problem is None:
        raise NotFound("measure_not_found", "There is no such measure.")
    found = lock(problem)
    return found, Measure.objects.get(pk=measure_id)


def judge_measures(*, now: datetime, say: Callable[[int, int], None] = lambda _done, _of: None) -> int:
    """Judge every measure that was not withdrawn; return how many verdicts changed. Each in a transaction of its own."""
    due = list(Measure.objects.filter(withdrawn_at__isnull=True).order_by("made_at").values_list("pk", flat=True))
    changed = 0
    for done, pk in enumerate(due, start=1):
        changed += judge(measure_id=pk, now=now)
        say(done, len(due))
    return changed


@transaction.atomic
def judge(*, measure_id: UUID, now: datetime) -> bool:
    """Judge one measure by whole weeks up to yesterday; tell whether its verdict changed.

    No effect, or worse: its problem opens again if it was thought done with, and its owner is told.
    """
    found, made = _locked(measure_id)
    if made.withdrawn_at is not None:
        return False
    before = made.verdict
    _judge(made, now.astimezone(UTC).date())
    if made.verdict == before:
        return False
    tell(found, "problem.measure_judged", None, now, measure=made.title, **_told(made))
    publish(MeasureJudged(measure_id=made.pk, problem_id=found.pk, before=before, after=made.verdict, at=now))
    if made.verdict in (VerdictWord.NO_EFFECT, VerdictWord.WORSE):
        _failed(found, made, now)
    return True


def effect_of(measure: Measure, today: date) -> Effect | None:
    """Return what the counts say of a measure by the end of yesterday."""
    key = parsed(measure.series)
    begun = counted.begun()
    start = measure.starts_on - timedelta(days=BEFORE * WEEK)
    first = max(start, begun) if begun else start
    last = today - timedelta(days=1)
    if first >= measure.starts_on or last < measure.starts_on:
        return None
    before = counted.series_of(key, first, measure.starts_on - timedelta(days=1))
    before = since_last_change(before, first, weeks=LEAST_BEFORE)
    return compare(before, counted.series_of(key, measure.starts_on, last))


def _judge(measure: Measure, today: date) -> None:
    effect = effect_of(measure, today)
    measure.verdict = str(verdict(effect, expected=measure.expected, horizon=measure.horizon))
    measure.sentence = judged(effect, measure.verdict, horizon=measure.horizon)
    measure.figures = _plain(effect)
    measure.judged_on = today
    measure.save(update_fields=["verdict", "sentence", "figures", "judged_on"])


def _plain(effect: Effect | None) -> dict[str, Any]:
    """Return an effect as JSON; endless is null."""
    if effect is None:
        return {}
    return {name: None if value == float("inf") else value for name, value in asdict(effect).items()}


def _failed(problem: Problem, measure: Measure, now: datetime) -> None:
    reopened = problem.state in ENDED and problem.merged_into_id is None
    if reopened:
        before = problem.state
        problem.closed_because = ""
        put_state(problem, ProblemState.OPEN, now)
        tell(problem, "problem.reopened", None, now, before=before, measure=measure.title, **_told(measure))
    people = User.objects.in_bulk([pk for pk in (problem.owner_id, measure.owner_id) if pk is not None])
    pages = [
        PageRequest(
            user_id=pk, purpose="notice", urgency=Urgency.NORMAL,
            subject=without_effect(problem.reference, reopened=reopened, language=person.language),
            body=f"{problem.title}\n\n{measure.title}. {said_measure(measure, person.language)}",
        )
        for pk, person in sorted(people.items())
    ]  # fmt: skip
    enqueue(pages=pages, now=now)


def _told(measure: Measure) -> dict[str, Any]:
    """Return what the journal keeps of a verdict: in English for programs, and its values for sentences in any language."""
    return {
        "verdict": measure.verdict, "sentence": measure.sentence, "figures": measure.figures, "horizon": measure.horizon
    }  # fmt: skip
