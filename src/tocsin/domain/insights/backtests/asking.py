"""Beginning a back-test or a sweep: what is compared is read, checked and kept, then cut into pieces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app

from tocsin.domain.escalation import policies, publishing
from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.policy import Policy as Content
from tocsin.domain.escalation.logic.policy import Trigger
from tocsin.domain.escalation.models import Policy, PolicyVersion
from tocsin.domain.insights.backtests.rules import may_backtest
from tocsin.domain.insights.backtests.running import Question, as_child, tickets_of
from tocsin.domain.insights.logic import advisor
from tocsin.domain.insights.models.backtest import Answers, BackTest, BackTestChunk, Kind, State, Whose
from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

CHUNK = 2_500  # tickets of one piece: enough of them that workers end at about the same time
WORK = "insights.work_on_backtest"  # the name of the job that does one
LONGEST_DAYS = 3_660
ASKERS = "Back-tests are run by leads, escalation managers and administrators. Ask one of them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One of the policies that are compared."""

    label: str
    content: Content
    source: str = ""
    value: float | None = None  # of the swept threshold

    def as_json(self) -> dict[str, Any]:
        return {
            "label": self.label, "spec": spec.to_json(self.content), "source": self.source, "value": self.value,
        }  # fmt: skip


def published(slug: str, number: int | None = None) -> Variant:
    """Return a version of a policy (None: the current one) as a variant. Raises NotFound."""
    source = publishing.export(slug, number)
    rows = PolicyVersion.objects.filter(policy__slug=slug)
    version = rows.filter(number=number).first() if number is not None else rows.order_by("-number").first()
    if version is None:
        raise NotFound("policy_not_found", f"There is no policy {slug}.")
    content = policies.content_of(version.pk, version.spec)
    return Variant(label=f"version {version.number}", content=content, source=source)


def draft(text: str, slug: str) -> Variant:
    """Return a draft as a variant. Raises PolicyErrors with everything that is wrong, InvalidInput for another policy's."""
    publishing.plan(documents=[("", text)])
    content = spec.load(text)
    if content.slug != slug:
        message = f"The draft is of the policy {content.slug}. Keep `slug: {slug}`, so that the two can be compared."
        raise InvalidInput("policy_slug_differs", message, {"text": message})
    return Variant(label="the draft", content=content, source=text)


@transaction.atomic
def compare(
    *, before: Variant, after: Variant, starts_at: datetime, ends_at: datetime, by: User | None, now: datetime,
    answers: str = Answers.WORK, whose: str = Whose.OWN, is_demo: bool = False,
) -> BackTest:  # fmt: skip
    """Ask what `after` would have done differently from `before` on tickets opened from `starts_at` to `ends_at`.

    Raises NotAllowed, and InvalidInput for a period that is none. The answer comes by `working.work_on`.
    """
    return _begin(
        kind=Kind.COMPARE, variants=(before, after), trigger="", starts_at=starts_at, ends_at=ends_at, by=by, now=now,
        answers=answers, whose=whose, is_demo=is_demo,
    )  # fmt: skip


@transaction.atomic
def sweep(
    *, base: Variant, trigger: str, starts_at: datetime, ends_at: datetime, by: User | None, now: datetime,
    answers: str = Answers.WORK, whose: str = Whose.OWN, is_demo: bool = False,
) -> BackTest:  # fmt: skip
    """Ask what each value of one trigger's threshold would have done. Raises as `compare` does."""
    swept = trigger_of(base.content, trigger)
    variants = [
        Variant(
            label=advisor.in_words(swept, value), content=advisor.with_value(base.content, trigger, value), value=value
        )
        for value in advisor.values_of(swept)
    ]
    return _begin(
        kind=Kind.SWEEP, variants=variants, trigger=trigger, starts_at=starts_at, ends_at=ends_at, by=by, now=now,
        answers=answers, whose=whose, is_demo=is_demo,
    )  # fmt: skip


