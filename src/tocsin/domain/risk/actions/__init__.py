"""What is done with risks; everything else of `actions` is private."""

from tocsin.domain.risk.actions.answering import LONGEST, SNOOZES, answer
from tocsin.domain.risk.actions.scoring import on_escalation_started, on_ticket_event, rescore, rescore_all
from tocsin.domain.risk.actions.training import (
    judged_row,
    keep,
    learn,
    request_training,
    run_training,
    scheduled,
    switch,
    watch,
)

__all__ = [
    "LONGEST", "SNOOZES", "answer", "judged_row", "keep", "learn", "on_escalation_started", "on_ticket_event",
    "request_training", "rescore", "rescore_all", "run_training", "scheduled", "switch", "watch",
]  # fmt: skip
