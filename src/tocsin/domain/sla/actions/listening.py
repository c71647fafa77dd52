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

IMPORTED_AT_ONCE = 1_000


def on_ticket_opened(event: TicketOpened) -> None:
    recompute(ticket_ids=[event.ticket_id], now=event.at, actor=event.actor)


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
    for start in range(0, len(event.ticket_ids), IMPORTED_AT_ONCE):
        recompute(ticket_ids=event.ticket_ids[start : start + IMPORTED_AT_ONCE], now=event.at, actor="import")
