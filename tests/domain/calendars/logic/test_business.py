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
@settings(max_examples=60)
def test_adding_and_measuring_agree_to_the_microsecond(calendar, start, seconds):
    end = calendar.add_business_time(start, seconds)
    assert round(calendar.business_time_between(start, end) * 1e6) == round(seconds * 1e6)


@given(calendars, instants, st.floats(1, 40 * 24 * HOUR))
@settings(max_examples=40)
def test_adding_ends_at_the_earliest_instant(calendar, start, seconds):
    """A microsecond before, business time was still missing: an end of the day is the evening, not the morning."""
    end = calendar.add_business_time(start, seconds)
    before = calendar.business_time_between(start, end - timedelta(microseconds=1))
    assert round(before * 1e6) == round(seconds * 1e6) - 1


@given(calendars, instants, instants, instants)
@settings(max_examples=60)
def test_time_between_is_additive(calendar, a, b, c):
    whole = calendar.business_time_between(a, c)
    assert whole == pytest.approx(calendar.business_time_between(a, b) + calendar.business_time_between(b, c), abs=1e-6)


@given(calendars, instants, spans, spans)
@settings(max_examples=60)
def test_more_business_time_never_ends_earlier(calendar, start, one, two):
    low, high = sorted((one, two))
    assert calendar.add_business_time(start, low) <= calendar.add_business_time(start, high)


@given(calendars, instants, instants)
@settings(max_examples=10)
def test_the_order_in_which_years_are_asked_for_does_not_matter(calendar, one, two):
    """The horizon grows both ways on demand; a calendar asked for another year first answers the same."""
    fresh = BusinessCalendar(calendar.zone, calendar.weekly, calendar.closed, calendar.opened)
    fresh.business_time_between(datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 2, 1, tzinfo=UTC))
    fresh.add_business_time(datetime(2029, 1, 1, tzinfo=UTC), HOUR)
    assert fresh.business_time_between(one, two) == calendar.business_time_between(one, two)


CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)), ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)), ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 10, 4)), ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Asia/Kolkata", date(2026, 3, 29)), ("Africa/Cairo", date(2026, 4, 24)), ("Africa/Cairo", date(2026, 10, 30)),
]  # fmt: skip


def walked(zone: str, day: date, start: int, stop: int) -> float:
    """The model: walk a local day minute by minute of real time, reading the wall clock, and count open seconds.

    Open from the first minute at which the wall shows the start (or, if it is skipped, more), up to the
    last at which it shows the end (or, if that is skipped, less).
    """
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - what the wall clock shows
    opens, closes = midnight + timedelta(minutes=start), midnight + timedelta(minutes=stop)
    begin = at(zone, day.year, day.month, day.day) - timedelta(hours=6)
    wall = {}
    for minute in range(36 * 60):
        moment = begin + timedelta(minutes=minute)
        wall[moment] = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    first = min(moment for moment, shown in wall.items() if shown >= opens)
    at_end = [moment for moment, shown in wall.items() if shown == closes]
    last = max(at_end) if at_end else max(m for m, shown in wall.items() if shown < closes) + timedelta(minutes=1)
    return max((last - first).total_seconds(), 0.0)


@given(st.sampled_from(CHANGES), st.integers(0, 287), st.integers(1, 288))
@settings(max_examples=60)
def test_agrees_with_walking_the_wall_clock_minute_by_minute_over_every_change(change, one, two):
    zone, day = change
    start, stop = sorted((one * 5, max(two * 5, 5)))
    if start == stop:
        return
    hours = [[f"{minute // 60:02}:{minute % 60:02}" for minute in (start, stop)]]
    calendar = BusinessCalendar.build(zone=zone, weekly={DAYS[day.weekday()]: hours})
    noon = at(zone, day.year, day.month, day.day, 12)
    measured = calendar.business_time_between(noon - timedelta(days=2), noon + timedelta(days=2))
    assert measured == walked(zone, day, start, stop)


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


@pytest.mark.parametrize("weekly", [{"mon": 5}, {"mon": [5]}, {"mon": "08:00"}, {"mon": [["²:00", "17:00"]]}])
def test_values_of_the_wrong_shape_are_refused_not_crashed_upon(weekly):
    with pytest.raises(CalendarError, match="mon"):
        BusinessCalendar.build(zone="UTC", weekly=weekly)


def test_long_closed_calendar_opens_again_after_its_closed_days():
    every = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(365 * 4))
    opened = office(closed=every).add_business_time(at("UTC", 2026, 3, 4), HOUR)
    assert opened == at("Europe/Berlin", 2029, 12, 31, 9)


def test_time_beyond_the_horizon_is_an_error_not_an_endless_search():
    rare = BusinessCalendar.build(zone="UTC", weekly={"sun": [["08:00", "08:01"]]})
    with pytest.raises(CalendarError, match="2500"):
        rare.add_business_time(at("UTC", 2490, 1, 1), 1000 * HOUR)
    with pytest.raises(CalendarError, match="1900"):
        rare.business_time_between(at("UTC", 1850, 1, 1), at("UTC", 2026, 1, 1))


def test_taking_business_time_away_is_refused():
    with pytest.raises(ValueError, match="not taken away"):
        office().add_business_time(at("UTC", 2026, 3, 4), -1)


def test_time_between_is_negative_backwards():
    one, two = at("Europe/Berlin", 2026, 3, 4, 8), at("Europe/Berlin", 2026, 3, 4, 10)
    assert office().business_time_between(two, one) == -2 * HOUR
