"""Decision rights: what the caller may decide on a ticket, deciding, and answering what is beyond somebody's limit."""

from decimal import Decimal
from uuid import UUID

from ninja import Router

from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding
from tocsin.api.paging import cut
from tocsin.api.schemas import decisions as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Limit, Number, Page, Person
from tocsin.domain.decisions import actions, queries
from tocsin.domain.decisions.models import Request, Taken
from tocsin.domain.decisions.queries import Mine
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.models import User
from tocsin.domain.tickets import queries as tickets

router = Router()
READ, WRITE = Scope.TICKETS_READ, Scope.ESCALATIONS_WRITE
STAFF = "Decisions are"


@operation(router, "GET", "/tickets/{number}/decision-rights", scope=READ, answer=Page[schema.OwnRight])
def list_decision_rights(
    request: ApiRequest, number: Number, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.OwnRight]:
    """List the decisions that may be taken on a ticket now, and how far the caller may go alone."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_staff(caller, STAFF)
    rows = queries.rights_on(found, caller.user, caller.now)
    page, following = cut(rows, limit=limit, cursor=cursor, key=_key)
    return Page(items=[_right(one) for one in page], next=following)


def _key(one: Mine) -> str:
    return f"{int(not one.verdict.allowed)} {one.decision.name} {one.decision.slug}"


@operation(router, "GET", "/tickets/{number}/decisions", scope=READ, answer=Page[schema.Decided])
def list_decisions(
    request: ApiRequest, number: Number, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.Decided]:
    """List what was decided on a ticket, oldest first."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_internals(caller, STAFF)
    rows = sorted(queries.taken_on(found.pk), key=lambda one: (one.at, one.pk))
    page, following = cut(rows, limit=limit, cursor=cursor, key=lambda one: f"{one.at.isoformat()} {one.pk}")
    return Page(items=[_taken(one) for one in page], next=following)


@operation(router, "POST", "/tickets/{number}/decisions", scope=WRITE, answer=schema.Outcome, status=201)
def take_decision(request: ApiRequest, number: Number, given: schema.NewDecision) -> schema.Outcome:
    """Take a decision with its record.

    Beyond the caller's limit the same act asks the lowest who may: `asked` says whom, and until when.
    """
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_staff(caller, STAFF)
    outcome = actions.decide(
        ticket_id=found.pk, decision_id=finding.decision_of(caller, given.decision).pk, amount=given.amount,
        reason=given.reason, fields=given.fields, by=caller.user, now=caller.now,
    )  # fmt: skip
    return schema.Outcome(
        taken=_taken(outcome.taken) if outcome.taken else None,
        asked=_asked(outcome.request) if outcome.request else None,
    )


@operation(router, "GET", "/me/decision-requests", scope=READ, answer=Page[schema.Asked])
def my_decision_requests(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Asked]:
    """List the decisions that wait for the caller's answer, the most pressing first."""
    rows = queries.requests_waiting_for(request.caller.user)
    page, following = cut(rows, limit=limit, cursor=cursor, key=lambda one: f"{one.due_at} {one.pk}")
    return Page(items=[_asked(one) for one in page], next=following)


@operation(router, "POST", "/decision-requests/{uuid:request_id}/answer", scope=WRITE, answer=schema.Asked)
def answer_decision_request(request: ApiRequest, request_id: UUID, given: schema.RequestAnswer) -> schema.Asked:
    """Approve or refuse a decision that is beyond somebody's limit. Approved it is taken, as the asker's."""
    caller = request.caller
    queries.access_request(caller.user, request_id)
    actions.answer_request(
        request_id=request_id, approve=given.approve, answer=given.answer, by=caller.user, now=caller.now
    )
    return _asked(queries.access_request(caller.user, request_id))


@operation(router, "POST", "/decision-requests/{uuid:request_id}/withdraw", scope=WRITE, answer=schema.Asked)
def withdraw_decision_request(request: ApiRequest, request_id: UUID) -> schema.Asked:
    """Take a request back, by whoever asked."""
    caller = request.caller
    queries.access_request(caller.user, request_id)
    actions.withdraw_request(request_id=request_id, by=caller.user, now=caller.now)
    return _asked(queries.access_request(caller.user, request_id))


def _right(one: Mine) -> schema.OwnRight:
    decision, right = one.decision, one.verdict.right
    return schema.OwnRight(
        decision=decision.slug, name=decision.name, unit=decision.unit, unit_name=decision.unit_name,
        allowed=one.verdict.allowed, limit=_amount(right.limit) if right else None, why=one.verdict.why,
        who_else=one.verdict.hint, fields=list(decision.fields),
    )  # fmt: skip


def _taken(one: Taken) -> schema.Decided:
    return schema.Decided(
        id=one.pk, ticket=one.ticket.number, decision=one.decision.slug, version=one.version, by=_person(one.by),
        approved_by=_person(one.approved_by) if one.approved_by else None, amount=_amount(one.amount),
        reason=one.reason, fields=one.record, right=one.right, at=one.at,
    )  # fmt: skip


def _asked(one: Request) -> schema.Asked:
    return schema.Asked(
        id=one.pk, ticket=one.ticket.number, decision=one.decision.slug, version=one.version,
        asked_by=_person(one.asked_by), asked_of=[_person(who) for who in one.asked_of.all()],
        amount=_amount(one.amount), reason=one.reason, fields=one.record, state=one.state, asked_at=one.asked_at,
        due_at=one.due_at, answered_by=_person(one.answered_by) if one.answered_by else None, answer=one.answer,
    )  # fmt: skip


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _person(user: User) -> Person:
    return Person(id=user.pk, name=user.name)
