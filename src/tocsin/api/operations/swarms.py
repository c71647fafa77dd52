"""Swarms: ask experts in, answer, end. Who helped stands beside each."""

from datetime import timedelta
from uuid import UUID

from ninja import Router

from tocsin.api.auth import Caller
from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.paging import cut
from tocsin.api.schemas import swarms as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Limit, Number, Page
from tocsin.domain.people import queries as people
from tocsin.domain.people.enums import Scope
from tocsin.domain.swarms import actions, queries
from tocsin.domain.swarms.actions.inviting import Guests
from tocsin.domain.swarms.logic.credit import Credit
from tocsin.domain.swarms.models import Invitation
from tocsin.domain.swarms.queries.swarming import Shown
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import InvalidInput

router = Router()
READ, WRITE = Scope.TICKETS_READ, Scope.ESCALATIONS_WRITE
SWARMS = "Swarms are"


@operation(router, "GET", "/tickets/{number}/swarms", scope=READ, answer=Page[schema.Swarm])
def list_swarms(
    request: ApiRequest, number: Number, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.Swarm]:
    """List the swarms of a ticket, oldest first, with who was asked and who did what."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_internals(caller, SWARMS)
    rows = sorted(queries.swarms_of(found.pk, caller.user, caller.now), key=_order)
    page, following = cut(rows, limit=limit, cursor=cursor, key=_order)
    return Page(items=[_swarm(row) for row in page], next=following)


@operation(router, "POST", "/tickets/{number}/swarms", scope=WRITE, answer=schema.Swarm, status=201)
def open_swarm(request: ApiRequest, number: Number, given: schema.NewSwarm) -> schema.Swarm:
    """Ask experts a question on a ticket. It stays with its owner, whoever comes."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_staff(caller, SWARMS)
    made = actions.open_swarm(
        ticket_id=found.pk, question=given.question, context=given.context, urgency=given.urgency,
        guests=_guests(caller, given), answer_within=timedelta(minutes=given.answer_within_minutes), by=caller.user,
        now=caller.now,
    )  # fmt: skip
    return _read(caller, made.pk)


@operation(router, "GET", "/swarms/{uuid:swarm_id}", scope=READ, answer=schema.Swarm)
def read_swarm(request: ApiRequest, swarm_id: UUID) -> schema.Swarm:
    """Read a swarm."""
    return _read(request.caller, swarm_id)


@operation(router, "POST", "/swarms/{uuid:swarm_id}/invitations", scope=WRITE, answer=schema.Swarm)
def invite_to_swarm(request: ApiRequest, swarm_id: UUID, given: schema.Guests) -> schema.Swarm:
    """Ask more people into an open swarm."""
    caller = request.caller
    _read(caller, swarm_id)
    finding.demand_staff(caller, SWARMS)
    within = timedelta(minutes=given.answer_within_minutes)
    actions.invite(
        swarm_id=swarm_id, guests=_guests(caller, given), answer_within=within, by=caller.user, now=caller.now
    )
    return _read(caller, swarm_id)


@operation(router, "POST", "/swarms/{uuid:swarm_id}/join", scope=WRITE, answer=schema.Swarm)
def join_swarm(request: ApiRequest, swarm_id: UUID) -> schema.Swarm:
    """Come into an open swarm without having been asked."""
    caller = request.caller
    _read(caller, swarm_id)
    actions.join(swarm_id=swarm_id, by=caller.user, now=caller.now)
    return _read(caller, swarm_id)


@operation(router, "POST", "/swarms/{uuid:swarm_id}/leave", scope=WRITE, answer=schema.Swarm)
def leave_swarm(request: ApiRequest, swarm_id: UUID) -> schema.Swarm:
    """Leave a swarm; what one did in it stays credited."""
    caller = request.caller
    _read(caller, swarm_id)
    actions.leave(swarm_id=swarm_id, by=caller.user, now=caller.now)
    return _read(caller, swarm_id)


@operation(router, "POST", "/swarms/{uuid:swarm_id}/answers", scope=WRITE, answer=schema.Swarm, status=201)
def answer_swarm(request: ApiRequest, swarm_id: UUID, given: schema.NewSwarmAnswer) -> schema.Swarm:
    """Answer a swarm's question: a note on the ticket, credited to the caller."""
    caller = request.caller
    _read(caller, swarm_id)
    actions.post_answer(swarm_id=swarm_id, body=given.body, by=caller.user, now=caller.now)
    return _read(caller, swarm_id)


