"""Listening records, signals and the writing advice as programs see and change them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Found, Given, Number, Person, Text


class NewConcern(Given):
    words: str = Field(min_length=1, max_length=500, description="in the customer's own words")
    message: UUID | None = Field(None, description="the customer's message that they stand in")


class NewRecord(Given):
    """The next version of a ticket's record."""

    concerns: list[NewConcern] = Field(min_length=1, max_length=12)
    impact: str = Field("", max_length=4_000, description="what it does to their business")
    wanted: str = Field("", max_length=4_000, description="the outcome they want")
    version: int | None = Field(
        None, ge=0, le=1 << 30, description="the version that is replaced (0: none); refused if newer"
    )


class Concern(Found):
    id: UUID
    words: str
    message: UUID | None
    answered_by: UUID | None = Field(description="the reply that answered it; null: not answered yet")


class Record(Found):
    version: int
    state: str = Field(json_schema_extra={"enum": ["noted", "waiting", "confirmed", "corrected"]})
    concerns: list[Concern]
    impact: str
    wanted: str
    played_back_at: datetime | None
    answered_at: datetime | None
    answered_via: str = Field(description="link, portal, reply or call; empty: not answered")
    answer: str


class ConcernAnswer(Given):
    message: UUID | None = Field(description="the reply that answers it; null takes it back")


class Evidence(Found):
    kind: str
    words: str
    start: int
    end: int
    tone: float
    urgency: float


class Signal(Found):
    """What a message sounds like. `degree`, `urgency`: 0 none, 1 mild, 2 strong, 3 severe."""

    id: UUID
    message: UUID | None = Field(description="null: the ticket's own text")
    at: datetime
    degree: int
    urgency: int
    language: str
    evidence: list[Evidence]
    judged: str = Field(description="right, too_strong or wrong; empty: nobody has judged it")
    judged_by: Person | None


class Verdict(Given):
    verdict: Literal["right", "too_strong", "wrong"]


class Draft(Given):
    text: Text = Field(min_length=1)
    ticket: Number | None = Field(None, description="a ticket whose open concerns the draft is held against")


class Hint(Found):
    kind: str = Field(json_schema_extra={"enum": ["blame", "brush_off", "vague"]})
    words: str
    why: str
    better: str


class Advice(Found):
    """What could be said better. It holds nothing back."""

    hints: list[Hint]
    says_next: str = Field(description="the words that say what happens next; empty: none")
    says_when: str = Field(description="the words that say by when; empty: none")
    unanswered: list[str] = Field(description="concerns that no word of the draft takes up")
