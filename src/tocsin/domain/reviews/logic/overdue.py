"""What happens to a corrective action as its day comes near and passes: remind, tell, tell higher (SEMANTICS 8)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo


class Step(IntEnum):
    REMIND = 1
    OVERDUE = 2
    LEAD = 3
    MANAGER = 4


MORNING = time(8)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Days before the day (remind) and after it."""

    remind: int = 3
    lead: int = 3
    manager: int = 7


def at_step(step: Step, due_on: date, ladder: Ladder, zone: str) -> datetime:
    """Return when a step is due (UTC): at eight in the morning where the owner is. Overdue is the day after its day."""
    days = {
        Step.REMIND: -ladder.remind, Step.OVERDUE: 1, Step.LEAD: max(ladder.lead, 1), Step.MANAGER: max(ladder.manager, 1),
    }[step]  # fmt: skip
    # The local calendar first, UTC after: eight o'clock stays eight o'clock when the clocks change.
    return datetime.combine(due_on + timedelta(days=days), MORNING, ZoneInfo(zone)).astimezone(UTC)


def following(stage: int, due_on: date, ladder: Ladder, zone: str) -> datetime | None:
    """Return when the step after `stage` is due, None after the last."""
    return at_step(Step(stage + 1), due_on, ladder, zone) if stage < Step.MANAGER else None


def beginning(due_on: date, ladder: Ladder, zone: str, now: datetime) -> tuple[int, datetime | None]:
    """Return (stage, next) of an action that is made or moved now: a reminder whose time has passed is left out."""
    stage = 1 if at_step(Step.REMIND, due_on, ladder, zone) <= now else 0
    return stage, following(stage, due_on, ladder, zone)


def due_step(stage: int, due_on: date, ladder: Ladder, zone: str, now: datetime) -> Step | None:
    """Return the highest step that is due now: after an outage nobody is told three things at once."""
    found = None
    for step in Step:
        if step > stage and at_step(step, due_on, ladder, zone) <= now:
            found = step
    return found
