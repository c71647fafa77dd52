"""What is done with problems; everything else of `actions` is private."""

from tocsin.domain.problems.actions.detecting import Look, accept, detect, merge_into, reject
from tocsin.domain.problems.actions.digesting import make_digests
from tocsin.domain.problems.actions.explaining import add_hypothesis, judge_hypothesis
from tocsin.domain.problems.actions.measuring import add_measure, judge, judge_measures, withdraw_measure
from tocsin.domain.problems.actions.moving import article_text, merge, move, publish_known_error
from tocsin.domain.problems.actions.opening import (
    change_problem,
    link_tickets,
    note_cause,
    on_ticket_linked,
    open_from_escalation,
    open_problem,
    unlink_ticket,
)
from tocsin.domain.problems.actions.sending import UNDO, push_workaround, take_push_back
from tocsin.domain.problems.actions.tallying import on_tickets_imported, tally

__all__ = [
    "UNDO",
    "Look",
    "accept",
    "add_hypothesis",
    "add_measure",
    "article_text",
    "change_problem",
    "detect",
    "judge",
    "judge_hypothesis",
    "judge_measures",
    "link_tickets",
    "make_digests",
    "merge",
    "merge_into",
    "move",
    "note_cause",
    "on_ticket_linked",
    "on_tickets_imported",
    "open_from_escalation",
    "open_problem",
    "publish_known_error",
    "push_workaround",
    "reject",
    "take_push_back",
    "tally",
    "unlink_ticket",
    "withdraw_measure",
]
