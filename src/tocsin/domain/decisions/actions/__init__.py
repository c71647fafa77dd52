"""What is done with decision rights; everything else of `actions` is private."""

from tocsin.domain.decisions.actions.answering import (
    answer_request,
    expire_requests,
    on_status_changed,
    withdraw_request,
)
from tocsin.domain.decisions.actions.deciding import Outcome, decide
from tocsin.domain.decisions.actions.escalating import BRIEF, Brief, escalate
from tocsin.domain.decisions.actions.keeping import Granted, save_decision
from tocsin.domain.decisions.actions.learning import LESSON, on_escalation_ended, on_escalation_started

__all__ = [
    "BRIEF",
    "LESSON",
    "Brief",
    "Granted",
    "Outcome",
    "answer_request",
    "decide",
    "escalate",
    "expire_requests",
    "on_escalation_ended",
    "on_escalation_started",
    "on_status_changed",
    "save_decision",
    "withdraw_request",
]
