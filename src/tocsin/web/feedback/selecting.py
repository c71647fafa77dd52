"""Which ratings: every filter in the address (check 22), and what the selects offer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest

from tocsin.domain.feedback.queries import Selection
from tocsin.domain.people import queries as people

PERIODS = {"30": "Last 30 days", "90": "Last 90 days", "365": "Last year"}
USUAL = "90"


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """One select of the filter."""

    name: str
    label: str
    value: str
    choices: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the address asks for."""

    where: Selection
    period: str
    selects: tuple[Select, ...]

    @property
    def is_filtered(self) -> bool:
        return any(select.value for select in self.selects)


def chosen(request: HttpRequest, now: datetime) -> Chosen:
    """Read the filter; what is unknown is left out."""
    asked = request.GET
    period = asked.get("period", USUAL)
    period = period if period in PERIODS else USUAL
    teams = [(team.slug, team.name) for team in people.teams()]
    services = [(service.slug, service.name) for service in people.services()]
    customers = [(str(one.pk), one.name) for one in people.organisations()]
    team = _known(asked.get("team", ""), teams)
    service = _known(asked.get("service", ""), services)
    customer = _known(asked.get("customer", ""), customers)
    where = Selection(
        start=now - timedelta(days=int(period)), end=now, team=team, service=service,
        customer=UUID(customer) if customer else None,
    )  # fmt: skip
    selects = (
        Select(name="team", label="Team", value=team, choices=teams),
        Select(name="service", label="Service", value=service, choices=services),
        Select(name="customer", label="Customer", value=customer, choices=customers),
    )
    return Chosen(where=where, period=period, selects=selects)


def _known(value: str, choices: list[tuple[str, str]]) -> str:
    return value if any(value == key for key, _ in choices) else ""
