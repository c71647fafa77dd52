"""Swarms on tickets, and invitations that wait."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from tocsin.domain.people.models import Team, User
from tocsin.domain.swarms.enums import InvitationState, SwarmState
from tocsin.domain.swarms.links import read_invitation_token
from tocsin.domain.swarms.logic.answering import Count as Standing
from tocsin.domain.swarms.logic.answering import count
from tocsin.domain.swarms.logic.credit import Credit
from tocsin.domain.swarms.models import Answer, Invitation, Swarm
from tocsin.domain.swarms.queries.crediting import credits_of
from tocsin.domain.swarms.targets import Asked, resolve
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import visible_to
from tocsin.domain.tickets.rules import may_see_internals, may_see_ticket
from tocsin.kernel.errors import NotFound

NO_SWARM = "There is no such swarm, or you may not see it."


@dataclass(frozen=True, slots=True)
class Helper:
    """One person of a swarm, and what they did so far."""

    invitation: Invitation
    credit: Credit | None  # None: they have not come


@dataclass(frozen=True, slots=True)
class Shown:
    """A swarm as its panel shows it."""

    swarm: Swarm
    helpers: list[Helper]
    answers: list[Answer]
    standing: Standing
    own: Invitation | None  # the viewer's


def _rows() -> QuerySet[Swarm]:
    people = Invitation.objects.select_related("person", "team").order_by("invited_at", "pk")
    answers = Answer.objects.select_related("by", "message").order_by("at", "pk")
    rows = Swarm.objects.select_related(
        "ticket__owner", "ticket__team", "ticket__organisation", "opened_by", "ended_by"
    )
    return rows.prefetch_related(Prefetch("invitations", people), Prefetch("answers", answers))


def swarms_of(ticket_id: UUID, user: User, now: datetime) -> list[Shown]:
    """Return every swarm of a ticket, the open one first, then the newest, each with who did what."""
    rows = sorted(_rows().filter(ticket=ticket_id).order_by("-opened_at"), key=lambda one: one.state != SwarmState.OPEN)
    return [_shown(row, user, now) for row in rows]


def _shown(row: Swarm, user: User, now: datetime) -> Shown:
    people = list(row.invitations.all())
    is_open = row.state == SwarmState.OPEN
    live = credits_of(people, row.ticket_id, now=now) if is_open else {}
    helpers = [Helper(one, live.get(one.pk) if is_open else _kept(one)) for one in people]
    order = {"accepted": 0, "left": 1, "invited": 2, "declined": 3, "expired": 4, "withdrawn": 5}
    helpers.sort(key=lambda one: order[one.invitation.state])
    own = next((one for one in people if one.person_id == user.pk), None)
    return Shown(row, helpers, list(row.answers.all()), count(one.state for one in people), own)


def _kept(one: Invitation) -> Credit | None:
    if one.joined_at is None:
        return None
    return Credit(one.notes, one.steps, one.decisions, one.answers, one.minutes)


def access_swarm(user: User, swarm_id: UUID, now: datetime) -> Shown:
    """Return a swarm on a ticket whose inside this person may see. Raises NotFound."""
    row = _rows().filter(pk=swarm_id).first()
    if row is None or not (may_see_ticket & may_see_internals).test(user, row.ticket):
        raise NotFound("swarm_not_found", NO_SWARM)
    return _shown(row, user, now)


def open_on(ticket_id: UUID) -> Swarm | None:
    """Return the open swarm of a ticket."""
    return Swarm.objects.filter(ticket=ticket_id, state=SwarmState.OPEN).first()


def helping_on(ticket_id: UUID) -> int | None:
    """Return how many help in the open swarm of a ticket; None where none is open."""
    helping = Count("invitations", filter=Q(invitations__state=InvitationState.ACCEPTED))
    found = Swarm.objects.filter(ticket=ticket_id, state=SwarmState.OPEN).annotate(helping=helping)
    return found.values_list("helping", flat=True).first()


def swarming(ticket_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these tickets on which a swarm is open; one query."""
    return set(Swarm.objects.filter(ticket__in=ticket_ids, state=SwarmState.OPEN).values_list("ticket", flat=True))


def waiting_for(user: User) -> list[Invitation]:
    """Return the invitations that wait for this person's answer, the earliest to run out first."""
    rows = Invitation.objects.filter(person=user, state=InvitationState.INVITED, swarm__ticket__in=visible_to(user))
    return list(rows.select_related("swarm__ticket__organisation", "invited_by", "team").order_by("expires_at", "pk"))


def access_invitation(user: User, invitation_id: UUID) -> Invitation:
    """Return an invitation of this person. Raises NotFound for anybody else's."""
    return _invitation(Q(pk=invitation_id, person=user))


def invitation_of(token: str, now: datetime) -> Invitation:
    """Return the invitation that a signed link speaks for. Raises NotFound (forged, expired, gone)."""
    return _invitation(Q(pk=read_invitation_token(token, now=now)))


def _invitation(condition: Q) -> Invitation:
    rows = Invitation.objects.select_related(
        "person", "team", "invited_by", "swarm__ticket__owner", "swarm__ticket__organisation", "swarm__opened_by"
    )
    found = rows.filter(condition).first()
    if found is None:
        raise NotFound("invitation_not_found", "There is no such invitation, or it is not yours.")
    return found


def next_invitation_due() -> datetime | None:
    """Return when the earliest invitation runs out, or ran out."""
    rows = Invitation.objects.filter(due_at__isnull=False)
    return rows.order_by("due_at").values_list("due_at", flat=True).first()


def preview(
    ticket: Ticket, *, persons: Sequence[User], skill: str, teams: Sequence[Team], by: User, now: datetime
) -> Asked:
    """Return who would be asked now, by name: shown before anything is sent (check 7)."""
    busy = Invitation.objects.filter(
        swarm__ticket=ticket, swarm__state=SwarmState.OPEN,
        state__in=[InvitationState.INVITED, InvitationState.ACCEPTED],
    ).values_list("person", flat=True)  # fmt: skip
    besides = {*busy, by.pk, *([ticket.owner_id] if ticket.owner_id else [])}
    return resolve(persons=persons, skill=skill, teams=teams, besides=besides, now=now)
