"""Handovers: offered with a brief, then accepted, declined, withdrawn or expired.

Until accepted, the sender owns (SEMANTICS 6).
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import Membership, Team, User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.actions.moves import end_handover, is_held_by, put_holder, touch
from tocsin.domain.tickets.actions.opening import check_owner
from tocsin.domain.tickets.actions.recording import Recording, begin, demand, finish, text
from tocsin.domain.tickets.enums import HandoverState
from tocsin.domain.tickets.events import HandoverOffered
from tocsin.domain.tickets.logic import hops, lifecycle
from tocsin.domain.tickets.models import Handover, Ticket
from tocsin.domain.tickets.queries import home_team
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

LONGEST_OFFER = timedelta(days=7)


@transaction.atomic
def offer_handover(
    *,
    ticket_id: UUID,
    to_user: User | None = None,
    to_team: Team | None = None,
    brief: str,
    by: User | None,
    now: datetime,
    expires_in: timedelta = timedelta(hours=4),
    expected_updated_at: datetime | None = None,
    actor: str | None = None,
    bundled: bool = False,
) -> Handover:
    """Offer the ticket to a person, to a team (any member may accept), or to a person in a team.

    Ownership does not move. One offer at a time; one that has run out makes room for the next.
    When the hop budget is used up only an arbiter may offer. Raises InvalidInput for an addressee
    who cannot take it or an empty brief, NotAllowed for others than the owner or those who direct.
    `bundled`: the caller tells the addressee of many at once.
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=actor, now=now, expected_updated_at=expected_updated_at)
    ticket = recording.ticket
    if ticket.status in lifecycle.ENDED:
        raise Conflict("wrong_status", f"{ticket.reference} is {ticket.status}. Reopen it first.")
    demand(recording, rules.may_offer_handover, "Only the owner, or a lead or escalation manager, can hand it over.")
    _check_addressee(ticket, to_user, to_team)
    check_hop_budget(recording, hops.Hops(ticket.handovers, ticket.ping_pongs))
    if not timedelta(0) < expires_in <= LONGEST_OFFER:
        problem = "An offer must stand for more than nothing and at most 7 days."
        raise InvalidInput("bad_expiry", problem, {"expires_in": problem})
    _make_room(recording)
    handover = Handover.objects.create(
        id=new_id(),
        ticket=ticket,
        from_user=ticket.owner,
        from_team=ticket.team,
        to_user=to_user,
        to_team=to_team,
        brief=text("brief", brief, limit=20_000, required=True),
        offered_at=now,
        expires_at=now + expires_in,
    )
    to = {"to_user": to_user and to_user.pk, "to_team": to_team and to_team.pk}
    recording.fact("handover.offered", handover=handover.pk, expires_at=handover.expires_at, **to)
    recording.event(HandoverOffered, handover_id=handover.pk, bundled=bundled, **to)
    recording.owner_acts()
    finish(recording)
    return handover


@transaction.atomic
def answer_handover(
    *, handover_id: UUID, accept: bool, by: User, now: datetime, answer: str = "", actor: str | None = None
) -> Handover:
    """Accept (the answerer owns the ticket from now on) or decline (the sender goes on owning it).

    Only the addressee, or for an offer to a team one of its members, can answer. Answering again
    in the same way changes nothing. Raises Conflict when the offer has ended otherwise or run out.
    """
    recording, handover = _begin_on(handover_id, by=by, now=now, actor=actor)
    if not _is_addressed(handover, by):
        raise NotAllowed("not_addressed", "This handover is offered to somebody else. Only they can answer it.")
    wanted = HandoverState.ACCEPTED if accept else HandoverState.DECLINED
    if handover.state == wanted and handover.answered_by_id == by.pk:
        return handover
    _check_open(handover, now)
    word = text("answer", answer, limit=5_000)
    if accept:
        accept_offer(recording, handover, answer=word)
    else:
        end_handover(recording, handover, HandoverState.DECLINED, word)
    finish(recording)
    return handover


@transaction.atomic
def withdraw_handover(
    *, handover_id: UUID, by: User | None, now: datetime, reason: str = "", actor: str | None = None
) -> Handover:
    """Take an offer back, by the owner or those who direct. Withdrawing twice changes nothing."""
    recording, handover = _begin_on(handover_id, by=by, now=now, actor=actor)
    demand(recording, rules.may_offer_handover, "Only the owner, or a lead or escalation manager, can withdraw it.")
    if handover.state == HandoverState.WITHDRAWN:
        return handover
    _check_open(handover, now)
    end_handover(recording, handover, HandoverState.WITHDRAWN, text("reason", reason, limit=5_000))
    recording.owner_acts()
    finish(recording)
    return handover


