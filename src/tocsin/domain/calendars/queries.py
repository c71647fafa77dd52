"""Business calendars ready to calculate with."""

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from uuid import UUID
from warnings import catch_warnings, simplefilter

import holidays
from django.db import connection

from tocsin.domain.calendars.logic.business import ALWAYS, BusinessCalendar, CalendarError
from tocsin.domain.calendars.models import Calendar
from tocsin.kernel.errors import InvalidInput, NotFound

FIRST_YEAR, LAST_YEAR = 2000, 2100

__all__ = ["CalendarError", "always", "business_calendar", "business_calendars", "check_calendar", "public_holidays"]


def calendars() -> list[Calendar]:
    """Return the calendars, by name."""
    return list(Calendar.objects.order_by("name"))


def always() -> BusinessCalendar:
    """24x7 is a calendar too."""
    return ALWAYS


@lru_cache(maxsize=64)
def public_holidays(country: str, subdivision: str) -> frozenset[date]:
    """Return the public holidays of a country (ISO 3166, e.g. DE, or DE and BY), 2000 to 2100. Raises CalendarError.

    Where a country announces them year by year, those not announced yet are missing: own holidays add them.
    """
    if not country:
        return frozenset()
    if country not in holidays.list_supported_countries(include_aliases=False):
        remedy = "Use an ISO code such as DE, or leave it empty and add your own holidays"
        raise CalendarError("country", f"no holidays are known for “{country}”", remedy)
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    if len(subdivision) > 8:  # what a calendar keeps; the package also takes names in full
        message = f"“{subdivision}” is too long for a code"
        raise CalendarError("subdivision", message, "Use an ISO code such as BY, or leave it empty")
    try:
        with catch_warnings():
            simplefilter("ignore")  # "available only until ...": said in the docstring, nothing that a process can mend
            found = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
    except (NotImplementedError, KeyError) as error:
        message = f"no holidays are known for “{subdivision}” of {country}"
        raise CalendarError("subdivision", message, "Use an ISO code such as BY, or leave it empty") from error
    return frozenset(found)


def business_calendar(calendar: Calendar | UUID) -> BusinessCalendar:
    """Return a calendar ready to calculate with. Kept by content: an edit shows at once. Raises NotFound."""
    wanted = calendar.pk if isinstance(calendar, Calendar) else calendar
    found = business_calendars([wanted])
    if wanted not in found:
        raise NotFound("calendar_not_found", "There is no such calendar.")
    return found[wanted]


def business_calendars(ids: Iterable[UUID]) -> dict[UUID, BusinessCalendar]:
    """Return several calendars as they are stored now, with one query. What is not there is left out."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_READ, [wanted])
        return {pk: _of_row(*rest) for pk, *rest in cursor.fetchall()}


_READ = """
SELECT c.id, c.zone, c.weekly::text, c.country, c.subdivision,
    array(SELECT day FROM calendars_ownholiday h WHERE h.calendar_id = c.id AND NOT works),
    array(SELECT day FROM calendars_ownholiday h WHERE h.calendar_id = c.id AND works)
FROM calendars_calendar c WHERE c.id = ANY(%s)
"""


def _of_row(
    zone: str, weekly: str, country: str, subdivision: str, closed: list[date], opened: list[date]
) -> BusinessCalendar:
    return _built(zone, _hours(weekly), country, subdivision, frozenset(closed), frozenset(opened))


@lru_cache(maxsize=256)
def _hours(weekly: str) -> tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]:
    named = sorted(json.loads(weekly).items())
    return tuple((name, tuple(tuple(span) for span in spans)) for name, spans in named)


@lru_cache(maxsize=256)
def _built(
    zone: str,
    hours: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...],
    country: str,
    subdivision: str,
    closed: frozenset[date],
    opened: frozenset[date],
) -> BusinessCalendar:
    weekly = {name: [list(span) for span in spans] for name, spans in hours}
    days = public_holidays(country, subdivision) | closed
    return BusinessCalendar.build(zone=zone, weekly=weekly, closed=days, opened=opened)


def check_calendar(zone: str, weekly: object, country: str, subdivision: str) -> None:
    """Raise InvalidInput naming the field and the remedy if a calendar of these values cannot be used."""
    if not isinstance(weekly, dict):
        remedy = 'Write hours by day: {"mon": [["08:00", "17:00"]]}.'
        raise InvalidInput("calendar", remedy, {"weekly": remedy})
    try:
        BusinessCalendar.build(zone=zone, weekly=weekly)
        public_holidays(country, subdivision)
    except CalendarError as error:
        raise InvalidInput("calendar", str(error), {error.field: f"{error.message}. {error.remedy}"}) from error
