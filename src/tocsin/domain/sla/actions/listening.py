"""What clocks do when tickets change. Wired in config/wiring.py."""

from tocsin.domain.sla.actions.recomputing import recompute
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.events import (
    DetailsChanged,
    MessageAdded,
    OwnershipChanged,
    PriorityChanged,
    StatusChanged,
    TicketOpened,
    TicketsImported,
)


def on_ticket_opened(event: TicketOpened) -> None:
    recompute(ticket_ids=[event.ticket_id], now=event.at, actor=event.actor, opened=event.row)


def on_status_changed(event: StatusChanged) -> None:
    recompute(ticket_ids=[event.ticket_id], now=event.at, actor=event.actor)


def on_priority_changed(event: PriorityChanged) -> None:
    recompute(ticket_ids=[event.ticket_id], now=event.at, actor=event.actor)


def on_ownership_changed(event: OwnershipChanged) -> None:
    """Only the team matters to clocks (internal targets); a new owner does not restart what was promised."""
    if event.before_team != event.after_team:
        recompute(ticket_ids=[event.ticket_id], now=event.at, actor=event.actor)


def on_details_changed(event: DetailsChanged) -> None:
    """Another customer or service may mean another agreement."""
    recompute(ticket_ids=[event.ticket_id], now=event.at, actor=event.actor)


def on_message_added(event: MessageAdded) -> None:
    """A private note does nothing (SEMANTICS 2)."""
    if event.kind != MessageKind.NOTE:
        recompute(ticket_ids=[event.ticket_id], now=event.at, actor=event.actor)


def on_tickets_imported(event: TicketsImported) -> None:
    recompute(ticket_ids=event.ticket_ids, now=event.at, actor="import", in_short=True)
