"""Gauges of the business for Prometheus: what stands open, as the auditor sees it (docs/operator.md lists them)."""

from datetime import datetime

from prometheus_client import Gauge

from tocsin.domain.insights.queries.gauges import standing

TICKETS = Gauge("tocsin_tickets_open", "Tickets that are open", ["priority"])
ESCALATIONS = Gauge("tocsin_escalations_active", "Escalations at work", ["type"])
UNACKNOWLEDGED = Gauge("tocsin_escalations_unacknowledged", "Escalations that nobody has acknowledged", ["type"])
BREACHED = Gauge("tocsin_tickets_breached", "Open tickets on which a promised time has passed", ["clock"])
PROMISES = Gauge(
    "tocsin_promises", "Promises: due within the hour, later, overdue, broken and still not done", ["state"]
)

# What there is of each kind even when it is 0: a line that stops is no line at 0.
_KINDS = {
    "tickets": (TICKETS, ("1", "2", "3", "4")),
    "escalations": (ESCALATIONS, ("technical", "customer", "internal")),
    "unacknowledged": (UNACKNOWLEDGED, ("technical", "customer", "internal")),
    "breached": (BREACHED, ("first_response", "next_response", "next_update", "resolution", "internal")),
    "promises": (PROMISES, ("soon", "later", "overdue", "broken")),
}


def measure_standing(now: datetime) -> None:
    """Set every gauge to what is so at `now` (the database's clock). One statement."""
    counts = {(one.what, one.kind): one.count for one in standing(now)}
    for what, (gauge, kinds) in _KINDS.items():
        for kind in kinds:
            gauge.labels(kind).set(counts.get((what, kind), 0))
