"""Making and editing calendars. Running clocks move only by sla.actions.apply_calendar, on confirmation."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tocsin.domain.calendars.models import Calendar, OwnHoliday
from tocsin.domain.calendars.queries import check_calendar
from tocsin.domain.journal.actions import record
from tocsin.kernel.errors import InvalidInput, NotFound


def save_calendar(
    *,
    name: str,
    zone: str,
    weekly: Mapping[str, Sequence[Sequence[str]]],
    country: str = "",
    subdivision: str = "",
    own_holidays: Iterable[tuple[date, str, bool]] = (),
    actor: str,
    now: datetime,
    is_demo: bool = False,
    calendar_id: UUID | None = None,
) -> Calendar:
    """Create the calendar called `name`, or replace its content. `own_holidays`: (day, name, works that day).

    With `calendar_id` that calendar is meant, and may be given another name. Raises InvalidInput
    naming the field and the remedy, NotFound; then nothing is changed.
    """
    name, country, subdivision = name.strip(), country.strip().upper(), subdivision.strip()
    check_calendar(zone, weekly, country, subdivision)
    days = _days(own_holidays)
    fields = {"zone": zone, "weekly": weekly, "country": country, "subdivision": subdivision, "is_demo": is_demo}
    with transaction.atomic():
        known = _known(name, calendar_id)
        before = _content(known) if known else None
        calendar = known or Calendar()
        for field, value in {**fields, "name": name}.items():
            setattr(calendar, field, value)
        calendar.save()
        calendar.own_holidays.all().delete()
        OwnHoliday.objects.bulk_create(
            OwnHoliday(calendar=calendar, day=day, name=text, works=works) for day, (text, works) in days.items()
        )
        data = {"calendar": str(calendar.pk), "before": before, "after": _content(calendar)}
        kind = "calendar.changed" if known else "calendar.created"
        record(stream="system", kind=kind, actor=actor, at=now, data=data)
        return calendar


def _days(own_holidays: Iterable[tuple[date, str, bool]]) -> dict[date, tuple[str, bool]]:
    """Return {day: (name, works)}; of a day that is listed twice the last counts."""
    found: dict[date, tuple[str, bool]] = {}
    for day, text, works in own_holidays:
        if not _fits(text):
            remedy = f"Give {day.isoformat()} a name of at most 120 characters."
            raise InvalidInput("calendar", remedy, {"own_holidays": remedy})
        found[day] = text.strip(), works
    return found


def _fits(name: str) -> bool:
    return len(name.strip()) <= 120 and "\x00" not in name


def _known(name: str, calendar_id: UUID | None) -> Calendar | None:
    """Return the calendar that is meant, locked; None: it is new."""
    if not name or not _fits(name):
        remedy = "Give the calendar a name of at most 120 characters."
        raise InvalidInput("calendar", remedy, {"name": remedy})
    rows = Calendar.objects.select_for_update()
    called = rows.filter(name=name).first()
    if calendar_id is None:
        return called
    if called is not None and called.pk != calendar_id:
        remedy = f"Another calendar is called “{name}”. Choose another name."
        raise InvalidInput("calendar", remedy, {"name": remedy})
    found = rows.filter(pk=calendar_id).first()
    if found is None:
        raise NotFound("calendar_not_found", "There is no such calendar.")
    return found


def _content(calendar: Calendar) -> dict[str, Any]:
    """Return what the journal keeps of a calendar."""
    own = calendar.own_holidays.order_by("day").values_list("day", "name", "works")
    return {
        "name": calendar.name, "zone": calendar.zone, "weekly": calendar.weekly, "country": calendar.country,
        "subdivision": calendar.subdivision, "own_holidays": [[day.isoformat(), text, works] for day, text, works in own],
    }  # fmt: skip
