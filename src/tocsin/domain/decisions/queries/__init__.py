"""Named reads of decision rights."""

from tocsin.domain.decisions.queries.catalogue import (
    access_decision,
    all_decisions,
    decision_by_id,
    entry_of,
    recent_of,
    standing_of,
    versions_of,
)
from tocsin.domain.decisions.queries.on_tickets import (
    Mine,
    access_request,
    choice_of,
    learnt_on,
    may_answer,
    next_request_due,
    open_requests,
    requests_waiting_for,
    rights_on,
    taken_on,
    waiting_for,
    will_be_asked,
)
from tocsin.domain.decisions.queries.report import Report, report

__all__ = [
    "Mine",
    "Report",
    "access_decision",
    "access_request",
    "all_decisions",
    "choice_of",
    "decision_by_id",
    "entry_of",
    "learnt_on",
    "may_answer",
    "next_request_due",
    "open_requests",
    "recent_of",
    "report",
    "requests_waiting_for",
    "rights_on",
    "standing_of",
    "taken_on",
    "versions_of",
    "waiting_for",
    "will_be_asked",
]
