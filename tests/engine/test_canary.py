"""The beat to the outside is sent only if the auditor passes and a canary has come through (SECURITY 16)."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tocsin.domain.escalation.models import Drill
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify.models import ContactMethod, Delivery
from tocsin.engine.auditor import Auditor
from tocsin.engine.engine import work_once
from tocsin.kernel.clock import database_now

pytestmark = pytest.mark.django_db(transaction=True)
EVERY = timedelta(minutes=10)


@pytest.fixture
def switch() -> Iterator[tuple[str, list[str]]]:
    """A dead-man's switch: its address, and what it heard."""
    beats: list[str] = []

    class Switch(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            beats.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Switch) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/beat", beats
        running.shutdown()


def auditor(outside: str) -> Auditor:
    return Auditor([], outside=outside, allow=["127.0.0.0/8"], canary_every=EVERY)


def test_the_beat_waits_for_the_canary_and_both_are_shown(switch: tuple[str, list[str]], settings: Any) -> None:
    outside, beats = switch
    watch = auditor(outside)
    watch.round()
    assert beats == [], "no canary has come through yet"
    assert Client().get("/engine").json()["canary"]["state"] == "none"
    work_once(["sender"])
    watch.round()
    assert beats == ["/beat"]
    shown = Client().get("/engine").json()
    assert shown["canary"]["state"] == "ok"
    assert shown["canary"]["took_seconds"] is not None
    assert shown["beat_outside_age_seconds"] is not None


def test_a_canary_that_does_not_come_through_stops_the_beat(switch: tuple[str, list[str]]) -> None:
    outside, beats = switch
    auditor(outside).round()
    work_once(["sender"])
    auditor(outside).round()
    assert len(beats) == 1
    # From here on nothing is sent: the senders hang, although nothing looks overdue to anybody else.
    long_ago = database_now(connection) - timedelta(minutes=40)
    Drill.objects.update(started_at=long_ago, ended_at=long_ago)
    auditor(outside).round()
    assert len(beats) == 1
    assert Drill.objects.filter(state="running").count() == 1
    Drill.objects.filter(state="running").update(ends_at=long_ago)
    auditor(outside).round()
    assert len(beats) == 1
    assert Entry.objects.filter(stream="system", kind="alarm.canary").exists()


def test_several_auditors_send_one_canary() -> None:
    for _ in range(3):
        auditor("").round()
    assert Drill.objects.count() == 1
    assert set(Delivery.objects.values_list("channel", flat=True)) == {"console"}
    assert ContactMethod.objects.count() == 1
