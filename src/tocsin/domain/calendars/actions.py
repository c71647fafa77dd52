"""Making and editing calendars. Running clocks move only by sla.actions.apply_calendar, on confirmation."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from tocsin.domain.calendars.models import Calendar, OwnHoliday
from tocsin.domain.calendars.queries import check_calendar
from tocsin.domain.journal.actions import record
from tocsin.kernel.errors import InvalidInput


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
) -> Calendar:
    """Create the calendar called `name`, or replace its content. `own_holidays`: (day, name, works that day).

    Raises InvalidInput naming the field and the remedy; then nothing is changed.
    """
    if not name.strip():
        raise InvalidInput("calendar", "Give the calendar a name.", {"name": "Give the calendar a name."})
    check_calendar(zone, weekly, country, subdivision)
    with transaction.atomic():
        fields = {"zone": zone, "weekly": weekly, "country": country, "subdivision": subdivision, "is_demo": is_demo}
        calendar, made = Calendar.objects.update_or_create(name=name.strip(), defaults=fields)
        calendar.own_holidays.all().delete()
        days = {
            day: OwnHoliday(calendar=calendar, day=day, name=text, works=works) for day, text, works in own_holidays
        }
        OwnHoliday.objects.bulk_create(days.values())
        kind = "calendar.created" if made else "calendar.changed"
        data = {"calendar": str(calendar.pk), "name": calendar.name, "zone": zone, "weekly": weekly, "country": country}
        record(stream="system", kind=kind, actor=actor, at=now, data=data)
        return calendar
