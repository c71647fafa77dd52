"""Tickets as programs see and change them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import (
    Address,
    Found,
    Given,
    Instant,
    Level,
    Number,
    OrganisationName,
    Person,
    ServiceName,
    Slug,
    TeamName,
    Text,
    Word,
)
from tocsin.domain.tickets.enums import HandoverState, MessageKind, Status

type StatusWord = Literal[
    "new", "open", "waiting_customer", "waiting_vendor", "waiting_change", "resolved", "closed", "reopened"
]


def _one_of(*values: str) -> Any:
    """Describe a text of an answer as one of these; it comes from a column that holds nothing else."""
    return Field(json_schema_extra={"enum": list(values)})


class Ticket(Found):
    """One request or incident. What customers do not see (`internal`) is null for them."""

    number: int
    id: UUID
    reference: str = Field(examples=["T-1042"])
    subject: str
    description: str
    status: str = _one_of(*Status.values)
    priority: int = Field(description="1 critical to 4 low; from impact and urgency by the organisation's matrix")
    impact: int
    urgency: int
    category: str
    channel: str
    requester: Person | None
    organisation: OrganisationName | None
    service: ServiceName | None
    owner: Person | None
    opened_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    reopens: int
    internal: "Internal | None" = Field(description="null for customers")


class Internal(Found):
    """What only those see who work on tickets."""

    team: TeamName | None
    configuration_item: str
    handovers: int
    ping_pongs: int
    unassigned_since: datetime | None
    last_public_reply_at: datetime | None
    last_customer_message_at: datetime | None
    external_source: str
    external_ref: str
    tags: list[str]


class NewTicket(Given):
    subject: Word = Field(min_length=1, examples=["Payroll does not start"])
    description: Text = ""
    requester: Address | None = Field(None, description="id or e-mail address; without it the caller")
    service: Slug | None = None
    team: Slug | None = Field(None, description="without it the one that owns the service")
    owner: Address | None = None
    impact: Level = 2
    urgency: Level = 2
    category: str = Field("", max_length=120)
    configuration_item: str = Field("", max_length=120)
    opened_at: Instant | None = Field(None, description="when the clocks start, not in the future; without it now")


class TicketChange(Given):
    """Only what is given is changed; null empties service or organisation."""

    subject: Word | None = Field(None, min_length=1)
    description: Text | None = None
    category: str | None = Field(None, max_length=120)
    configuration_item: str | None = Field(None, max_length=120)
    service: Slug | None = None
    organisation: UUID | None = None
    impact: Level | None = None
    urgency: Level | None = None
    tags: list[str] | None = Field(None, max_length=50, description="replaces all tags")


class Assignment(Given):
    """Both null gives the ticket back to its queue."""

    owner: Address | None = None
    team: Slug | None = None


class Move(Given):
    status: StatusWord
    note: str = Field("", max_length=5_000)


class NewMessage(Given):
    body: Text = Field(min_length=1)
    kind: Literal["customer", "reply", "note"] | None = Field(
        None, description="without it a reply of those who work on tickets, and a customer's message of everybody else"
    )


class Message(Found):
    id: UUID
    kind: str = _one_of(*MessageKind.values)
    author: Person | None
    body: str
    at: datetime
    via: str


class Happened(Found):
    """One entry of the ticket's journal."""

    position: int = Field(description="in the journal; 0 for what was imported")
    at: datetime
    kind: str = Field(examples=["ticket.opened", "message.added"])
    actor: str
    actor_name: str
    data: dict[str, object]
    message: Message | None


class Timeline(Found):
    items: list[Happened]
    next: int = Field(description="give it as `after` to read on; 0 when nothing is left")


class Clock(Found):
    """A promise. Times are in business seconds of its calendar."""

    id: UUID
    kind: str
    label: str
    state: str
    due_at: datetime | None
    remaining_seconds: float = Field(description="negative after the breach")
    consumed: float = Field(description="share of the target; 1 is the breach")
    paused: bool


class ClockStep(Found):
    at: datetime
    what: str
    why: str
    consumed_seconds: float
    target_seconds: float


class TracedClock(Found):
    clock: Clock
    steps: list[ClockStep]


class NewLink(Given):
    to: Number
    kind: Literal["related", "duplicate", "child", "problem"] = "related"


class Linked(Found):
    label: str = Field(examples=["Duplicate of"])
    number: int
    reference: str
    subject: str
    status: str = _one_of(*Status.values)


class NewHandover(Given):
    to_user: Address | None = None
    to_team: Slug | None = None
    brief: str = Field(min_length=1, max_length=20_000, description="what happened, tried, known, wanted, next promise")
    expires_in_minutes: int = Field(240, ge=1, le=7 * 24 * 60)


class ArbiterQuestion(Given):
    to_user: Address | None = Field(None, description="whom one would propose")
    to_team: Slug | None = None
    brief: str = Field(min_length=1, max_length=20_000, description="what happened, tried, known, wanted, next promise")


class AskedArbiters(Found):
    ticket: int
    asked: list[Person]


class HandoverAnswer(Given):
    answer: str = Field("", max_length=5_000)


class Handover(Found):
    id: UUID
    ticket: int
    from_user: Person | None
    to_user: Person | None
    to_team: TeamName | None
    brief: str
    state: str = _one_of(*HandoverState.values)
    offered_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    answer: str
