"""SECURITY 3, 4, 8 and the engine's promises: two engines, one killed, one frozen, the database's connections cut."""

import signal
import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from tests.torture.conftest import all_sent, committed, eventually
from tocsin.domain.escalation.models import Firing
from tocsin.domain.journal.models import Entry
from tocsin.domain.journal.queries import verify
from tocsin.domain.notify import queries
from tocsin.domain.notify.models import Attempt, Delivery, Heartbeat
from tocsin.engine.engine import work_once
from tocsin.kernel.clock import database_now

pytestmark = pytest.mark.django_db(transaction=True)


def both_run() -> bool:
    beats = Heartbeat.objects.filter(name__startswith="auditor:").values_list("name", flat=True)
    return len(beats) == 2


def test_two_engines_side_by_side_send_everything_once(engine, provider, due_escalations) -> None:
    engines = [engine(), engine()]
    eventually(both_run)
    due_escalations(6, people=10)
    eventually(lambda: Delivery.objects.count() == 60 and all_sent())
    assert sorted(provider.ledger) == sorted(committed())
    assert Firing.objects.count() == 6
    assert verify().problems == []
    for one in engines:
        one.signal(signal.SIGTERM)
    assert [one.wait() for one in engines] == [0, 0]


def test_an_engine_killed_while_paging_loses_nothing(engine, provider, due_escalations, here) -> None:
    some_out, killed = threading.Event(), threading.Event()

    def hold(_key: UUID) -> None:
        if len(provider.ledger) >= 10 and not killed.is_set():
            some_out.set()
            killed.wait(20)

    provider.after = hold
    due_escalations(4, people=10)
    victim = engine()
    assert some_out.wait(20)
    victim.signal(signal.SIGKILL)
    victim.wait()
    killed.set()
    in_flight = set(Delivery.objects.filter(state="leased").values_list("pk", flat=True))
    assert in_flight

    def taken_over() -> bool:
        work_once(("ticker", "sender"))
        return Delivery.objects.count() == 40 and all_sent()

    eventually(taken_over)
    assert set(provider.ledger) == committed()
    assert provider.repeated().keys() <= in_flight
    assert set(provider.repeated().values()) <= {2}


def test_an_engine_frozen_past_its_lease_writes_nothing_when_it_wakes(engine, provider, due_escalations, here) -> None:
    asleep, awake = threading.Event(), threading.Event()

    def hold_first(_key: UUID) -> None:
        if len(provider.ledger) == 1:
            asleep.set()
            awake.wait(20)

    provider.after = hold_first
    due_escalations(1)
    frozen = engine("--once")
    assert asleep.wait(20)  # the provider has taken the mail; the engine waits for the word
    frozen.signal(signal.SIGSTOP)
    eventually(lambda: (due := queries.next_due()) is not None and due <= database_now(connection))
    work_once(("sender",))
    row = Delivery.objects.values().get()
    assert row["state"] == "sent"
    journalled = Entry.objects.count()
    awake.set()
    frozen.signal(signal.SIGCONT)
    assert frozen.wait() == 0
    assert Delivery.objects.values().get() == row
    assert list(Attempt.objects.order_by("pk").values_list("outcome", flat=True)) == ["lease_lost", "sent"]
    # `engine --once` goes on to the auditor, which may leave a checkpoint; about the page nothing is written.
    assert Entry.objects.exclude(kind="journal.checkpoint").count() == journalled
    assert len(provider.ledger) == 2  # one repetition for one lease in flight and one fault


@pytest.mark.parametrize("off", [timedelta(days=2), timedelta(days=-2)])
def test_an_engine_whose_clock_is_days_off_fires_what_is_due_and_no_more(
    engine, provider, due_escalations, off: timedelta
) -> None:
    due_escalations(1)  # the first level has been due for a minute, the second will be in a day
    assert engine("--once", clock_off=off).wait() == 0
    assert Firing.objects.values_list("level", flat=True).get() == 1
    assert set(provider.ledger) == committed()
    assert len(provider.ledger) == 1
    sent = Delivery.objects.get()
    assert abs(sent.sent_at - database_now(connection)) < timedelta(minutes=5)


def test_engines_whose_connections_are_cut_carry_on(engine, provider, due_escalations) -> None:
    """What a restart of PostgreSQL does to them, several times while they page."""
    engine()
    engine()
    eventually(both_run)
    due_escalations(6, people=10)
    cuts = 0
    for share in (10, 25, 40):
        eventually(lambda share=share: len(provider.ledger) >= share)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            cuts += cursor.fetchone()[0]
    assert cuts > 10
    eventually(lambda: Delivery.objects.count() == 60 and all_sent())
    assert set(provider.ledger) == committed()
    lost_leases = set(Attempt.objects.filter(outcome="lease_lost").values_list("delivery_id", flat=True))
    assert provider.repeated().keys() <= lost_leases
    assert verify().problems == []
