"""The customer asks for an escalation (SEMANTICS 3: portal button)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation.actions.firing import look_at
from tocsin.domain.escalation.actions.locking import locked_ticket, maintenance_until
from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.logic.triggers import Happening
from tocsin.domain.escalation.models import Escalation, Setting
from tocsin.domain.journal.actions import record
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket
from tocsin.domain.tickets.rules import may_ask_for_escalation, may_see_ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

LONGEST = 4_000


@transaction.atomic
def ask(*, ticket_id: UUID, reason: str, by: User, now: datetime) -> list[Escalation]:
    """The customer (or somebody for them) asks for an escalation: every policy that listens to it begins.

    The wish is journalled in the customer's words, whether or not a policy listens. Where none does,
    and none is at work already, the people answerable for the ticket are told: nobody asks in vain.
    Raises NotFound for what the person may not see, Conflict for a ticket that is resolved or closed.
    """
    words = reason.strip()
    if not words:
        raise InvalidInput("reason_missing", "Say what is wrong, in your own words.", {"reason": "Say what is wrong."})
    if len(words) > LONGEST or "\x00" in words:
        problem = f"At most {LONGEST} characters, and no NUL character."
        raise InvalidInput("bad_reason", problem, {"reason": problem})
    ticket = locked_ticket(ticket_id)
    if not may_see_ticket.test(by, ticket):
        raise NotFound("ticket_not_found", "There is no such ticket.")
    if not may_ask_for_escalation.test(by, ticket):
        raise NotAllowed("not_allowed", "Only the customer, or those who work on the ticket, can ask for this.")
    if ticket.status not in OPEN_STATUSES:
        raise Conflict("not_open", f"{ticket.reference} is {ticket.get_status_display().lower()}. Reopen it first.")
    actor = f"person:{by.pk}"
    record(stream=f"ticket:{ticket.pk}", kind="escalation.asked_for", actor=actor, at=now, data={"reason": words})
    happening = Happening(kind="asked", text=words, customer=True)
    begun = look_at(ticket_id=ticket.pk, happening=happening, actor=actor, now=now)
    if not begun:
        _tell_the_answerable(ticket, words, by, now)
    return begun


def _tell_the_answerable(ticket: Ticket, words: str, by: User, now: datetime) -> None:
    """Tell owner, lead and escalation manager, or failing them the catch-all: no ladder has begun."""
    at_work = Escalation.objects.filter(ticket=ticket, state=EscalationState.OPEN).exists()
    team = ticket.team
    told = [ticket.owner_id, *([team.lead_id, team.escalation_manager_id] if team else [])]
    people = list(dict.fromkeys(pk for pk in told if pk is not None))
    if not people:
        catch_all = Setting.objects.values_list("catch_all", flat=True).first()
        people = [catch_all] if catch_all else []
    why = "An escalation is at work already." if at_work else "No ladder listens to this, so nobody is paged for it."
    if not at_work and maintenance_until(ticket, now) is not None:
        why = "A maintenance window defers the ladders."
    subject = f"{ticket.reference}: {by.name} asks for an escalation"
    pages = [
        PageRequest(
            user_id=pk, ticket=ticket.pk, purpose="notice", urgency=Urgency.HIGH, subject=subject[:300],
            body=f"{ticket.subject}\n\n{words}\n\n{why}",
            data={"reference": ticket.reference, "number": ticket.number, "priority": ticket.priority},
        )
        for pk in people
    ]  # fmt: skip
    notify.enqueue(pages=pages, now=now)
