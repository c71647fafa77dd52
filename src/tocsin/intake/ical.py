"""Shifts from calendar files (RFC 5545): rules, exceptions and moved occurrences unfolded, people recognised.

A file comes from outside: its size, the number of its occurrences and the rules that it may hold are bounded.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from math import prod
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import recurring_ical_events
from django.db import transaction
from icalendar import Calendar, Event

from tocsin.domain.oncall.actions import NewShift, replace_imported
from tocsin.domain.oncall.logic.wall_clock import first_instant, last_instant
from tocsin.domain.oncall.models import Schedule
from tocsin.domain.people import queries as people_queries
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.kernel.errors import InvalidInput, NotFound

MAX_BYTES = 1024 * 1024
MOST = 5_000  # occurrences
LONGEST = timedelta(days=400)  # ahead
MOST_RULES = 200  # events that recur
MOST_STEPS = 300_000  # occurrences to step over, counted from where each rule begins
DAY = timedelta(days=1)
ADDRESS = re.compile(r"[^\s<>:;,()\"']+@[^\s<>:;,()\"']+")


@dataclass(frozen=True, slots=True)
class CalendarShift:
    """One occurrence. `addresses` of those who have it: the event's attendees, else what its summary names."""

    uid: str
    start: datetime  # UTC
    end: datetime
    summary: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to. `unknown`: summaries of occurrences in which no member of staff was recognised."""

    shifts: int
    unknown: tuple[str, ...]


@transaction.atomic
def import_shifts(
    *, schedule_id: UUID, text: str, source: str, by: User | None, now: datetime, ahead: timedelta = LONGEST
) -> Imported:
    """Make the calendar's occurrences from `now` until `ahead` the one-off shifts that come from `source`.

    Importing a newer file of the same source replaces what has not begun; the same file changes nothing.
    Raises NotFound, NotAllowed, and InvalidInput for a file that cannot be read.
    """
    schedule = Schedule.objects.filter(pk=schedule_id).first()
    if schedule is None:
        raise NotFound("schedule_not_found", "There is no such schedule.")
    shifts: list[NewShift] = []
    unknown: dict[str, None] = {}
    for one, people in recognised(text, start=now, end=now + min(ahead, LONGEST), zone=ZoneInfo(schedule.zone)):
        if not people:
            unknown[one.summary or one.uid] = None
        for person in people:
            shifts.append(NewShift(person, one.start, one.end, one.summary[:200], one.uid))
    made = replace_imported(schedule_id=schedule_id, source=source, shifts=shifts, by=by, now=now)
    return Imported(made, tuple(unknown))


def recognised(text: str, *, start: datetime, end: datetime, zone: ZoneInfo) -> list[tuple[CalendarShift, list[User]]]:
    """Return what `read_shifts` does, each with the members of staff whom it names. Changes nothing."""
    staff = [person for person in people_queries.people() if is_staff.test(person)]
    return [(one, _people(one, staff)) for one in read_shifts(text, start=start, end=end, zone=zone)]


def read_shifts(text: str, *, start: datetime, end: datetime, zone: ZoneInfo) -> list[CalendarShift]:
    """Return what the calendar's events come to between `start` and `end` (aware), by start.

    Times without a zone, and whole days, are read in `zone`. Cancelled events are left out. Raises InvalidInput.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        _refuse(f"The file is larger than {MAX_BYTES // 1024} kB. Export a shorter time.")
    try:
        calendars = Calendar.from_ical(text, multiple=True)
        if not calendars:
            _refuse("The file is empty.")
        _check_rules(calendars, end)
        found = [shift for calendar in calendars for shift in _occurrences(calendar, start, end, zone)]
    except InvalidInput:
        raise
    except Exception as error:
        _refuse(f"This is no calendar that can be read ({type(error).__name__}). Export it as iCalendar (.ics).")
    return sorted(found, key=lambda shift: (shift.start, shift.uid))


def _check_rules(calendars: Sequence[Calendar], until: datetime) -> None:
    """Refuse what would take long to unfold: the work is bounded before it begins."""
    recurring, work = 0, 0.0
    for calendar in calendars:
        for event in calendar.walk("VEVENT"):
            rules = event.get("RRULE", [])
            for rule in rules if isinstance(rules, list) else [rules]:
                recurring += 1
                begins = event.decoded("DTSTART")
                days = (until.date() - (begins.date() if isinstance(begins, datetime) else begins)).days
                work += max(days, 0) * _a_day(rule)
    if recurring > MOST_RULES or work > MOST_STEPS:
        _refuse("The calendar has too many recurring events, or they began too long ago. Export fewer of them.")


def _a_day(rule: Mapping[str, Any]) -> float:
    """Return an upper bound of how often a rule recurs a day."""
    each = {"SECONDLY": 86_400, "MINUTELY": 1_440, "HOURLY": 24, "WEEKLY": max(len(rule.get("BYDAY", ())), 1) / 7}
    (often,) = rule.get("FREQ", ["DAILY"])
    times = [max(len(rule.get(part, ())), 1) for part in ("BYHOUR", "BYMINUTE", "BYSECOND")]
    return each.get(str(often).upper(), 1) * prod(times)


def _occurrences(calendar: Calendar, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[CalendarShift]:
    # A day more on both sides: whole days and times without a zone are placed in `zone` only below.
    events = recurring_ical_events.of(calendar).between(start - DAY, end + DAY)
    if len(events) > MOST:
        _refuse(f"The calendar has more than {MOST} occurrences. Export a shorter time.")
    for event in events:
        shift = _shift(event, zone)
        is_cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
        if start < shift.end and shift.start < min(end, shift.end) and not is_cancelled:
            yield shift


def _shift(event: Event, zone: ZoneInfo) -> CalendarShift:
    begins, ends = event.decoded("DTSTART"), event.decoded("DTEND")
    summary = str(event.get("SUMMARY", "")).replace("\x00", "").strip()
    attendees = event.get("ATTENDEE", [])
    named = [str(one) for one in (attendees if isinstance(attendees, list) else [attendees])]
    addresses = [
        found[0].lower() for one in named or [summary] if (found := ADDRESS.search(one.removeprefix("mailto:")))
    ]
    # The start tells the occurrences of one event apart; hashed, because a uid may be of any length.
    uid = sha256(f"{event.get('UID', summary)}".encode(errors="replace")).hexdigest()[:24]
    first, last = _instant(begins, zone, at_end=False), _instant(ends, zone, at_end=True)
    return CalendarShift(
        f"{uid}-{first:%Y%m%dT%H%M}", first, max(first, last), summary, tuple(dict.fromkeys(addresses))
    )


def _instant(at: date | datetime, zone: ZoneInfo, *, at_end: bool) -> datetime:
    if isinstance(at, datetime) and at.tzinfo is not None:
        return at.astimezone(ZoneInfo("UTC"))
    local = at if isinstance(at, datetime) else datetime.combine(at, time())
    return last_instant(local, zone) if at_end else first_instant(local, zone)


def _people(shift: CalendarShift, staff: Sequence[User]) -> list[User]:
    """Return whom the shift names: by address, else by a full name in its summary."""
    if shift.addresses:
        return [person for person in staff if person.email.lower() in shift.addresses]
    said = f" {re.sub(r'[^\w]+', ' ', shift.summary.casefold())} "
    return [person for person in staff if f" {re.sub(r'[^\w]+', ' ', person.name.casefold())} " in said]


def _refuse(problem: str) -> None:
    raise InvalidInput("bad_calendar", problem, {"text": problem})
