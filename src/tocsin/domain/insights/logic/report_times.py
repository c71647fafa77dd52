"""When a report of figures is due, and which days it tells of. Local calendar first, UTC after. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKLY, MONTHLY = "weekly", "monthly"


def next_due(cadence: str, weekday: int, hour: int, zone: str, after: datetime) -> datetime:
    """Return the next instant (UTC) strictly after `after`: that weekday (1 Monday), or the first of a month, at that hour.

    An hour that a clock change skips is taken as if the change had not come yet: late by it, never left out.
    """
    local = ZoneInfo(zone)
    day = after.astimezone(local).date()
    while True:
        if day.day == 1 if cadence == MONTHLY else day.isoweekday() == weekday:
            at = datetime.combine(day, time(hour), local).astimezone(UTC)
            if at > after:
                return at
        day += timedelta(days=1)


def days_of(cadence: str, due_at: datetime, zone: str) -> tuple[date, date]:
    """Return the first and the last day that a report due at `due_at` tells of: seven days, or a month, that are over."""
    day = due_at.astimezone(ZoneInfo(zone)).date()
    if cadence == MONTHLY:
        last = day.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    return day - timedelta(days=7), day - timedelta(days=1)
