"""What insights write: the facts that figures are counted from, and targets."""

from tocsin.domain.insights.actions.metrics import rebuild, refresh, refresh_recent
from tocsin.domain.insights.actions.metrics_targets import clear_target, set_target, watch_bands
from tocsin.domain.insights.actions.reports import (
    ReportLetter,
    leave_report,
    remove_report,
    save_report,
    send_due_reports,
    send_sample,
)

__all__ = [
    "ReportLetter",
    "clear_target",
    "leave_report",
    "rebuild",
    "refresh",
    "refresh_recent",
    "remove_report",
    "save_report",
    "send_due_reports",
    "send_sample",
    "set_target",
    "watch_bands",
]
