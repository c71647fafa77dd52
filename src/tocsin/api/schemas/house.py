"""People, teams, customers, services and schedules as programs see them."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Address, Found, Given, Instant, OrganisationName, Person, ServiceName, TeamName


class Me(Found):
    """Who calls."""

    id: UUID
    name: str
    email: str
    role: str
    scopes: list[str]
    token: str = Field(description="its name; empty for a session")
    expires_at: datetime | None


class FullPerson(Found):
    id: UUID
    name: str
    email: str
    role: str
    organisation: OrganisationName | None
    manager: Person | None
    zone: str
    language: str
    is_active: bool


class Team(Found):
    slug: str
    name: str
    line: str
    lead: Person | None
    escalation_manager: Person | None
    escalates_to: str | None = Field(description="slug of the next line's team")


class FullTeam(Team):
    members: list[Person]


class Organisation(Found):
    id: UUID
    name: str
    zone: str
    account_manager: Person | None
    external_ref: str
    members_see_all: bool


class Service(ServiceName):
    team: TeamName | None


class Schedule(Found):
    slug: str
    name: str
    zone: str
    team: TeamName | None


class OnDuty(Found):
    """Somebody who is on call, and why."""

    id: UUID
    name: str
    why: str


class OnCall(Found):
    schedule: str
    name: str
    at: datetime
    people: list[OnDuty] = Field(description="in order; empty: nobody")


class OnCallList(Found):
    items: list[OnCall]


class Span(Found):
    """From `start` until before `end` the same people are on call; nobody in a gap."""

    start: datetime
    end: datetime
    people: list[OnDuty]


class FinalView(Found):
    schedule: str
    spans: list[Span]


class NewOverride(Given):
    person: Address
    starts_at: Instant
    ends_at: Instant
    layer: str = Field("", max_length=120, description="replaces this layer's people only")
    instead_of: Address | None = Field(None, description="replaces this person only")
    reason: str = Field("", max_length=200)


class Override(Found):
    id: UUID
    schedule: str
    person: Person
    instead_of: Person | None
    layer: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    made_by: Person | None
