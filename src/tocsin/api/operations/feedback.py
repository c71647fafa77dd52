"""Feedback: ratings, answers of the parties to an escalation, CSAT, and the calls that bad ratings have earned."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from ninja import Router
from pydantic import Field

from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding
from tocsin.api.paging import page_of
from tocsin.api.schemas import feedback as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Limit, Number, Page, Person
from tocsin.domain.feedback import actions, queries, rules
from tocsin.domain.feedback.enums import Kind
from tocsin.domain.feedback.models import Ask, Recovery
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as ticket_actions
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Rating
from tocsin.kernel.errors import InvalidInput, NotAllowed

router = Router()
READ, WRITE = Scope.TICKETS_READ, Scope.TICKETS_WRITE
type Days = Annotated[int, Field(ge=1, le=3_650, description="how far back")]


def _person(user: User) -> Person:
    return Person(id=user.pk, name=user.name)


def _rating(row: Rating, number: int) -> schema.Rating:
    return schema.Rating(
        number=number, score=row.score, comment=row.comment, by=_person(row.by), given_at=row.given_at,
        changed_at=row.changed_at,
    )  # fmt: skip


def _given(ask: Ask) -> schema.Feedback:
    rating = ask.rating
    answers = [schema.Answer(key=one.key, score=one.score, text=one.text) for one in queries.words_of(ask)]
    return schema.Feedback(
        id=ask.pk, kind=ask.kind, party=ask.party, number=ask.ticket.number, escalation=ask.escalation_id,
        person=_person(ask.person), via=ask.via, asked_at=ask.asked_at, answered_at=ask.answered_at or ask.planned_at,
        score=rating.score if rating else None, comment=rating.comment if rating else "", answers=answers,
    )  # fmt: skip


@operation(router, "GET", "/feedback", scope=READ, answer=Page[schema.Feedback])
def list_feedback(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Feedback]:
    """List what was answered, the latest first.

    Leads and above read everybody's; others what they answered themselves.
    """
    rows, following = page_of(
        queries.given(request.caller.user), order=("-answered_at", "-id"), limit=limit, cursor=cursor
    )
    return Page(items=[_given(row) for row in rows], next=following)


@operation(router, "GET", "/feedback/satisfaction", scope=READ, answer=schema.Satisfaction)
def read_satisfaction(request: ApiRequest, days: Days = 90) -> schema.Satisfaction:
    """Read CSAT of the last days: share of 4 and 5, with n and response rate. For leads and above."""
    caller = request.caller
    if not rules.may_read_feedback.test(caller.user):
        raise NotAllowed("not_allowed", "What customers say is read by team leads, escalation managers and above.")
    where = queries.Selection(start=caller.now - timedelta(days=days), end=caller.now)
    found = queries.figures(where)
    return schema.Satisfaction(
        start=where.start, end=where.end, n=found.n, counts=list(found.counts), csat=found.csat, asked=found.asked,
        answered=found.answered, response_rate=found.response,
    )  # fmt: skip


@operation(router, "GET", "/me/asked", scope=READ, answer=Page[schema.Asked])
def list_asked(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Asked]:
    """List the questions that wait for the caller, the earliest asked first."""
    caller = request.caller
    rows, following = page_of(
        queries.waiting(caller.user, caller.now), order=("asked_at", "id"), limit=limit, cursor=cursor
    )
    items = [
        schema.Asked(
            id=ask.pk, kind=ask.kind, party=ask.party, number=ask.ticket.number, asked_at=ask.asked_at,
            expires_at=ask.expires_at,
            questions=[schema.Question(**one.as_json()) for one in queries.form_of(ask)],
        )
        for ask in rows
    ]  # fmt: skip
    return Page(items=items, next=following)


@operation(router, "POST", "/me/asked/{uuid:ask_id}", scope=WRITE, answer=schema.Feedback)
def answer_question(request: ApiRequest, ask_id: UUID, given: schema.Answers) -> schema.Feedback:
    """Answer a question that was put to the caller, or change the answer while it can be changed."""
    caller = request.caller
    ask = queries.access_ask(caller.user, ask_id)
    if ask.kind == Kind.ESCALATION:
        return _given(actions.answer(ask_id=ask.pk, given=given.answers, via="api", now=caller.now))
    score = given.answers.get("score", "")
    if score not in ("1", "2", "3", "4", "5"):
        problem = "Give a score from 1 (bad) to 5 (good)."
        raise InvalidInput("bad_score", problem, {"score": problem})
    actions.rate_by_ask(
        ask_id=ask.pk, score=int(score), comment=given.answers.get("comment", ""), via="api", now=caller.now
    )
    return _given(queries.ask_of(ask.pk))


@operation(router, "POST", "/tickets/{number}/rating", scope=WRITE, answer=schema.Rating)
def rate_ticket(request: ApiRequest, number: Number, given: schema.NewRating) -> schema.Rating:
    """Rate how a ticket of the caller was resolved, or change that rating."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    made = ticket_actions.rate(
        ticket_id=found.pk, score=given.score, comment=given.comment, by=caller.user, now=caller.now, via="api"
    )
    return _rating(made, number)


@operation(router, "GET", "/escalations/{uuid:escalation_id}/feedback", scope=READ, answer=schema.Views)
def read_views(request: ApiRequest, escalation_id: UUID) -> schema.Views:
    """Read how the parties to an escalation saw it, side by side, and where they differ."""
    found = finding.access_escalation(request.caller, escalation_id)
    views = queries.answers_of(found.pk)
    shown = [
        schema.View(
            party=view.party, person=Person(id=view.person_id, name=view.person_name), state=view.state,
            answered_at=view.answered_at,
            answers=[schema.Answer(key=one.key, score=one.score, text=one.text) for one in view.answers.values()],
        )
        for view in views
    ]  # fmt: skip
    differences = [
        schema.Difference(key=one.key, gap=one.gap, worst=one.worst, best=one.best, words=one.words)
        for one in queries.differences_of(views)
    ]
    return schema.Views(views=shown, differences=differences)


def _recovery(row: Recovery) -> schema.Recovery:
    return schema.Recovery(
        id=row.pk, number=row.ticket.number, state=row.state, score=row.score,
        owner=_person(row.owner) if row.owner else None, opened_at=row.opened_at, callback_at=row.callback_at,
        missed_at=row.missed_at, closed_at=row.closed_at, agreed=row.agreed,
    )  # fmt: skip


@operation(router, "GET", "/recoveries", scope=READ, answer=Page[schema.Recovery])
def list_recoveries(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Recovery]:
    """List the calls that bad ratings have earned, the latest first. Who does not lead sees the own ones."""
    rows, following = page_of(
        queries.recoveries(request.caller.user), order=("-opened_at", "-id"), limit=limit, cursor=cursor
    )
    return Page(items=[_recovery(row) for row in rows], next=following)


@operation(router, "POST", "/recoveries/{uuid:recovery_id}/outcome", scope=WRITE, answer=schema.Recovery)
def end_recovery(request: ApiRequest, recovery_id: UUID, given: schema.Outcome) -> schema.Recovery:
    """Record what came of the call."""
    caller = request.caller
    queries.access_recovery(caller.user, recovery_id)
    actions.end_recovery(
        recovery_id=recovery_id, reached=given.reached, agreed=given.agreed, regained=given.regained, by=caller.user,
        now=caller.now,
    )  # fmt: skip
    return _recovery(queries.access_recovery(caller.user, recovery_id))
