"""Figures as programs read them."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Address, Found, Given, Person, Slug, Word

DIMENSION = "value of the filter as pages have it in their addresses; none: those without one"


class Filters(Given):
    """What is counted. Without `start` and `until`: the last 90 days."""

    start: datetime | None = Field(None, description="included; with a zone")
    until: datetime | None = Field(None, description="excluded; with a zone")
    clock: str = Field("business", pattern="^(business|elapsed)$", description="business or elapsed time")
    service: Word = Field("", description=f"slug; {DIMENSION}")
    team: Word = Field("", description="slug")
    line: Word = Field("", description="L1, L2, L3 or management")
    customer: Word = Field("", description="id")
    category: Word = ""
    channel: Word = ""
    priority: Word = Field("", description="1 to 4")
    cause: Word = ""
    type: Word = Field("", description="of escalations")
    reason: Word = Field("", description="of escalations")


class Figure(Found):
    """One metric: the same number as on the page and in its file."""

    metric: str
    name: str
    definition: str
    kind: str = Field(description="count, share, mean or time")
    better: str = Field(description="high, low or neither")
    n: int = Field(description="rows it stands on")
    hits: int = Field(description="of a share: those that count")
    value: float | None = Field(description="share 0 to 1, number, mean, or median in seconds")
    p90: float | None = Field(description="of a time: the 90th percentile in seconds")


class Figures(Found):
    start: datetime
    until: datetime
    clock: str
    items: list[Figure]


class Point(Found):
    start: date
    until: date = Field(description="excluded")
    n: int
    hits: int
    value: float | None
    p90: float | None


class Trend(Found):
    """A metric over time; days, weeks and months begin in the caller's zone."""

    figure: Figure
    start: datetime
    until: datetime
    step: str = Field(description="day, week or month")
    points: list[Point]


class Group(Found):
    value: str = Field(description="as a filter takes it")
    name: str
    n: int
    hits: int
    figure: float | None
    p90: float | None


class Groups(Found):
    items: list[Group]


class Target(Found):
    id: UUID
    metric: str
    scope: dict[str, str]
    goal: float = Field(description="in the metric's own unit: a share from 0 to 1, seconds, or a number")
    owner: Person | None
    departed_at: datetime | None = Field(description="since when the weekly figures are out of their band")
    departure: str


class Targets(Found):
    items: list[Target]


class NewTarget(Given):
    metric: Slug
    goal: float
    owner: Address
    scope: dict[str, str] = Field(default_factory=dict, description="{filter: value}", max_length=10)
