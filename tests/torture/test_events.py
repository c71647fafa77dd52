"""SECURITY 10: what was answered 202 becomes a ticket, once, wherever the web server or the engine dies."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection

from tests.torture.conftest import EngineProcess, eventually
from tocsin.domain.journal.queries import verify
from tocsin.domain.tickets.models import Ticket
from tocsin.engine.engine import work_once
from tocsin.intake.alerts import taking
from tocsin.intake.alerts.doors import Incoming
from tocsin.intake.alerts.models import Alert, Event, Integration
from tocsin.intake.alerts.setting_up import Settings, add_integration
from tocsin.intake.alerts.storing import store
from tocsin.kernel.clock import database_now

pytestmark = pytest.mark.django_db(transaction=True)

FAILED_HERE = 86
EVENTS = 6


def _add(**given: Any) -> tuple[str, Integration]:
    wanted = Settings(**{"name": "Monitoring", "kind": "generic", "storm_tickets": 0, **given})
    return add_integration(wanted=wanted, by=None, now=database_now(connection))


def _body(number: int) -> bytes:
    return json.dumps({"title": f"Host {number} is down", "key": f"host {number}"}).encode()


@pytest.mark.parametrize(("point", "tickets"), [("events.before_commit", 0), ("events.committed", 1)])
def test_an_engine_that_dies_loses_no_event_and_takes_none_in_twice(
    point: str, tickets: int, engine: Callable[..., EngineProcess]
) -> None:
    _, row = _add()
    store([Incoming(integration=row.pk, body=_body(number), content_type="") for number in range(EVENTS)])
    assert engine("--once", "--only", "events", failpoint=point).wait() == FAILED_HERE
    assert Ticket.objects.count() == tickets
    # The dead worker's turn and its events' tries end; whoever runs next takes over. Their times are brought forward.
    now = database_now(connection)
    Integration.objects.update(turn_until=now)
    Event.objects.filter(state="stored").update(due_at=now)
    work_once(("events",))
    assert set(Event.objects.values_list("state", flat=True)) == {"taken"}
    assert sorted(Ticket.objects.values_list("subject", flat=True)) == [f"Host {n} is down" for n in range(EVENTS)]
    assert set(Alert.objects.values_list("count", flat=True)) == {1}
    assert verify().problems == []


def test_a_dead_workers_turn_is_over_within_half_a_minute() -> None:
    """SECURITY 2: at most 60 s after a worker was killed."""
    assert taking.TURN.total_seconds() <= 30 and taking.FIRST_PAUSE.total_seconds() <= 30


@pytest.fixture
def web(transactional_db: None) -> Iterator[Callable[[], tuple[subprocess.Popen[bytes], int]]]:
    """Start the product's web server on the test's database, in a process group of its own."""
    running: list[subprocess.Popen[bytes]] = []

    def start() -> tuple[subprocess.Popen[bytes], int]:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = int(free.getsockname()[1])
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--no-ws"]
        process = subprocess.Popen(
            [*command, "--workers", "1", "--blocking-threads", "4", "tocsin.config.wsgi:application"],
            env={**os.environ, "DATABASE_URL": url, "TOCSIN_SECRET_KEY": configured.SECRET_KEY}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        running.append(process)
        eventually(lambda: _answers(port))
        return process, port

    yield start
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_what_was_answered_202_is_there_although_the_server_was_killed(
    web: Callable[[], tuple[subprocess.Popen[bytes], int]],
) -> None:
    token, _ = _add()
    process, port = web()
    answered: list[int] = []

    def work(client: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            for number in range(100_000):
                line.request(
                    "POST", f"/events/{token}", _body(client * 100_000 + number), {"Content-Type": "application/json"}
                )
                answer = line.getresponse()
                told = json.loads(answer.read())
                if answer.status == 202:
                    answered.append(told["id"])
        except (OSError, http.client.HTTPException):
            return  # the server is gone

    clients = [threading.Thread(target=work, args=(client,)) for client in range(4)]
    for one in clients:
        one.start()
    eventually(lambda: len(answered) > 200)
    os.killpg(process.pid, signal.SIGKILL)
    for one in clients:
        one.join()
    time.sleep(0.2)  # what the database was doing for the dead comes to its end
    stored = set(Event.objects.values_list("pk", flat=True))
    assert len(answered) == len(set(answered)) and set(answered) <= stored
    assert len(stored - set(answered)) <= 4  # at most what each client had under way
