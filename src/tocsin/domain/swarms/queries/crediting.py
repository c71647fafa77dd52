"""Who helped, and how much."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.models import Entry
from tocsin.domain.people.models import User
from tocsin.domain.swarms.enums import InvitationState
from tocsin.domain.swarms.logic.credit import Credit, Deed, credit
from tocsin.domain.swarms.models import Answer, Invitation
from tocsin.domain.tickets.actions.recording import stream_of
from tocsin.domain.tickets.queries import visible_to

SHOWN = 10  # swarms that a person's page names


def credits_of(invitations: Sequence[Invitation], ticket_id: UUID, *, now: datetime) -> dict[UUID, Credit]:
    """Return {invitation: credit} of those who joined, counted from the ticket's journal until they left, or `now`."""
    joined = {one.pk: (f"person:{one.person_id}", one.joined_at, one.left_at) for one in invitations if one.joined_at}
    if not joined:
        return {}
    since = min(at for _, at, _ in joined.values())
    rows = Entry.objects.filter(
        stream=stream_of(ticket_id), actor__in=[actor for actor, *_ in joined.values()], at__gte=since
    )
    deeds: dict[str, list[Deed]] = defaultdict(list)
    for kind, at, actor in rows.values_list("kind", "at", "actor"):
        deeds[actor].append(Deed(kind, at))
    return {pk: credit(deeds[actor], joined=came, until=left or now) for pk, (actor, came, left) in joined.items()}


@dataclass(frozen=True, slots=True)
class Help:
    """What a person gave to others' tickets as an expert."""

    swarms: int
    notes: int
    steps: int
    decisions: int
    answers: int
    helped: int  # answers of which it was said that they did
    minutes: int
    latest: list[Invitation]  # with swarm and ticket, newest first
    declined: int
    silent: int


def help_of(person: User, *, viewer: User) -> Help:
    """Return what `person` did in swarms; the tickets named are those that `viewer` may see. What is open counts later."""
    rows = list(
        Invitation.objects.filter(person=person, swarm__ticket__in=visible_to(viewer))
        .select_related("swarm__ticket").order_by("-invited_at", "-pk")[:1000]
    )  # fmt: skip
    came = [one for one in rows if one.joined_at is not None]
    states = [one.state for one in rows]
    return Help(
        swarms=len(came), notes=sum(one.notes for one in came), steps=sum(one.steps for one in came),
        decisions=sum(one.decisions for one in came), answers=sum(one.answers for one in came),
        helped=Answer.objects.filter(by=person, helped=True, swarm__in=[one.swarm_id for one in came]).count(),
        minutes=sum(one.minutes for one in came), latest=came[:SHOWN],
        declined=states.count(InvitationState.DECLINED), silent=states.count(InvitationState.EXPIRED),
    )  # fmt: skip
