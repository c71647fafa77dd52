"""What tickets publish. `at` is when it happened (UTC); `actor` is "person:<id>", "engine", "import" or "system"."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEvent(Event):
    ticket_id: UUID
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketOpened(TicketEvent):
    """A ticket exists now (its clocks may start earlier, at `opened_at`).

    `row`: the ticket as it was just written, with its people, so that those who listen need not read it once each.
    """

    row: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged(TicketEvent):
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityChanged(TicketEvent):
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipChanged(TicketEvent):
    """Owner or team changed. `handover` when it moved from one owner or team to another (counts as a hop)."""

    before_owner: UUID | None
    after_owner: UUID | None
    before_team: UUID | None
    after_team: UUID | None
    handover: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsChanged(TicketEvent):
    """Service, category, organisation, subject or configuration item changed."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAdded(TicketEvent):
    """`kind` is a MessageKind value: customer, reply or note."""

    message_id: UUID
    kind: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLinked(TicketEvent):
    """`ticket_id` was linked to `to_ticket_id`."""

    to_ticket_id: UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketsImported(Event):
    """Many tickets came in at once with their histories; clocks are rebuilt in bulk, nothing pages."""

    ticket_ids: tuple[UUID, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverOffered(TicketEvent):
    """Somebody is asked to take the ticket over: a person, a team (any member may accept), or a person in a team."""

    handover_id: UUID
    to_user: UUID | None
    to_team: UUID | None
    bundled: bool = False  # one of many that are told together


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverEnded(TicketEvent):
    """`state` is a HandoverState value: accepted, declined, expired or withdrawn."""

    handover_id: UUID
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRated(TicketEvent):
    """The requester rated the resolution that stands (1 to 5), or changed that rating: `before` is the earlier score."""

    rating_id: UUID
    score: int
    before: int | None
    comment: str
    via: str = "portal"