def trigger_of(content: Content, key: str) -> Trigger:
    """Return a trigger whose threshold can be swept. Raises InvalidInput."""
    known = {one.key: one for one in advisor.sweepable(content)}
    if key not in known:
        remedy = f"Choose one of {', '.join(known)}." if known else "This policy has none; choose another policy."
        message = f"{key or 'Nothing'} is no trigger with a threshold. {remedy}"
        raise InvalidInput("no_threshold", message, {"trigger": remedy})
    return known[key]


def _begin(
    *, kind: str, variants: Sequence[Variant], trigger: str, starts_at: datetime, ends_at: datetime, by: User | None,
    now: datetime, answers: str, whose: str, is_demo: bool,
) -> BackTest:  # fmt: skip
    if by is not None and not may_backtest.test(by):
        raise NotAllowed("not_allowed", ASKERS)
    ends_at = min(ends_at, now)
    _check(starts_at, ends_at, answers, whose)
    slug = variants[0].content.slug
    policy = Policy.objects.filter(slug=slug).first()
    if policy is None:
        message = f"There is no policy {slug}. Publish it, or back-test from the command line with --log."
        raise NotFound("policy_not_found", message)
    children = children_of([one.content for one in variants])
    question = Question(tuple(v.content for v in variants), children, starts_at, ends_at, answers, whose)
    numbers = list(tickets_of(question).values_list("number", flat=True))
    made = BackTest(
        id=new_id(), kind=kind, policy=policy, variants=[one.as_json() for one in variants], trigger=trigger,
        children=[spec.to_json(one) for one in children], starts_at=starts_at, ends_at=ends_at, answers=answers,
        whose=whose, tickets=len(numbers), created_by=by, created_at=now, is_demo=is_demo,
        state=State.RUNNING if numbers else State.DONE, finished_at=None if numbers else now,
    )  # fmt: skip
    made.save(force_insert=True)
    pieces = [numbers[at : at + CHUNK] for at in range(0, len(numbers), CHUNK)]
    BackTestChunk.objects.bulk_create(
        BackTestChunk(backtest=made, number=n, first=piece[0], last=piece[-1]) for n, piece in enumerate(pieces, 1)
    )
    for number in range(1, len(pieces) + 1):  # in this transaction: workers see them once it is committed
        app.configure_task(WORK, queue="backtests").defer(backtest=str(made.pk), number=number)
    data = {"backtest": str(made.pk), "kind": kind, "tickets": len(numbers), "variants": [v.label for v in variants]}
    actor = f"person:{by.pk}" if by else "system"
    record(stream=f"policy:{slug}", kind="backtest.begun", actor=actor, at=now, data=data)
    return made


def _check(starts_at: datetime, ends_at: datetime, answers: str, whose: str) -> None:
    if starts_at >= ends_at:
        problem = "The period must begin in the past, and before it ends."
        raise InvalidInput("bad_period", problem, {"days": problem})
    if (ends_at - starts_at).days > LONGEST_DAYS:
        problem = "The period is longer than ten years. Check the years."
        raise InvalidInput("bad_period", problem, {"days": problem})
    if answers not in Answers.values:
        problem = f"Choose one of {', '.join(Answers.values)}."
        raise InvalidInput("bad_answers", problem, {"answers": problem})
    if whose not in Whose.values:
        problem = f"Choose one of {', '.join(Whose.values)}."
        raise InvalidInput("bad_whose", problem, {"whose": problem})


def children_of(variants: Sequence[Content]) -> tuple[Content, ...]:
    """Return the live policies that levels of these call, directly or through others; they begin only when called."""
    live = {one.content.slug: one.content for one in policies.live()}
    found: dict[str, Content] = {}
    waiting = [level.policy for content in variants for level in content.levels if level.policy]
    while waiting:
        slug = waiting.pop()
        if slug in found or slug not in live:
            continue
        found[slug] = as_child(live[slug])
        waiting += [level.policy for level in live[slug].levels if level.policy]
    return tuple(found[slug] for slug in sorted(found))
