"""SEMANTICS 5, SECURITY 11: leasing, sending and recording, with one channel never in another's way."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, connections

from tests.engine.conftest import TERMS, Ledger
from tocsin.domain.notify import actions
from tocsin.domain.notify.actions import LeaseTerms
from tocsin.domain.notify.models import Attempt, Delivery, Page
from tocsin.domain.notify.transport import TransportError
from tocsin.engine.sender import SendTerms
from tocsin.kernel.clock import database_now

pytestmark = pytest.mark.django_db


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_what_is_due_is_sent_once_and_recorded(sender, ledger: Ledger, page) -> None:
    page()
    page()
    assert sender().drain() == 2
    assert states() == ["sent", "sent"]
    assert ledger.keys == [str(d.pk) for d in Delivery.objects.order_by("due_at")]
    assert sender().drain() == 0


def test_a_storm_goes_out_as_one_message(sender, ledger: Ledger, page) -> None:
    user_id = page().user_id
    for _ in range(36):
        page(user=Page.objects.filter(user_id=user_id).first().user)
    sender().drain()
    assert [m.subject for m in ledger.sent] == ["37 escalations, ack all"]


@pytest.mark.parametrize(
    ("error", "state", "outcome"),
    [
        (TransportError("550", permanent=True), "failed", "refused"),
        (TransportError("451"), "pending", "retry"),
        (KeyError("a defect in the channel"), "pending", "retry"),
    ],
)
def test_what_the_provider_did_not_take_is_recorded(
    sender, ledger: Ledger, page, error: Exception, state: str, outcome: str
) -> None:
    def refuse(_message: object) -> None:
        raise error

    ledger.answer = refuse
    page()
    sender().drain()
    assert states() == [state]
    assert Attempt.objects.get().outcome == outcome


def test_one_refused_message_does_not_hold_the_others_back(sender, ledger: Ledger, page) -> None:
    refused = page()

    def refuse(message: object) -> None:
        if message.subject == refused.subject:
            raise TransportError("550", permanent=True)

    ledger.answer = refuse
    page()
    page()
    sender().drain()
    assert sorted(states()) == ["failed", "sent", "sent"]


def test_an_answer_stops_the_rest_of_a_batch(sender, ledger: Ledger, page) -> None:
    first, second = page(), page()

    def acknowledge(_message: object) -> None:
        actions.withdraw(run=second.run, now=database_now(connection), reason="acknowledged")

    ledger.answer = acknowledge
    sender().drain()
    assert [m.subject for m in ledger.sent] == [first.subject]
    assert sorted(states()) == ["sent", "withdrawn"]


def test_what_cannot_be_begun_within_the_lease_is_given_back(sender, ledger: Ledger, page) -> None:
    page()
    terms = SendTerms(lease=LeaseTerms(seconds=5), timeout=5)  # no time is left at all
    way_out = sender(terms)
    parcels, until = way_out._leased(limit=1)
    from tocsin.engine.sender import _Task  # noqa: PLC0415 - the shape of a hand-over inside the sender

    way_out._send_all(ledger, _Task(tuple(parcels), until))
    assert ledger.sent == []
    assert Delivery.objects.values_list("state", "attempts").get() == ("pending", 0)


@pytest.mark.parametrize("off", [timedelta(days=1), timedelta(days=-1)])
def test_a_worker_whose_clock_is_off_sends_what_is_due_and_no_more(
    sender, ledger: Ledger, page, off: timedelta
) -> None:
    due = page()
    page(at=database_now(connection) + timedelta(hours=1))
    with time_machine.travel(datetime.now(UTC) + off):  # noqa: TID251 - the machine's clock is the subject
        sender().drain()
    assert [m.subject for m in ledger.sent] == [due.subject]
    assert abs(ledger.sent[0].at - database_now(connection)) < timedelta(minutes=1)


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_a_channel_that_hangs_does_not_block_another(sender, page, stopping: threading.Event) -> None:
    let_go = threading.Event()
    hanging = Ledger(channel="webhook", answer=lambda _message: let_go.wait(10))
    working = Ledger(channel="email")
    senders = [sender(way_out=way_out) for way_out in (hanging, working)]
    for one in senders:
        one.start()
    for _ in range(4):
        page("webhook", "email")
    for one in senders:
        one.round()
    eventually(lambda: len(working.sent) == 4)
    assert hanging.sent == []
    assert senders[0].round() == 5  # all its threads are busy; it does not take what it cannot begin
    assert Delivery.objects.filter(channel="webhook", state="leased").count() == 4
    let_go.set()
    eventually(lambda: len(hanging.sent) == 4)
    for one in senders:
        one.finish()


@pytest.mark.django_db(transaction=True)
def test_stopping_finishes_what_is_in_flight_and_gives_the_rest_back(sender, page, stopping: threading.Event) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def slowly(_message: object) -> None:
        begun.set()
        let_go.wait(10)

    ledger = Ledger(answer=slowly, workers=1)
    one = sender(replace(TERMS, lease=replace(TERMS.lease, bundle_over=0)), way_out=ledger)
    for _ in range(5):
        page()
    one.start()
    one.round()
    assert begun.wait(10)
    stopping.set()
    let_go.set()
    one.finish()
    assert len(ledger.sent) == 1
    assert sorted(states()) == ["pending"] * 4 + ["sent"]


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_is_recorded_after_the_database_comes_back(sender, ledger: Ledger, page) -> None:
    """The connection dies between the provider's word and the record: recorded on a new one, not sent again."""
    page()

    def cut(_message: object) -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (own,) = cursor.fetchone()
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [own])
        other.close()

    ledger.answer = cut
    sender().drain()
    assert len(ledger.sent) == 1
    assert states() == ["sent"]
