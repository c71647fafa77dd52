"""The clock of an account escalation: its date, and the next word to the customer. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where it stands. Times are aware; a missed time is one that was told already."""

    target_at: datetime
    target_missed_at: datetime | None
    next_update_at: datetime
    update_missed_at: datetime | None


def due(standing: Standing) -> datetime | None:
    """Return when to look next: the earlier of what has not been missed yet; None when both have."""
    waiting = [] if standing.target_missed_at else [standing.target_at]
    waiting += [] if standing.update_missed_at else [standing.next_update_at]
    return min(waiting, default=None)


def missed(standing: Standing, now: datetime) -> list[str]:
    """Return what has passed by `now` and was not told yet: "target", "update", each once."""
    found = []
    if standing.target_missed_at is None and standing.target_at <= now:
        found.append("target")
    if standing.update_missed_at is None and standing.next_update_at <= now:
        found.append("update")
    return found


def next_update(now: datetime, hours: int) -> datetime:
    """Return by when the next word is promised after one at `now`."""
    return now + timedelta(hours=hours)
