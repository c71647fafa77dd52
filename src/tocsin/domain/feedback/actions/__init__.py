"""What may be done with feedback. Each action is one transaction, or joins its caller's."""

from tocsin.domain.feedback.actions.answering import answer, rate_by_ask, start_asking, stop_asking
from tocsin.domain.feedback.actions.asking import ask_due, not_sent
from tocsin.domain.feedback.actions.listening import on_escalation_ended, on_status_changed, on_ticket_rated
from tocsin.domain.feedback.actions.promised import on_promise_made, on_promise_settled
from tocsin.domain.feedback.actions.recovering import end_recovery, give_recovery, open_recovery, recover_due
from tocsin.domain.feedback.actions.setting import save_questions, save_setting

__all__ = [
    "answer",
    "ask_due",
    "end_recovery",
    "give_recovery",
    "not_sent",
    "on_escalation_ended",
    "on_promise_made",
    "on_promise_settled",
    "on_status_changed",
    "on_ticket_rated",
    "open_recovery",
    "rate_by_ask",
    "recover_due",
    "save_questions",
    "save_setting",
    "start_asking",
    "stop_asking",
]
