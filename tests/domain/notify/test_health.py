"""SECURITY 16: what auditor and loops leave behind, and what the health light makes of it."""

from datetime import datetime, timedelta

import pytest

from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions, queries
from tocsin.domain.notify.models import Heartbeat
from tocsin.domain.notify.transport import Sent

pytestmark = pytest.mark.django_db


def test_a_beat_never_moves_back(now: datetime) -> None:
    actions.beat(name="ticker:a", now=now)
    actions.beat(name="ticker:a", now=now - timedelta(minutes=1), data={"late": True})
    assert Heartbeat.objects.values_list("at", "data").get() == (now, {})


def test_old_beats_are_forgotten_but_not_the_auditors(now: datetime) -> None:
    for name in ("ticker:a", "auditor"):
        actions.beat(name=name, now=now)
    assert actions.forget_beats(before=now + timedelta(seconds=1)) == 1
    assert Heartbeat.objects.get().name == "auditor"


def test_overdue_is_journalled_when_it_begins_and_ends_not_at_every_look(now: datetime) -> None:
    for overdue in ({}, {"runs": 130.0}, {"runs": 140.0}, {"runs": 150.0, "outbox": 121.0}, {"outbox": 131.0}, {}):
        actions.record_audit(overdue=overdue, now=now)
    entries = Entry.objects.filter(stream="system").order_by("position").values_list("kind", "data")
    assert [(kind, data.get("new") or data.get("caught_up")) for kind, data in entries] == [
        ("audit.overdue", ["runs"]),
        ("audit.overdue", ["outbox"]),
        ("audit.caught_up", ["runs"]),
        ("audit.caught_up", ["outbox"]),
    ]


def beats(now: datetime, *names: str) -> None:
    for name in names:
        actions.beat(name=name, now=now)


def test_health_is_ok_while_all_loops_beat(now: datetime) -> None:
    beats(now, "ticker:a", "sender:email:a")
    actions.record_audit(overdue={}, now=now)
    assert queries.engine_health(now + timedelta(minutes=2)).state == "ok"


def test_health_is_late_while_something_is_overdue(now: datetime) -> None:
    beats(now, "ticker:a", "sender:email:a")
    actions.record_audit(overdue={"runs": 130.0}, now=now)
    health = queries.engine_health(now)
    assert (health.state, health.overdue) == ("late", {"runs": 130.0})


@pytest.mark.parametrize("silent", ["auditor", "ticker", "sender"])
def test_health_is_stopped_when_a_loop_falls_silent(now: datetime, silent: str) -> None:
    actions.record_audit(overdue={}, now=now)
    beats(now, "ticker:a", "sender:email:a")
    later = now + timedelta(minutes=2, seconds=1)
    if silent != "auditor":
        actions.record_audit(overdue={}, now=later)
    beats(later, *(name for name in ("ticker:a", "sender:email:a") if not name.startswith(silent)))
    assert queries.engine_health(later).state == "stopped"


def test_health_of_an_engine_that_never_ran(now: datetime) -> None:
    assert queries.engine_health(now) == queries.EngineHealth("stopped", None, {}, ("ticker", "sender"))


def test_outbox_health_counts_what_waits_and_what_is_doubtful(person, request_for, lease, now: datetime) -> None:
    kai = person("email")
    actions.enqueue(pages=[request_for(kai) for _ in range(3)], now=now)
    lease(now, limit=1)  # its sender falls silent
    later = now + timedelta(minutes=1, seconds=1)
    health = queries.outbox_health(later)
    assert (health.pending, health.overdue_seconds, health.expired_leases) == (2, 61.0, 1)
    for parcel in lease(later):
        actions.record_sent(parcel=parcel, sent=Sent(provider_id="p", answer="ok"), now=later)
    assert queries.outbox_health(later) == queries.OutboxHealth(0, 0.0, 0, 1)
