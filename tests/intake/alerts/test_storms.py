"""SECURITY 10: a storm is one ticket, and delays nobody else."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tocsin.domain.tickets.logic.priority import DEFAULT
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.intake.alerts import taking
from tocsin.intake.alerts.deciding import is_milestone, scales_for
from tocsin.intake.alerts.doors import Incoming
from tocsin.intake.alerts.models import Alert, Event, Integration
from tocsin.intake.alerts.storing import store

pytestmark = pytest.mark.django_db
Make = Callable[..., Integration]
Send = Callable[..., Event]
MINUTE = timedelta(minutes=1)


def _flood(integration: Integration, count: int, now: datetime) -> None:
    bodies = [f'{{"title": "Host {n} is down", "key": "host {n}"}}'.encode() for n in range(count)]
    store([Incoming(integration=integration.pk, body=body, content_type="") for body in bodies])
    Event.objects.filter(state="stored").update(due_at=now)


def test_after_the_first_tickets_a_storm_is_one_ticket_and_no_alert_is_dropped(make: Make, now: datetime) -> None:
    integration = make(storm_tickets=10)
    _flood(integration, 120, now)
    while taking.take_due(now=now):
        pass
    assert Ticket.objects.count() == 11
    storm = Ticket.objects.get(subject__startswith="Storm")
    assert Alert.objects.filter(ticket=storm).count() == 110
    assert Alert.objects.count() == 120
    assert Message.objects.filter(ticket=storm).count() == 4  # at 10, 20, 50 and 100


def test_a_storm_is_over_when_nothing_new_came_for_its_window(make: Make, send: Send, now: datetime) -> None:
    integration = make(storm_tickets=2, storm_minutes=10)
    for n in range(4):
        send(integration, now, title=f"Host {n}", key=f"h{n}")
    assert Ticket.objects.count() == 3
    send(integration, now + 9 * MINUTE, title="Host 5", key="h5")
    assert Ticket.objects.count() == 3
    send(integration, now + 25 * MINUTE, title="Host 6", key="h6")
    assert Ticket.objects.count() == 4


def test_the_storms_ticket_is_as_grave_as_its_gravest_alert_and_ends_with_the_last(
    make: Make, send: Send, now: datetime
) -> None:
    integration = make(storm_tickets=1)
    for n, severity in enumerate(["low", "low", "critical"]):
        send(integration, now, title=f"Host {n}", key=f"h{n}", severity=severity)
    storm = Ticket.objects.get(subject__startswith="Storm")
    assert storm.priority == 1
    for n in (1, 2):
        storm.refresh_from_db()
        assert storm.status == "new"
        send(integration, now + MINUTE, key=f"h{n}", title="x", state="resolved")
    storm.refresh_from_db()
    assert storm.status == "resolved"


def test_a_storm_of_one_integration_does_not_delay_anothers_event(make: Make, now: datetime) -> None:
    storming, quiet = make("Storming", storm_tickets=0), make("Quiet")
    _flood(storming, 300, now)
    store([Incoming(integration=quiet.pk, body=b'{"title": "Payroll is down"}', content_type="")])
    Event.objects.filter(integration=quiet).update(due_at=now)
    taking.take_due(now=now, limit=20)
    taking.take_due(now=now, limit=20)
    assert Event.objects.get(integration=quiet).state == "taken"
    assert Event.objects.filter(integration=storming, state="stored").count() >= 280
    assert Ticket.objects.filter(subject="Payroll is down").exists()


def test_two_workers_take_different_integrations(make: Make, now: datetime) -> None:
    first, second = make("First"), make("Second")
    for one in (first, second):
        _flood(one, 1, now)
    turns = [taking._begin(now, 50), taking._begin(now, 50), taking._begin(now, 50)]
    assert {turn.integration for turn in turns if turn} == {first.pk, second.pk} and turns[2] is None


def test_several_alerts_of_one_event_go_their_own_ways(make: Make, send: Send) -> None:
    alerts = [{"labels": {"alertname": name}, "status": "firing"} for name in ("A", "B", "A")]
    event = send(make(kind="alertmanager"), alerts=alerts)
    assert [one["did"] for one in event.outcome] == ["opened a ticket", "opened a ticket", "counted"]
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize(("priority", "cell"), [(1, (1, 1)), (2, (1, 2)), (3, (2, 2)), (4, (3, 3))])
def test_a_priority_is_set_by_impact_and_urgency(priority: int, cell: tuple[int, int]) -> None:
    assert scales_for(priority, DEFAULT) == cell


def test_milestones() -> None:
    assert [n for n in range(1, 1001) if is_milestone(n)] == [10, 20, 50, 100, 200, 500, 1000]
