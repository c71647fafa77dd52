"""Taking and assigning: one accountable owner, or a team's queue (SEMANTICS 1, 6)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import Team, User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.actions.handovers import accept_offer, check_hop_budget, offer_open_to
from tocsin.domain.tickets.actions.moves import is_held_by, put_holder, put_status, touch
from tocsin.domain.tickets.actions.opening import check_owner
from tocsin.domain.tickets.actions.recording import begin, demand, finish, move
from tocsin.domain.tickets.logic import hops, lifecycle
from tocsin.domain.tickets.logic.lifecycle import Act
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict


@transaction.atomic
def take(
    *,
    ticket_id: UUID,
    by: User,
    now: datetime,
    called: bool = False,
    expected_updated_at: datetime | None = None,
    actor: str | None = None,
) -> Ticket:
    """Make `by` the owner. Taking twice changes nothing.

    A ticket that somebody else owns is not taken away: Conflict says who owns it. It may be taken
    over by those who may direct (leads, escalation managers), by whom it is offered to (that
    accepts the offer), and by somebody whom an escalation `called` to it. Of two who take at once,
    one wins and the other is told.
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=actor, now=now, expected_updated_at=expected_updated_at)
    ticket = recording.ticket
    demand(recording, rules.may_work_on_ticket, "Only those who work on tickets can take one.")
    if ticket.owner_id == by.pk:
        return ticket
    _refuse_ended(ticket)
    offer = offer_open_to(ticket, by, now)
    if offer is not None:
        accept_offer(recording, offer, answer="")
        return finish(recording)
    if ticket.owner is not None and not called and not rules.may_direct.test(by, ticket):
        message = f"{ticket.owner.name} owns {ticket.reference}. Ask them to hand it over, or ask a lead to assign it."
        raise Conflict("owned_by_other", message, {"owner": f"{ticket.owner.name} owns it."})
    put_holder(recording, owner=by, team=ticket.team, kind="ticket.taken")
    touch(recording)
    return finish(recording)


@transaction.atomic
def assign(
    *,
    ticket_id: UUID,
    owner: User | None,
    team: Team | None,
    by: User | None,
    now: datetime,
    expected_updated_at: datetime | None = None,
    actor: str | None = None,
) -> Ticket:
    """Give the ticket to an owner, to a team's queue (no owner), or to an owner in a team.

    `team` None leaves the team as it is; `owner` None leaves nobody as the owner, so both None
    gives it back to its queue. An agent may route what nobody owns; what somebody owns is moved by
    a lead or an arbiter, or by an accepted handover. When the hop budget is used up, only an
    arbiter (escalation manager) may pass it on (SEMANTICS 6).
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=actor, now=now, expected_updated_at=expected_updated_at)
    ticket = recording.ticket
    _refuse_ended(ticket)
    if by is not None and ticket.owner_id == by.pk and owner is None and team is None:
        demand(recording, rules.may_work_on_ticket, "Only those who work on tickets can give one back.")
    else:
        demand(recording, rules.may_assign, _not_yours(ticket))
    if owner is not None:
        check_owner(owner)
    new_team = team or ticket.team
    if is_held_by(ticket, owner, new_team):
        return ticket
    used = hops.Hops(ticket.handovers, ticket.ping_pongs)
    if put_holder(recording, owner=owner, team=new_team, kind="ticket.assigned"):
        check_hop_budget(recording, used)
    if owner is not None:
        put_status(recording, move(recording, Act.TOUCH))
    recording.owner_acts()
    return finish(recording)


def _refuse_ended(ticket: Ticket) -> None:
    if ticket.status in lifecycle.ENDED:
        message = f"{ticket.reference} is {ticket.status}. Reopen it first."
        raise Conflict("wrong_status", message, {"status": message})


def _not_yours(ticket: Ticket) -> str:
    if ticket.owner is None:
        return "Only those who work on tickets can assign one."
    return (
        f"{ticket.owner.name} owns {ticket.reference}. The owner hands it over (and owns it until that is accepted), "
        "or a lead or escalation manager assigns it."
    )
