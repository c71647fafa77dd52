"""Everything that can be done to escalations. Each act is one transaction that locks the ticket's row first."""

from tocsin.domain.escalation.actions.advancing import advance_due, next_run_due
from tocsin.domain.escalation.actions.alerting import alert_window, judge_alerts
from tocsin.domain.escalation.actions.answering import (
    acknowledge,
    approve,
    call_next,
    cancel,
    complete,
    decline,
    refuse,
    resolve_escalation,
    snooze,
    take,
)
from tocsin.domain.escalation.actions.asking import ask
from tocsin.domain.escalation.actions.by_channel import answer_delivery, answer_link, answer_page, answer_text
from tocsin.domain.escalation.actions.handing_back import (
    after_reassign,
    answer_de_escalation,
    offer_de_escalation,
    rebase,
)
from tocsin.domain.escalation.actions.leaving import leave
from tocsin.domain.escalation.actions.organising import end_maintenance, plan_maintenance, set_catch_all
from tocsin.domain.escalation.actions.starting import escalate
from tocsin.domain.escalation.actions.watching import fire_watches, next_watch_due, sync_watches

__all__ = [
    "acknowledge",
    "advance_due",
    "after_reassign",
    "alert_window",
    "answer_de_escalation",
    "answer_delivery",
    "answer_link",
    "answer_page",
    "answer_text",
    "approve",
    "ask",
    "call_next",
    "cancel",
    "complete",
    "decline",
    "end_maintenance",
    "escalate",
    "fire_watches",
    "judge_alerts",
    "leave",
    "next_run_due",
    "next_watch_due",
    "offer_de_escalation",
    "plan_maintenance",
    "rebase",
    "refuse",
    "resolve_escalation",
    "set_catch_all",
    "snooze",
    "sync_watches",
    "take",
]
