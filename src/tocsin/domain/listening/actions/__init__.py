"""What is done with what customers say; everything else of `actions` is private."""

from tocsin.domain.listening.actions.advising import drop_rule, restore_rules, save_rule, switch_rule
from tocsin.domain.listening.actions.answering import answer, answer_for_customer, mark_answered, play_back
from tocsin.domain.listening.actions.assisting import ask_assistant, save_assistant, try_assistant
from tocsin.domain.listening.actions.calling import Call, note_call
from tocsin.domain.listening.actions.judging import (
    correct_signal,
    on_message_added,
    on_ticket_opened,
    reset_word,
    score_missing,
)
from tocsin.domain.listening.actions.writing import Said, note_mood, write_record

__all__ = [
    "Call",
    "Said",
    "answer",
    "answer_for_customer",
    "ask_assistant",
    "correct_signal",
    "drop_rule",
    "mark_answered",
    "note_call",
    "note_mood",
    "on_message_added",
    "on_ticket_opened",
    "play_back",
    "reset_word",
    "restore_rules",
    "save_assistant",
    "save_rule",
    "score_missing",
    "switch_rule",
    "try_assistant",
    "write_record",
]
