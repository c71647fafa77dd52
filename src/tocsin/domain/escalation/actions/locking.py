"""The lock that every act on a ticket or its runs takes first, and the windows in which nothing fires."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tocsin.domain.escalation.models import Maintenance
from tocsin.domain.tickets.models import Ticket


def locked_ticket(ticket_id: UUID) -> Ticket:
    """Lock and return the aggregate: every action on a ticket or its runs takes this lock first."""
    # Two statements: what is joined to a row that was waited for would be as it was before the wait.
    Ticket.objects.select_for_update(of=("self",)).only("pk").get(pk=ticket_id)
    return Ticket.objects.select_related("team", "service", "organisation", "owner").get(pk=ticket_id)


def maintenance_until(ticket: Ticket, now: datetime) -> datetime | None:
    """Return the end of the maintenance window that covers `ticket` now (the latest, where several do)."""
    covers = Q(service__isnull=True) | Q(service_id=ticket.service_id) if ticket.service_id else Q(service__isnull=True)
    windows = Maintenance.objects.filter(covers, starts_at__lte=now, ends_at__gt=now)
    return windows.order_by("-ends_at").values_list("ends_at", flat=True).first()
