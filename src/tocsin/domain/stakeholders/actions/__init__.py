"""Promises, plans, updates and subscriptions. Each act is one transaction that locks the ticket's row first."""

from tocsin.domain.stakeholders.actions.planning import (
    end_without_closing,
    on_escalation_ended,
    on_escalation_started,
    on_priority_changed,
)
from tocsin.domain.stakeholders.actions.promises_due import act_on_due_promises
from tocsin.domain.stakeholders.actions.promising import (
    cancel_promise,
    keep_promise,
    make_promise,
    renegotiate_promise,
)
from tocsin.domain.stakeholders.actions.setting_up import AudienceWish, save_plan, save_template
from tocsin.domain.stakeholders.actions.subscribing import make_feed_key, subscribe, unsubscribe
from tocsin.domain.stakeholders.actions.updates_due import miss_due_updates
from tocsin.domain.stakeholders.actions.updating import send_update
from tocsin.domain.stakeholders.actions.wishing import Promised, keep_wishes, on_message_added

__all__ = [
    "AudienceWish",
    "Promised",
    "act_on_due_promises",
    "cancel_promise",
    "end_without_closing",
    "keep_promise",
    "keep_wishes",
    "make_feed_key",
    "make_promise",
    "miss_due_updates",
    "on_escalation_ended",
    "on_escalation_started",
    "on_message_added",
    "on_priority_changed",
    "renegotiate_promise",
    "save_plan",
    "save_template",
    "send_update",
    "subscribe",
    "unsubscribe",
]
