"""Making a bad rating good: who calls, and what is due (SEMANTICS 8). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

LATE_WARNING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be answerable for the customer, and by which rule."""

    person: UUID | None
    why: str


def owner_of(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the first candidate who is somebody; None if there is nobody at all."""
    return next((one for one in candidates if one.person is not None), None)


class Step(StrEnum):
    """What is due on an open recovery."""

    REMIND = "remind"
    MISSED = "missed"


def remind_at(opened_at: datetime, callback_at: datetime) -> datetime:
    """Return when the owner is reminded: an hour ahead, or half-way where there is less than two hours."""
    return max(callback_at - LATE_WARNING, opened_at + (callback_at - opened_at) / 2)


def step_at(*, now: datetime, callback_at: datetime) -> Step:
    """Return what is due now. After downtime a missed call is told as missed, not first as near."""
    return Step.MISSED if now >= callback_at else Step.REMIND
