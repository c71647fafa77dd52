"""What is measured and what should come of it; back-tests and shadows (SEMANTICS 9, 10)."""

from tocsin.domain.insights.models.backtest import (
    BackTest,
    BackTestChunk,
    BackTestTicket,
    Shadow,
    ShadowLook,
    ShadowReport,
)
from tocsin.domain.insights.models.metrics import ClockFact, EscalationFact, HopFact, MetricTarget, TicketFact
from tocsin.domain.insights.models.reports import FigureReport, ReportReader

__all__ = [
    "BackTest",
    "BackTestChunk",
    "BackTestTicket",
    "ClockFact",
    "EscalationFact",
    "FigureReport",
    "HopFact",
    "MetricTarget",
    "ReportReader",
    "Shadow",
    "ShadowLook",
    "ShadowReport",
    "TicketFact",
]
