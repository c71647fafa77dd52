"""Whether a risk may call for attention, after what people said about it (SEMANTICS 10). Pure."""

from dataclasses import dataclass
from datetime import datetime

RISEN = 0.2  # so far above what was disagreed with, or snoozed, a score speaks up again
HIGH = 0.5  # from here on a ticket's timeline says so


@dataclass(frozen=True, slots=True)
class Said:
    """The last answer to one risk of one ticket."""

    opinion: str  # agree, snooze, disagree
    value: float  # the score that was answered
    until: datetime | None = None  # snooze


def is_quiet(said: Said | None, value: float, now: datetime) -> bool:
    """Whether the score must not nag: snoozed and not yet awake, or disagreed with; unless it has risen far since."""
    if said is None or said.opinion == "agree" or value >= said.value + RISEN:
        return False
    if said.opinion == "snooze":
        return said.until is not None and now < said.until
    return True


def crosses(before: float, after: float, mark: float) -> bool:
    """Whether a score has just come to `mark` or above."""
    return before < mark <= after
