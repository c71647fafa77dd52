"""What on-call publishes. `at` is when it happened (UTC); `actor` is "person:<id>", "import" or "system"."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OncallEvent(Event):
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleChanged(OncallEvent):
    """Who is on call may be somebody else now, from some instant on."""

    schedule_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapOffered(OncallEvent):
    """Somebody is asked to take over a part of somebody's duty: they want to be told."""

    swap_id: UUID
    offered_to: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapAnswered(OncallEvent):
    swap_id: UUID
    offered_by: UUID
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverProposed(OncallEvent):
    """Somebody is asked to cover an absence: they want to be told."""

    absence_id: UUID
    cover: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverAnswered(OncallEvent):
    absence_id: UUID
    person: UUID
    accepted: bool
