"""Events of monitoring answered 202 over HTTP, with the product's own web server; storms that lose nothing.

Intake: 8 clients, `tocsin serve` with 2 web workers, one event each after the other. Every 202 is looked up in the
database afterwards. The baseline, in the same run and by the same clients, is a ticket opened inline for each request
through the API, which is what an intake without a store of its own does. The best peer that was measured answers
656/s, others 40 to 260/s.

Sustained and storm: an engine takes in what 4 clients send at a fixed pace, 600 a minute and 6,000 a minute. Time is
compressed in length, not in pace: 10 s of each (the goal speaks of minutes), with a new trouble in every event. What
was answered is counted, and what became of it when the engine has caught up; figures are events lost, and the seconds
from the last answer until everything was taken in. Beside the storm a second integration sends an event each second:
how long those take until their ticket is open shows that the storm delays nobody else.
"""

import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection

from tests.bench import bench_desk_api as api
from tests.bench.figure import Figure
from tocsin.domain.people.actions import make_token
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.models import Service
from tocsin.intake.alerts.models import Alert, Event, Integration
from tocsin.intake.alerts.setting_up import Settings, add_integration
from tocsin.kernel.clock import database_now

CLIENTS = 8
SECONDS, INLINE_SECONDS, WARM = 8.0, 4.0, 1.0
PACED_CLIENTS = 4
PACED_SECONDS = 10.0
SUSTAINED, STORM = 600.0, 6_000.0  # events a minute
CATCH_UP = 30.0  # seconds in which the engine must have taken everything in
GOAL_RATE = 650.0


class Client:
    """One connection that sends one event after the other."""

    def __init__(self, port: int, token: str) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port)
        self._path = f"/events/{token}"

    def send(self, **content: object) -> int:
        """Return the event's number. Raises RuntimeError for any answer but 202."""
        self._line.request("POST", self._path, json.dumps(content), {"Content-Type": "application/json"})
        answer = self._line.getresponse()
        told = answer.read()
        if answer.status != 202:
            raise RuntimeError(f"{answer.status}: {told[:300]!r}")
        return int(json.loads(told)["id"])


def alert(client: int, number: int, grade: str = "moderate") -> dict[str, object]:
    """An event about a trouble of its own, as a monitoring system would tell it."""
    host = f"host-{client}-{number}"
    facts = {"host": host, "check": "disk", "site": "north", "value": "93 %"}
    return {"key": f"{host}/disk", "title": f"Disk almost full on {host}", "severity": grade, "facts": facts,
            "text": "The file system /var is 93 % full; at this rate it is full within the hour."}  # fmt: skip


def flat_out(port: int, token: str, seconds: float) -> tuple[list[float], set[int]]:
    """Let CLIENTS send for so long; return how long each answer took (ms), and the numbers that were answered."""
    end = time.monotonic() + seconds
    took: list[list[float]] = [[] for _ in range(CLIENTS)]
    told: list[list[int]] = [[] for _ in range(CLIENTS)]
    failures: list[str] = []

    def work(number: int) -> None:
        client, sent = Client(port, token), 0
        try:
            while time.monotonic() < end:
                began = time.perf_counter()
                told[number].append(client.send(**alert(number, sent)))
                took[number].append((time.perf_counter() - began) * 1000)
                sent += 1
        except (RuntimeError, OSError) as error:
            failures.append(str(error))

    _together([threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)])
    if failures:
        raise RuntimeError(failures[0])
    return [one for each in took for one in each], {one for each in told for one in each}


