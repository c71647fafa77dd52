"""Business time, exact over daylight saving (SEMANTICS 2, 11)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.domain.calendars.logic.business import ALWAYS, DAYS, BusinessCalendar, CalendarError

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
OFFICE = {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in DAYS[:5]}
NIGHT = {day: [["00:00", "03:30"], ["22:15", "24:00"]] for day in DAYS}
HOUR = 3600.0

instants = st.integers(0, 4 * 365 * 86_400).map(lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
calendars = st.builds(
    lambda zone, weekly, closed: BusinessCalendar.build(zone=zone, weekly=weekly, closed=frozenset(closed)),
    st.sampled_from(ZONES),
    st.sampled_from([OFFICE, NIGHT, {day: [["00:00", "24:00"]] for day in DAYS}, {"sun": [["01:30", "02:45"]]}]),
    st.sets(st.dates(date(2024, 1, 1), date(2027, 12, 31)), max_size=5),
)
spans = st.floats(0, 40 * 24 * HOUR)


def at(zone: str, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def office(zone: str = "Europe/Berlin", **given: frozenset[date]) -> BusinessCalendar:
    return BusinessCalendar.build(zone=zone, weekly=OFFICE, **given)


@given(calendars, instants, spans)
@settings(max_examples=150)
def test_adding_and_measuring_agree(calendar, start, seconds):
    end = calendar.add_business_time(start, seconds)
    assert calendar.business_time_between(start, end) == pytest.approx(seconds, abs=1e-3)


@given(calendars, instants, instants, instants)
@settings(max_examples=100)
def test_time_between_is_additive(calendar, a, b, c):
    whole = calendar.business_time_between(a, c)
    assert whole == pytest.approx(calendar.business_time_between(a, b) + calendar.business_time_between(b, c), abs=1e-3)


@given(calendars, instants, spans, spans)
@settings(max_examples=100)
def test_more_business_time_never_ends_earlier(calendar, start, one, two):
    low, high = sorted((one, two))
    assert calendar.add_business_time(start, low) <= calendar.add_business_time(start, high)


@given(calendars, instants, st.integers(0, 4 * 24 * 60))
@settings(max_examples=25)
def test_agrees_with_counting_minute_by_minute(calendar, start, minutes):
    start = start.replace(second=0)
    counted = sum(calendar.is_open(start + timedelta(minutes=minute)) for minute in range(minutes))
    measured = calendar.business_time_between(start, start + timedelta(minutes=minutes))
    assert measured == pytest.approx(counted * 60, abs=1e-6)


@given(instants, spans)
def test_24x7_is_elapsed_time(start, seconds):
    assert ALWAYS.add_business_time(start, seconds) == start + timedelta(seconds=seconds)


def test_breaks_nights_and_weekends_do_not_count():
    friday = at("Europe/Berlin", 2026, 3, 6, 11, 30)
    assert office().add_business_time(friday, 5 * HOUR) == at("Europe/Berlin", 2026, 3, 9, 8, 30)


def test_end_of_the_day_is_reached_in_the_evening_not_the_next_morning():
    assert office().add_business_time(at("Europe/Berlin", 2026, 3, 6, 13), 4 * HOUR) == at(
        "Europe/Berlin", 2026, 3, 6, 17
    )


def test_holidays_are_closed_and_working_holidays_open():
    day = date(2026, 3, 4)
    start, end = at("Europe/Berlin", 2026, 3, 4), at("Europe/Berlin", 2026, 3, 5)
    assert office(closed=frozenset({day})).business_time_between(start, end) == 0
    assert office(closed=frozenset({day}), opened=frozenset({day})).business_time_between(start, end) == 8 * HOUR


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", (2026, 3, 29), 23),
        ("Europe/Berlin", (2026, 10, 25), 25),
        ("America/New_York", (2026, 3, 8), 23),
        ("America/New_York", (2026, 11, 1), 25),
        ("Australia/Lord_Howe", (2026, 10, 4), 23.5),
        ("Australia/Lord_Howe", (2026, 4, 5), 24.5),
        ("Asia/Kolkata", (2026, 3, 29), 24),
    ],
)
def test_a_whole_day_has_its_true_length(zone, day, hours):
    calendar = BusinessCalendar.build(zone=zone, weekly={name: [["00:00", "24:00"]] for name in DAYS})
    start = at(zone, *day)
    end = (start.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=ZoneInfo(zone))
    assert calendar.business_time_between(start, end.astimezone(UTC)) == hours * HOUR


def test_ambiguous_hours_start_at_the_first_and_end_at_the_last_occurrence():
    calendar = BusinessCalendar.build(zone="Europe/Berlin", weekly={"sun": [["02:15", "02:45"]]})
    day = at("Europe/Berlin", 2026, 10, 25)
    assert calendar.business_time_between(day, day + timedelta(days=1)) == 1.5 * HOUR


def test_hours_that_the_clocks_skip_are_not_invented():
    calendar = BusinessCalendar.build(zone="Europe/Berlin", weekly={"sun": [["02:15", "02:45"]]})
    day = at("Europe/Berlin", 2026, 3, 29)
    assert calendar.business_time_between(day, day + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    ("weekly", "field"),
    [
        ({}, "weekly"),
        ({"mon": []}, "weekly"),
        ({"monday": [["08:00", "17:00"]]}, "weekly.monday"),
        ({"mon": [["17:00", "08:00"]]}, "weekly.mon[0]"),
        ({"mon": [["08:00", "12:00"], ["11:00", "17:00"]]}, "weekly.mon"),
        ({"mon": [["8am", "17:00"]]}, "weekly.mon[0]"),
        ({"mon": [["08:00", "24:30"]]}, "weekly.mon[0]"),
        ({"mon": ["08:00-17:00"]}, "weekly.mon[0]"),
    ],
)
def test_wrong_hours_are_refused_by_field_with_a_remedy(weekly, field):
    with pytest.raises(CalendarError) as refused:
        BusinessCalendar.build(zone="UTC", weekly=weekly)
    assert refused.value.field == field
    assert refused.value.remedy


def test_unknown_zone_is_refused():
    with pytest.raises(CalendarError, match="zone"):
        BusinessCalendar.build(zone="Europe/Nowhere", weekly=OFFICE)


def test_calendar_that_never_opens_again_ends_with_an_error():
    every = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(366 * 180))
    with pytest.raises(CalendarError, match="never opens"):
        office(closed=every).add_business_time(at("UTC", 2026, 3, 4), HOUR)
