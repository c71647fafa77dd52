"""Reviews, corrective actions and closings as programs see and change them."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Address, Found, Given, Number, Person, Text


class Review(Found):
    """The review of one escalation or several."""

    number: int
    id: UUID
    reference: str
    title: str
    state: str
    why: str = Field(description="what started it: a rule's name, or who asked for it")
    facilitator: Person | None
    version: int
    opened_at: datetime
    updated_at: datetime


class WholeReview(Review):
    """A review with all that it says: what the PDF shows, instants in UTC, lengths of time in seconds."""

    document: dict[str, Any]


class NewReview(Given):
    tickets: list[Number] = Field(min_length=1, max_length=50, description="escalated tickets; reviewed together")
    title: str = Field("", max_length=200, description="empty: the ticket's subject")
    facilitator: str | None = Field(None, max_length=254, description="id or address")


class CorrectiveAction(Found):
    """What somebody does by a day so that it does not come again."""

    id: UUID
    review: str
    title: str
    kind: str
    effort: str
    owner: Person
    due_on: date
    overdue: bool
    state: str
    evidence: str
    tracker_url: str
    ended_at: datetime | None


class NewAction(Given):
    title: str = Field(min_length=1, max_length=200)
    kind: Literal["prevent", "detect", "respond"]
    owner: str = Field(max_length=254, description="id or address")
    due_on: date
    effort: Literal["small", "medium", "large"] = "medium"
    tracker_url: Address = ""


class ActionEnd(Given):
    state: Literal["done", "dropped"]
    evidence: Text = Field(min_length=1, max_length=5_000, description="what shows that it is done; or why it is not")


class Closing(Found):
    """What an ended escalation came from; `filled_at` null: nobody has said yet."""

    escalation: UUID
    ticket: str
    ended_at: datetime
    done: str
    category: str
    avoidable_by: str
    decision_missing: str
    article_missing: str
    filled_at: datetime | None


class ClosingFill(Given):
    done: Text = Field(min_length=1, max_length=5_000)
    category: UUID = Field(description="GET /cause-categories lists them")
    avoidable_by: Literal["no", "knowledge", "training", "decision_right", "monitoring", "communication", "other"]
    decision_missing: str = Field("", max_length=300)
    article_missing: str = Field("", max_length=300)


class CauseCategory(Found):
    id: UUID
    name: str = Field(description="with its parents: Fault: Hardware")