@operation(router, "POST", "/swarms/{uuid:swarm_id}/end", scope=WRITE, answer=schema.Swarm)
def end_swarm(request: ApiRequest, swarm_id: UUID, given: schema.SwarmEnd) -> schema.Swarm:
    """End a swarm with what came of it, and say which answers helped."""
    caller = request.caller
    _read(caller, swarm_id)
    actions.end_swarm(swarm_id=swarm_id, outcome=given.outcome, helped=given.helped, by=caller.user, now=caller.now)
    return _read(caller, swarm_id)


@operation(router, "GET", "/me/invitations", scope=READ, answer=Page[schema.Invitation])
def my_invitations(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Invitation]:
    """List the invitations to swarms that wait for the caller's answer, the first to run out first."""
    rows = queries.waiting_for(request.caller.user)
    page, following = cut(rows, limit=limit, cursor=cursor, key=lambda row: f"{row.expires_at.isoformat()} {row.pk}")
    return Page(items=[_invitation(row, None) for row in page], next=following)


@operation(router, "POST", "/invitations/{uuid:invitation_id}/answer", scope=WRITE, answer=schema.Invitation)
def answer_invitation(request: ApiRequest, invitation_id: UUID, given: schema.InvitationAnswer) -> schema.Invitation:
    """Accept or decline an invitation of the caller's own."""
    caller = request.caller
    found = queries.access_invitation(caller.user, invitation_id)
    actions.answer(
        invitation_id=found.pk, accept=given.accept, reason=given.reason, by=caller.user, now=caller.now, via="api"
    )
    return _invitation(queries.access_invitation(caller.user, invitation_id), None)


def _guests(caller: Caller, given: schema.Guests) -> Guests:
    persons = [finding.person_of(caller, "people", word) for word in given.people]
    teams = [finding.team_of("teams", slug) for slug in given.teams]
    known = {one.name.lower(): one.name for one in people.skills()}
    if given.skill and given.skill.lower() not in known:
        problem = f"Nobody ever had the skill {given.skill!r} here."
        raise InvalidInput("skill_not_found", problem, {"skill": problem})
    return Guests(
        persons=[one for one in persons if one is not None], teams=[one for one in teams if one is not None],
        skill=known.get(given.skill.lower(), ""),
    )  # fmt: skip


def _order(row: Shown) -> str:
    return f"{row.swarm.opened_at.isoformat()} {row.swarm.pk}"


def _read(caller: Caller, swarm_id: UUID) -> schema.Swarm:
    return _swarm(queries.access_swarm(caller.user, swarm_id, caller.now))


def _swarm(row: Shown) -> schema.Swarm:
    swarm = row.swarm
    answers = [
        schema.SwarmAnswer(
            id=one.pk, by=shown.known_person(one.by), at=one.at, body=one.message.body, helped=one.helped
        )
        for one in row.answers
    ]
    return schema.Swarm(
        id=swarm.pk, ticket=swarm.ticket.number, question=swarm.question, context=swarm.context, urgency=swarm.urgency,
        state=swarm.state, opened_by=shown.known_person(swarm.opened_by), opened_at=swarm.opened_at,
        ended_at=swarm.ended_at, outcome=swarm.outcome,
        invitations=[_invitation(one.invitation, one.credit) for one in row.helpers], answers=answers,
    )  # fmt: skip


def _invitation(row: Invitation, credit: Credit | None) -> schema.Invitation:
    counted = None
    if credit is not None:
        counted = schema.Credit(
            notes=credit.notes, steps=credit.steps, decisions=credit.decisions, answers=credit.answers,
            minutes=credit.minutes,
        )  # fmt: skip
    return schema.Invitation(
        id=row.pk, swarm=row.swarm_id, person=shown.known_person(row.person), through=row.through,
        team=shown.team_name(row.team), why=row.why, state=row.state, reason=row.reason, invited_at=row.invited_at,
        expires_at=row.expires_at, joined_at=row.joined_at, credit=counted,
    )  # fmt: skip
