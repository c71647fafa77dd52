"""What customers and the parties to an escalation said, as programs see it."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Found, Given, Person


class NewRating(Given):
    """A rating of the resolution that stands; giving another changes it."""

    score: int = Field(ge=1, le=5, description="1 (bad) to 5 (good)")
    comment: str = Field("", max_length=5_000)


class Rating(Found):
    number: int = Field(description="the ticket's, without T-")
    score: int
    comment: str
    by: Person
    given_at: datetime
    changed_at: datetime


class Answer(Found):
    key: str = Field(examples=["outcome"], description="the same in every form that asks the same")
    score: int | None = Field(description="1 (bad) to 5 (good); null where words were asked for")
    text: str


class Feedback(Found):
    """One question that was answered."""

    id: UUID
    kind: str = Field(examples=["csat", "escalation"])
    party: str = Field(examples=["customer", "front_line", "expert", "manager"])
    number: int = Field(description="the ticket's, without T-")
    escalation: UUID | None
    person: Person
    via: str = Field(examples=["link", "portal", "inbox", "api"])
    asked_at: datetime | None = Field(description="null where nobody had asked")
    answered_at: datetime
    score: int | None = Field(description="of a rating")
    comment: str
    answers: list[Answer]


class Question(Found):
    key: str
    kind: str = Field(examples=["scale", "text"])
    en: str
    de: str


class Asked(Found):
    """A question that waits for the caller."""

    id: UUID
    kind: str
    party: str
    number: int
    asked_at: datetime | None
    expires_at: datetime | None
    questions: list[Question]


class Answers(Given):
    """Answers by key: "1" to "5" for a scale, words otherwise. A rating has the keys `score` and `comment`."""

    answers: dict[str, str] = Field(max_length=20, examples=[{"outcome": "4", "better": "Call earlier."}])


class View(Found):
    """One party's view of an escalation."""

    party: str
    person: Person
    state: str
    answered_at: datetime | None
    answers: list[Answer]


class Difference(Found):
    key: str
    gap: int
    worst: str = Field(description="the party that sees it worst")
    best: str
    words: str


class Views(Found):
    views: list[View]
    differences: list[Difference]


class Satisfaction(Found):
    """CSAT of a period: the same figures as on the page."""

    start: datetime
    end: datetime
    n: int
    counts: list[int] = Field(description="how many gave 1, 2, 3, 4, 5")
    csat: float | None = Field(description="share of 4 and 5; null where nobody rated")
    asked: int
    answered: int
    response_rate: float | None


class Recovery(Found):
    id: UUID
    number: int
    state: str = Field(examples=["open", "regained", "not_regained", "unreached"])
    score: int
    owner: Person | None
    opened_at: datetime
    callback_at: datetime
    missed_at: datetime | None
    closed_at: datetime | None
    agreed: str


class Outcome(Given):
    reached: bool
    agreed: str = Field("", max_length=5_000, description="needed where the customer was reached")
    regained: bool
