"""What problems publish."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemMoved(Event):
    """A problem's state changed (logic.lifecycle.State values)."""

    problem_id: UUID
    before: str
    after: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureJudged(Event):
    """The verdict on a measure changed (logic.effect.Verdict values)."""

    measure_id: UUID
    problem_id: UUID
    before: str
    after: str
    at: datetime
