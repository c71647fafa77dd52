"""Promises and updates as programs see and make them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Address, Found, Given, Instant, Person, Text, Word


class Promise(Found):
    """A given word, and what became of it."""

    id: UUID
    ticket: int
    what: str
    to_kind: str = Field(description="customer or internal")
    to: Person | None
    by: Person | None
    source: str
    said: str = Field(description="as it was worded")
    zone: str
    state: str = Field(description="open, kept, broken, renegotiated or cancelled")
    made_at: datetime
    due_at: datetime
    settled_at: datetime | None
    done_at: datetime | None = Field(description="of a broken one: done all the same, late")
    reason: str
    renegotiates: UUID | None = Field(description="the promise whose place it took")


class NewPromise(Given):
    what: Word
    due_at: Instant
    by: Address | None = Field(default=None, description="who keeps it; you, if left out")
    to_kind: Literal["customer", "internal"] = "customer"
    to: Address | None = Field(default=None, description="the requester, if left out")


class NewTime(Given):
    due_at: Instant
    reason: Word


class Reason(Given):
    reason: Word


class Update(Found):
    """What was said once to every audience of an escalation, in the words that are yours to read."""

    id: UUID
    ticket: int
    number: int
    by: Person | None
    at: datetime
    text: str
    next_at: datetime | None
    closing: bool


class NewUpdate(Given):
    outward: Text = Field(description="what the customer reads")
    inward: Text = Field(default="", description="what only your own people read")
    next_at: Instant | None = Field(default=None, description="when the next one comes; as the plan says, if left out")
    status_pages: list[Word] = Field(
        default_factory=list,
        max_length=20,
        description="addresses of status pages that are told what the customer reads",
    )
    status_state: Word = Field(
        default="investigating", description="investigating, identified, monitoring, or resolved where one is open"
    )
    status_title: Text = Field(default="", description="the title on a page that does not know of it yet")
