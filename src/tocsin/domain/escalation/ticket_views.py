"""The view of tickets that conditions see, read for many tickets with a constant number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from tocsin.domain.escalation.logic import conditions
from tocsin.domain.escalation.logic.view import TicketView
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket

_MINUTE = 60
SEEN = ("service", "team", "owner", "organisation", "requester")
_COUNT = """
SELECT t.id,
    (SELECT count(*) FROM tickets_message m WHERE m.ticket_id = t.id),
    (SELECT count(*) FROM tickets_message m WHERE m.ticket_id = t.id AND m.kind = %s),
    (SELECT count(*) FROM tickets_link l WHERE l.to_ticket_id = t.id)
        + (SELECT count(*) FROM tickets_link l WHERE l.from_ticket_id = t.id),
    (SELECT count(*) FROM escalation_escalation e WHERE e.ticket_id = t.id AND e.state = 'open')
FROM tickets_ticket t WHERE t.id = ANY(%s)
"""


def ticket_views(ticket_ids: Sequence[UUID], now: datetime) -> dict[UUID, TicketView]:
    """Return {ticket id: view} as of `now`."""
    return views_of(seen_tickets(ticket_ids), now)


def fitting(wanted: Mapping[UUID, str], ticket_id: UUID, now: datetime) -> set[UUID]:
    """Return which of {policy id: condition} fit a ticket as it is; what cannot be evaluated fits nothing."""
    view = ticket_views([ticket_id], now).get(ticket_id)
    return {pk for pk, condition in wanted.items() if view is not None and conditions.holds(condition, view)}


def seen_tickets(ticket_ids: Sequence[UUID]) -> QuerySet[Ticket]:
    """Return tickets with all that a view says of them but the counts."""
    return Ticket.objects.filter(pk__in=ticket_ids).select_related(*SEEN)


def views_of(tickets: Iterable[Ticket], now: datetime, *, opened: bool = False) -> dict[UUID, TicketView]:
    """Return {ticket id: view} of `seen_tickets`; `opened`: just now, so there is nothing to count on them yet."""
    rows = list(tickets)
    counts = {} if opened else _counts([ticket.pk for ticket in rows])
    return {ticket.pk: _view(ticket, counts.get(ticket.pk, NOTHING), now) for ticket in rows}


class Counts(NamedTuple):
    messages: int
    customer: int
    links: int
    escalations: int


NOTHING = Counts(0, 0, 0, 0)


def _counts(ticket_ids: Sequence[UUID]) -> dict[UUID, Counts]:
    """Count what hangs on tickets. Each by itself: joined together they would multiply."""
    if not ticket_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [MessageKind.CUSTOMER, list(ticket_ids)])
        return {pk: Counts(*rest) for pk, *rest in cursor.fetchall()}


def _view(ticket: Ticket, counts: Counts, now: datetime) -> TicketView:
    last = ticket.last_public_reply_at or ticket.opened_at
    return TicketView(
        number=ticket.number,
        subject=ticket.subject,
        status=str(ticket.status),
        priority=ticket.priority,
        impact=ticket.impact,
        urgency=ticket.urgency,
        category=ticket.category,
        channel=ticket.channel,
        configuration_item=ticket.configuration_item,
        service=ticket.service.name if ticket.service else "",
        team=ticket.team.slug if ticket.team else "",
        line=ticket.team.line if ticket.team else "",
        owner=ticket.owner.email if ticket.owner else "",
        has_owner=ticket.owner_id is not None,
        organisation=ticket.organisation.name if ticket.organisation else "",
        requester=ticket.requester.email if ticket.requester else "",
        handovers=ticket.handovers,
        ping_pongs=ticket.ping_pongs,
        reopens=ticket.reopens,
        messages=counts.messages,
        customer_messages=counts.customer,
        links=counts.links,
        age_minutes=int((now - ticket.opened_at).total_seconds() // _MINUTE),
        idle_minutes=int((now - last).total_seconds() // _MINUTE),
        open_escalations=counts.escalations,
        is_open=ticket.status in OPEN_STATUSES,
    )
