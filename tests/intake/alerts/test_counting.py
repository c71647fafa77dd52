"""SEMANTICS 3: alert count within a window is a trigger."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.journal.models import Entry
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.alerts import taking
from tocsin.intake.alerts.doors import Incoming
from tocsin.intake.alerts.models import Event, Integration, Telling
from tocsin.intake.alerts.storing import store

pytestmark = pytest.mark.django_db
Make = Callable[..., Integration]
Send = Callable[..., Event]
MINUTE = timedelta(minutes=1)
POLICY = """
slug: flapping
name: Flapping
type: technical
reason: complexity
direction: functional
triggers:
  - {kind: alert_count, count: 3, within: 10m%s}
levels:
  - targets: [ticket_team]
"""


def published(now: datetime, when: str = "") -> None:
    publishing.apply(documents=[("flapping.yaml", POLICY % when)], by="system", now=now)


def judged(ticket: Ticket) -> list[str]:
    found = Entry.objects.filter(stream=f"ticket:{ticket.pk}", kind__startswith="trigger.")
    return list(found.order_by("position").values_list("kind", flat=True))


def test_the_third_alert_within_the_window_escalates(make: Make, send: Send, now: datetime) -> None:
    published(now)
    integration = make()
    for minutes in (0, 11, 12):
        send(integration, now + minutes * MINUTE)
    assert not Escalation.objects.exists()  # the first has left the window
    send(integration, now + 13 * MINUTE)
    found = Escalation.objects.get(policy__slug="flapping")
    assert (found.trigger, found.reason_text) == ("alert_count", "3 alerts within 10m")


def test_what_is_told_to_be_over_does_not_count(make: Make, send: Send, now: datetime) -> None:
    published(now)
    integration = make(reopen_minutes=60)
    send(integration, now)
    send(integration, now + MINUTE, title="Disk full", key="disk", state="resolved")
    send(integration, now + 2 * MINUTE)
    assert not Escalation.objects.exists()
    send(integration, now + 3 * MINUTE)
    assert Escalation.objects.count() == 1


def test_alerts_of_other_tickets_are_not_added_up(make: Make, send: Send, now: datetime) -> None:
    published(now)
    integration = make()
    for n in range(4):
        send(integration, now, title=f"Host {n}", key=f"host {n}")
    assert not Escalation.objects.exists()


def test_a_storm_writes_one_line_until_the_window_has_passed(make: Make, send: Send, now: datetime) -> None:
    published(now)
    integration = make()
    for n in range(9):
        send(integration, now + n * timedelta(seconds=10))
    ticket = Ticket.objects.get()
    assert judged(ticket) == ["trigger.fired"]
    for n in range(9):
        send(integration, now + 11 * MINUTE + n * timedelta(seconds=10))
    assert judged(ticket) == ["trigger.fired", "trigger.not_fired"]  # it is at work already


def test_a_false_condition_keeps_it_from_firing_and_says_so_once(make: Make, send: Send, now: datetime) -> None:
    published(now, ", when: ticket.priority == 4")
    integration = make()
    for n in range(5):
        send(integration, now + n * timedelta(seconds=10))
    assert judged(Ticket.objects.get()) == ["trigger.not_fired"]
    assert not Escalation.objects.exists()


def test_what_waited_during_an_outage_is_counted_by_when_it_came(make: Make, now: datetime) -> None:
    published(now)
    integration = make()
    body = b'{"title": "Disk full", "key": "disk"}'
    store([Incoming(integration=integration.pk, body=body, content_type="") for _ in range(3)])
    for hours, event in enumerate(Event.objects.order_by("pk")):
        Event.objects.filter(pk=event.pk).update(received_at=now + timedelta(hours=hours), due_at=now)
    while taking.take_due(now=now + timedelta(hours=3)):
        pass
    assert Telling.objects.count() == 3
    assert not Escalation.objects.exists()


def test_old_tellings_are_forgotten(make: Make, send: Send, now: datetime) -> None:
    send(make(), now)
    assert Telling.objects.count() == 1
    taking.forget_old(now=now + timedelta(days=400))
    assert not Telling.objects.exists()
