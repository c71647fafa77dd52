"""How much each person carries: hours, nights, weekends. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.domain.oncall.logic.roster import Span
from tocsin.domain.oncall.logic.schedule import Person
from tocsin.domain.oncall.logic.wall_clock import first_instant, last_instant

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NIGHT_BEGINS, NIGHT_LASTS = timedelta(hours=22), timedelta(hours=8)  # 22:00 to 06:00 by the schedule's clock
SATURDAY, WEEKEND_LASTS = 5, timedelta(days=2)  # Saturday 00:00 to Monday 00:00


@dataclass(frozen=True, slots=True)
class Load:
    """One person's on-call in a span. Hours are elapsed hours; a night or weekend counts when any of it was on."""

    hours: float = 0
    night_hours: float = 0
    weekend_hours: float = 0
    shifts: int = 0
    nights: int = 0
    weekends: int = 0
    longest_hours: float = 0  # without a break


@dataclass(frozen=True, slots=True)
class Stretch:
    """One person on call without a break from `start` until before `end`."""

    start: datetime
    end: datetime


def stretches(spans: Iterable[Span]) -> dict[Person, list[Stretch]]:
    """Return when each person is on, whatever the evidence: touching spans of a person are one stretch."""
    found: dict[Person, list[Stretch]] = defaultdict(list)
    for span in spans:
        for person in span.people:
            own = found[person]
            if own and own[-1].end == span.start:
                own[-1] = Stretch(own[-1].start, span.end)
            else:
                own.append(Stretch(span.start, span.end))
    return dict(found)


def load(spans: Sequence[Span], zone: ZoneInfo) -> dict[Person, Load]:
    """Return the load of everybody who is on in `spans` (of a final view); nights and weekends by the clock in `zone`."""
    if not spans:
        return {}
    nights = list(_recurring(spans[0].start, spans[-1].end, zone, range(7), NIGHT_BEGINS, NIGHT_LASTS))
    weekends = list(_recurring(spans[0].start, spans[-1].end, zone, (SATURDAY,), timedelta(), WEEKEND_LASTS))
    return {person: _load(own, nights, weekends) for person, own in stretches(spans).items()}


def _load(own: Sequence[Stretch], nights: Sequence[Stretch], weekends: Sequence[Stretch]) -> Load:
    lengths = [(stretch.end - stretch.start) / HOUR for stretch in own]
    night = [sum(_common(stretch, window) for stretch in own) for window in nights]
    weekend = [sum(_common(stretch, window) for stretch in own) for window in weekends]
    return Load(
        sum(lengths), sum(night), sum(weekend), len(own), sum(map(bool, night)), sum(map(bool, weekend)), max(lengths)
    )


def _common(one: Stretch, other: Stretch) -> float:
    return max((min(one.end, other.end) - max(one.start, other.start)) / HOUR, 0)


def _recurring(
    start: datetime, end: datetime, zone: ZoneInfo, weekdays: Sequence[int], begins: timedelta, lasts: timedelta
) -> Iterator[Stretch]:
    """Yield the windows that begin on these weekdays and touch the span; by the wall clock, exact over DST."""
    day = datetime.combine(start.astimezone(zone).date(), datetime.min.time()) - 3 * DAY
    while (opens := first_instant(day + begins, zone)) < end:
        closes = last_instant(day + begins + lasts, zone)
        if day.weekday() in weekdays and closes > start:
            yield Stretch(opens, closes)
        day += DAY
