"""The hop after the budget: whoever holds the ticket asks the arbiter, who names the owner (SEMANTICS 6)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.frontline.queries.arbitrating import KIND, arbiter_asked_on, arbiters_of
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import Team, User
from tocsin.domain.tickets import rules as ticket_rules
from tocsin.domain.tickets.actions.recording import begin, demand, finish, text
from tocsin.domain.tickets.logic import hops
from tocsin.domain.tickets.logic.lifecycle import ENDED
from tocsin.kernel.errors import Conflict, InvalidInput

PATIENCE = timedelta(hours=1)  # after which one may ask again


@transaction.atomic
def ask_arbiter(
    *, ticket_id: UUID, by: User, now: datetime, word: str, to_user: User | None = None, to_team: Team | None = None
) -> list[User]:
    """Ask the arbiter to name the owner, with a brief and whom one would propose; ownership does not move.

    Returns who was asked, each of whom is told. Raises NotAllowed for others than the owner or those who direct,
    Conflict where the budget is not used up or the same question is younger than an hour, InvalidInput without a brief.
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    ticket = recording.ticket
    if ticket.status in ENDED:
        raise Conflict("wrong_status", f"{ticket.reference} is {ticket.status}. Reopen it first.")
    demand(
        recording, ticket_rules.may_offer_handover, "Only the owner, or a lead or escalation manager, can hand it over."
    )
    if not hops.needs_arbiter(hops.Hops(ticket.handovers, ticket.ping_pongs).weight):
        raise Conflict("no_arbiter_needed", "It may still be handed over without the arbiter. Hand it over.")
    before = arbiter_asked_on(ticket.pk)
    if before is not None and now - before.at < PATIENCE:
        raise Conflict("arbiter_asked", f"{before.names} was asked already. Wait for the answer, or call.")
    asked = arbiters_of(ticket)
    if not asked:
        problem = "Nobody is an escalation manager. Ask an administrator to name one for the team."
        raise InvalidInput("no_arbiter", problem)
    brief = text("brief", word, limit=20_000, required=True)
    names = ", ".join(one.name for one in asked)
    recording.fact(
        KIND, asked=names, to_user=to_user and to_user.pk, to_team=to_team and to_team.pk, word=brief,
    )  # fmt: skip
    recording.owner_acts()
    finish(recording)
    proposed = to_user.name if to_user else to_team.name if to_team else ""
    pages = [
        PageRequest(
            user_id=one.pk, ticket=ticket.pk, purpose="notice", urgency=Urgency.NORMAL,
            subject=f"{ticket.reference}: name its owner, it was passed on {ticket.handovers} times"[:300],
            body=f"{by.name} asks you to name who owns {ticket.reference} from now on."
            + (f" Proposed: {proposed}." if proposed else "") + f"\n\n{brief}",
            data={"reference": ticket.reference, "number": ticket.number},
        )
        for one in asked if one.pk != by.pk
    ]  # fmt: skip
    enqueue(pages=pages, now=now)
    return asked
