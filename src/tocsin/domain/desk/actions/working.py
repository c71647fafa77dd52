"""What every act on a ticket of this app begins and ends with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import NotAllowed, NotFound


def worked_on(ticket_id: UUID, by: User) -> Ticket:
    """Lock the ticket and check that `by` works on tickets. Raises NotFound, NotAllowed."""
    ticket = Ticket.objects.select_for_update(of=("self",)).filter(pk=ticket_id).first()
    if ticket is None or not rules.may_see_ticket.test(by, ticket):
        raise NotFound("ticket_not_found", "There is no such ticket, or you may not see it.")
    if not rules.may_work_on_ticket.test(by, ticket):
        raise NotAllowed("not_allowed", "Only those who work on tickets can do this.")
    return ticket


def journal(ticket: Ticket, kind: str, by: User | None, now: datetime, **data: Any) -> None:
    """Append to the ticket's stream; what is searched may have changed."""
    actor = f"person:{by.pk}" if by else "engine"
    record(stream=f"ticket:{ticket.pk}", kind=kind, actor=actor, at=now, data=data)
