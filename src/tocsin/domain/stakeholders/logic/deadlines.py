"""Reading a time out of a sentence: "by 15:00", "bis morgen Mittag", "in 2 business hours" (SEMANTICS 2, 7). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tocsin.domain.calendars.logic.business import BusinessCalendar
from tocsin.domain.stakeholders.logic.phrases import Phrases, Token

CLOSE_WITHOUT_HOURS = time(17)  # of a 24x7 calendar, and of a day that is closed
LONGEST = timedelta(days=366)
WEEK = 7
MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a time is read against: now, the zone in which clock times are meant, the hours of business."""

    now: datetime
    zone: ZoneInfo
    calendar: BusinessCalendar

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant (UTC), and the words (from, to: characters) that name it."""

    at: datetime
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Parts:
    """What has been read so far of one time."""

    introduced: bool = False  # by a word like "by"
    day: date | None = None
    weekday: bool = False  # the day was named by its weekday, so it comes again in a week
    at: time | None = None
    midnight: bool = False  # 24:00
    part: bool = False  # `at` is a part of the day
    marked: bool = False  # the clock time cannot be another number: 15:00, 3 pm
    end: str = ""


def find(text: str, tokens: Sequence[Token], phrases: Phrases, frame: Frame) -> Deadline | None:
    """Return the first time in the sentence that lies ahead, or None."""
    for index in range(len(tokens)):
        found = _span(tokens, index, phrases, frame) or _moment(text, tokens, index, phrases, frame)
        if found is not None and frame.now < found[0] <= frame.now + LONGEST:
            return Deadline(found[0].astimezone(UTC), tokens[index].start, tokens[index + found[1] - 1].end)
    return None


def close_of(calendar: BusinessCalendar, day: date, fallback: ZoneInfo) -> datetime:
    """Return when business closes on `day`; 17:00 where it does not close, or is not open at all that day."""
    zone = calendar.zone or fallback
    hours = calendar.weekly[day.weekday()] if calendar.zone else ()
    if not hours or (day in calendar.closed and day not in calendar.opened):
        return datetime.combine(day, CLOSE_WITHOUT_HOURS, zone)
    minutes = max(end for _, end in hours)
    if minutes >= MIDNIGHT:
        return datetime.combine(day, CLOSE_WITHOUT_HOURS, zone)
    return datetime.combine(day, time(), zone) + timedelta(minutes=minutes)  # wall time: the zone takes the change


def is_open_day(calendar: BusinessCalendar, day: date) -> bool:
    """Whether business is done on that day at all."""
    if calendar.zone is None:
        return True
    return bool(calendar.weekly[day.weekday()]) and (day not in calendar.closed or day in calendar.opened)


def after_business_days(frame: Frame, days: int) -> datetime:
    """Return the close of the `days`-th open day after today."""
    day, left = frame.today, min(days, 260)
    for _ in range(800):
        day += timedelta(days=1)
        left -= is_open_day(frame.calendar, day)
        if left <= 0:
            break
    return close_of(frame.calendar, day, frame.zone)


def end_of_business(frame: Frame, day: date) -> datetime:
    """Return the close of business of `day`, or of the next open day where that is behind or the day is closed."""
    for ahead in range(370):
        one = day + timedelta(days=ahead)
        if is_open_day(frame.calendar, one) and close_of(frame.calendar, one, frame.zone) > frame.now:
            return close_of(frame.calendar, one, frame.zone)
    return close_of(frame.calendar, day, frame.zone)


def end_of_week(frame: Frame) -> datetime:
    """Return the close of the last open day of this week (Monday to Sunday); of the next, if that is behind."""
    monday = frame.today - timedelta(days=frame.today.weekday())
    for week in range(54):
        days = [monday + timedelta(days=week * WEEK + n) for n in range(WEEK)]
        opened = [day for day in days if is_open_day(frame.calendar, day)]
        last = opened[-1] if opened else days[4]
        if frame.calendar.zone is None:
            last = days[4]
        if close_of(frame.calendar, last, frame.zone) > frame.now:
            return close_of(frame.calendar, last, frame.zone)
    return frame.now


def named(word: str, frame: Frame) -> datetime | None:
    """Return what a choice of a form means now: 1h, business_2h, end_of_business, tomorrow_noon, end_of_week."""
    match word:
        case "1h":
            return frame.now + timedelta(hours=1)
        case "business_2h":
            return frame.calendar.add_business_time(frame.now, 2 * 3600)
        case "end_of_business":
            return end_of_business(frame, frame.today).astimezone(UTC)
        case "tomorrow_noon":
            return datetime.combine(frame.today + timedelta(days=1), time(12), frame.zone).astimezone(UTC)
        case "end_of_week":
            return end_of_week(frame).astimezone(UTC)
        case _:
            return None


def _span(tokens: Sequence[Token], index: int, phrases: Phrases, frame: Frame) -> tuple[datetime, int] | None:
    """Read "within two hours"."""
    within = phrases.within.at(tokens, index)
    if within is None:
        return None
    used = within[1]
    amount = 1.0
    number = phrases.numbers.at(tokens, index + used)
    if number is not None:
        amount, used = float(number[0]), used + number[1]
    elif index + used < len(tokens) and tokens[index + used].word.isdigit():
        amount, used = float(tokens[index + used].word[:4]), used + 1
    else:
        return None
    unit = phrases.units.at(tokens, index + used)
    if unit is None or amount <= 0:
        return None
    used += unit[1]
    match unit[0]:
        case "minutes":
            at = frame.now + timedelta(minutes=amount)
        case "hours":
            at = frame.now + timedelta(hours=amount)
        case "days":
            at = frame.now + timedelta(days=min(amount, 400))
        case "business_hours":
            at = frame.calendar.add_business_time(frame.now, min(amount, 2000) * 3600)
        case _:
            at = after_business_days(frame, int(amount))
    return at, used


def _moment(
    text: str, tokens: Sequence[Token], index: int, phrases: Phrases, frame: Frame
) -> tuple[datetime, int] | None:
    """Read a day, a clock time, a part of a day or the end of one, in whatever order they stand."""
    parts, at, used = _Parts(), index, 0
    while at < len(tokens):
        step = _component(text, tokens, at, phrases, frame, parts)
        if step is not None:
            parts, count = step
            at += count
            used = at - index
            continue
        by = phrases.by.at(tokens, at)
        if by is None:
            break
        at += by[1]
        parts = replace(parts, introduced=True)
    if not used or not _enough(parts):
        return None
    instant = _resolve(parts, frame)
    return (instant, used) if instant is not None else None


def _enough(parts: _Parts) -> bool:
    """Whether what was read can only be a time: a lone number or "morning" needs a word like "by" before it."""
    if parts.day is not None or parts.end:
        return True
    return parts.at is not None and parts.introduced


def _component(
    text: str, tokens: Sequence[Token], at: int, phrases: Phrases, frame: Frame, parts: _Parts
) -> tuple[_Parts, int] | None:
    if parts.day is None:
        day = _day(text, tokens, at, phrases, frame)
        if day is not None:
            return replace(parts, day=day[0], weekday=day[2]), day[1]
    if not parts.end:
        end = phrases.ends.at(tokens, at)
        if end is not None:
            return replace(parts, end=end[0]), end[1]
    if parts.at is None:
        clock = _clock(text, tokens, at, phrases)
        if clock is not None:
            minutes, count = clock
            return replace(parts, at=_time(minutes), midnight=minutes == 24 * 60, marked=True), count
        part = phrases.parts.at(tokens, at)
        if part is not None and (parts.day is not None or parts.introduced or part[1] > 1):
            return replace(parts, at=_time(_minutes(part[0])), part=True, introduced=True), part[1]
    return None


def _time(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _minutes(written: str) -> int:
    hours, _, minutes = written.partition(":")
    return int(hours) * 60 + int(minutes or 0)


def _clock(text: str, tokens: Sequence[Token], at: int, phrases: Phrases) -> tuple[int, int] | None:
    """Return (minutes since midnight, how many words) of a clock time."""
    named = phrases.clock.at(tokens, at)
    if named is not None:
        return _minutes(named[0]), named[1]
    hour = _number(tokens, at)
    if hour is None or hour > 24:
        return None
    minute, used = 0, 1
    joined = _between(text, tokens, at)
    following = _number(tokens, at + 1)
    if joined in (":", ".") and following is not None and following < 60 and len(tokens[at + 1].word) == 2:
        if joined == "." and _between(text, tokens, at + 1).startswith("."):
            return None  # 03.12.2026 is a day
        minute, used = following, 2
    return _of_day(tokens, at + used, phrases, hour * 60 + minute, used, plain=used == 1 or joined == ".")


def _of_day(
    tokens: Sequence[Token], at: int, phrases: Phrases, minutes: int, used: int, *, plain: bool
) -> tuple[int, int] | None:
    """Settle am, pm and "Uhr" behind a clock time; a `plain` number is one only with such a word."""
    half = _half(tokens, at, phrases)
    if half is not None:
        hour = minutes // 60
        return (minutes + (half[0] - (12 if hour == 12 else 0)) * 60, used + half[1]) if 1 <= hour <= 12 else None
    marker = phrases.hours.at(tokens, at)
    if (marker is None and plain) or minutes > 24 * 60:
        return None
    return minutes, used + (marker[1] if marker else 0)


def _half(tokens: Sequence[Token], at: int, phrases: Phrases) -> tuple[int, int] | None:
    """Return (hours to add, how many words) of am or pm."""
    before, later = phrases.morning.at(tokens, at), phrases.afternoon.at(tokens, at)
    if later is not None:
        return 12, later[1]
    return (0, before[1]) if before is not None else None


def _day(text: str, tokens: Sequence[Token], at: int, phrases: Phrases, frame: Frame) -> tuple[date, int, bool] | None:
    """Return (day, how many words, whether by its weekday)."""
    near = phrases.days.at(tokens, at)
    if near is not None:
        return frame.today + timedelta(days=near[0]), near[1], False
    weekday = phrases.weekdays.at(tokens, at)
    if weekday is not None:
        return frame.today + timedelta(days=(weekday[0] - frame.today.weekday()) % WEEK), weekday[1], True
    dated = _date(text, tokens, at, phrases, frame)
    return (*dated, False) if dated is not None else None


def _date(text: str, tokens: Sequence[Token], at: int, phrases: Phrases, frame: Frame) -> tuple[date, int] | None:
    """Read 2026-12-03, 3.12., 3 December, December 3."""
    first = _number(tokens, at)
    if first is not None:
        second, third = _number(tokens, at + 1), _number(tokens, at + 2)
        joined = _between(text, tokens, at)
        if joined == "-" and len(tokens[at].word) == 4 and second and third and _between(text, tokens, at + 1) == "-":
            return _made(first, second, third, 3, frame)
        dotted = (
            joined in (".", ". ") and second is not None and text[tokens[at + 1].end : tokens[at + 1].end + 1] == "."
        )
        if dotted and second is not None:
            year = third if third is not None and third > 2000 and _between(text, tokens, at + 1) == "." else None
            return _made(year, second, first, 3 if year else 2, frame)
        month = phrases.months.at(tokens, at + 1)
        if month is not None and 1 <= first <= 31:
            return _made(None, month[0], first, 1 + month[1], frame)
        return None
    month = phrases.months.at(tokens, at)
    day = _number(tokens, at + month[1]) if month is not None else None
    if month is None or day is None or not 1 <= day <= 31:
        return None
    return _made(None, month[0], day, month[1] + 1, frame)


def _made(year: int | None, month: int, day: int, used: int, frame: Frame) -> tuple[date, int] | None:
    """Return the day; without a year, the next one of its name."""
    try:
        if year is not None:
            return date(year, month, day), used
        this = date(frame.today.year, month, day)
        return (this if this >= frame.today else date(frame.today.year + 1, month, day)), used
    except ValueError:
        return None


def _number(tokens: Sequence[Token], at: int) -> int | None:
    if at >= len(tokens):
        return None
    word = tokens[at].word
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 4 else None


def _between(text: str, tokens: Sequence[Token], at: int) -> str:
    """Return what stands between a word and the next."""
    return text[tokens[at].end : tokens[at + 1].start] if at + 1 < len(tokens) else ""


def _resolve(parts: _Parts, frame: Frame) -> datetime | None:
    if parts.end == "week":
        return end_of_week(frame)
    day = parts.day or frame.today
    found = _on(day, parts, frame)
    if found > frame.now:
        return found
    if parts.weekday:
        return _on(day + timedelta(days=WEEK), parts, frame)
    if parts.day is None and parts.at is not None and not parts.part:
        return _on(day + timedelta(days=1), parts, frame)  # "by 9:00", said at 16:00
    return None


def _on(day: date, parts: _Parts, frame: Frame) -> datetime:
    if parts.at is not None:
        later = timedelta(days=1) if parts.midnight else timedelta()
        return datetime.combine(day + later, parts.at, frame.zone)
    if parts.end == "day":
        return datetime.combine(day, time(23, 59), frame.zone)
    if parts.end == "business":
        return end_of_business(frame, day)
    close = close_of(frame.calendar, day, frame.zone)
    return close if close > frame.now or day != frame.today else datetime.combine(day, time(23, 59), frame.zone)
