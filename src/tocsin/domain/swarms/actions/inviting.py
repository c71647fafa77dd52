"""Opening a swarm and asking more people into it. Ownership is not touched here, nor anywhere in this app."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import Team, User
from tocsin.domain.swarms import rules
from tocsin.domain.swarms.actions.locking import begin_on
from tocsin.domain.swarms.actions.telling import ask
from tocsin.domain.swarms.enums import InvitationState, SwarmState
from tocsin.domain.swarms.logic import answering, inviting
from tocsin.domain.swarms.models import Invitation, Swarm
from tocsin.domain.swarms.targets import resolve
from tocsin.domain.tickets.actions.recording import Recording, begin, demand, finish, text
from tocsin.domain.tickets.logic.lifecycle import ENDED
from tocsin.kernel.errors import Conflict, InvalidInput
from tocsin.kernel.ids import new_id

WORKERS = "Only those who work on tickets can ask experts in."


@dataclass(frozen=True, slots=True, kw_only=True)
class Guests:
    """Whom to ask: people by name, everybody with a skill (its name), up to five teams."""

    persons: Sequence[User] = ()
    skill: str = ""
    teams: Sequence[Team] = ()


@transaction.atomic
def open_swarm(
    *, ticket_id: UUID, question: str, guests: Guests, by: User, now: datetime, context: str = "",
    urgency: str = Urgency.HIGH, answer_within: timedelta = inviting.USUAL,
) -> Swarm:  # fmt: skip
    """Ask experts a question on a ticket. Its owner and team stay as they are (SEMANTICS 6).

    Raises Conflict while another swarm is open on it or when it has ended, InvalidInput for bad fields and where
    nobody would be asked.
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    demand(recording, rules.may_swarm, WORKERS)
    ticket = recording.ticket
    if ticket.status in ENDED:
        raise Conflict("wrong_status", f"{ticket.reference} is {ticket.status}. Reopen it first.")
    if Swarm.objects.filter(ticket=ticket, state=SwarmState.OPEN).exists():
        message = f"A swarm is open on {ticket.reference} already. Ask more people into it, or end it first."
        raise Conflict("swarm_open", message)
    if urgency not in Urgency.values:
        raise InvalidInput("bad_urgency", "Choose normal or high.", {"urgency": "Choose normal or high."})
    _check(question, guests, answer_within)
    swarm = Swarm.objects.create(
        id=new_id(), ticket=ticket, question=text("question", question, limit=500, required=True),
        context=text("context", context, limit=20_000), urgency=urgency, opened_by=by, opened_at=now,
    )  # fmt: skip
    recording.fact("swarm.opened", swarm=swarm.pk, question=swarm.question, urgency=urgency)
    _ask(recording, swarm, guests, answer_within, by)
    return swarm


@transaction.atomic
def invite(
    *, swarm_id: UUID, guests: Guests, by: User, now: datetime, answer_within: timedelta = inviting.USUAL
) -> list[Invitation]:
    """Ask more people into an open swarm; who declined, was silent or has left is asked again."""
    recording, swarm = begin_on(swarm_id, by=by, now=now)
    demand(recording, rules.may_swarm, WORKERS)
    _check(swarm.question, guests, answer_within)
    return _ask(recording, swarm, guests, answer_within, by)


def _check(question: str, guests: Guests, answer_within: timedelta) -> None:
    found = inviting.problems(
        question=question, teams=len(guests.teams), people=len(guests.persons), answer_within=answer_within
    )
    if found:
        raise InvalidInput("bad_swarm", next(iter(found.values())), found)


def _ask(recording: Recording, swarm: Swarm, guests: Guests, answer_within: timedelta, by: User) -> list[Invitation]:
    ticket, now = recording.ticket, recording.now
    known = {one.person_id: one for one in swarm.invitations.select_for_update(of=("self",))}
    busy = {pk for pk, one in known.items() if one.state in (InvitationState.INVITED, InvitationState.ACCEPTED)}
    besides = busy | {by.pk} | ({ticket.owner_id} if ticket.owner_id else set())
    found = resolve(persons=guests.persons, skill=guests.skill, teams=guests.teams, besides=besides, now=now)
    if not found.people:
        problem = " ".join(
            found.vacant
            or ["Nobody would be asked: choose somebody else than the owner, yourself and those who were asked."]
        )
        raise InvalidInput("nobody_asked", problem, {"people": problem})
    if len(found.people) > inviting.MOST_PEOPLE:
        problem = f"This would ask {len(found.people)} people at once. Ask at most {inviting.MOST_PEOPLE}."
        raise InvalidInput("too_many", problem, {"people": problem})
    made = []
    for one in found.people:
        row = known.get(one.person) or Invitation(id=new_id(), swarm=swarm, person_id=one.person)
        if not row._state.adding:
            answering.after(row.state, answering.Act.ASK_AGAIN)
        row.through, row.team_id, row.why, row.state = one.through, one.team, one.why, InvitationState.INVITED
        row.invited_by, row.invited_at, row.answered_at, row.reason = by, now, None, ""
        row.expires_at = row.due_at = now + answer_within
        row.save()
        made.append(row)
        recording.fact(
            "swarm.invited", swarm=swarm.pk, person=one.person, why=one.why, expires_at=row.expires_at,
            reachable=one.reachable,
        )  # fmt: skip
    recording.owner_acts()
    finish(recording)
    ask(made, swarm=swarm, ticket=ticket, asker=by.name, now=now)
    return made
