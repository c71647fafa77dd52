"""A schedule, or one person's shifts, as a calendar that other programs subscribe to (RFC 5545). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from tocsin.domain.oncall.logic.load import stretches
from tocsin.domain.oncall.logic.roster import Span
from tocsin.domain.oncall.logic.schedule import Person, Schedule

REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One person on call without a break. `uid` stays the same as long as schedule, person and start do."""

    uid: str
    start: datetime
    end: datetime
    summary: str


def entries(
    schedules: Mapping[str, Schedule],
    views: Mapping[str, Sequence[Span]],
    names: Mapping[Person, str],
    only: Person | None,
) -> list[Entry]:
    """Return the duty in these final views {slug: view}, of everybody or of `only` one person, by start."""
    found = []
    for slug, view in views.items():
        title = schedules[slug].name or slug
        for person, own in stretches(view).items():
            if only is None or person == only:
                summary = f"On call: {title}" if only else f"{names.get(person, 'somebody')}: {title}"
                for stretch in own:
                    uid = f"{slug}-{stretch.start:%Y%m%dT%H%M%SZ}-{person}@tocsin"
                    found.append(Entry(uid, stretch.start, stretch.end, summary))
    return sorted(found, key=lambda entry: (entry.start, entry.uid))


def text(title: str, listed: Iterable[Entry], now: datetime) -> str:
    """Return the calendar as text with CRLF line ends; times in UTC, which every program shows in its own zone."""
    calendar = Calendar()
    calendar.add("prodid", "-//Tocsin//On call//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", REFRESH, {"VALUE": "DURATION"})
    for entry in listed:
        event = Event()
        event.add("uid", entry.uid)
        event.add("dtstamp", now)
        event.add("dtstart", entry.start)
        event.add("dtend", entry.end)
        event.add("summary", entry.summary)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written.decode()
