"""From the instant at which a level is due to the mail in a real SMTP sink, through a real engine process."""

import os
import signal
import smtplib
import socket
import statistics
import subprocess
import sys
import time
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage

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

PAGES = 80
APART = 0.15  # seconds: unloaded, each page has the engine to itself
POLICY = """
slug: bench
name: Bench
type: technical
reason: complexity
direction: functional
levels:
  - {name: One, targets: [owner], delay: 1h}
"""


class Sink:
    """Notes when each mail had arrived whole (seconds since the epoch), by its subject."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        at = time.time()
        mail = message_from_bytes(envelope.original_content or b"")
        self.arrived[str(mail["Subject"]).replace("\n", "")] = at
        return "250 OK"


def _runs(now: datetime) -> list[Run]:
    """Escalate PAGES tickets of as many owners, each with one level an hour away."""
    customer = Organisation.objects.create(name="Bench")
    requester = User.objects.create(email="r@bench.example", name="R", organisation=customer)
    team = Team.objects.create(name="Bench", slug="bench", line=Line.L1)
    publishing.publish_source(text=POLICY, by="bench", now=now)
    runs = []
    for number in range(PAGES):
        owner = User.objects.create(email=f"p{number}@bench.example", name=f"P{number}", role=Role.AGENT)
        ContactMethod.objects.create(user=owner, channel="email", address=owner.email, verified_at=now)
        ticket = tickets.open_ticket(
            subject=f"Bench {number}", requester=requester, by=None, team=team, owner=owner, now=now
        )
        escalation = actions.escalate(ticket_id=ticket.pk, policy="bench", by=owner, now=now)
        runs.append(escalation.run)
    return runs


def _plan(runs: list[Run], begin: datetime) -> dict[str, datetime]:
    """Move each run's level to an instant of its own; return {reference: due}."""
    due = {}
    for number, run in enumerate(runs):
        at = begin + timedelta(seconds=APART * number)
        run.refresh_from_db()
        run.state["climb_at"], run.due_at = at.isoformat(), at
        run.save(update_fields=["state", "due_at"])
        due[run.ticket.reference] = at
    ring(connection, DUE)  # as whoever makes something due does
    return due


def _direct(port: int) -> list[float]:
    """Milliseconds of sending the like of it straight to the sink, a connection each: what a request would wait."""
    took = []
    for number in range(30):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "a@bench.example", "b@bench.example", f"direct {number}"
        mail.set_content("x" * 600)
        began = time.perf_counter()
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.send_message(mail)
        took.append((time.perf_counter() - began) * 1000)
    return took


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


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def run() -> list[Figure]:
    sink = Sink()
    port = _free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port, data_size_limit=1_000_000)
    controller.start()
    runs = _runs(database_now(connection))
    engine = _engine(port)
    try:
        due = _plan(runs, database_now(connection) + timedelta(seconds=4))
        deadline = time.monotonic() + 4 + PAGES * APART + 30
        while len(sink.arrived) < PAGES and time.monotonic() < deadline:
            time.sleep(0.2)
        late = []
        for reference, at in due.items():
            arrived = [when for subject, when in sink.arrived.items() if f"{reference} " in subject]
            if len(arrived) != 1:
                raise RuntimeError(f"{reference}: {len(arrived)} mails arrived")
            late.append((arrived[0] - at.timestamp()) * 1000)
        direct = _direct(port)
    finally:
        engine.send_signal(signal.SIGTERM)
        engine.wait(60)
        controller.stop()
    p50, p99 = statistics.median(late), sorted(late)[int(len(late) * 0.99) - 1]
    told = "plain smtplib send of a like mail to the same sink"
    slow = sorted(direct)[int(len(direct) * 0.99) - 1]
    return [
        Figure(
            name="spine due_to_smtp_p50_ms", value=p50, unit="ms", baseline=told, baseline_value=statistics.median(direct),
            goal="< 50 ms", met=p50 < 50,
        ),
        Figure(
            name="spine due_to_smtp_p99_ms", value=p99, unit="ms", baseline=told, baseline_value=slow, goal="< 250 ms",
            met=p99 < 250,
        ),
    ]  # fmt: skip
