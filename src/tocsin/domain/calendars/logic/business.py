"""Business time: exact arithmetic over weekly hours, holidays and daylight saving (SEMANTICS 2, 11). Pure.

Open spans are computed a year at a time, as UTC instants with a running sum of open seconds;
an operation is then two bisections. A year is made when it is first needed and kept.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_YEAR, LAST_YEAR = 1990, 2200
_DAY = 86_400.0

type Hours = tuple[tuple[int, int], ...]  # minutes from local midnight, [start, end), in order


class CalendarError(ValueError):
    """A calendar that cannot be used: `field` is wrong, `remedy` says what to do."""

    def __init__(self, field: str, message: str, remedy: str) -> None:
        super().__init__(f"{field}: {message}. {remedy}")
        self.field, self.message, self.remedy = field, message, remedy


@dataclass(frozen=True, slots=True)
class _Year:
    """One UTC year: where spans begin and end (seconds since the epoch), and open seconds before each."""

    starts: list[float]
    ends: list[float]
    before: list[float]
    total: float


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Weekly hours in one zone, less closed days. Make it with `build`, or `ALWAYS` for 24x7."""

    zone: ZoneInfo | None  # None: always open
    weekly: tuple[Hours, ...] = ()
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()  # open by the weekday's hours although a holiday
    _years: dict[int, _Year] = field(default_factory=dict, compare=False, hash=False, repr=False)

    @classmethod
    def build(
        cls,
        *,
        zone: str,
        weekly: Mapping[str, Sequence[Sequence[str]]],
        closed: frozenset[date] = frozenset(),
        opened: frozenset[date] = frozenset(),
    ) -> "BusinessCalendar":
        """Build from stored values. Raises CalendarError."""
        try:
            found = ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise CalendarError("zone", f"“{zone}” is no time zone", "Use an IANA name like Europe/Berlin") from error
        return cls(found, parse_weekly(weekly), closed, opened)

    def add_business_time(self, start: datetime, seconds: float) -> datetime:
        """Return the earliest instant (UTC) by which `seconds` (>= 0) of business time have passed since `start`."""
        if seconds < 0:
            raise ValueError("business time is added, not taken away; use business_time_between for the past")
        if self.zone is None or seconds == 0:
            return (start + timedelta(seconds=seconds)).astimezone(UTC)
        at = start.timestamp()
        number = start.astimezone(UTC).year
        year = self._year(number)
        wanted = _open_before(year, at) + seconds
        while wanted > year.total:
            wanted -= year.total
            number += 1
            if number > LAST_YEAR:
                raise CalendarError("weekly", "the calendar never opens again", "Give it hours on some day")
            year = self._year(number)
        index = _first_reaching(year, wanted)
        return datetime.fromtimestamp(year.starts[index] + (wanted - year.before[index]), UTC)

    def business_time_between(self, start: datetime, end: datetime) -> float:
        """Return the open seconds between two instants; negative where `end` lies before `start`."""
        if self.zone is None:
            return (end - start).total_seconds()
        if end < start:
            return -self.business_time_between(end, start)
        first, last = start.astimezone(UTC).year, end.astimezone(UTC).year
        passed = _open_before(self._year(last), end.timestamp()) - _open_before(self._year(first), start.timestamp())
        return passed + sum(self._year(number).total for number in range(first, last))

    def is_open(self, at: datetime) -> bool:
        """Whether business time passes at `at`."""
        if self.zone is None:
            return True
        year, moment = self._year(at.astimezone(UTC).year), at.timestamp()
        index = bisect_right(year.starts, moment) - 1
        return index >= 0 and moment < year.ends[index]

    def _year(self, number: int) -> _Year:
        year = self._years.get(number)
        if year is None:
            year = self._years[number] = self._make_year(min(max(number, FIRST_YEAR), LAST_YEAR))
        return year

    def _make_year(self, number: int) -> _Year:
        begin, end = (datetime(n, 1, 1, tzinfo=UTC).timestamp() for n in (number, number + 1))
        spans: list[list[float]] = []
        day, last = date(number, 1, 1) - timedelta(days=2), date(number + 1, 1, 1) + timedelta(days=2)
        while day <= last:
            if day not in self.closed or day in self.opened:
                for start, stop in self.weekly[day.weekday()]:
                    _join(spans, self._instant(day, start, first=True), self._instant(day, stop, first=False))
            day += timedelta(days=1)
        starts, ends, before, total = [], [], [], 0.0
        for start, stop in spans:
            inside = max(start, begin), min(stop, end)
            if inside[0] < inside[1]:
                starts.append(inside[0])
                ends.append(inside[1])
                before.append(total)
                total += inside[1] - inside[0]
        return _Year(starts, ends, before, total)

    def _instant(self, day: date, minute: int, *, first: bool) -> float:
        """Local minute of a day as a UTC timestamp.

        An ambiguous time starts at its first and ends at its last occurrence; one that the clocks
        skip is the instant of the skip, so that no open time is invented or lost.
        """
        local = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - local wall time
        moments = [local.replace(tzinfo=self.zone, fold=fold).timestamp() for fold in (0, 1)]
        if datetime.fromtimestamp(moments[0], self.zone).replace(tzinfo=None) != local:
            return self._skip(*sorted(moments))
        return min(moments) if first else max(moments)

    def _skip(self, low: float, high: float) -> float:
        """Find the instant between two others at which the zone's offset changes, to the second."""
        before = datetime.fromtimestamp(low, self.zone).utcoffset()
        while high - low > 1:
            middle = (low + high) // 2
            if datetime.fromtimestamp(middle, self.zone).utcoffset() == before:
                low = middle
            else:
                high = middle
        return high


