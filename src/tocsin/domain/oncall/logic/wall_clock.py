"""From what a clock on the wall shows to instants, exactly over DST (SEMANTICS 11). Pure.

A span of the wall clock from S to E begins at the first instant at which the clock shows S or later, and ends
at the last at which it shows E or earlier. Where the clock is turned back these are the first occurrence of S
and the last of E, so neighbours overlap and never leave a gap; where it is turned forward over S or E it is
the very instant of the jump.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def first_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant (UTC) at which the clock in `zone` shows `local` (naive) or later."""
    steady = _steady(local.toordinal(), zone)
    if steady is not None:
        return (local - steady).replace(tzinfo=UTC)
    before, after = _around(local, zone)
    if before < after:
        return _jump(local, zone, before, after)
    return (local - before).replace(tzinfo=UTC)


def last_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the last instant (UTC) up to which the clock in `zone` shows `local` (naive) or earlier."""
    steady = _steady(local.toordinal(), zone)
    if steady is not None:
        return (local - steady).replace(tzinfo=UTC)
    before, after = _around(local, zone)
    if before < after:
        return _jump(local, zone, before, after)
    return (local - after).replace(tzinfo=UTC)


def reach(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the local times (naive) between which everything lies that touches the instants from `start` to `end`.

    Usually just what the clock shows at both; within a day of a change of offset, wider by the change.
    """
    lowest = min(_offset(start - DAY, zone), _offset(start, zone), _offset(start + DAY, zone))
    highest = max(_offset(end - DAY, zone), _offset(end, zone), _offset(end + DAY, zone))
    return (start + lowest).replace(tzinfo=None), (end + highest).replace(tzinfo=None)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _around(local: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """Return the offsets before and after the change of the clock that `local` may lie in."""
    before = local.replace(tzinfo=zone, fold=0).utcoffset() or timedelta()
    return before, local.replace(tzinfo=zone, fold=1).utcoffset() or timedelta()


@lru_cache(maxsize=16_384)
def _steady(day: int, zone: ZoneInfo) -> timedelta | None:
    """Return the offset of a whole local day; None on days on which the clock is turned, which are looked at closely."""
    midnight = datetime.fromordinal(day)
    offsets = {*_around(midnight, zone), *_around(midnight + DAY, zone)}
    return offsets.pop() if len(offsets) == 1 else None


@lru_cache(maxsize=1024)
def _jump(local: datetime, zone: ZoneInfo, before: timedelta, after: timedelta) -> datetime:
    """Return the instant at which the clock jumps over `local`; offsets change at whole seconds."""
    low, high = (local - after).replace(tzinfo=UTC), (local - before).replace(tzinfo=UTC)
    while high - low > SECOND:
        middle = low + (high - low) // SECOND // 2 * SECOND
        if middle.astimezone(zone).replace(tzinfo=None) >= local:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)
