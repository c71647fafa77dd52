"""What is measured, and what should come of it (SEMANTICS 9)."""

from tocsin.domain.insights.models.metrics import ClockFact, EscalationFact, HopFact, MetricTarget, TicketFact

__all__ = ["ClockFact", "EscalationFact", "HopFact", "MetricTarget", "TicketFact"]
