"""From stored events to tickets: the same trouble is one ticket, and nothing acts twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tocsin.domain.journal.models import Entry
from tocsin.domain.people.models import Service, User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.engine.auditor import Auditor
from tocsin.intake.alerts import handling, taking
from tocsin.intake.alerts.doors import Incoming
from tocsin.intake.alerts.models import Alert, Event, Integration
from tocsin.intake.alerts.reading import read
from tocsin.intake.alerts.storing import store
from tocsin.kernel.clock import database_now

pytestmark = pytest.mark.django_db
Make = Callable[..., Integration]
Send = Callable[..., Event]
MINUTE = timedelta(minutes=1)


def _the_ticket() -> Ticket:
    return Ticket.objects.get()


def test_an_alert_opens_a_ticket_of_the_integrations_service(make: Make, send: Send, service: Service) -> None:
    event = send(make(), title="Disk full", severity="critical", facts={"host": "db1"}, link="https://m.example.org/1")
    ticket = _the_ticket()
    assert (event.state, event.due_at, event.outcome[0]["ticket"]) == ("taken", None, ticket.number)
    assert (ticket.subject, ticket.priority, ticket.service, ticket.team) == ("Disk full", 1, service, service.team)
    assert (ticket.channel, ticket.requester, ticket.configuration_item) == ("event", None, "db1")
    assert "https://m.example.org/1" in ticket.description
    assert Entry.objects.filter(kind="ticket.opened", actor__startswith="integration:").count() == 1


def test_the_same_alert_again_is_counted_on_the_same_ticket(make: Make, send: Send, now: datetime) -> None:
    integration = make()
    for n in range(5):
        send(integration, now + n * MINUTE)
    assert Ticket.objects.count() == 1
    assert Alert.objects.get().count == 5
    assert Message.objects.count() == 0  # what repeats fills no ticket


def test_an_alert_that_becomes_graver_raises_the_ticket_and_never_lowers_it(
    make: Make, send: Send, now: datetime
) -> None:
    integration = make()
    for n, severity in enumerate(["moderate", "critical", "low"]):
        send(integration, now + n * MINUTE, title="Disk", key="d", severity=severity)
    assert _the_ticket().priority == 1


def test_a_resolved_alert_resolves_its_ticket(make: Make, send: Send, now: datetime) -> None:
    integration = make()
    send(integration)
    send(integration, now + MINUTE, key="disk", state="resolved")
    assert _the_ticket().status == "resolved"
    assert Alert.objects.get().state == "ended"


def test_a_ticket_that_somebody_owns_is_left_to_them(
    make: Make, send: Send, now: datetime, administrator: User
) -> None:
    integration = make()
    send(integration)
    tickets.take(ticket_id=_the_ticket().pk, by=administrator, now=now)
    send(integration, now + MINUTE, key="disk", state="resolved")
    assert _the_ticket().status == "open"
    assert "has ended" in Message.objects.get().body


@pytest.mark.parametrize(("rule", "status"), [("resolve", "resolved"), ("note", "open")])
def test_what_becomes_of_an_owned_ticket_is_the_integrations_choice(
    make: Make, send: Send, now: datetime, administrator: User, rule: str, status: str
) -> None:
    integration = make(on_resolved=rule)
    send(integration)
    tickets.take(ticket_id=_the_ticket().pk, by=administrator, now=now)
    send(integration, now + MINUTE, key="disk", state="resolved")
    assert _the_ticket().status == status


def test_an_alert_that_fires_again_soon_reopens_its_ticket_and_later_opens_a_new_one(
    make: Make, send: Send, now: datetime
) -> None:
    integration = make(reopen_minutes=60)
    send(integration)
    send(integration, now + MINUTE, key="disk", state="resolved")
    send(integration, now + 30 * MINUTE)
    assert (_the_ticket().status, _the_ticket().reopens) == ("reopened", 1)
    send(integration, now + 31 * MINUTE, key="disk", state="resolved")
    send(integration, now + 120 * MINUTE)
    assert sorted(Ticket.objects.values_list("status", flat=True)) == ["new", "resolved"]


def test_an_alert_whose_ticket_was_resolved_by_hand_begins_anew(make: Make, send: Send, now: datetime) -> None:
    integration = make(reopen_minutes=0)
    send(integration)
    tickets.resolve(ticket_id=_the_ticket().pk, by=None, now=now)
    send(integration, now + 5 * MINUTE)
    assert Ticket.objects.count() == 2
    assert sorted(Alert.objects.values_list("state", flat=True)) == ["ended", "firing"]


def test_a_message_that_was_overtaken_by_its_own_end_opens_nothing(make: Make, send: Send, now: datetime) -> None:
    integration = make()
    send(integration, key="d", title="D", at=now, time=now.isoformat())
    send(integration, now + MINUTE, key="d", title="D", state="resolved", time=(now + MINUTE).isoformat())
    late = send(integration, now + 2 * MINUTE, key="d", title="D", time=now.isoformat())
    assert (late.state, Ticket.objects.get().status) == ("ignored", "resolved")


def test_the_same_message_by_the_senders_id_acts_once(make: Make, send: Send, now: datetime) -> None:
    integration = make(reopen_minutes=0)
    told = {"id": "m-1", "key": "d", "title": "Disk"}
    send(integration, **told)
    send(integration, now + MINUTE, key="d", state="resolved", title="Disk")
    again = send(integration, now + 2 * MINUTE, **told)
    assert (again.state, Ticket.objects.count()) == ("ignored", 1)


def test_the_same_request_by_the_senders_id_is_stored_once(make: Make, send: Send) -> None:
    integration = make()
    first, second = send(integration, sent_as="r-1"), send(integration, sent_as="r-1")
    assert (first.pk, Event.objects.count(), Alert.objects.get().count) == (second.pk, 1, 1)


def test_severities_without_a_ticket_are_listed_and_open_none(make: Make, send: Send) -> None:
    event = send(make(priorities={"low": 0}), title="Chatter", severity="info")
    assert (event.state, Ticket.objects.count(), Alert.objects.get().ticket) == ("taken", 0, None)


def test_what_is_not_understood_is_kept_and_can_be_taken_in_later(
    make: Make, send: Send, now: datetime, administrator: User
) -> None:
    integration = make(kind="pingdom")
    event = send(integration, title="Disk full")
    assert event.state == "unreadable" and "check_id" in event.reason
    Integration.objects.filter(pk=integration.pk).update(kind="generic")
    handling.retry_event(event_id=event.pk, by=administrator, now=now)
    assert taking.take_due(now=now) == 1
    assert (Event.objects.get().state, _the_ticket().subject) == ("taken", "Disk full")


def test_a_paused_integration_keeps_its_events(make: Make, send: Send, now: datetime, administrator: User) -> None:
    integration = make()
    Integration.objects.filter(pk=integration.pk).update(enabled=False)
    event = send(integration)
    assert (event.state, Ticket.objects.count()) == ("ignored", 0)
    handling.retry_event(event_id=event.pk, by=administrator, now=now)
    taking.take_due(now=now)
    assert Ticket.objects.count() == 1


def test_a_retry_counts_and_opens_no_second_ticket(make: Make, send: Send, now: datetime, administrator: User) -> None:
    event = send(make())
    handling.retry_event(event_id=event.pk, by=administrator, now=now)
    taking.take_due(now=now)
    assert (Ticket.objects.count(), Alert.objects.get().count) == (1, 2)


def test_an_event_that_always_fails_is_set_aside_and_holds_up_nothing(
    make: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    integration = make()
    real = read

    def poisoned(kind: str, payload: Any, mapping: Any = None) -> Any:
        if payload.get("title") == "poison":
            raise ZeroDivisionError("poison")
        return real(kind, payload, mapping)

    monkeypatch.setattr(taking, "read", poisoned)
    bodies = [b'{"title": "poison"}', b'{"title": "Disk", "key": "d"}']
    store([Incoming(integration=integration.pk, body=body, content_type="") for body in bodies])
    Event.objects.update(due_at=now)
    at = now
    for _ in range(taking.MOST_ATTEMPTS + 2):
        taking.take_due(now=at)
        at += timedelta(hours=2)
    states = dict(Event.objects.order_by("id").values_list("id", "state"))
    assert list(states.values()) == ["failed", "taken"]
    assert Ticket.objects.get().subject == "Disk"


def test_an_event_that_ends_its_worker_is_set_aside_after_some_tries(make: Make, now: datetime) -> None:
    integration = make()
    store([Incoming(integration=integration.pk, body=b'{"title": "x"}', content_type="") for _ in range(3)])
    Event.objects.update(due_at=now)
    at = now
    # A worker that dies has begun and never ended: only the claims are left.
    for n in range(taking.MOST_ATTEMPTS):
        turn = taking._begin(at, 50)
        assert turn is not None and len(turn.events) == (3 if n < taking.ALONE_AFTER else 1)
        at += timedelta(hours=2)
    while taking.take_due(now=at):
        at += timedelta(hours=2)
    assert list(Event.objects.order_by("id").values_list("state", flat=True)) == ["failed", "taken", "taken"]


def test_a_worker_that_wakes_after_its_turn_does_nothing(make: Make, now: datetime) -> None:
    """SECURITY 8: the turn is a fencing token."""
    integration = make()
    store([Incoming(integration=integration.pk, body=b'{"title": "x"}', content_type="")])
    Event.objects.update(due_at=now)
    frozen = taking._begin(now, 50)
    assert frozen is not None
    later = now + taking.TURN + timedelta(minutes=5)
    assert taking.take_due(now=later) == 1
    assert taking.take(event_id=frozen.events[0], turn=frozen.token, now=later) is False
    assert (Ticket.objects.count(), Alert.objects.get().count) == (1, 1)


def test_old_events_are_forgotten_but_not_what_waits_for_a_person(make: Make, send: Send, now: datetime) -> None:
    integration = make()
    send(integration)
    send(integration, nothing="at all")
    Event.objects.update(received_at=now - timedelta(days=100))
    assert taking.forget_old(now=now) == 1
    assert Event.objects.get().state == "unreadable"


def test_drills_and_their_tickets_know_nothing_of_events(make: Make, send: Send) -> None:
    send(make())
    assert not Ticket.objects.filter(is_drill=True).exists()


def test_a_stored_event_survives_a_rolled_back_taking(
    make: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    integration = make()
    store([Incoming(integration=integration.pk, body=b'{"title": "x"}', content_type="")])
    Event.objects.update(due_at=now)

    def fail(*_: object) -> None:
        raise RuntimeError("as if the process had been lost here")

    with monkeypatch.context() as patch:
        patch.setattr(taking, "_finish", fail)
        taking.take_due(now=now)
    assert (Event.objects.get().state, Ticket.objects.count()) == ("stored", 0)
    taking.take_due(now=now + timedelta(minutes=5))
    assert (Event.objects.get().state, Ticket.objects.count()) == ("taken", 1)
    assert connection.in_atomic_block


def test_the_auditor_notices_events_that_nobody_takes_in(make: Make) -> None:
    """SECURITY 16: an independent auditor notices what is due and did not happen."""
    integration = make()
    store([Incoming(integration=integration.pk, body=b'{"title": "x"}', content_type="")])
    Event.objects.update(due_at=database_now(connection) - 5 * MINUTE)
    Auditor(()).round()
    assert "events" in Entry.objects.get(kind="audit.overdue").data["overdue"]
