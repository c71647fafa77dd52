"""Days of a component's history, and how much of them it worked. Pure.

Partial and major outages count as down. Degraded and announced maintenance do not: they are shown, not counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tocsin.domain.status.logic.incidents import worst

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
        return self.seconds.get("partial", 0.0) + self.seconds.get("major", 0.0)

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
    today = now.astimezone(ZoneInfo(zone)).date()
    spans = _spans(changes, began, now)
    found, at = [], 0
    for day, start, end in _days(today, zone, days):
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        seconds: dict[str, float] = {}
        for place in range(at, len(spans)):
            begin, finish, state = spans[place]
            if begin >= end:
                break
            length = min(finish, end) - max(begin, start)
            seconds[state] = seconds.get(state, 0.0) + length
        found.append(Day(day, worst(seconds), seconds, sum(seconds.values())))
    measured = sum(day.measured for day in found)
    down = sum(day.down for day in found)
    return Uptime(found, 1 - down / measured if measured else None)


@lru_cache(maxsize=64)
def _days(today: date, zone: str, days: int) -> tuple[tuple[date, float, float], ...]:
    """Return (day, its beginning, its end) in Unix seconds: the same for every component of a page, all day long."""
    local = ZoneInfo(zone)
    starts = [today - timedelta(days=back) for back in range(days - 1, -2, -1)]
    edges = [_midnight(day, local).timestamp() for day in starts]
    return tuple(zip(starts[:-1], edges[:-1], edges[1:], strict=True))


def _spans(changes: Sequence[tuple[datetime, str]], began: datetime, now: datetime) -> list[tuple[float, float, str]]:
    """Return (begin, end, state) without gaps from `began` to `now`, in Unix seconds."""
    marks = [(began, "operational"), *((max(at, began), state) for at, state in changes if at < now)]
    starts = [at.timestamp() for at, _ in marks]
    ends = [*starts[1:], now.timestamp()]
    return [(at, end, state) for at, end, (_, state) in zip(starts, ends, marks, strict=True) if end > at]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # Local arithmetic first, UTC after: seconds between two instants are counted in UTC.
    return datetime.combine(day, time(), tzinfo=zone).astimezone(ZoneInfo("UTC"))