def paced(port: int, token: str, a_minute: float, seconds: float, probe: str = "") -> set[int]:
    """Send at a fixed pace; `probe`: a token by which one event a second goes out beside it. Return the storm's numbers."""
    told: list[list[int]] = [[] for _ in range(PACED_CLIENTS)]
    begin = time.monotonic()
    gap = 60 * PACED_CLIENTS / a_minute

    def work(number: int) -> None:
        client = Client(port, token)
        for sent in range(int(seconds / gap)):
            time.sleep(max(0.0, begin + (sent + number / PACED_CLIENTS) * gap - time.monotonic()))
            told[number].append(client.send(**alert(number, sent)))

    def ask() -> None:
        client = Client(port, probe)
        for sent in range(int(seconds)):
            time.sleep(max(0.0, begin + sent + 0.5 - time.monotonic()))
            client.send(**alert(99, sent, "critical"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(PACED_CLIENTS)]
    _together([*threads, threading.Thread(target=ask)] if probe else threads)
    return {one for each in told for one in each}


def _together(threads: list[threading.Thread]) -> None:
    for one in threads:
        one.start()
    for one in threads:
        one.join()


@contextmanager
def engine() -> Iterator[None]:
    """Run one engine, as `tocsin serve` does."""
    command = [sys.executable, "-m", "tocsin", "engine"]
    process = subprocess.Popen(
        command, env={**os.environ, "TOCSIN_CANARY_MINUTES": "0"}, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def add(name: str, service: Service, **given: object) -> tuple[str, Integration]:
    wanted = Settings(**{"name": name, "kind": "generic", "service": service, **given})  # type: ignore[arg-type]  # settings by name
    return add_integration(wanted=wanted, by=None, now=database_now(connection), actor="bench")


def caught_up(integration: Integration) -> float:
    """Return how many seconds pass until nothing of it waits. Raises RuntimeError after CATCH_UP."""
    began = time.monotonic()
    while Event.objects.filter(integration=integration, state="stored").exists():
        if time.monotonic() - began > CATCH_UP:
            raise RuntimeError(f"{Event.objects.filter(state='stored').count()} events are still not taken in")
        time.sleep(0.05)
    return time.monotonic() - began


def lost(integration: Integration, answered: set[int]) -> int:
    """Return how many answered events did not become an alert on a ticket, each exactly once."""
    taken = set(Event.objects.filter(integration=integration, state="taken").values_list("pk", flat=True))
    alerts = Alert.objects.filter(integration=integration, count=1).exclude(ticket=None).count()
    return len(answered - taken) + abs(len(answered) - alerts)


def seconds_until_taken(integration: Integration) -> list[float]:
    """Return how long each event waited from when it was stored until it was on a ticket."""
    rows = Event.objects.filter(integration=integration).values_list("received_at", "done_at")
    return [(done - received).total_seconds() for received, done in rows if done is not None]


def measure_intake(token: str, agent_token: str) -> list[Figure]:
    with api.server(TOCSIN_API_RATE="1000000") as port:
        flat_out(port, token, WARM)
        began = time.perf_counter()
        took, answered = flat_out(port, token, SECONDS)
        rate = len(took) / (time.perf_counter() - began)
        api.clients(port, agent_token, WARM)
        began = time.perf_counter()
        inline = api.clients(port, agent_token, INLINE_SECONDS)
        inline_rate = len(inline) / (time.perf_counter() - began)
    missing = len(answered - set(Event.objects.filter(pk__in=answered).values_list("pk", flat=True)))
    if missing or len(answered) != len(took):
        raise RuntimeError(f"{missing} events were answered 202 and are not stored")
    beside = "a ticket opened inline through the API, same server and clients"
    unit = "events/s answered 202, 8 clients, 2 workers (best peer 656/s)"
    p99 = statistics.quantiles(took, n=100)[98]
    return [
        Figure(name="desk events_202_per_s", value=rate, unit=unit, baseline=beside, baseline_value=inline_rate,
               goal="> 650/s", met=rate > GOAL_RATE),
        Figure(name="desk events_202_p99_ms", value=p99, unit="ms", baseline=beside,
               baseline_value=statistics.quantiles(inline, n=100)[98], goal="none", met=True),
    ]  # fmt: skip


def measure_storms(service: Service) -> list[Figure]:
    steady, storming, quiet = (add(name, service) for name in ("Steady", "Storming", "Quiet"))
    with api.server() as port, engine():
        even = paced(port, steady[0], SUSTAINED, PACED_SECONDS)
        even_behind = caught_up(steady[1])
        storm = paced(port, storming[0], STORM, PACED_SECONDS, probe=quiet[0])
        behind = caught_up(storming[1])
        caught_up(quiet[1])
    waits, storm_waits = seconds_until_taken(quiet[1]), seconds_until_taken(storming[1])
    gone, gone_storm = lost(steady[1], even), lost(storming[1], storm)
    told = f"sent in {PACED_SECONDS:.0f} s at the pace of"
    return [
        Figure(name="desk events_sustained_lost", value=gone, unit=f"of {len(even)} events {told} 600/min",
               baseline="events sent", baseline_value=len(even), goal="0", met=gone == 0),
        Figure(name="desk events_storm_lost", value=gone_storm, unit=f"of {len(storm)} events {told} 6,000/min",
               baseline="events sent", baseline_value=len(storm), goal="0", met=gone_storm == 0),
        Figure(name="desk events_storm_behind_s", value=behind, unit="s after the storm's last answer until all is taken in",
               baseline="the same at 600/min", baseline_value=even_behind, goal="< 30 s", met=behind < CATCH_UP),
        Figure(name="desk events_quiet_beside_storm_s", value=max(waits), unit="s, the longest of another integration's events",
               baseline="the storm's own, longest", baseline_value=max(storm_waits), goal="< 5 s", met=max(waits) < 5),
    ]  # fmt: skip


def run() -> list[Figure]:
    agent, service = api.prepare()
    now = database_now(connection)
    token, _ = add("Intake", service, per_minute=0)
    agent_token, _ = make_token(
        owner=agent, name="bench", scopes=[Scope.TICKETS_WRITE], by=agent, now=now, expires_at=now + timedelta(days=1)
    )
    figures = measure_intake(token, agent_token)
    Event.objects.all().delete()
    return [*figures, *measure_storms(service)]
