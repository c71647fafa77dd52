"""Answering an invitation: accept, decline, let it run out; joining uninvited, and leaving."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.notify import actions as notify
from tocsin.domain.people.models import User
from tocsin.domain.swarms import rules
from tocsin.domain.swarms.actions.crediting import put_credit
from tocsin.domain.swarms.actions.locking import begin_on, begin_on_invitation
from tocsin.domain.swarms.actions.telling import tell, ticket_path
from tocsin.domain.swarms.enums import InvitationState, SwarmState, Through
from tocsin.domain.swarms.logic import answering
from tocsin.domain.swarms.logic.answering import Act
from tocsin.domain.swarms.models import Invitation, Swarm
from tocsin.domain.tickets.actions.recording import Recording, demand, finish, text
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, InvalidInput
from tocsin.kernel.ids import new_id


@transaction.atomic
def answer(
    *, invitation_id: UUID, accept: bool, by: User, now: datetime, reason: str = "", via: str = "page"
) -> Invitation:
    """Accept (be part of the swarm from now on) or decline, with a reason. The ticket's owner stays its owner.

    Answering again in the same way changes nothing; whoever declined or was silent may still come while it is open.
    Raises Conflict when the swarm has ended, NotFound for an invitation of somebody else.
    """
    recording, swarm, invitation = begin_on_invitation(invitation_id, by=by, now=now)
    demand(recording, rules.may_join, "Only those who work on tickets can be part of a swarm.")
    act = Act.ACCEPT if accept else Act.DECLINE
    if answering.is_repeated(invitation.state, act):
        return invitation
    word = text("reason", reason, limit=300)
    if not accept and not word:
        problem = "Say in a word why you cannot, so that somebody else can be asked."
        raise InvalidInput("reason_missing", problem, {"reason": problem})
    _move(invitation, act)
    invitation.answered_at, invitation.due_at, invitation.reason = now, None, word
    if accept:
        invitation.joined_at, invitation.left_at = invitation.joined_at or now, None
    invitation.save()
    kind = "swarm.accepted" if accept else "swarm.declined"
    recording.fact(kind, swarm=swarm.pk, person=by.pk, reason=word, via=via)
    finish(recording)
    _no_longer_tell(invitation, now, "accepted" if accept else "declined")
    if not accept:
        _warn_if_nobody_comes(swarm, recording.ticket, now)
    return invitation


@transaction.atomic
def join(*, swarm_id: UUID, by: User, now: datetime) -> Invitation:
    """Come into an open swarm without having been asked; with an invitation it is accepted."""
    recording, swarm = begin_on(swarm_id, by=by, now=now)
    demand(recording, rules.may_join, "Only those who work on tickets can be part of a swarm.")
    if recording.ticket.owner_id == by.pk:
        raise Conflict("owns_it", "You own the ticket: it is you whom the swarm helps.")
    known = Invitation.objects.filter(swarm=swarm, person=by).first()
    if known is not None:
        return answer(invitation_id=known.pk, accept=True, by=by, now=now)
    made = Invitation.objects.create(
        id=new_id(), swarm=swarm, person=by, through=Through.OWN, why="came of their own accord",
        state=InvitationState.ACCEPTED, invited_by=by, invited_at=now, expires_at=now, answered_at=now, joined_at=now,
    )  # fmt: skip
    recording.fact("swarm.joined", swarm=swarm.pk, person=by.pk)
    finish(recording)
    return made


@transaction.atomic
def leave(*, swarm_id: UUID, by: User, now: datetime) -> Invitation:
    """Leave a swarm; what one did in it stays credited. Leaving twice changes nothing."""
    recording, swarm = begin_on(swarm_id, by=by, now=now)
    invitation = Invitation.objects.select_for_update(of=("self",)).filter(swarm=swarm, person=by).first()
    if invitation is None:
        raise Conflict("not_in_swarm", "You are not part of this swarm. Nothing was changed.")
    if answering.is_repeated(invitation.state, Act.LEAVE):
        return invitation
    _move(invitation, Act.LEAVE)
    invitation.left_at = now
    put_credit([invitation], recording.ticket.pk, until=now)
    invitation.save()
    recording.fact("swarm.left", swarm=swarm.pk, person=by.pk)
    finish(recording)
    _warn_if_nobody_comes(swarm, recording.ticket, now)
    return invitation


@transaction.atomic
def expire_due(*, now: datetime, limit: int) -> int:
    """End up to `limit` invitations that nobody answered in time. Returns how many.

    Tickets that another worker holds are skipped, so any number of workers may call this side by side.
    """
    due = Invitation.objects.filter(due_at__lte=now)
    tickets = Ticket.objects.select_for_update(of=("self",), skip_locked=True).filter(
        pk__in=due.order_by("due_at").values("swarm__ticket")[:limit]
    )
    held = {ticket.pk: ticket for ticket in tickets}
    rows = list(
        due.select_for_update(of=("self",)).filter(swarm__ticket__in=list(held)).select_related("swarm")
        .order_by("swarm__ticket", "pk")
    )  # fmt: skip
    swarms: dict[UUID, Swarm] = {}
    for invitation in rows:
        ticket = held[invitation.swarm.ticket_id]
        invitation.state, invitation.due_at = answering.after(invitation.state, Act.EXPIRE), None
        invitation.save(update_fields=["state", "due_at"])
        recording = Recording(ticket=ticket, now=now, actor="engine", by=None)
        recording.fact("swarm.expired", swarm=invitation.swarm_id, person=invitation.person_id)
        finish(recording)
        _no_longer_tell(invitation, now, "the time to answer was over")
        swarms[invitation.swarm_id] = invitation.swarm
    for swarm in swarms.values():
        _warn_if_nobody_comes(swarm, held[swarm.ticket_id], now)
    return len(rows)


def _move(invitation: Invitation, act: Act) -> None:
    try:
        invitation.state = answering.after(invitation.state, act)
    except answering.Refused as refused:
        raise Conflict("wrong_state", f"{refused} Nothing was changed.") from None


def _no_longer_tell(invitation: Invitation, now: datetime, reason: str) -> None:
    if invitation.page is not None:
        notify.withdraw_pages(pages=[invitation.page], now=now, reason=reason)


def _warn_if_nobody_comes(swarm: Swarm, ticket: Ticket, now: datetime) -> None:
    """Tell whoever asked, and the ticket's owner, that they stand alone."""
    states = Invitation.objects.filter(swarm=swarm).values_list("state", flat=True)
    if swarm.state != SwarmState.OPEN or not answering.nobody_comes(states):
        return
    people = [pk for pk in (ticket.owner_id, swarm.opened_by_id) if pk]
    tell(
        people, ticket=ticket, subject=f"Nobody comes to the swarm on {ticket.reference}", urgency=swarm.urgency,
        body=f"Nobody is left who helps or may still answer: {swarm.question}\n\nAsk others, or escalate.",
        path=ticket_path(ticket), now=now,
    )  # fmt: skip
