"""Tickets opened through the API, with clocks and triggers: 8 clients against the product's own web server, 2 workers.

The baseline is the same action called in process, by one thread, in the same run: what the way through the API costs.
Desks that publish or have had measured their creation rate lie between 5 and 146 a second.
"""

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection

from tests.bench.figure import Figure
from tocsin.domain.calendars.actions import save_calendar
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Watch
from tocsin.domain.people.actions import make_token
from tocsin.domain.people.enums import Role, Scope
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.sla import actions as sla
from tocsin.domain.sla.models import Clock
from tocsin.domain.tickets import actions as tickets
from tocsin.kernel.clock import database_now

CLIENTS = 8
SECONDS = 12.0
WARM = 2.0
IN_PROCESS = 150
GOAL_RATE, GOAL_P99 = 150.0, 100.0
POLICY = """
slug: technical
name: Technical
type: technical
reason: sla_at_risk
direction: functional
triggers:
  - {key: at-risk, kind: clock_at, clock: resolution, percent: 75%}
  - {key: breached, kind: clock_breached, clock: resolution}
  - {key: unassigned, kind: unassigned_for, after: 4h}
  - {key: opened, kind: ticket_opened, when: ticket.priority == 1}
  - {key: asks, kind: customer_asks, keywords: [speak to a manager]}
levels:
  - {name: Lead, targets: [team_lead]}
  - {name: Next line, delay: 30m, targets: [next_line_team]}
"""


def prepare() -> tuple[User, Service]:
    """Set up a desk with an agreement for every priority and a policy with triggers; return an agent, a service."""
    now = database_now(connection)
    week = {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendar = save_calendar(name="Office", zone="Europe/Berlin", weekly=week, actor="bench", now=now)
    targets = [(kind, p, None, p * 4 * 3600) for kind in ("first_response", "resolution") for p in (1, 2, 3, 4)]
    sla.save_agreement(slug="standard", name="Standard", calendar=calendar, targets=targets, actor="bench", now=now)
    customer = Organisation.objects.create(name="Customer")
    agent = User.objects.create(email="agent@example.org", name="Agent", role=Role.AGENT)
    User.objects.create(email="r@example.org", name="Requester", organisation=customer)
    experts = Team.objects.create(name="Experts", slug="experts", line="L2", lead=agent)
    team = Team.objects.create(name="Desk", slug="desk", lead=agent, escalates_to=experts)
    team.members.add(agent)
    service = Service.objects.create(name="Mail", slug="mail", team=team)
    publishing.publish_source(text=POLICY, by="bench", now=now)
    return agent, service


@contextmanager
def server(workers: int = 2, **environment: str) -> Iterator[int]:
    """Run the product's own web server as `tocsin serve` does; yield its port."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = int(trial.getsockname()[1])
    command = [sys.executable, "-m", "tocsin", "serve", "--port", str(port), "--web-workers", str(workers)]
    process = subprocess.Popen(
        [*command, "--no-engine", "--no-worker", "--no-live"],
        env={**os.environ, **environment},
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not answers(port):
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError("the web server does not come up")
            time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def clients(port: int, token: str, seconds: float) -> list[float]:
    """Let CLIENTS open tickets one after the other for so long; return how long each took, in milliseconds."""
    end = time.monotonic() + seconds
    took: list[list[float]] = [[] for _ in range(CLIENTS)]
    failures: list[str] = []

    def work(number: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        sent = 0
        while time.monotonic() < end:
            body = {"subject": f"Client {number}, request {sent}", "requester": "r@example.org", "service": "mail"}
            headers["Idempotency-Key"] = f"{os.getpid()}-{time.monotonic_ns()}-{number}"
            began = time.perf_counter()
            line.request("POST", "/api/v1/tickets", json.dumps(body), headers)
            answer = line.getresponse()
            told = answer.read()
            took[number].append((time.perf_counter() - began) * 1000)
            sent += 1
            if answer.status != 201:
                failures.append(f"{answer.status}: {told[:300]!r}")
                return

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])
    return [one for each in took for one in each]


def in_process(agent: User, service: Service) -> float:
    """Return how many tickets a second the action alone opens, called by one thread."""
    requester = User.objects.select_related("organisation").get(email="r@example.org")
    began = time.perf_counter()
    for number in range(IN_PROCESS):
        tickets.open_ticket(
            subject=f"In process {number}", requester=requester, service=service, by=agent,
            now=database_now(connection), channel="api",
        )  # fmt: skip
    return IN_PROCESS / (time.perf_counter() - began)


def run() -> list[Figure]:
    agent, service = prepare()
    token, _ = make_token(
        owner=agent, name="bench", scopes=[Scope.TICKETS_WRITE], by=agent, now=database_now(connection),
        expires_at=database_now(connection) + timedelta(days=1),
    )  # fmt: skip
    alone = in_process(agent, service)
    before = Clock.objects.count()
    with server(TOCSIN_API_RATE="1000000") as port:
        clients(port, token, WARM)
        began = time.perf_counter()
        took = clients(port, token, SECONDS)
        rate = len(took) / (time.perf_counter() - began)
    if Clock.objects.count() - before < 2 * len(took) or Watch.objects.count() < len(took):
        raise RuntimeError("tickets were opened without their clocks or triggers")
    p50, p99 = statistics.median(took), statistics.quantiles(took, n=100)[98]
    told = "the same action in process, one thread"
    return [
        Figure(name="desk api_create_per_s", value=rate, unit="tickets/s, 8 clients, 2 workers (peers: 5-146/s)",
               baseline=told, baseline_value=alone, goal="> 150/s", met=rate > GOAL_RATE),
        Figure(name="desk api_create_p50_ms", value=p50, unit="ms", baseline=told, baseline_value=1000 / alone,
               goal="none", met=True),
        Figure(name="desk api_create_p99_ms", value=p99, unit="ms", baseline=told, baseline_value=1000 / alone,
               goal="< 100 ms", met=p99 < GOAL_P99),
    ]  # fmt: skip
