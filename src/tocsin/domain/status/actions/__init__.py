"""What is done with status pages and account escalations; everything else of `actions` is private."""

from tocsin.domain.status.actions.account_clock import tell_missed
from tocsin.domain.status.actions.accounts import (
    add_ticket,
    answer_account_offer,
    change_account_escalation,
    end_account_escalation,
    offer_account_escalation,
    open_account_escalation,
    remove_ticket,
    update_account_escalation,
)
from tocsin.domain.status.actions.maintenance import switch_due
from tocsin.domain.status.actions.pages import (
    remove_component,
    remove_page,
    renew_link,
    save_component,
    save_page,
    set_component_state,
)
from tocsin.domain.status.actions.subscribing import ask, confirm, forget_unconfirmed, leave
from tocsin.domain.status.actions.telling import note_mailed, open_incident, plan_maintenance, tell
from tocsin.domain.status.actions.together import OnPages, chosen, send_update_with_pages

__all__ = [
    "OnPages",
    "add_ticket",
    "answer_account_offer",
    "ask",
    "change_account_escalation",
    "chosen",
    "confirm",
    "end_account_escalation",
    "forget_unconfirmed",
    "leave",
    "note_mailed",
    "offer_account_escalation",
    "open_account_escalation",
    "open_incident",
    "plan_maintenance",
    "remove_component",
    "remove_page",
    "remove_ticket",
    "renew_link",
    "save_component",
    "save_page",
    "send_update_with_pages",
    "set_component_state",
    "switch_due",
    "tell",
    "tell_missed",
    "update_account_escalation",
]
