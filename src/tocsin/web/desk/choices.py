"""What the desk's selects offer."""

from uuid import UUID

from tocsin.domain.people import queries as people
from tocsin.domain.people.models import Service, Team, User
from tocsin.domain.tickets import queries as tickets


def staff() -> list[tuple[str, str]]:
    """Return those who may own a ticket."""
    return [(str(person.pk), person.name) for person in tickets.people_who_may_own()]


def teams() -> list[tuple[str, str]]:
    """Return every team with its line."""
    return [(str(t.pk), f"{t.line}  {t.name}" if t.line.startswith("L") else t.name) for t in people.teams()]


def services() -> list[tuple[str, str]]:
    return [(str(s.pk), s.name) for s in people.services()]


def team_of(pk: UUID | None) -> Team | None:
    """Return a chosen team; None where none was chosen."""
    return next((team for team in people.teams() if team.pk == pk), None) if pk else None


def service_of(pk: UUID | None) -> Service | None:
    return next((service for service in people.services() if service.pk == pk), None) if pk else None


def person_of(pk: UUID | None) -> User | None:
    return people.person(pk) if pk else None
