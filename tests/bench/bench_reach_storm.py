"""Storms through a slow provider: a real engine process, a mail server that takes 100 ms for each mail.

Measured from the instant at which a level is due (the database's clock, same machine) to the server's "250".
First a thousand levels due within one minute, to 200 people. Then 400 levels of one customer due at one instant, and
beside them 40 of another customer that become due meanwhile: what those 40 wait for is what fairness means.
"""

import asyncio
import heapq
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

from tests.bench.figure import Figure
from tocsin.domain.escalation import actions, publishing
from tocsin.domain.escalation.models import Run
from tocsin.domain.notify.models import ContactMethod, Heartbeat
from tocsin.domain.people.enums import Line, Role
from tocsin.domain.people.models import Organisation, Team, User
from tocsin.domain.tickets import actions as tickets
from tocsin.kernel.clock import database_now
from tocsin.kernel.doorbell import DUE, ring

SLOW = 0.1  # seconds that the provider takes for each mail
LEVELS, MINUTE, PEOPLE = 1000, 60.0, 200
BURST, OTHERS, OTHERS_WITHIN = 400, 40, 8.0
WORKERS = 4  # what the channel has in flight side by side (Capabilities.workers)
POLICY = """
slug: bench
name: Bench
type: technical
reason: complexity
direction: functional
levels:
  - {name: One, targets: [owner], delay: 3h}
"""
_REFERENCE = re.compile(r"T-\d+")


class Slow:
    """Takes its time for each mail, and notes when it accepted which page (a bundle names several)."""

    def __init__(self) -> None:
        self.accepted: dict[str, float] = {}
        self.mails = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        await asyncio.sleep(SLOW)
        mail = message_from_bytes(envelope.original_content or b"")
        text = "\n".join(
            (part.get_payload(decode=True) or b"").decode("utf-8", "replace")
            for part in mail.walk()
            if part.get_content_type() == "text/plain"
        )
        at = time.time()
        self.mails += 1
        for reference in set(_REFERENCE.findall(f"{mail['Subject']} {text}")):
            self.accepted.setdefault(reference, at)
        return "250 OK"


class House:
    """Customers, people, and escalated tickets whose levels are hours away."""

    def __init__(self) -> None:
        self.now = database_now(connection)
        self.team = Team.objects.create(name="Bench", slug="bench", line=Line.L1)
        publishing.publish_source(text=POLICY, by="bench", now=self.now)

    def people(self, name: str, count: int) -> list[User]:
        found = []
        for number in range(count):
            person = User.objects.create(
                email=f"{name}{number}@bench.example", name=f"{name} {number}", role=Role.AGENT
            )
            ContactMethod.objects.create(user=person, channel="email", address=person.email, verified_at=self.now)
            found.append(person)
        return found

    def runs(self, customer: str, owners: Sequence[User], count: int) -> list[Run]:
        organisation = Organisation.objects.create(name=customer)
        requester = User.objects.create(email=f"r@{customer}.example", name="R", organisation=organisation)
        found = []
        for number in range(count):
            owner = owners[number % len(owners)]
            ticket = tickets.open_ticket(
                subject=f"Bench {number}", requester=requester, by=None, team=self.team, owner=owner, now=self.now
            )
            found.append(actions.escalate(ticket_id=ticket.pk, policy="bench", by=owner, now=self.now).run)
        return found


def _plan(runs: Iterable[Run], times: Iterable[datetime]) -> dict[str, float]:
    """Make each run's level due at its time; return {reference: due in seconds since the epoch}."""
    due = {}
    for run, at in zip(runs, times, strict=True):
        run.refresh_from_db()
        run.state["climb_at"], run.due_at = at.isoformat(), at
        run.save(update_fields=["state", "due_at"])
        due[run.ticket.reference] = at.timestamp()
    ring(connection, DUE)
    return due


def _late(sink: Slow, due: dict[str, float], patience: float) -> list[float]:
    """Wait until everything has been accepted; return how late each was, in seconds."""
    deadline = max(due.values()) + patience
    while time.time() < deadline and not due.keys() <= sink.accepted.keys():
        time.sleep(0.2)
    lost = due.keys() - sink.accepted.keys()
    if lost:
        raise RuntimeError(f"{len(lost)} of {len(due)} pages did not arrive")
    return [sink.accepted[reference] - at for reference, at in due.items()]


