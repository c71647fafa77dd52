"""Business time: exact arithmetic over weekly hours, holidays and daylight saving (SEMANTICS 2, 11). Pure.

Open spans lie on one line of UTC instants, in whole microseconds, each with the open time before it;
an operation is then one or two bisections. The line covers the years asked for so far and grows
when another is needed. Whole numbers, because consumed time is summed up over many pauses and 100 %
is a breach exactly, not nearly.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_YEAR, LAST_YEAR = 1900, 2500

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WALL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local wall time counts from here before its offset is known
_MICRO = timedelta(microseconds=1)
_PER_SECOND = 1_000_000

type Hours = tuple[tuple[int, int], ...]  # minutes from local midnight, [start, end), in order


class CalendarError(ValueError):
    """A calendar that cannot be used: `field` is wrong, `remedy` says what to do."""

    def __init__(self, field: str, message: str, remedy: str) -> None:
        super().__init__(f"{field}: {message}. {remedy}")
        self.field, self.message, self.remedy = field, message, remedy


@dataclass(frozen=True, slots=True)
class _Line:
    """Whole UTC years `first` to `last`: where spans begin and end (us since 1970) and open time before each (us)."""

    first: int
    last: int
    begin: int
    end: int
    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Weekly hours in one zone, less closed days. Make it with `build`, or `ALWAYS` for 24x7.

    Instants may lie in the years 1900 to 2500; CalendarError beyond them.
    """

    zone: ZoneInfo | None  # None: always open
    weekly: tuple[Hours, ...] = ()
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()  # open by the weekday's hours although a holiday
    # The one line known so far. It is replaced, never changed: threads may read while another makes it grow.
    _known: list[_Line] = field(default_factory=list, compare=False, hash=False, repr=False)

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
        more = round(seconds * _PER_SECOND)
        if self.zone is None or more == 0:
            return (start + timedelta(microseconds=more)).astimezone(UTC)
        at = (start - _EPOCH) // _MICRO
        line = self._line(at, at)
        wanted = _open_before(line, at) + more
        while wanted > line.total:  # grows at its end only, so what `wanted` counts from stays
            line = self._grown(line, line.first, line.last + 1)
        index = bisect_left(line.before, wanted) - 1
        return _EPOCH + timedelta(0, 0, line.starts[index] + wanted - line.before[index])

    def business_time_between(self, start: datetime, end: datetime) -> float:
        """Return the open seconds between two instants; negative where `end` lies before `start`."""
        if self.zone is None:
            return (end - start).total_seconds()
        first, last = (start - _EPOCH) // _MICRO, (end - _EPOCH) // _MICRO
        line = self._line(first, last) if first <= last else self._line(last, first)
        return (_open_before(line, last) - _open_before(line, first)) / _PER_SECOND

    def is_open(self, at: datetime) -> bool:
        """Whether business time passes at `at`."""
        if self.zone is None:
            return True
        moment = (at - _EPOCH) // _MICRO
        line = self._line(moment, moment)
        index = bisect_right(line.starts, moment) - 1
        return index >= 0 and moment < line.ends[index]

    def _line(self, first: int, last: int) -> _Line:
        """Return a line that covers both instants (us)."""
        line = self._known[0] if self._known else None
        if line is not None and line.begin <= first and last < line.end:
            return line
        years = [(_EPOCH + timedelta(microseconds=moment)).year for moment in (first, last)]
        if line is not None:
            years = [min(years[0], line.first), max(years[1], line.last)]
        return self._grown(line, *years)

    def _grown(self, line: _Line | None, first: int, last: int) -> _Line:
        """Return a line over these years, and keep it. What `line` (no wider) knows is not made again."""
        if first < FIRST_YEAR or last > LAST_YEAR:
            message = f"business time is known from {FIRST_YEAR} to {LAST_YEAR} only"
            raise CalendarError("year", message, "Check the date, and that the calendar has hours enough")
        starts: list[int] = []
        ends: list[int] = []
        for number in range(first, last + 1):
            if line is None or not line.first <= number <= line.last:
                self._add_year(number, starts, ends)
            elif number == line.first:
                starts += line.starts
                ends += line.ends
        before, total = [], 0
        for start, end in zip(starts, ends, strict=True):
            before.append(total)
            total += end - start
        grown = _Line(first, last, _new_year(first), _new_year(last + 1), starts, ends, before, total)
        self._known[:] = [grown]
        return grown

    def _add_year(self, number: int, starts: list[int], ends: list[int]) -> None:
        """Append the open spans of one UTC year. Days around it are looked at too: local days straddle UTC years."""
        spans: list[list[int]] = []
        day, last = date(number, 1, 1) - timedelta(days=2), date(number + 1, 1, 1) + timedelta(days=2)
        while day <= last:
            if day not in self.closed or day in self.opened:
                for start, stop in self.weekly[day.weekday()]:
                    _join(spans, self._instant(day, start, first=True), self._instant(day, stop, first=False))
            day += timedelta(days=1)
        begin, end = _new_year(number), _new_year(number + 1)
        for start, stop in spans:
            if start < end and stop > begin:
                starts.append(max(start, begin))
                ends.append(min(stop, end))

    def _instant(self, day: date, minute: int, *, first: bool) -> int:
        """Local minute of a day as an instant (us).

        An ambiguous time starts at its first and ends at its last occurrence (SEMANTICS 11); one that
        the clocks skip is the instant of the skip, so that no open time is invented or lost.
        """
        local = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - local wall time
        earlier, later = (local.replace(tzinfo=self.zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
        wall = (local - _WALL_EPOCH) // _MICRO
        low, high = wall - earlier // _MICRO, wall - later // _MICRO
        if earlier < later:  # skipped: the offsets before and after the change each put it on the other's side
            return self._skip(high, low)
        return low if first else high

    def _skip(self, low: int, high: int) -> int:
        """Find the instant between two others at which the zone's offset changes, to the second."""
        before = self._offset(low)
        while high - low > _PER_SECOND:
            middle = low + (high - low) // (2 * _PER_SECOND) * _PER_SECOND
            middle = max(middle, low + _PER_SECOND)
            if self._offset(middle) == before:
                low = middle
            else:
                high = middle
        return high

    def _offset(self, moment: int) -> timedelta | None:
        return (_EPOCH + timedelta(microseconds=moment)).astimezone(self.zone).utcoffset()


def _new_year(number: int) -> int:
    return (datetime(number, 1, 1, tzinfo=UTC) - _EPOCH) // _MICRO


def _join(spans: list[list[int]], start: int, stop: int) -> None:
    """Append a span in order; spans that touch or (at a fold) overlap become one, never counted twice."""
    if stop <= start:
        return
    if spans and start <= spans[-1][1]:
        spans[-1][1] = max(spans[-1][1], stop)
    else:
        spans.append([start, stop])


def _open_before(line: _Line, moment: int) -> int:
    index = bisect_right(line.starts, moment) - 1
    if index < 0:
        return 0
    end = line.ends[index]
    return line.before[index] + (moment if moment < end else end) - line.starts[index]


def parse_weekly(weekly: Mapping[str, Sequence[Sequence[str]]]) -> tuple[Hours, ...]:
    """Return the hours of Monday to Sunday. Raises CalendarError naming the day and the remedy."""
    for name in weekly:
        if name not in DAYS:
            raise CalendarError(f"weekly.{name}", "is no day", f"Use {', '.join(DAYS)}")
    days = []
    for name in DAYS:
        listed = weekly.get(name, ())
        if not isinstance(listed, (list, tuple)):
            raise CalendarError(f"weekly.{name}", "is no list of hours", 'Write [["08:00", "17:00"]]')
        spans = [_span(f"weekly.{name}[{i}]", span) for i, span in enumerate(listed)]
        for earlier, later in pairwise(spans):
            if later[0] < earlier[1]:
                raise CalendarError(f"weekly.{name}", "hours overlap or are out of order", "List them in order, apart")
        days.append(tuple(spans))
    if not any(days):
        raise CalendarError("weekly", "no day has hours", "Give at least one day hours, or use the 24x7 calendar")
    return tuple(days)


def _span(where: str, span: object) -> tuple[int, int]:
    if not isinstance(span, (list, tuple)) or len(span) != 2:
        raise CalendarError(where, "is no pair of times", 'Write ["08:00", "17:00"]')
    start, end = (_minute(where, text) for text in span)
    if start >= end:
        raise CalendarError(
            where, "ends before it starts", 'Hours over midnight are two: until "24:00", and from "00:00"'
        )
    return start, end


def _minute(where: str, text: object) -> int:
    hours, _, minutes = str(text).partition(":")
    digits = hours + minutes
    if not (digits.isascii() and digits.isdecimal() and 1 <= len(hours) <= 2 and len(minutes) == 2):
        raise CalendarError(where, f"“{text}” is no time", 'Write it like "08:30"')
    found = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or found > 24 * 60:
        raise CalendarError(where, f"“{text}” is no time of a day", 'Use "00:00" to "24:00"')
    return found


ALWAYS = BusinessCalendar(None)
