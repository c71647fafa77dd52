"""Whose turn it is by the rotations of a layer: wall-clock arithmetic first, instants after. Pure."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from tocsin.domain.oncall.logic.schedule import Layer, Person, Restriction, Rotation, RotationKind
from tocsin.domain.oncall.logic.wall_clock import first_instant, last_instant, reach

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001 - the wall clock's own axis, in no zone


type Turn = tuple[datetime, datetime, tuple[Person, ...]]  # first instant, last instant, crew


class Source(StrEnum):
    """Why somebody is on call."""

    ROTATION = "rotation"
    OVERRIDE = "override"
    SHIFT = "shift"
    SWAP = "swap"
    COVER = "cover"
    ABSENT = "absent"  # away, without cover and without anybody else: still better told than nobody


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the way to a person. `start` and `end` are its own, however short the span that is asked about."""

    source: Source
    name: str  # of the layer; for the rest, why it was made
    start: datetime
    end: datetime
    kind: str = ""  # of the rotation
    other: Person = ""  # who made the override, or who is replaced


@dataclass(frozen=True, slots=True)
class Duty:
    """A crew's duty by one rotation."""

    start: datetime
    end: datetime
    crew: tuple[Person, ...]
    reason: Reason


def duties(layer: Layer, rotation: Rotation, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Duty]:
    """Yield the rotation's duties that touch the instants from `start` until before `end`, each in its whole length.

    A turn is cut by the restrictions, by the rotation's own start and end, and by the layer's validity.
    """
    first, last = _in_force(layer, rotation)
    start = max(start, first)
    end = end if last is None or end < last else last
    if start >= end or not rotation.crews:
        return
    low, high = reach(start, end, zone)
    for begin, until, crew in _cut(rotation, zone, low, high):
        own_start = max(begin, first)
        own_end = until if last is None or until < last else last
        if own_start < own_end and own_start < end and own_end > start:
            yield Duty(own_start, own_end, crew, Reason(Source.ROTATION, layer.name, own_start, own_end, rotation.kind))


def _in_force(layer: Layer, rotation: Rotation) -> tuple[datetime, datetime | None]:
    first = rotation.starts if layer.valid_from is None else max(rotation.starts, layer.valid_from)
    ends = [at for at in (rotation.ends, layer.valid_until) if at is not None]
    return first, min(ends) if ends else None


def _cut(rotation: Rotation, zone: ZoneInfo, low: datetime, high: datetime) -> Iterator[Turn]:
    """Yield the turns cut by the open windows; both come in order, so a window that is over is never looked at again."""
    pattern = week_pattern(rotation.restrictions)
    if pattern is None:
        yield from _turns(rotation, zone, low, high)
        return
    windows = _windows(pattern, zone, low, high)
    for begin, until, crew in _turns(rotation, zone, low, high):
        while windows and windows[0][1] <= begin:
            windows.popleft()
        for opens, closes in windows:
            if opens >= until:
                break
            yield max(begin, opens), min(until, closes), crew


def _turns(rotation: Rotation, zone: ZoneInfo, low: datetime, high: datetime) -> Iterator[Turn]:
    """Yield (first instant, last instant, crew) of the turns that touch the wall-clock times from `low` to `high`."""
    anchor, turn, crews = _anchor(rotation, zone), rotation.turn, rotation.crews
    number = max((low - anchor) // turn, 0)
    local = anchor + number * turn
    begin = first_instant(local, zone)
    while local <= high:
        after = local + turn
        yield begin, last_instant(after, zone), crews[number % len(crews)]
        local, number = after, number + 1
        begin = first_instant(local, zone)


@lru_cache(maxsize=4096)
def _anchor(rotation: Rotation, zone: ZoneInfo) -> datetime:
    """Return the hand-over (wall clock) that begins the turn in which the rotation starts."""
    local = rotation.starts.astimezone(zone).replace(tzinfo=None)
    base = datetime.combine(local.date(), rotation.handover)
    if rotation.kind is RotationKind.WEEKLY:
        base -= DAY * ((base.weekday() - rotation.weekday) % 7)
        return base if base <= local else base - WEEK
    step = rotation.turn if rotation.kind is RotationKind.HOURLY else DAY
    return base + (local - base) // step * step


def _windows(
    pattern: tuple[tuple[timedelta, timedelta], ...], zone: ZoneInfo, low: datetime, high: datetime
) -> deque[tuple[datetime, datetime]]:
    """Return (first instant, last instant) of the open windows that touch the wall-clock times from `low` to `high`."""
    found: deque[tuple[datetime, datetime]] = deque()
    week = MONDAY + (low - MONDAY) // WEEK * WEEK - WEEK
    while week <= high:
        for offset, length in pattern:
            opens = week + offset
            if opens <= high and opens + length >= low:
                found.append((first_instant(opens, zone), last_instant(opens + length, zone)))
        week += WEEK
    return found


@lru_cache(maxsize=4096)
def week_pattern(restrictions: tuple[Restriction, ...]) -> tuple[tuple[timedelta, timedelta], ...] | None:
    """Return the open windows of a week as (offset from Monday 00:00, length), touching ones joined; None: always.

    Joining before anything is asked keeps a window's ends the same whatever span is asked about.
    """
    if not restrictions:
        return None
    spans = sorted(
        (weekday * DAY + _since_midnight(one.start), weekday * DAY + _since_midnight(one.end) + one.days * DAY)
        for one in restrictions
        for weekday in one.weekdays
    )
    joined: list[list[timedelta]] = []
    for begin, end in ((begin, end if end > begin else end + DAY) for begin, end in spans):
        if joined and begin <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([begin, end])
    # What runs over Sunday's end meets what begins the next week.
    while len(joined) > 1 and joined[-1][1] >= joined[0][0] + WEEK:
        joined[-1][1] = max(joined[-1][1], joined[0][1] + WEEK)
        joined.pop(0)
    if len(joined) == 1 and joined[0][1] - joined[0][0] >= WEEK:
        return None
    return tuple((begin, end - begin) for begin, end in joined)


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
