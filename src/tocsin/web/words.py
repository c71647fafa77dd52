"""Times and durations as people read them. Pure: `now` is passed in."""

from datetime import datetime, timedelta

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def duration(seconds: float) -> str:
    """Return a length of time in at most two units: "40 s", "48 m", "3 h 10 m", "2 d 4 h". A minus sign stays."""
    sign = "-" if seconds < 0 else ""
    whole = int(abs(seconds))
    if whole < MINUTE:
        return f"{sign}{whole} s"
    if whole < HOUR:
        return f"{sign}{whole // MINUTE} m"
    if whole < DAY:
        return sign + _two(whole // HOUR, "h", whole % HOUR // MINUTE, "m")
    return sign + _two(whole // DAY, "d", whole % DAY // HOUR, "h")


def clock_left(seconds: float) -> str:
    """Return what is left on a clock: seconds are shown below five minutes; negative after the breach (UX "Look").

    Never in days: a day of business time is shorter than a day, so only hours say the same everywhere.
    """
    whole = int(seconds)
    if abs(whole) >= DAY:
        return f"{'-' if whole < 0 else ''}{abs(whole) // HOUR} h"
    if 0 <= whole < 5 * MINUTE:
        minutes, rest = divmod(whole, MINUTE)
        return f"{minutes} m {rest:02d} s" if minutes else f"{rest} s"
    return duration(seconds)


def promised(seconds: float) -> str:
    """Return a promised length of business time, in hours and minutes: "72 h", "1 h 30 m", "20 m"."""
    whole = int(seconds)
    if whole < HOUR:
        return f"{whole // MINUTE} m"
    return f"{whole // HOUR} h" + (f" {whole % HOUR // MINUTE} m" if whole % HOUR >= MINUTE else "")


def exact(at: datetime) -> str:
    """Return an aware local time to the millisecond, for evidence: "23 Nov 2026, 23:10:42.123 GMT"."""
    return f"{at.day} {at:%b %Y, %H:%M:%S}.{at.microsecond // 1000:03d} {at.tzname()}"


def relative(at: datetime, now: datetime) -> str:
    """Return "now", "12 m ago" or "in 3 h"."""
    gap = (at - now).total_seconds()
    if abs(gap) < 10:
        return "now"
    size = _one(abs(gap))
    return f"in {size}" if gap > 0 else f"{size} ago"


def absolute(at: datetime) -> str:
    """Return an aware local time with its zone at hand: "Mon 24 Nov 2025, 14:05 CET"."""
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M} {at.tzname()}"


def span(length: timedelta) -> str:
    """Return a configured length of time in words: "at once", "after 15 m"."""
    seconds = length.total_seconds()
    return "at once" if seconds == 0 else f"after {duration(seconds)}"


def initials(name: str) -> str:
    """Return up to two letters for an avatar; "?" where there is no name."""
    parts = [part for part in name.split() if part[0].isalnum()]
    if not parts:
        return "?"
    first, last = parts[0], parts[-1]
    return (first[0] + (last[0] if len(parts) > 1 else "")).upper()


def _two(big: int, big_unit: str, small: int, small_unit: str) -> str:
    return f"{big} {big_unit} {small} {small_unit}" if small and big < 10 else f"{big} {big_unit}"


def _one(seconds: float) -> str:
    whole = int(seconds)
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if whole >= size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def first_name(name: str) -> str:
    """Return the first word of a name; "" of none."""
    return name.split(" ", maxsplit=1)[0] if name else ""
