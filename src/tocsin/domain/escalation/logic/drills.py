"""When the next drill is, and what came of one. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from statistics import median
from zoneinfo import ZoneInfo

LOOKED_AHEAD = 400  # days; a calendar that is closed for longer has no drill


class Outcome(StrEnum):
    """What a person did with a test."""

    ANSWERED = "answered"
    DECLINED = "declined"
    SILENT = "silent"
    UNREACHABLE = "unreachable"  # every method failed, or there is none
    LEFT_OUT = "left_out"  # their quiet hours
    WAITING = "waiting"  # the drill still runs


@dataclass(frozen=True, slots=True)
class Window:
    """Local times of `zone` on one weekday (0 Monday), each week or on its first of each month."""

    weekday: int
    monthly: bool
    starts: time
    ends: time
    zone: str


@dataclass(frozen=True, slots=True)
class Said:
    """One answer out of the journal."""

    person: str
    at: datetime
    declined: bool
    via: str


def next_drill(
    window: Window, after: datetime, chance: Callable[[date], float], is_open: Callable[[datetime], bool]
) -> datetime | None:
    """Return the first drill after `after` (aware), in UTC; None if no day within a good year is open.

    `chance` says for a day where in the window it lies (0 to 1), so that nobody knows it by heart; the same
    day gives the same instant. A day counts as open if the calendar is open at that instant.
    """
    place = ZoneInfo(window.zone)
    today = after.astimezone(place).date()
    for ahead in range(LOOKED_AHEAD):
        day = today + timedelta(days=ahead)
        if day.weekday() != window.weekday or (window.monthly and day.day > 7):
            continue
        starts, ends = (_instant(day, at, place) for at in (window.starts, window.ends))
        at = starts + (ends - starts) * chance(day)
        at = at.replace(second=0, microsecond=0)
        if at > after and is_open(at):
            return at
    return None


def window_ends(window: Window, planned_at: datetime) -> datetime:
    """Return when the window that `planned_at` lies in is over."""
    place = ZoneInfo(window.zone)
    return _instant(planned_at.astimezone(place).date(), window.ends, place)


def _instant(day: date, at: time, place: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=place).replace(fold=0).astimezone(UTC)


def first_answers(said: Sequence[Said]) -> dict[str, Said]:
    """Return {person: what they did first}; an acknowledgement after a decline counts instead of it."""
    found: dict[str, Said] = {}
    for one in sorted(said, key=lambda s: s.at):
        known = found.get(one.person)
        if known is None or (known.declined and not one.declined):
            found[one.person] = one
    return found


def outcome(person: str, said: Mapping[str, Said], unreachable: Collection[str], *, over: bool) -> Outcome:
    """Return what one paged person did."""
    answer = said.get(person)
    if answer is not None:
        return Outcome.DECLINED if answer.declined else Outcome.ANSWERED
    if person in unreachable:
        return Outcome.UNREACHABLE
    return Outcome.SILENT if over else Outcome.WAITING


def middle(seconds: Sequence[float]) -> float | None:
    """Return the median, None of nothing."""
    return median(seconds) if seconds else None
