"""Real engines as processes of their own, a real mail provider with its own ledger, and escalations that are due."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings as configured
from django.db import connection

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation.publishing import apply
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.enums import LETTER
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.people.enums import Line, Role
from tocsin.domain.people.models import Membership, Team, User
from tocsin.domain.tickets import actions as tickets
from tocsin.kernel.clock import database_now

POLICY = """
slug: night-watch
name: Night watch
type: technical
reason: complexity
direction: functional
levels:
  - name: First
    delay: 5m
    targets: [{team: night}]
  - name: Second
    delay: 24h
    targets: [{team: night}]
"""
CLOCK_OFF = """
import datetime, time_machine
from tocsin.cli.app import main
real = datetime.datetime.now(datetime.UTC)
with time_machine.travel(real + datetime.timedelta(seconds={seconds})):
    main()
"""
PATIENCE = 60  # seconds after which a machine counts as broken rather than slow


@dataclass
class Provider:
    """The fake provider: an SMTP server whose ledger knows nothing of ours. The local part of Message-ID is the delivery."""

    port: int
    ledger: list[UUID] = field(default_factory=list)
    before: Callable[[UUID], None] = lambda _key: None  # runs before the mail is accepted
    after: Callable[[UUID], None] = lambda _key: None  # runs when it is in the ledger, before the answer goes out
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        name = str(message_from_bytes(envelope.content or b"")["message-id"])
        key = UUID(name.strip("<>").partition("@")[0])
        await server.loop.run_in_executor(None, self._take, key)
        return "250 taken"

    def _take(self, key: UUID) -> None:
        self.before(key)
        with self._lock:
            self.ledger.append(key)
        self.after(key)

    def repeated(self) -> dict[UUID, int]:
        return {key: count for key, count in Counter(self.ledger).items() if count > 1}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        made = Provider(free.getsockname()[1])
    controller = Controller(made, hostname="127.0.0.1", port=made.port)
    controller.start()
    yield made
    controller.stop()


@pytest.fixture
def due_escalations() -> Callable[..., list[UUID]]:
    """Open tickets whose first level has been due for a minute and pages a team of `people`; return their ids."""

    def make(count: int, people: int = 1) -> list[UUID]:
        now = database_now(connection)
        team = Team.objects.create(name="Night", slug="night", line=Line.L1)
        for n in range(people):
            kai = User.objects.create(email=f"kai{n}@example.org", name=f"Kai {n}", role=Role.AGENT)
            notify.add_method(user_id=kai.pk, channel="email", address=kai.email, now=now, verified=True)
            Membership.objects.create(team=team, user=kai)
        began = now - timedelta(minutes=6)
        apply(documents=[("night-watch.yaml", POLICY)], by="system", now=began)
        made = []
        for n in range(count):
            ticket = tickets.open_ticket(subject=f"Payroll {n}", requester=kai, by=None, now=began)
            escalation.escalate(ticket_id=ticket.pk, policy="night-watch", by=kai, now=began)
            made.append(ticket.pk)
        # The requester's confirmations are letters, not pages: these tests count pages.
        Page.objects.filter(deliveries__channel=LETTER).delete()
        return made

    return make


class EngineProcess:
    """One `tocsin engine`. Ended, whatever the test did to it."""

    def __init__(self, arguments: list[str], environment: dict[str, str], clock_off: timedelta) -> None:
        begin = ["-c", CLOCK_OFF.format(seconds=clock_off.total_seconds())] if clock_off else ["-m", "tocsin"]
        self.process = subprocess.Popen(
            [sys.executable, *begin, "engine", "--json", *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.log.extend(iter(self.process.stderr.readline, ""))

    def wait(self) -> int:
        return self.process.wait(PATIENCE)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait(PATIENCE)
        self._reader.join(5)


@pytest.fixture
def engine(provider: Provider, transactional_db: None) -> Iterator[Callable[..., EngineProcess]]:
    """Start an engine on the test's database. Depends on it, so that it ends before the tables are emptied."""
    running: list[EngineProcess] = []

    def start(
        *arguments: str, failpoint: str = "", lease: float = 2, clock_off: timedelta = timedelta()
    ) -> EngineProcess:
        database = connection.settings_dict
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
        environment = os.environ | {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tocsin.config.settings",
            "TOCSIN_SMTP_HOST": "127.0.0.1",
            "TOCSIN_SMTP_PORT": str(provider.port),
            "TOCSIN_LEASE_SECONDS": str(lease),
            "TOCSIN_BUNDLE_OVER": "0",
            "TOCSIN_PER_MINUTE": "0",
            "TOCSIN_BASE_URL": "https://desk.example.org",
            "TOCSIN_SECRET_KEY": configured.SECRET_KEY,
            "TOCSIN_FAILPOINT": failpoint,
            "TOCSIN_CANARY_MINUTES": "0",  # the ledger counts every page, and the canary's is nobody's
        }
        made = EngineProcess(list(arguments), environment, clock_off)
        running.append(made)
        return made

    yield start
    for one in running:
        one.end()


@pytest.fixture
def here(provider: Provider, settings: Any) -> None:
    """Let `work_once` in this process use the provider: the engine that takes over."""
    settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", provider.port
    settings.LEASE_SECONDS, settings.BUNDLE_OVER, settings.PER_MINUTE = 2.0, 0, 0


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until something outside this process has come about."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)


def committed() -> set[UUID]:
    """Return every delivery that was committed and not withdrawn."""
    return set(Delivery.objects.exclude(state="withdrawn").values_list("pk", flat=True))


def all_sent() -> bool:
    return not Delivery.objects.exclude(state__in=["sent", "delivered", "bundled"]).exists()