def _join(spans: list[list[float]], start: float, stop: float) -> None:
    """Append a span in order; spans that touch or (at a fold) overlap become one, never counted twice."""
    if stop <= start:
        return
    if spans and start <= spans[-1][1]:
        spans[-1][1] = max(spans[-1][1], stop)
    else:
        spans.append([start, stop])


def _open_before(year: _Year, moment: float) -> float:
    index = bisect_right(year.starts, moment) - 1
    if index < 0:
        return 0.0
    return year.before[index] + min(moment, year.ends[index]) - year.starts[index]


def _first_reaching(year: _Year, wanted: float) -> int:
    """Return the span in which the running sum reaches `wanted` (0 < wanted <= total)."""
    index = bisect_right(year.before, wanted) - 1
    return index - 1 if index > 0 and year.before[index] == wanted else index


def parse_weekly(weekly: Mapping[str, Sequence[Sequence[str]]]) -> tuple[Hours, ...]:
    """Return the hours of Monday to Sunday. Raises CalendarError naming the day and the remedy."""
    for name in weekly:
        if name not in DAYS:
            raise CalendarError(f"weekly.{name}", "is no day", f"Use {', '.join(DAYS)}")
    days = []
    for name in DAYS:
        spans = [_span(f"weekly.{name}[{i}]", span) for i, span in enumerate(weekly.get(name) or ())]
        for earlier, later in pairwise(spans):
            if later[0] < earlier[1]:
                raise CalendarError(f"weekly.{name}", "hours overlap or are out of order", "List them in order, apart")
        days.append(tuple(spans))
    if not any(days):
        raise CalendarError("weekly", "no day has hours", "Give at least one day hours, or use the 24x7 calendar")
    return tuple(days)


def _span(where: str, span: Sequence[str]) -> tuple[int, int]:
    if isinstance(span, str) or len(span) != 2:
        raise CalendarError(where, "is no pair of times", 'Write ["08:00", "17:00"]')
    start, end = (_minute(where, text) for text in span)
    if start >= end:
        raise CalendarError(
            where, "ends before it starts", 'Hours over midnight are two: until "24:00", and from "00:00"'
        )
    return start, end


def _minute(where: str, text: str) -> int:
    hours, _, minutes = str(text).partition(":")
    if not (hours.isdigit() and minutes.isdigit() and len(minutes) == 2):
        raise CalendarError(where, f"“{text}” is no time", 'Write it like "08:30"')
    found = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or found > 24 * 60:
        raise CalendarError(where, f"“{text}” is no time of a day", 'Use "00:00" to "24:00"')
    return found


ALWAYS = BusinessCalendar(None)
