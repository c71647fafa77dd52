"""Corrective actions: taken, changed, ended with evidence; and what grows out of them."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.knowledge import actions as knowledge
from tocsin.domain.knowledge.models import Article
from tocsin.domain.people.models import User
from tocsin.domain.problems import actions as problems
from tocsin.domain.problems.actions.recording import demand, text
from tocsin.domain.problems.models import Measure
from tocsin.domain.reviews import rules
from tocsin.domain.reviews.actions.recording import WRITERS, chosen, lock, tell, tickets_of, touch, web_address
from tocsin.domain.reviews.enums import ActionKind, ActionState, Effort
from tocsin.domain.reviews.logic import overdue
from tocsin.domain.reviews.models import CauseNode, CorrectiveAction, Review
from tocsin.domain.reviews.queries import access_action, setting
from tocsin.kernel.errors import Conflict, InvalidInput
from tocsin.kernel.ids import new_id

OWNERS = "An action is ended by its owner, by leads, problem managers and escalation managers."
YEARS = timedelta(days=1_100)


def ladder() -> overdue.Ladder:
    """Return the days of the settings."""
    found = setting()
    return overdue.Ladder(remind=found.remind_days, lead=found.lead_days, manager=found.manager_days)


@transaction.atomic
def add_action(
    *, review_id: UUID, title: str, kind: str, owner: User, due_on: date, by: User, now: datetime,
    effort: str = Effort.MEDIUM, cause: CauseNode | None = None, tracker_url: str = "",
) -> CorrectiveAction:  # fmt: skip
    """Take a corrective action. Possible after the sign-off too: what is learnt later need not wait for a version."""
    found = lock(review_id)
    demand(by, rules.may_write_reviews, None, WRITERS)
    _check(owner, due_on, now)
    stage, next_at = overdue.beginning(due_on, ladder(), owner.zone, now)
    made = CorrectiveAction.objects.create(
        id=new_id(), review=found, title=text("title", title, 200, required=True),
        kind=chosen("kind", kind, ActionKind.values), effort=chosen("effort", effort, Effort.values), owner=owner,
        due_on=due_on, cause=cause, tracker_url=web_address("tracker_url", tracker_url), made_at=now, stage=stage,
        next_at=next_at,
    )  # fmt: skip
    touch(found, now)
    _told(made, "review.action_added", by, now)
    return made


def _check(owner: User, due_on: date, now: datetime) -> None:
    wrong = {}
    if not rules.may_write_reviews.test(owner):
        wrong["owner"] = "Choose somebody who works here."
    if not now.date() - timedelta(days=1) <= due_on <= now.date() + YEARS:
        wrong["due_on"] = "Give a day from today on, within three years."
    if wrong:
        raise InvalidInput("bad_action", " ".join(wrong.values()), wrong)


@transaction.atomic
def change_action(
    *, review_id: UUID, action_id: UUID, title: str, kind: str, owner: User, due_on: date, by: User, now: datetime,
    effort: str = Effort.MEDIUM, cause: CauseNode | None = None, tracker_url: str = "",
) -> CorrectiveAction:  # fmt: skip
    """Change an open action. Another day begins its reminders anew; the journal keeps the day that was given up."""
    review, found = _open(review_id, action_id)
    demand(by, rules.may_end_action, found, OWNERS)
    before = found.due_on
    if due_on != before or owner.pk != found.owner_id:
        _check(owner, due_on, now)
        found.stage, found.next_at = overdue.beginning(due_on, ladder(), owner.zone, now)
    found.title, found.kind = text("title", title, 200, required=True), chosen("kind", kind, ActionKind.values)
    found.effort, found.owner, found.due_on, found.cause = chosen("effort", effort, Effort.values), owner, due_on, cause
    found.tracker_url = web_address("tracker_url", tracker_url)
    found.save()
    touch(review, now)
    tell(
        review, "review.action_changed", by, now, action=found.title, before=before.isoformat(), due=due_on.isoformat()
    )
    return found


@transaction.atomic
def end_action(*, review_id: UUID, action_id: UUID, evidence: str, by: User, now: datetime) -> CorrectiveAction:
    """Say that it is done, and what shows it. Raises InvalidInput without evidence."""
    return _end(review_id, action_id, ActionState.DONE, evidence, by, now)


@transaction.atomic
def drop_action(*, review_id: UUID, action_id: UUID, why: str, by: User, now: datetime) -> CorrectiveAction:
    """Say that it will not be done, and why."""
    return _end(review_id, action_id, ActionState.DROPPED, why, by, now)


def _end(review_id: UUID, action_id: UUID, state: ActionState, words: str, by: User, now: datetime) -> CorrectiveAction:
    review, found = _open(review_id, action_id)
    demand(by, rules.may_end_action, found, OWNERS)
    found.evidence = text("evidence", words, 5_000, required=True)
    found.state, found.ended_at, found.ended_by, found.next_at = state, now, by, None
    found.save()
    touch(review, now)
    _told(found, "review.action_done" if state == ActionState.DONE else "review.action_dropped", by, now)
    return found


def _open(review_id: UUID, action_id: UUID) -> tuple[Review, CorrectiveAction]:
    review = lock(review_id)
    found = access_action(review, action_id)
    if found.state != ActionState.OPEN:
        raise Conflict("action_ended", f"“{found.title}” has ended already. Look at it again.")
    return review, found


def _told(action: CorrectiveAction, kind: str, by: User | None, now: datetime) -> None:
    """On the tickets too: subscribed webhooks carry it from there to other trackers."""
    review = action.review
    tell(
        review, kind, by, now, tickets=tickets_of(review), action=action.title, action_kind=action.kind,
        owner=str(action.owner_id), due=action.due_on.isoformat(), evidence=action.evidence[:1_000],
        tracker=action.tracker_url,
    )  # fmt: skip


@transaction.atomic
def make_measure(
    *, review_id: UUID, action_id: UUID, problem_id: UUID, kind: str, series: str, starts_on: date, by: User,
    now: datetime, expected: float = 0.5, horizon: int = 8,
) -> Measure:  # fmt: skip
    """Make an action a preventive measure of a problem, so that its effect is measured. Raises as add_measure does."""
    review = lock(review_id)
    found = access_action(review, action_id)
    if found.measure_id is not None:
        raise Conflict("measured", "This action is a measure already; its problem shows whether it works.")
    made = problems.add_measure(
        problem_id=problem_id, kind=kind, title=found.title, series=series, starts_on=starts_on, owner=found.owner,
        expected=expected, horizon=horizon, by=by, now=now,
    )  # fmt: skip
    found.measure = made
    found.save(update_fields=["measure"])
    touch(review, now)
    tell(review, "review.action_measured", by, now, action=found.title, problem=made.problem.reference)
    return made


@transaction.atomic
def make_article(*, review_id: UUID, action_id: UUID, by: User, now: datetime) -> Article:
    """Begin a knowledge draft from an action: title, what happened, what was found out."""
    review = lock(review_id)
    found = access_action(review, action_id)
    if found.article_id is not None:
        raise Conflict("drafted", "There is an article for this action already. Open it from there.")
    causes = "\n".join(f"- {text}" for text in review.causes.filter(contributing=True).values_list("text", flat=True))
    parts = [("What happens", review.summary), ("Why", causes), ("What to do", found.title)]
    body = "\n\n".join(f"## {title}\n\n{words}" for title, words in parts if words)
    first = review.escalations.select_related("ticket__service").order_by("opened_at").first()
    made = knowledge.save_article(
        title=found.title, body=body, by=by, now=now, service=first.ticket.service if first else None,
        word=f"from {review.reference}", from_ticket=first.ticket if first else None,
    )  # fmt: skip
    found.article = made
    found.save(update_fields=["article"])
    touch(review, now)
    tell(review, "review.action_article", by, now, action=found.title, article=made.reference)
    return made