def _in_order(due: Iterable[float]) -> list[float]:
    """Return the lateness of an ideal queue in the order of becoming due: WORKERS at once, SLOW each, no other cost."""
    free = [0.0] * WORKERS
    late = []
    for at in sorted(due):
        begins = max(at, heapq.heappop(free))
        heapq.heappush(free, begins + SLOW)
        late.append(begins + SLOW - at)
    return late


def _p99(late: Sequence[float]) -> float:
    return sorted(late)[int(len(late) * 0.99) - 1]


def _engine(port: int) -> "subprocess.Popen[bytes]":
    own = {"TOCSIN_SMTP_HOST": "127.0.0.1", "TOCSIN_SMTP_PORT": str(port), "TOCSIN_BASE_URL": "http://127.0.0.1:1"}
    engine = subprocess.Popen(
        [sys.executable, "-m", "tocsin", "engine"], env={**os.environ, **own}, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not Heartbeat.objects.filter(name__startswith="sender:email").exists():
        if time.monotonic() > deadline or engine.poll() is not None:
            raise RuntimeError("the engine does not come up")
        time.sleep(0.2)
    return engine


def _storm(sink: Slow, runs: Sequence[Run]) -> tuple[float, float]:
    """A thousand levels within a minute. Return p99 lateness, and that of the ideal queue."""
    begin = database_now(connection) + timedelta(seconds=12)
    chance = random.Random(7)
    due = _plan(runs, [begin + timedelta(seconds=chance.uniform(0, MINUTE)) for _ in runs])
    if time.time() > begin.timestamp():
        raise RuntimeError("planning took longer than foreseen")
    return _p99(_late(sink, due, 120)), _p99(_in_order(due.values()))


def _burst(sink: Slow, storm: Sequence[Run], others: Sequence[Run]) -> tuple[float, float]:
    """One customer's burst beside another's pages. Return the others' p99 lateness, and that of a queue in order."""
    begin = database_now(connection) + timedelta(seconds=8)
    late = [begin + timedelta(seconds=0.3 + n * OTHERS_WITHIN / OTHERS) for n in range(OTHERS)]
    due = _plan(others, late)
    burst = _plan(storm, [begin] * len(storm))
    if time.time() > begin.timestamp():
        raise RuntimeError("planning took longer than foreseen")
    found = _late(sink, due | burst, 120)[:OTHERS]
    queue = dict(
        zip(sorted([*burst.values(), *due.values()]), _in_order([*burst.values(), *due.values()]), strict=True)
    )
    return _p99(found), _p99([queue[at] for at in due.values()])


def run() -> list[Figure]:
    house, sink = House(), Slow()
    runs = house.runs("minute", house.people("minute", PEOPLE), LEVELS)
    storm = house.runs("storm", house.people("storm", PEOPLE), BURST)
    others = house.runs("others", house.people("others", OTHERS), OTHERS)
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = int(trial.getsockname()[1])
    controller = Controller(sink, hostname="127.0.0.1", port=port, data_size_limit=1_000_000)
    controller.start()
    engine = _engine(port)
    try:
        minute, ideal = _storm(sink, runs)
        spared, in_order = _burst(sink, storm, others)
    finally:
        engine.send_signal(signal.SIGTERM)
        engine.wait(60)
        controller.stop()
    return [
        Figure(
            name="reach storm_1000_levels_p99_late_s", value=minute, unit="s",
            baseline="an ideal queue: 4 at once, 100 ms each, nothing else", baseline_value=ideal,
            goal="< 10 s, 1,000 levels in one minute to 200 people, provider takes 100 ms", met=minute < 10,
        ),
        Figure(
            name="reach storm_beside_another_p99_late_s", value=spared, unit="s",
            baseline="an ideal queue in the order of becoming due", baseline_value=in_order,
            goal="< 2 s, while 400 pages of another customer are due at one instant", met=spared < 2,
        ),
    ]  # fmt: skip
