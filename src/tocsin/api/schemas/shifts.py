"""Shift handovers as programs see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Address, Found, Given, Person


class Promise(Found):
    what: str
    due_at: datetime | None


class HeldTicket(Found):
    """One ticket, or an acknowledged escalation on somebody else's, that would be handed over."""

    ticket: int
    subject: str
    owned: bool = Field(description="false: acknowledged only; the ticket is somebody else's")
    offered_to: str
    promises: list[Promise]
    brief: str


class NextOnCall(Found):
    person: Person
    at: datetime
    schedule: str


class Holding(Found):
    promises: list[HeldTicket]
    proposed: list[NextOnCall]


class Item(Found):
    id: int
    ticket: int
    subject: str
    state: str = Field(description="offered, taken or kept")
    why: str
    due_at: datetime | None
    brief: str


class Shift(Found):
    id: UUID
    giver: Person | None
    team: str | None
    to_user: Person
    note: str
    state: str = Field(description="offered, answered, withdrawn or expired")
    offered_at: datetime
    expires_at: datetime
    items: list[Item]


type TicketNumber = Annotated[int, Field(ge=1, le=999_999_999_999_999)]


class NewShift(Given):
    to_user: Address
    tickets: list[TicketNumber] | None = Field(None, max_length=200, description="none: all that is held")
    note: str = Field("", max_length=5_000)
    expires_in_minutes: int = Field(120, ge=1, le=24 * 60)


class ShiftAnswer(Given):
    take: list[Annotated[int, Field(ge=1, le=1 << 53)]] | None = Field(
        None, max_length=400, description="ids of the items taken over; none: all of them"
    )
    word: str = Field("", max_length=500)