@transaction.atomic
def expire_handovers(*, now: datetime, limit: int) -> int:
    """End up to `limit` offers whose time is over; their senders go on owning. Returns how many were ended.

    Tickets that another worker holds are skipped, so any number of workers may call this side by side.
    """
    due = Handover.objects.filter(state=HandoverState.OFFERED, expires_at__lte=now)
    tickets = Ticket.objects.select_for_update(of=("self",), skip_locked=True).filter(
        pk__in=due.order_by("expires_at").values("ticket")[:limit]
    )
    held = {ticket.pk: ticket for ticket in tickets}
    ended = 0
    # In order of ticket, which is the order in which all who lock several journal streams lock them.
    for handover in due.select_for_update(of=("self",)).filter(ticket__in=list(held)).order_by("ticket"):
        recording = Recording(ticket=held[handover.ticket_id], now=now, actor="engine", by=None)
        end_handover(recording, handover, HandoverState.EXPIRED, "")
        finish(recording)
        ended += 1
    return ended


def offer_open_to(ticket: Ticket, user: User, now: datetime) -> Handover | None:
    """Return the ticket's open offer, locked, if `user` may accept it at `now`."""
    offers = Handover.objects.select_for_update(of=("self",)).filter(ticket=ticket, state=HandoverState.OFFERED)
    offer = offers.filter(expires_at__gt=now).first()
    return offer if offer is not None and _is_addressed(offer, user) else None


def accept_offer(recording: Recording, handover: Handover, *, answer: str) -> None:
    """Make the answerer the owner, in the team the offer named or, failing that, the one where they work."""
    by, ticket = recording.by, recording.ticket
    if by is None:
        raise InvalidInput("nobody", "A handover is accepted by a person. Say who accepts it.")
    check_owner(by)
    if ticket.status in lifecycle.ENDED:
        raise Conflict("wrong_status", f"{ticket.reference} is {ticket.status}. Reopen it first.")
    end_handover(recording, handover, HandoverState.ACCEPTED, answer)
    team = handover.to_team or home_team(by, ticket.team)
    if not is_held_by(ticket, by, team):
        put_holder(recording, owner=by, team=team, kind="ticket.handed_over", offer=handover.pk)
    touch(recording)


def check_hop_budget(recording: Recording, used: hops.Hops) -> None:
    """Raise NotAllowed if these hops exhaust the budget and the person is no arbiter (SEMANTICS 6).

    A hop straight back uses up two, as it counts for triggers (SEMANTICS 3): after A-B-A the third needs the arbiter.
    """
    if hops.needs_arbiter(used.weight):
        message = (
            f"{recording.ticket.reference} was passed on {used.handovers} times already. "
            "Ask the escalation manager to name who owns it from now on."
        )
        demand(recording, rules.may_arbitrate, message)


def _begin_on(handover_id: UUID, *, by: User | None, now: datetime, actor: str | None) -> tuple[Recording, Handover]:
    """Lock the ticket first, then the offer. Raises NotFound for an absent offer or one that `by` may not see."""
    absent = NotFound("handover_not_found", "There is no such handover, or you may not see it.")
    ticket_id = Handover.objects.filter(pk=handover_id).values_list("ticket", flat=True).first()
    if ticket_id is None:
        raise absent
    try:
        recording = begin(ticket_id=ticket_id, by=by, actor=actor, now=now)
    except NotFound:
        raise absent from None
    return recording, Handover.objects.select_for_update(of=("self",)).get(pk=handover_id)


def _check_open(handover: Handover, now: datetime) -> None:
    if handover.state != HandoverState.OFFERED:
        raise Conflict("handover_ended", f"This handover was {handover.state} already. Nothing was changed.")
    if handover.expires_at <= now:
        raise Conflict("handover_expired", "This offer has run out. Ask for a new one, or take the ticket.")


def _check_addressee(ticket: Ticket, to_user: User | None, to_team: Team | None) -> None:
    if to_user is None and to_team is None:
        problem = "Choose a person or a team to hand it over to."
        raise InvalidInput("no_addressee", problem, {"to_user": problem})
    if to_user is not None:
        check_owner(to_user)
        if to_user.pk == ticket.owner_id:
            problem = f"{to_user.name} owns it already. Choose somebody else."
            raise InvalidInput("owns_already", problem, {"to_user": problem})
    elif to_team is not None:
        if to_team.pk == ticket.team_id and ticket.owner_id is None:
            problem = f"It lies with {to_team.name} already. Choose another team."
            raise InvalidInput("lies_there_already", problem, {"to_team": problem})
        if not Membership.objects.filter(team=to_team, user__is_active=True).exists():
            problem = f"Nobody active is in {to_team.name}. Choose another team."
            raise InvalidInput("empty_team", problem, {"to_team": problem})


def _make_room(recording: Recording) -> None:
    """End an open offer that has run out; refuse if one still stands."""
    offers = Handover.objects.select_for_update(of=("self",))
    for offer in offers.filter(ticket=recording.ticket, state=HandoverState.OFFERED):
        if offer.expires_at > recording.now:
            message = f"{recording.ticket.reference} is offered to somebody already. Withdraw that offer first."
            raise Conflict("handover_open", message)
        end_handover(recording, offer, HandoverState.EXPIRED, "")


def _is_addressed(handover: Handover, user: User) -> bool:
    if not user.is_active:
        return False
    if handover.to_user_id is not None:
        return handover.to_user_id == user.pk
    return Membership.objects.filter(team=handover.to_team_id, user=user).exists()
