"""Days of a component's history, and how much of them it worked. Pure.

Partial and major outages count as down. Degraded and announced maintenance do not: they are shown, not counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tocsin.domain.status.logic.incidents import worst

DOWN = frozenset({"partial", "major"})
DAYS = 90


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: the worst of it, and seconds by state. `measured` 0: the component was not yet there."""

    on: date
    worst: str
    seconds: dict[str, float]
    measured: float

    @property
    def down(self) -> float:
        """Seconds down."""
        return sum(self.seconds.get(state, 0.0) for state in DOWN)

    @property
    def down_minutes(self) -> int:
        return round(self.down / 60)

    @property
    def troubled(self) -> list[tuple[str, int]]:
        """What was not operational, in whole minutes (at least one)."""
        rest = [(state, length) for state, length in self.seconds.items() if state != "operational" and length > 0]
        return [(state, max(1, round(length / 60))) for state, length in sorted(rest)]


@dataclass(frozen=True, slots=True)
class Uptime:
    """The days, oldest first, and the share of the measured time in which it was not down (None: nothing measured)."""

    days: list[Day]
    share: float | None

    @property
    def percent(self) -> str:
        """In two digits, never rounded up to a hundred that it was not."""
        if self.share is None:
            return ""
        hundredths = int(self.share * 10_000)
        return f"{hundredths / 100:.2f}"


def uptime(
    changes: Sequence[tuple[datetime, str]], *, began: datetime, now: datetime, zone: str, days: int = DAYS
) -> Uptime:
    """Fold a component's changes, oldest first, into the `days` last local days of `zone`, today included.

    Before the first change it was operational; before `began` nothing is known. Local days have 23 or 25 hours at a
    change of clocks, and are measured so.
    """
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    edges = [_midnight(today - timedelta(days=back), local) for back in range(days - 1, -2, -1)]
    spans = _spans(changes, began, now)
    found, at = [], 0
    for start, end in pairwise(edges):
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        seconds: dict[str, float] = {}
        for begin, finish, state in spans[at:]:
            if begin >= end:
                break
            length = (min(finish, end) - max(begin, start)).total_seconds()
            if length > 0:
                seconds[state] = seconds.get(state, 0.0) + length
        found.append(Day(start.astimezone(local).date(), worst(seconds), seconds, sum(seconds.values())))
    measured = sum(day.measured for day in found)
    down = sum(day.down for day in found)
    return Uptime(found, 1 - down / measured if measured else None)


def _spans(
    changes: Sequence[tuple[datetime, str]], began: datetime, now: datetime
) -> list[tuple[datetime, datetime, str]]:
    """Return (begin, end, state) without gaps from `began` to `now`."""
    marks = [(began, "operational"), *((max(at, began), state) for at, state in changes if at < now)]
    ends = [at for at, _ in marks[1:]] + [now]
    return [(at, end, state) for (at, state), end in zip(marks, ends, strict=True) if end > at]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # Local arithmetic first, UTC after: seconds between two instants are counted in UTC.
    return datetime.combine(day, time(), tzinfo=zone).astimezone(ZoneInfo("UTC"))
