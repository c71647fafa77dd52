"""The kinds of values that bodies and addresses hold, and what every body has in common."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from tocsin.api.paging import LARGEST, USUAL

FIRST_YEAR, LAST_YEAR = 2000, 2190
LONGEST_TEXT = 200_000


def _sensible(at: datetime) -> datetime:
    if not FIRST_YEAR <= at.year < LAST_YEAR:
        raise ValueError(f"Give a time from {FIRST_YEAR} until before {LAST_YEAR}.")
    return at


type Instant = Annotated[AwareDatetime, AfterValidator(_sensible)]
type Number = Annotated[int, Field(ge=1, le=999_999_999_999_999, description="the ticket's number, without T-")]
type Slug = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[-a-zA-Z0-9_]+$")]
type Word = Annotated[str, Field(max_length=300)]
type Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
type Level = Annotated[int, Field(ge=1, le=3, description="1 high, 2 medium, 3 low")]
type Address = Annotated[str, Field(min_length=3, max_length=254, description="a person's id or e-mail address")]
type Limit = Annotated[int, Field(ge=1, le=LARGEST, description="rows in a page")]
type Cursor = Annotated[str, Field(max_length=500, description="`next` of the page before; empty for the first page")]

USUAL_LIMIT = USUAL


class Given(BaseModel):
    """A body. What it does not know it refuses, so that nothing is believed set that was not."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class Found(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class Page[T](BaseModel):
    """One page of a list."""

    items: list[T]
    next: str = Field(description="cursor of the next page; empty on the last one")


class Person(Found):
    """A person in a few words."""

    id: UUID
    name: str


class TeamName(Found):
    slug: str
    name: str
    line: str


class ServiceName(Found):
    slug: str
    name: str


class OrganisationName(Found):
    id: UUID
    name: str
