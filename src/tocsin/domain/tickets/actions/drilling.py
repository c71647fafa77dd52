"""Tickets that carry a test. They are closed from the beginning, and nothing is published about them: no clock runs, no
trigger looks, no letter leaves, no list or figure counts them (docs/adr/0004)."""

from datetime import datetime

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import Service, Team
from tocsin.domain.tickets.actions.opening import _next_number
from tocsin.domain.tickets.actions.recording import stream_of, text
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id

SOURCE = "drill"  # of a test that comes again on one and the same ticket


@transaction.atomic
def open_drill_ticket(
    *, subject: str, description: str, now: datetime, actor: str, team: Team | None = None,
    service: Service | None = None, priority: int = 2, again: str = "",
) -> Ticket:  # fmt: skip
    """Return a new ticket for one test, or that of `again` (a name), which then stays the same."""
    if again:
        known = Ticket.objects.filter(external_source=SOURCE, external_ref=again).first()
        if known is not None:
            return known
    ticket = Ticket(
        id=new_id(), number=_next_number(), subject=text("subject", subject, limit=300, required=True),
        description=text("description", description, limit=20_000), service=service,
        team=team or (service.team if service else None), status=Status.CLOSED, priority=priority, channel="drill",
        opened_at=now, updated_at=now, resolved_at=now, closed_at=now, is_drill=True,
        external_source=SOURCE if again else "", external_ref=again,
    )  # fmt: skip
    ticket.save(force_insert=True)
    told = {"number": ticket.number, "subject": ticket.subject}
    record(stream=stream_of(ticket.pk), kind="ticket.drill_opened", actor=actor, at=now, data=told)
    return ticket
