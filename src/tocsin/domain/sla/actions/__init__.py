"""Keeping clocks true: recomputed from history whenever a ticket, an agreement or a calendar changes."""

from tocsin.domain.sla.actions.agreeing import agree_due, save_agreement
from tocsin.domain.sla.actions.breaching import breach_due
from tocsin.domain.sla.actions.editing import (
    Moved,
    apply_agreement,
    apply_calendar,
    preview_agreement,
    preview_calendar,
)
from tocsin.domain.sla.actions.listening import (
    on_details_changed,
    on_message_added,
    on_ownership_changed,
    on_priority_changed,
    on_status_changed,
    on_ticket_opened,
    on_tickets_imported,
)
from tocsin.domain.sla.actions.recomputing import recompute

__all__ = [
    "Moved",
    "agree_due",
    "apply_agreement",
    "apply_calendar",
    "breach_due",
    "on_details_changed",
    "on_message_added",
    "on_ownership_changed",
    "on_priority_changed",
    "on_status_changed",
    "on_ticket_opened",
    "on_tickets_imported",
    "preview_agreement",
    "preview_calendar",
    "recompute",
    "save_agreement",
]
