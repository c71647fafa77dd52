"""SECURITY 16: an independent auditor notices any due row that did not fire within two minutes."""

import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection

from tocsin.domain.journal.models import Checkpoint, Entry
from tocsin.domain.notify.models import Delivery, Heartbeat
from tocsin.engine import metrics
from tocsin.engine.auditor import Auditor
from tocsin.engine.due import DueSource
from tocsin.kernel.clock import database_now

pytestmark = pytest.mark.django_db


def source(name: str, due: datetime | None) -> DueSource:
    return DueSource(name=name, claim=lambda *, now, limit: 0, next_due=lambda: due)


def overdue() -> dict[str, float]:
    return Heartbeat.objects.get(name="auditor").data["overdue"]


@pytest.mark.parametrize(("late", "noticed"), [(119, False), (125, True)])
def test_a_due_row_is_noticed_after_two_minutes(late: int, noticed: bool) -> None:
    due = database_now(connection) - timedelta(seconds=late)
    Auditor([source("runs", due), source("clocks", None)]).round()
    assert list(overdue()) == (["runs"] if noticed else [])
    assert Entry.objects.filter(kind="audit.overdue").exists() is noticed
    assert metrics.OVERDUE.labels(source="runs")._value.get() >= late


def test_a_delivery_that_nobody_sends_is_noticed(page) -> None:
    page(at=database_now(connection) - timedelta(minutes=3))
    Auditor([]).round()
    assert list(overdue()) == ["outbox"]


def test_a_lease_that_ended_unnoticed_is_noticed(page) -> None:
    page()
    Delivery.objects.update(state="leased", lease="0" * 32, due_at=database_now(connection) - timedelta(minutes=3))
    Auditor([]).round()
    assert list(overdue()) == ["outbox"]


def test_several_auditors_journal_once(page) -> None:
    page(at=database_now(connection) - timedelta(minutes=3))
    for auditor in (Auditor([]), Auditor([])):
        auditor.round()
    assert Entry.objects.filter(kind="audit.overdue").count() == 1


def test_the_journal_gets_a_checkpoint(page) -> None:
    page()
    Auditor([]).round()
    Auditor([]).round()
    assert Checkpoint.objects.count() == 1


def test_the_beat_to_the_outside_stops_while_something_is_overdue() -> None:
    beats = []

    class Switch(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            beats.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Switch) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        outside = f"http://127.0.0.1:{running.server_port}/beat"
        late = source("runs", database_now(connection) - timedelta(minutes=3))
        Auditor([late], outside=outside, allow=["127.0.0.0/8"]).round()
        assert beats == []
        Auditor([], outside=outside, allow=["127.0.0.0/8"]).round()
        assert beats == ["/beat"]
        running.shutdown()


def test_a_switch_that_does_not_answer_stops_nothing() -> None:
    Auditor([], outside="http://127.0.0.1:9/").round()
    assert overdue() == {}
