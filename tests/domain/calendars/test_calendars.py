"""Stored calendars: holidays, edits that show at once, and refusals that name field and remedy."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from tocsin.domain.calendars import queries
from tocsin.domain.calendars.actions import save_calendar
from tocsin.domain.calendars.models import Calendar
from tocsin.domain.journal.models import Entry
from tocsin.kernel.errors import InvalidInput, NotFound

pytestmark = pytest.mark.django_db
HOUR = 3600.0
WEEK = {day: [["08:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def saved(**given: Any) -> Calendar:
    return save_calendar(**{"name": "Office", "zone": "UTC", "weekly": WEEK, "actor": "test", "now": NOW, **given})


def hours(calendar: Calendar, *day: int) -> float:
    start = datetime(*day, tzinfo=UTC)
    return queries.business_calendar(calendar.pk).business_time_between(start, start.replace(hour=23)) / HOUR


def test_public_holidays_of_country_and_subdivision_are_closed():
    assert hours(saved(country="de"), 2026, 5, 1) == 0
    corpus_christi = (2026, 6, 4)
    assert hours(saved(country="DE", subdivision="BE"), *corpus_christi) == 8
    assert hours(saved(country="DE", subdivision="BY"), *corpus_christi) == 0


def test_own_holidays_close_and_open_days():
    own = [(date(2026, 3, 4), "Founding day", False), (date(2026, 5, 1), "We work", True)]
    calendar = saved(country="DE", own_holidays=own)
    assert (hours(calendar, 2026, 3, 4), hours(calendar, 2026, 5, 1)) == (0, 8)


def test_an_edit_shows_at_once():
    calendar = saved()
    assert hours(calendar, 2026, 3, 4) == 8
    saved(weekly={"wed": [["08:00", "10:00"]]})
    assert hours(calendar, 2026, 3, 4) == 2
    calendar.own_holidays.create(day=date(2026, 3, 4))
    assert hours(calendar, 2026, 3, 4) == 0


def test_unchanged_content_is_not_built_again():
    calendar = saved()
    assert queries.business_calendar(calendar.pk) is queries.business_calendar(calendar)


def test_24x7_is_a_calendar_too():
    week = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)
    assert queries.always().business_time_between(*week) == 7 * 24 * HOUR


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"weekly": {}}, "weekly"),
        ({"weekly": []}, "weekly"),
        ({"weekly": {"mon": [["09:00", "25:00"]]}}, "weekly.mon[0]"),
        ({"country": "Germany"}, "country"),
        ({"country": "XX"}, "country"),
        ({"country": "DE", "subdivision": "ZZ"}, "subdivision"),
        ({"country": "DE", "subdivision": "Mecklenburg-Vorpommern"}, "subdivision"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"weekly": {"mon": None, "tue": [["08:00", "17:00"]]}}, "weekly.mon"),
        ({"own_holidays": [(date(2026, 3, 4), "x" * 121, False)]}, "own_holidays"),
    ],
)
def test_calendar_that_cannot_be_used_is_refused_by_field_and_nothing_is_kept(given, field):
    with pytest.raises(InvalidInput) as refused:
        saved(**given)
    assert list(refused.value.fields) == [field]
    assert not Calendar.objects.exists()


def test_calendar_can_be_renamed_but_not_to_anothers_name():
    calendar, _ = saved(), saved(name="Night")
    assert saved(name="Day", calendar_id=calendar.pk).pk == calendar.pk
    with pytest.raises(InvalidInput) as refused:
        saved(name="Night", calendar_id=calendar.pk)
    assert list(refused.value.fields) == ["name"]
    with pytest.raises(NotFound):
        saved(name="Gone", calendar_id=uuid4())


def test_calendar_that_is_not_there_is_not_found():
    with pytest.raises(NotFound):
        queries.business_calendar(uuid4())


def test_edits_are_journalled_with_before_and_after():
    saved()
    saved(zone="Europe/Berlin", own_holidays=[(date(2026, 12, 24), "Christmas Eve", False)])
    made, changed = Entry.objects.filter(stream="system", kind__startswith="calendar.").order_by("position")
    assert (made.kind, made.data["before"], made.data["after"]["zone"]) == ("calendar.created", None, "UTC")
    assert (changed.kind, changed.data["before"]) == ("calendar.changed", made.data["after"])
    assert changed.data["after"]["own_holidays"] == [["2026-12-24", "Christmas Eve", False]]
