"""The view of tickets that conditions see, read for many tickets with a constant number of queries."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from tocsin.domain.escalation.logic.view import TicketView
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket

_MINUTE = 60


def ticket_views(ticket_ids: Sequence[UUID], now: datetime) -> dict[UUID, TicketView]:
    """Return {ticket id: view} as of `now`."""
    rows = (
        Ticket.objects.filter(pk__in=ticket_ids)
        .select_related("service", "team", "owner", "organisation", "requester")
        .annotate(
            messages_n=Count("messages", distinct=True),
            customer_n=Count("messages", filter=Q(messages__kind=MessageKind.CUSTOMER), distinct=True),
            links_n=Count("links_in", distinct=True) + Count("links_out", distinct=True),
            escalations_n=Count("escalations", filter=Q(escalations__state="open"), distinct=True),
        )
    )
    return {ticket.pk: _view(ticket, now) for ticket in rows}


def _view(ticket: Ticket, now: datetime) -> TicketView:
    last = ticket.last_public_reply_at or ticket.opened_at
    return TicketView(
        number=ticket.number,
        subject=ticket.subject,
        status=ticket.status,
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
        messages=ticket.messages_n,  # type: ignore[attr-defined]  # - annotated by ticket_views
        customer_messages=ticket.customer_n,  # type: ignore[attr-defined]  # - annotated by ticket_views
        links=ticket.links_n,  # type: ignore[attr-defined]  # - annotated by ticket_views
        age_minutes=int((now - ticket.opened_at).total_seconds() // _MINUTE),
        idle_minutes=int((now - last).total_seconds() // _MINUTE),
        open_escalations=ticket.escalations_n,  # type: ignore[attr-defined]  # - annotated by ticket_views
        is_open=ticket.status in OPEN_STATUSES,
    )
