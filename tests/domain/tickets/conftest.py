"""A small house: first and second line, a customer, and somebody of every role."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from tocsin.domain.journal import publish
from tocsin.domain.people.enums import Line, Role
from tocsin.domain.people.models import Membership, Organisation, Service, Team, User
from tocsin.domain.tickets import actions, events
from tocsin.domain.tickets.models import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    desk: Team  # first line; lead is `lead`, escalation manager is `arbiter`
    network: Team  # second line
    customer: Organisation
    payroll: Service  # owned by network
    ana: User  # agent in desk
    ben: User  # agent in desk
    nora: User  # agent in network
    lead: User
    arbiter: User
    admin: User
    requester: User  # of customer
    stranger: User  # requester of another customer

    def open(self, now: datetime, **given: Any) -> Ticket:
        """Open a ticket of the customer in the first line's queue, as a machine unless told otherwise."""
        values: dict[str, Any] = {
            "subject": "Printer on fire",
            "requester": self.requester,
            "by": None,
            "team": self.desk,
        }
        return actions.open_ticket(now=now, **{**values, **given})


def person(name: str, role: Role, organisation: Organisation | None = None) -> User:
    return User.objects.create(email=f"{name}@example.com", name=name.title(), role=role, organisation=organisation)


@pytest.fixture
def house(db: None) -> House:
    customer = Organisation.objects.create(name="Acme")
    lead = person("lead", Role.LEAD)
    arbiter = person("arbiter", Role.ESCALATION_MANAGER)
    desk = Team.objects.create(name="Desk", slug="desk", line=Line.L1, lead=lead, escalation_manager=arbiter)
    network = Team.objects.create(name="Network", slug="network", line=Line.L2)
    ana, ben, nora = (person(name, Role.AGENT) for name in ("ana", "ben", "nora"))
    for team, user in ((desk, ana), (desk, ben), (network, nora)):
        Membership.objects.create(team=team, user=user)
    return House(
        desk=desk,
        network=network,
        customer=customer,
        payroll=Service.objects.create(name="Payroll", slug="payroll", team=network),
        ana=ana,
        ben=ben,
        nora=nora,
        lead=lead,
        arbiter=arbiter,
        admin=person("admin", Role.ADMINISTRATOR),
        requester=person("rita", Role.REQUESTER, customer),
        stranger=person("sam", Role.REQUESTER, Organisation.objects.create(name="Other")),
    )


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Any]]:
    """Listen to everything that tickets publish; returns what was heard so far. Nobody else listens meanwhile."""
    told: list[Any] = []
    kinds = [kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, publish.Event)]
    monkeypatch.setattr(publish, "_handlers", dict.fromkeys(kinds, (told.append,)))
    return lambda: told
