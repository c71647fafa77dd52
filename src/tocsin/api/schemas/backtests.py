"""Back-tests and shadows as programs see them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from tocsin.api.schemas.given import Found, Given


class NewBackTest(Given):
    """What is compared: versions of a policy by number, or a draft as YAML. `trigger`: sweep its threshold instead."""

    policy: str = Field(max_length=80, description="slug")
    before: int | None = Field(None, ge=1, le=1_000_000, description="version; none: the current one")
    after: int | None = Field(None, ge=1, le=1_000_000, description="version; none: the draft")
    draft: str = Field("", max_length=200_000, description="YAML")
    trigger: str = Field("", max_length=80, description="key of the trigger whose threshold is swept")
    days: int = Field(90, ge=1, le=3650, description="tickets opened in the last days")
    answers: Literal["work", "recorded", "nobody"] = "work"
    whose: Literal["own", "imported", "all"] = "own"


class BackTest(Found):
    id: UUID
    kind: str
    policy: str
    variants: list[str]
    trigger: str
    starts_at: datetime
    ends_at: datetime
    answers: str
    whose: str
    state: str
    tickets: int
    pieces: int
    pieces_done: int
    error: str
    created_at: datetime
    finished_at: datetime | None


class WholeBackTest(BackTest):
    figures: dict[str, Any] | None = Field(None, description="of a comparison that is done")
    people: list[dict[str, Any]] = Field(default_factory=list, description="whose pages differ")
    points: list[dict[str, Any]] = Field(default_factory=list, description="of a sweep that is done")


class BackTestRow(Found):
    number: int
    change: str
    added: int
    avoided: int
    ended: str
    runs: list[dict[str, Any]] = Field(description="before and after: fired, pages, empty")


class NewShadow(Given):
    policy: str = Field(max_length=80, description="slug")
    draft: str = Field(max_length=200_000, description="YAML")


class Shadow(Found):
    id: UUID
    policy: str
    started_at: datetime
    stopped_at: datetime | None
    looked_at: int = Field(description="tickets")
    figures: dict[str, Any]


class Shadows(Found):
    items: list[Shadow]
