"""Status pages, accounts and briefings as programs see them."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Found, Given, Instant, OrganisationName, Person, ServiceName, Text, Word


class StatusPage(Found):
    slug: str
    name: str
    audience: str = Field(description="public, organisation or link")
    organisation: OrganisationName | None
    time_zone: str
    updated_at: datetime


class StatusComponent(Found):
    id: UUID
    group: str
    name: str
    state: str = Field(description="operational, maintenance, degraded, partial or major: the worst of what is open")
    own_state: str = Field(description="as set by hand")
    service: ServiceName | None
    uptime_90_days: float | None = Field(description="share of the measured time without an outage; null: not measured")


class FullStatusPage(StatusPage):
    state: str
    components: list[StatusComponent]
    subscribers: int = Field(description="confirmed addresses")


class StatusUpdate(Found):
    id: UUID
    at: datetime
    state: str
    body: str
    mailed: int = Field(description="subscribers that it was mailed to")


class AffectedComponent(Found):
    id: UUID
    name: str
    state: str


class StatusIncident(Found):
    id: UUID
    kind: str = Field(description="incident or maintenance")
    title: str
    state: str
    starts_at: datetime
    ends_at: datetime | None
    affected: list[AffectedComponent]
    updates: list[StatusUpdate] = Field(description="newest first")


class Affecting(Given):
    component: UUID
    state: Word = Field(description="maintenance, degraded, partial or major")


class NewIncident(Given):
    """What readers are told, in their words."""

    title: Word
    body: Text
    state: Word = "investigating"
    affected: list[Affecting] = Field(default=[], max_length=100)
    ticket: int | None = Field(default=None, ge=1, le=999_999_999_999_999, description="number; readers never see it")
    notify: bool = Field(default=True, description="write to subscribers")


class NewMaintenance(Given):
    title: Word
    body: Text
    components: list[UUID] = Field(max_length=100)
    starts_at: Instant
    ends_at: Instant
    notify: bool = True


class NewUpdate(Given):
    state: Word
    body: Text
    notify: bool = True


class NewComponentState(Given):
    state: Word


class HealthPart(Found):
    key: str
    points: int
    words: str


class Account(Found):
    """How a customer fares: a hundred points less those of the parts."""

    organisation: OrganisationName
    account_manager: Person | None
    health: int
    band: str = Field(description="well, watched or troubled")
    parts: list[HealthPart]
    open_tickets: int
    escalated: int
    good_ratings: int
    ratings: int
    account_escalation: int | None = Field(description="number of the open one")


class AccountEscalation(Found):
    number: int
    reference: str
    organisation: OrganisationName
    title: str
    state: str
    owner: Person | None
    offered_to: Person | None
    target_at: datetime
    next_update_at: datetime | None = Field(description="null when it has ended")
    opened_at: datetime
    ended_at: datetime | None
    outcome: str


class FullAccountEscalation(AccountEscalation):
    concern: str
    plan: str
    tickets: list[int] = Field(description="numbers of those in it")


class NewAccountEscalation(Given):
    title: Word
    concern: Text
    plan: Text = ""
    tickets: list[int] = Field(min_length=1, max_length=200, description="numbers")
    target_at: Instant
    update_hours: int = Field(default=24, ge=1, le=336)


class NewAccountUpdate(Given):
    body: Text


class AccountUpdate(Found):
    id: UUID
    at: datetime
    by: Person
    body: str


class Brief(Found):
    """An escalation in plain words."""

    escalation: UUID
    subject: str
    organisation: OrganisationName | None
    service: ServiceName | None
    priority: int
    impact: str
    state: str
    owner: Person | None
    since: datetime
    last_update_at: datetime | None
    next_update_at: datetime | None
    late: bool
    trend: str = Field(description="worse, steady or better")
    because: str


class OpenOnDay(Found):
    on: date
    open: int


class Briefing(Found):
    as_of: datetime
    headline: str
    escalations: list[Brief]
    days: list[OpenOnDay] = Field(description="open at the end of each day, oldest first")
