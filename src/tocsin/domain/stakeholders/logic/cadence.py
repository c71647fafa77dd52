"""When the next update of an audience is due (SEMANTICS 7). Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

SHORTEST, LONGEST = 5, 60 * 24 * 14  # minutes


def minutes_at(cadence: Mapping[str, int], priority: int) -> int | None:
    """Return the minutes between two updates at a priority; None: this audience is owed no regular update."""
    found = cadence.get(str(priority))
    return int(found) if found else None


def due(*, from_at: datetime, minutes: int) -> datetime:
    """Return the instant by which the next update is owed. Updates are owed by the wall clock, at night too."""
    return from_at + timedelta(minutes=minutes)


def after_update(*, at: datetime, minutes: int, next_at: datetime | None) -> datetime:
    """Return when the next one is owed after an update at `at` that said when the next would come, or did not.

    What was said to people holds, whether it is sooner or later than the cadence.
    """
    return next_at if next_at is not None else due(from_at=at, minutes=minutes)


def after_priority(
    *, due_at: datetime | None, from_at: datetime, minutes: int, promised: bool, now: datetime
) -> datetime | None:
    """Return when a running clock is due after the ticket's priority and so its cadence changed.

    A word that was given is not taken back by it, but may be brought forward. A faster cadence whose time is
    already over leaves one tenth of itself to write the update, at least five minutes. A missed one stays missed.
    """
    if due_at is None:
        return None
    wanted = due(from_at=from_at, minutes=minutes)
    if promised:
        wanted = min(due_at, wanted)
    if wanted > now:
        return wanted
    return now + max(timedelta(minutes=minutes) / 10, timedelta(minutes=SHORTEST))
