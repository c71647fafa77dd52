"""Problems, proposals and measures as programs see and change them."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Address, Found, Given, Number, Person, ServiceName, Slug, Text

type Share = float


class Problem(Found):
    """The cause behind several tickets."""

    number: int
    id: UUID
    reference: str
    title: str
    description: str
    state: str
    owner: Person | None
    service: ServiceName | None
    category: str
    configuration_item: str
    cause: str
    workaround: str
    known_error: str = Field(description="reference of the article; empty: none")
    change: str
    change_url: str
    merged_into: str
    opened_at: datetime
    updated_at: datetime
    fixed_at: datetime | None
    closed_at: datetime | None


class Impact(Found):
    """What a problem costs, from its linked tickets."""

    tickets: int
    open_tickets: int
    escalations: int
    customers: int
    hours_open: float
    hours_worked: float
    rating: float | None
    ratings: int


class WholeProblem(Problem):
    """A problem with its impact and the numbers of its tickets (the first 200)."""

    impact: Impact
    ticket_numbers: list[int]


class NewProblem(Given):
    title: str = Field(min_length=1, max_length=200)
    description: Text = ""
    service: Slug | None = None
    category: str = Field("", max_length=120)
    configuration_item: str = Field("", max_length=120)
    owner: Address | None = None
    tickets: list[Number] = Field(default_factory=list, max_length=500)


class ProblemChange(Given):
    """What is not given stays."""

    title: str | None = Field(None, min_length=1, max_length=200)
    description: Text | None = None
    cause: Text | None = None
    workaround: Text | None = None
    category: str | None = Field(None, max_length=120)
    configuration_item: str | None = Field(None, max_length=120)
    change: str | None = Field(None, max_length=120)
    change_url: str | None = Field(None, max_length=500)
    owner: Address | None = None


class ProblemMove(Given):
    act: Literal["accept", "find_cause", "give_workaround", "plan_fix", "fix", "verify", "close", "reopen"]
    word: str = Field("", max_length=500, description="why it is closed or reopened")


class ProblemTickets(Given):
    tickets: list[Number] = Field(min_length=1, max_length=500)


class Linked(Found):
    linked: int = Field(description="how many were not linked before")


class Proposal(Found):
    """A repeat that the detector found."""

    id: UUID
    series: str
    sentence: str
    state: str
    weeks: int = Field(description="of the window")
    recent: int = Field(description="in the window")
    usual: float = Field(description="a week")
    ratio: float
    p: float
    adjusted: float = Field(description="with all series in view (Benjamini-Yekutieli)")
    scatter: float
    changed_on: date | None
    found_at: datetime
    problem: str


class Acceptance(Given):
    title: str = Field("", max_length=200)
    owner: Address | None = None


class Rejection(Given):
    reason: str = Field(min_length=1, max_length=500)
    factor: float = Field(1.5, gt=1, le=100, description="proposed again at so many times this rate")


class Measure(Found):
    """Something done so that a series comes less often, and what came of it."""

    id: UUID
    problem: str
    kind: str
    title: str
    owner: Person
    starts_on: date
    series: str
    expected: Share
    horizon_weeks: int
    verdict: str
    sentence: str
    judged_on: date | None
    withdrawn_at: datetime | None
    ratio: float | None = Field(description="rate since by rate before")
    low: float | None = Field(description="of its 95 % interval")
    high: float | None
    before: int | None
    before_weeks: int | None
    after: int | None
    after_weeks: int | None


class NewMeasure(Given):
    kind: Literal["article", "training", "decision_right", "policy_change", "fix", "supplier_action"]
    title: str = Field(min_length=1, max_length=200)
    series: str = Field(min_length=1, max_length=400, description="such as tickets&service=vpn&category=login")
    starts_on: date
    expected: float = Field(0.5, gt=0, le=1)
    horizon_weeks: int = Field(8, ge=2, le=52)
    owner: Address | None = None
