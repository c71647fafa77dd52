"""Gauges of the business: what stands open on the small desk, in one statement."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client import Gauge

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.sla.models import Clock
from tocsin.domain.stakeholders.models import Promise
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.engine import standing
from tocsin.engine.standing import measure_standing


def value(gauge: Gauge, kind: str) -> float:
    return float(gauge.labels(kind)._value.get())


def test_what_stands_open_is_counted_in_one_statement(desk: Desk) -> None:
    with CaptureQueriesContext(connection) as asked:
        measure_standing(desk.now)
    assert len(asked) == 1
    is_open = Ticket.objects.exclude(status__in=["resolved", "closed"]).filter(is_drill=False)
    assert sum(value(standing.TICKETS, n) for n in "1234") == is_open.count() > 0
    kind = desk.escalated.type
    assert value(standing.ESCALATIONS, kind) == value(standing.UNACKNOWLEDGED, kind) >= 1
    escalation.acknowledge(run_id=desk.escalated.run.pk, by=desk.agent, now=desk.now)
    before = value(standing.UNACKNOWLEDGED, kind)
    measure_standing(desk.now)
    assert value(standing.UNACKNOWLEDGED, kind) == before - 1
    tickets.resolve(ticket_id=desk.escalated.ticket_id, by=desk.lead, now=desk.now)
    active = value(standing.ESCALATIONS, kind)
    measure_standing(desk.now)
    assert value(standing.ESCALATIONS, kind) == active - 1


def test_promises_and_breaches_are_told_apart(desk: Desk) -> None:
    Promise.objects.all().delete()
    for minutes in (-5, 30, 300):
        Promise.objects.create(
            ticket=desk.queued, what="Call back", by=desk.agent, made_at=desk.now - timedelta(hours=1), made_by="system",
            due_at=desk.now + timedelta(minutes=minutes), next_at=desk.now + timedelta(minutes=minutes),
        )  # fmt: skip
    Clock.objects.filter(ticket=desk.queued).delete()
    measure_standing(desk.now)
    assert [value(standing.PROMISES, kind) for kind in ("overdue", "soon", "later", "broken")] == [1, 1, 1, 0]
    assert value(standing.BREACHED, "resolution") == 0
