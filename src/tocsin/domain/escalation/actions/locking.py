"""The lock that every act on a ticket or its runs takes first, and the windows in which nothing fires."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from tocsin.domain.escalation.ticket_views import seen_tickets
from tocsin.domain.tickets.models import Ticket

_COVERING = """
SELECT max(ends_at) FROM escalation_maintenance
WHERE (service_id IS NULL OR service_id = %s) AND starts_at <= %s AND ends_at > %s
"""


def locked_ticket(ticket_id: UUID) -> Ticket:
    """Lock and return the aggregate: every action on a ticket or its runs takes this lock first."""
    # Two statements: what is joined to a row that was waited for would be as it was before the wait.
    Ticket.objects.select_for_update(of=("self",)).only("pk").get(pk=ticket_id)
    return seen_tickets([ticket_id]).get()


def maintenance_until(ticket: Ticket, now: datetime) -> datetime | None:
    """Return the end of the maintenance window that covers `ticket` now (the latest, where several do)."""
    with connection.cursor() as cursor:
        cursor.execute(_COVERING, [ticket.service_id, now, now])
        until: datetime | None = cursor.fetchone()[0]
    return until
