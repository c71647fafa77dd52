"""What is said and what happens on a ticket: messages, journal, clocks, links, handovers."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from ninja import Router
from pydantic import Field

from tocsin.api.etags import expected_at
from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.paging import cut, page_of
from tocsin.api.schemas import tickets as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Limit, Number, Page
from tocsin.domain.frontline import actions as frontline
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.rules import is_staff
from tocsin.domain.sla import queries as sla
from tocsin.domain.tickets import actions
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.enums import LinkKind, MessageKind
from tocsin.kernel.errors import NotFound

router = Router()
READ, WRITE, ANSWER = Scope.TICKETS_READ, Scope.TICKETS_WRITE, Scope.ESCALATIONS_WRITE
type After = Annotated[int, Field(ge=0, le=1 << 53)]


@operation(router, "GET", "/tickets/{number}/messages", scope=READ, answer=Page[schema.Message])
def list_messages(
    request: ApiRequest, number: Number, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.Message]:
    """List what was said on a ticket, oldest first. Customers do not see notes."""
    user = request.caller.user
    found = tickets.access_ticket(user, number)
    rows, following = page_of(tickets.said_on(found.pk, user), order=("at", "id"), limit=limit, cursor=cursor)
    return Page(items=[shown.message(row) for row in rows], next=following)


@operation(
    router, "POST", "/tickets/{number}/messages", scope=WRITE, answer=schema.Message, status=201, conditional=True
)
def write_message(request: ApiRequest, number: Number, given: schema.NewMessage) -> schema.Message:
    """Write a reply, a note, or a customer's message. It goes out at once."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    usual = MessageKind.REPLY if is_staff.test(caller.user) else MessageKind.CUSTOMER
    made = actions.add_message(
        ticket_id=found.pk, kind=given.kind or usual, body=given.body, by=caller.user, now=caller.now, via="api",
        expected_updated_at=expected_at(request),
    )  # fmt: skip
    return shown.message(made)


@operation(router, "GET", "/tickets/{number}/timeline", scope=READ, answer=schema.Timeline)
def read_timeline(request: ApiRequest, number: Number, after: After = 0, limit: Limit = USUAL_LIMIT) -> schema.Timeline:
    """Read a ticket's journal, oldest first.

    `after` is a position in the journal: only what was written later. Customers see what was said to and by them, and
    how the status moved.
    """
    user = request.caller.user
    found = tickets.access_ticket(user, number)
    items, last = tickets.timeline_page(found.pk, user=user, after=after, limit=limit)
    return schema.Timeline(items=[shown.happened(item) for item in items], next=last)


@operation(router, "GET", "/tickets/{number}/clocks", scope=READ, answer=Page[schema.Clock])
def list_clocks(
    request: ApiRequest, number: Number, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.Clock]:
    """List the promises made on a ticket, and where each stands."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_internals(caller, "Clocks are")
    faces = sla.faces_of([found.pk], caller.now)[found.pk]
    page, following = cut(faces, limit=limit, cursor=cursor, key=lambda face: str(face.clock_id))
    return Page(items=[shown.clock(face) for face in page], next=following)


@operation(router, "GET", "/tickets/{number}/clocks/{uuid:clock_id}", scope=READ, answer=schema.TracedClock)
def trace_clock(request: ApiRequest, number: Number, clock_id: UUID) -> schema.TracedClock:
    """Read why a clock did or did not run out: each step, with cause and amounts."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_internals(caller, "Clocks are")
    face = next((one for one in sla.faces_of([found.pk], caller.now)[found.pk] if one.clock_id == clock_id), None)
    if face is None:
        raise NotFound("clock_not_found", "There is no such clock on this ticket.")
    steps = [
        schema.ClockStep(at=s.at, what=s.what, why=s.why, consumed_seconds=s.consumed, target_seconds=s.target)
        for s in sla.explain(clock_id)
    ]
    return schema.TracedClock(clock=shown.clock(face), steps=steps)


@operation(router, "GET", "/tickets/{number}/links", scope=READ, answer=Page[schema.Linked])
def list_links(
    request: ApiRequest, number: Number, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.Linked]:
    """List the tickets that a ticket is linked to, as far as the caller may see them."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_internals(caller, "Links are")
    links = tickets.links_of(found, caller.user)
    page, following = cut(links, limit=limit, cursor=cursor, key=lambda one: f"{one[1].number:020} {one[0]}")
    return Page(items=[shown.linked(label, other) for label, other in page], next=following)


@operation(router, "POST", "/tickets/{number}/links", scope=WRITE, answer=schema.Linked, status=201)
def link_tickets(request: ApiRequest, number: Number, given: schema.NewLink) -> schema.Linked:
    """Say how a ticket belongs to another. Saying it again changes nothing."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    other = tickets.access_ticket(caller.user, given.to)
    actions.link(from_id=found.pk, to_id=other.pk, kind=given.kind, by=caller.user, now=caller.now)
    return shown.linked(LinkKind(given.kind).label, other)


