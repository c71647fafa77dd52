"""Shift handovers: what is held, offered at once, answered."""

from datetime import timedelta
from uuid import UUID

from ninja import Router

from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.schemas import shifts as schema
from tocsin.domain.frontline import actions, queries
from tocsin.domain.frontline.models import Bundle
from tocsin.domain.people.enums import Scope
from tocsin.kernel.errors import InvalidInput

router = Router()
READ, ANSWER = Scope.TICKETS_READ, Scope.ESCALATIONS_WRITE
WHAT = "Shift handovers are"


@operation(router, "GET", "/me/promises", scope=READ, answer=schema.Holding)
def my_promises(request: ApiRequest) -> schema.Holding:
    """Read what the caller holds at the end of a shift, and who comes next by the roster."""
    caller = request.caller
    finding.demand_staff(caller, WHAT)
    held = [
        schema.HeldTicket(
            ticket=one.ticket.number, subject=one.ticket.subject, owned=one.owned, offered_to=one.offered, brief=one.brief,
            promises=[schema.Promise(what=promise.what, due_at=promise.due_at) for promise in one.promises],
        )
        for one in queries.held_by(caller.user, caller.now)
    ]  # fmt: skip
    following = [
        schema.NextOnCall(person=shown.known_person(one.person), at=one.at, schedule=one.schedule)
        for one in queries.proposed_for(caller.user, None, caller.now)
    ]
    return schema.Holding(promises=held, proposed=following)


@operation(router, "POST", "/shift-handovers", scope=ANSWER, answer=schema.Shift, status=201)
def offer_shift(request: ApiRequest, given: schema.NewShift) -> schema.Shift:
    """Offer the caller's open promises at once. Nothing moves before it is accepted."""
    caller = request.caller
    finding.demand_staff(caller, WHAT)
    to_user = finding.person_of(caller, "to_user", given.to_user)
    if to_user is None:
        raise InvalidInput("no_addressee", "Say who takes over.", {"to_user": "Name somebody."})
    held = queries.held_by(caller.user, caller.now)
    if given.tickets is not None:
        held = [one for one in held if one.ticket.number in given.tickets]
    made = actions.offer_bundle(
        held=held, giver=caller.user, to_user=to_user, by=caller.user, now=caller.now, note=given.note,
        expires_in=timedelta(minutes=given.expires_in_minutes),
    )  # fmt: skip
    return _shown(made)


@operation(router, "GET", "/shift-handovers/{uuid:bundle_id}", scope=READ, answer=schema.Shift)
def read_shift(request: ApiRequest, bundle_id: UUID) -> schema.Shift:
    """Read a shift handover with what is in it."""
    return _shown(queries.access_bundle(request.caller.user, bundle_id))


@operation(router, "POST", "/shift-handovers/{uuid:bundle_id}/answer", scope=ANSWER, answer=schema.Shift)
def answer_shift(request: ApiRequest, bundle_id: UUID, given: schema.ShiftAnswer) -> schema.Shift:
    """Take all of it over, or some; the rest stays with the giver."""
    caller = request.caller
    found = queries.access_bundle(caller.user, bundle_id)
    answered, _ = actions.answer_bundle(
        bundle_id=found.pk, by=caller.user, now=caller.now, take=given.take, word=given.word
    )
    return _shown(answered)


@operation(router, "POST", "/shift-handovers/{uuid:bundle_id}/withdraw", scope=ANSWER, answer=schema.Shift)
def withdraw_shift(request: ApiRequest, bundle_id: UUID) -> schema.Shift:
    """Take a shift handover back; nothing has moved."""
    caller = request.caller
    found = queries.access_bundle(caller.user, bundle_id)
    return _shown(actions.withdraw_bundle(bundle_id=found.pk, by=caller.user, now=caller.now))


def _shown(found: Bundle) -> schema.Shift:
    return schema.Shift(
        id=found.pk, giver=shown.person(found.giver), team=found.team.slug if found.team else None,
        to_user=shown.known_person(found.to_user), note=found.note, state=found.state, offered_at=found.offered_at,
        expires_at=found.expires_at,
        items=[
            schema.Item(
                id=one.pk, ticket=one.ticket.number, subject=one.ticket.subject, state=one.state, why=one.why,
                due_at=one.due_at, brief=one.brief,
            )
            for one in queries.items_of(found)
        ],
    )  # fmt: skip
