"""Two agents, a lead, a customer and a ticket."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Team, User
from tocsin.domain.tickets import actions
from tocsin.domain.tickets.models import Ticket

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(slots=True)
class Desk:
    ana: User
    ben: User
    lea: User
    rita: User
    team: Team
    ticket: Ticket
    now: datetime = NOW


@pytest.fixture
def desk(db: None) -> Desk:
    def person(name: str, role: str) -> User:
        return User.objects.create(email=f"{name.lower()}@example.org", name=f"{name} Example", role=role)

    ana, ben, lea = person("Ana", Role.AGENT), person("Ben", Role.AGENT), person("Lea", Role.LEAD)
    rita = person("Rita", Role.REQUESTER)
    team = Team.objects.create(name="Service desk", slug="desk", lead=lea)
    ticket = actions.open_ticket(subject="Printer", requester=rita, by=ana, now=NOW, team=team)
    return Desk(ana, ben, lea, rita, team, ticket)