@operation(router, "GET", "/tickets/{number}/handovers", scope=READ, answer=Page[schema.Handover])
def list_handovers(
    request: ApiRequest, number: Number, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.Handover]:
    """List every handover ever offered on a ticket, oldest first."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_internals(caller, "Handovers are")
    offers = tickets.handovers_of(found.pk)
    page, following = cut(offers, limit=limit, cursor=cursor, key=lambda one: f"{one.offered_at.isoformat()} {one.pk}")
    return Page(items=[shown.handover(row, number) for row in page], next=following)


@operation(
    router, "POST", "/tickets/{number}/handovers", scope=ANSWER, answer=schema.Handover, status=201, conditional=True
)
def offer_handover(request: ApiRequest, number: Number, given: schema.NewHandover) -> schema.Handover:
    """Offer a ticket to somebody. Until it is accepted the sender owns it."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_staff(caller, "Handovers are")
    made = actions.offer_handover(
        ticket_id=found.pk, to_user=finding.person_of(caller, "to_user", given.to_user),
        to_team=finding.team_of("to_team", given.to_team), brief=given.brief, by=caller.user, now=caller.now,
        expires_in=timedelta(minutes=given.expires_in_minutes), expected_updated_at=expected_at(request),
    )  # fmt: skip
    return shown.handover(made, number)


@operation(router, "POST", "/tickets/{number}/arbiter", scope=ANSWER, answer=schema.AskedArbiters, status=201)
def ask_arbiter(request: ApiRequest, number: Number, given: schema.ArbiterQuestion) -> schema.AskedArbiters:
    """Ask who owns a ticket that was passed on so often that only the arbiter may name the next owner. Nothing moves."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_staff(caller, "Handovers are")
    asked = frontline.ask_arbiter(
        ticket_id=found.pk, to_user=finding.person_of(caller, "to_user", given.to_user),
        to_team=finding.team_of("to_team", given.to_team), word=given.brief, by=caller.user, now=caller.now,
    )  # fmt: skip
    return schema.AskedArbiters(ticket=number, asked=[shown.known_person(one) for one in asked])


@operation(router, "GET", "/me/handovers", scope=READ, answer=Page[schema.Handover])
def my_handovers(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Handover]:
    """List the handovers that wait for the caller's answer, oldest first."""
    caller = request.caller
    offers = tickets.handovers_waiting_for(caller.user, caller.now)
    page, following = cut(offers, limit=limit, cursor=cursor, key=lambda one: f"{one.offered_at.isoformat()} {one.pk}")
    return Page(items=[shown.handover(row, row.ticket.number) for row in page], next=following)


def _answered(request: ApiRequest, handover_id: UUID, given: schema.HandoverAnswer, *, accept: bool) -> schema.Handover:
    caller = request.caller
    found = tickets.access_handover(caller.user, handover_id)
    finding.demand_staff(caller, "Handovers are")
    done = actions.answer_handover(
        handover_id=handover_id, accept=accept, answer=given.answer, by=caller.user, now=caller.now
    )
    return shown.handover(done, found.ticket.number)


@operation(router, "POST", "/handovers/{uuid:handover_id}/accept", scope=ANSWER, answer=schema.Handover)
def accept_handover(request: ApiRequest, handover_id: UUID, given: schema.HandoverAnswer) -> schema.Handover:
    """Accept a handover: the caller owns the ticket from now on."""
    return _answered(request, handover_id, given, accept=True)


@operation(router, "POST", "/handovers/{uuid:handover_id}/decline", scope=ANSWER, answer=schema.Handover)
def decline_handover(request: ApiRequest, handover_id: UUID, given: schema.HandoverAnswer) -> schema.Handover:
    """Decline a handover: the sender goes on owning the ticket."""
    return _answered(request, handover_id, given, accept=False)


@operation(router, "POST", "/handovers/{uuid:handover_id}/withdraw", scope=ANSWER, answer=schema.Handover)
def withdraw_handover(request: ApiRequest, handover_id: UUID, given: schema.HandoverAnswer) -> schema.Handover:
    """Take an offer back, with a word on why."""
    caller = request.caller
    found = tickets.access_handover(caller.user, handover_id)
    finding.demand_staff(caller, "Handovers are")
    done = actions.withdraw_handover(handover_id=handover_id, reason=given.answer, by=caller.user, now=caller.now)
    return shown.handover(done, found.ticket.number)
