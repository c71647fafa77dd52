"""Articles, courses and the skill register as programs see them."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import LONGEST_TEXT, Address, Found, Given, Person, ServiceName, Slug

type ArticleNumber = Annotated[int, Field(ge=1, le=999_999_999_999_999, description="without KB-")]
type KindWord = Literal["article", "known_error", "runbook"]
type AudienceWord = Literal["internal", "customers", "organisation"]


class Article(Found):
    """An article as its readers get it."""

    number: int
    reference: str
    kind: str
    state: str
    audience: str
    title: str
    service: ServiceName | None
    category: str
    language: str
    version: int = Field(description="the one shown")
    newest: int = Field(description="the newest; another than shown waits to be published")
    verified_until: date | None
    uses: int = Field(description="tickets in which it was used")
    helpful: int
    unhelpful: int
    updated_at: datetime


class FullArticle(Article):
    body: str = Field(description="Markdown")
    steps: list[str] = Field(description="of a runbook, in order")
    owner: Person


class NewArticle(Given):
    title: str = Field(min_length=1, max_length=200)
    body: str = Field("", max_length=LONGEST_TEXT // 2, description="Markdown")
    kind: KindWord = "article"
    steps: list[Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\r\n]*$")]] = Field(
        default_factory=list, max_length=40, description="of a runbook"
    )
    audience: AudienceWord = "internal"
    organisation: UUID | None = Field(None, description="for the audience `organisation`")
    service: Slug | None = None
    owner: Address | None = Field(None, description="the caller, if nobody is named")
    language: str = Field("en", pattern=r"^[a-z]{2}$")
    verify_days: int = Field(180, ge=7, le=1095, description="how long a verification holds")
    word: str = Field("", max_length=200, description="what was changed")


class NewVersion(NewArticle):
    expected_version: int = Field(ge=1, le=1_000_000, description="the newest as you know it; another answers 409")


class Course(Found):
    id: UUID
    title: str
    state: str
    skills: list[str]
    pass_mark: int = Field(description="per cent")
    valid_months: int = Field(description="0: for good")
    needs_sign_off: bool
    version: int | None = Field(description="the one that learners get")


class Duty(Found):
    """A course that somebody must know, or has passed."""

    course: Course
    standing: str = Field(description="done, soon, renew, waiting, todo or overdue")
    due_at: datetime | None
    services: list[str] = Field(description='for which it is asked; "" for all the work; empty: asked of nobody')


class Evidence(Found):
    skill: str
    word: str
    until: datetime | None


class Knower(Found):
    """Somebody who knows it; in the order in which one would ask."""

    person: Person
    state: str = Field(description="on_call, here, quiet (their quiet hours hold), unreachable or away")
    on_call_in: list[str]
    next_on_call_at: datetime | None
    away_until: datetime | None
    channels: list[str]
    open_tickets: int
    evidence: list[Evidence]


class Knowers(Found):
    skills: list[str] = Field(description="that the words were taken for")
    people: list[Knower]


class ServiceCoverage(Found):
    service: ServiceName | None = Field(description="none: all the team's work")
    knowing: int = Field(description="members who know all that is asked")
    members: int


class SinglePoint(Found):
    what: str
    kind: str = Field(description="service or skill")
    only: Person | None = Field(description="none: nobody knows it")
    course: UUID | None = Field(description="what would mend it")


class Coverage(Found):
    services: list[ServiceCoverage]
    single_points: list[SinglePoint]
