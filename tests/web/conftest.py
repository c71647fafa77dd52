"""A small service desk behind the pages: four people, two lines, one customer, one ladder, tickets in several states."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.standing import standing
from tests.web.constants import LADDER, PASSWORD
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.notify import actions as notify
from tocsin.domain.oncall import actions as oncall
from tocsin.domain.oncall.logic.schedule import Layer, Rotation, RotationKind
from tocsin.domain.oncall.models import Schedule
from tocsin.domain.people import actions as people
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.clock import database_now


@dataclass(slots=True, eq=False)
class Desk:
    """Everything that the tests of the pages talk about."""

    now: datetime
    admin: User
    manager: User
    lead: User
    agent: User
    expert: User
    requester: User
    stakeholder: User
    customer: Organisation
    team: Team
    experts: Team
    service: Service
    ticket: Ticket  # open, owned by the agent, with a message
    queued: Ticket  # new, nobody's
    escalated: Escalation  # at work on `ticket`
    schedule: Schedule  # of the first line: the agent and the lead take weeks in turns
    feed: str  # the token of the agent's calendar

    def client(self, person: User | None) -> Client:
        """A browser in which this person is signed in."""
        client = Client()
        if person is not None:
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client


def _person(now: datetime, email: str, role: str, **more: Any) -> User:
    return people.create_person(
        email=email, name=email.split("@", maxsplit=1)[0].title(), role=role, by=None, now=now, **more
    )


def _duty(now: datetime, team: Team, staff: dict[str, User]) -> tuple[Schedule, str]:
    """The agent is on call this week (Monday 00:00 UTC on), the lead the next."""
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
    crews = ((str(staff["agent"].pk),), (str(staff["lead"].pk),))
    weeks = Rotation(RotationKind.WEEKLY, crews, monday, handover=time())
    schedule = oncall.create_schedule(
        name="First line on call", slug="first-line", zone="UTC", team=team, by=None, now=monday - timedelta(days=1),
        layers=[Layer("Weeks", (weeks,))],
    )  # fmt: skip
    token, _ = oncall.make_feed(owner=staff["agent"], by=None, now=now)
    return schedule, token


@pytest.fixture
def desk(db: None) -> Desk:
    """The desk as it stands a little after the agent has escalated a ticket."""
    return standing.scene() or built()


def built() -> Desk:
    """Build the desk; slow, so that many tests are given the one that stands already (tests/standing.py)."""
    now = database_now(connection)
    early = now - timedelta(hours=2)
    staff: dict[str, User] = {}
    for name, role in (
        ("admin", "administrator"), ("manager", "escalation_manager"), ("lead", "lead"), ("agent", "agent"), ("expert", "agent"),
    ):  # fmt: skip
        staff[name] = _person(early, f"{name}@desk.example", role, password=PASSWORD if name == "agent" else "")
        notify.add_method(user_id=staff[name].pk, channel="email", address=staff[name].email, now=early, verified=True)
    customer = people.create_organisation(name="Acme", by=None, now=early)
    requester = _person(early, "ana@acme.example", "requester", organisation=customer)
    stakeholder = _person(early, "boss@desk.example", "stakeholder")
    experts = people.create_team(
        name="Experts", slug="experts", line="L2", lead=staff["lead"], members=[staff["expert"]], by=None, now=early
    )
    team = people.create_team(
        name="First line", slug="first-line", line="L1", lead=staff["lead"], escalation_manager=staff["manager"],
        escalates_to=experts, members=[staff["agent"], staff["lead"]], by=None, now=early,
    )  # fmt: skip
    service = people.create_service(name="Payroll", slug="payroll", team=experts, by=None, now=early)
    publishing.apply(documents=[("quick.yaml", LADDER)], by="system", now=early)
    opened = {"requester": requester, "team": team, "by": None, "now": early, "channel": "phone"}
    ticket = tickets.open_ticket(subject="Printer is on fire", description="It *burns*.", service=service, **opened)
    queued = tickets.open_ticket(subject="Mouse is slow", **opened)
    tickets.take(ticket_id=ticket.pk, by=staff["agent"], now=early + timedelta(minutes=3))
    tickets.add_message(
        ticket_id=ticket.pk, kind="customer", body="Please hurry.", by=requester, now=early + timedelta(minutes=9)
    )
    escalated = escalation.escalate(
        ticket_id=ticket.pk, policy="quick", by=staff["agent"], now=now - timedelta(minutes=1), tried="Water."
    )
    schedule, feed = _duty(now, team, staff)
    ticket.refresh_from_db()
    return Desk(
        schedule=schedule, feed=feed,
        now=now, customer=customer, requester=requester, stakeholder=stakeholder, team=team, experts=experts, service=service,
        ticket=ticket, queued=queued, escalated=escalated, **staff,
    )  # fmt: skip


@pytest.fixture
def signed_in(desk: Desk) -> Callable[[str], Client]:
    """Return a browser for one of the desk's people by name."""
    return lambda name: desk.client(getattr(desk, name))
