"""SEMANTICS 4 and 11: quiet hours, in the person's own zone."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.notify.logic.quiet import quiet_until

NIGHT = {"starts": time(22), "ends": time(7)}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-04T21:59:59+00:00", None),
        ("2026-03-04T22:00:00+00:00", "2026-03-05T07:00:00+00:00"),
        ("2026-03-05T00:00:00+00:00", "2026-03-05T07:00:00+00:00"),
        ("2026-03-05T06:59:59+00:00", "2026-03-05T07:00:00+00:00"),
        ("2026-03-05T07:00:00+00:00", None),
    ],
)
def test_quiet_hours_cross_midnight(now: str, until: str | None) -> None:
    assert quiet_until(**NIGHT, zone="UTC", now=at(now)) == (at(until) if until else None)


def test_quiet_hours_within_one_day() -> None:
    lunch = {"starts": time(12), "ends": time(13), "zone": "UTC"}
    assert quiet_until(**lunch, now=at("2026-03-04T12:30:00+00:00")) == at("2026-03-04T13:00:00+00:00")
    assert quiet_until(**lunch, now=at("2026-03-04T13:30:00+00:00")) is None


def test_quiet_hours_are_those_of_the_persons_zone() -> None:
    now = at("2026-01-15T14:00:00+00:00")  # 23:00 in Tokyo
    assert quiet_until(**NIGHT, zone="Asia/Tokyo", now=now) == at("2026-01-15T22:00:00+00:00")
    assert quiet_until(**NIGHT, zone="Europe/Prague", now=now) is None


def test_equal_times_are_no_quiet_hours() -> None:
    assert quiet_until(starts=time(8), ends=time(8), zone="UTC", now=at("2026-03-04T08:00:00+00:00")) is None


def test_quiet_hours_over_spring_forward_end_by_the_wall_clock() -> None:
    now = at("2026-03-28T23:00:00+01:00")
    assert quiet_until(**NIGHT, zone="Europe/Prague", now=now) == at("2026-03-29T07:00:00+02:00")


def test_quiet_hours_over_fall_back_end_by_the_wall_clock() -> None:
    now = at("2026-10-24T23:00:00+02:00")
    assert quiet_until(**NIGHT, zone="Europe/Prague", now=now) == at("2026-10-25T07:00:00+01:00")


def test_end_that_occurs_twice_means_the_last_occurrence() -> None:
    short = {"starts": time(1), "ends": time(2, 30), "zone": "Europe/Prague"}
    between = at("2026-10-25T02:45:00+02:00")  # after the first 02:30, before the second
    assert quiet_until(**short, now=between) == at("2026-10-25T02:30:00+01:00")


def test_start_that_occurs_twice_means_the_first_occurrence() -> None:
    late = {"starts": time(2, 30), "ends": time(6), "zone": "Europe/Prague"}
    assert quiet_until(**late, now=at("2026-10-25T02:30:00+02:00")) == at("2026-10-25T06:00:00+01:00")


def test_end_that_clocks_jump_over_is_read_with_the_offset_before() -> None:
    short = {"starts": time(1), "ends": time(2, 30), "zone": "Europe/Prague"}
    assert quiet_until(**short, now=at("2026-03-29T01:30:00+01:00")) == at("2026-03-29T03:30:00+02:00")


@given(
    starts=st.times(),
    ends=st.times(),
    zone=st.sampled_from(["UTC", "Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    now=st.integers(0, 10 * 365 * 86_400).map(lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(0, seconds)),
)
def test_the_end_lies_ahead_within_a_day_and_a_shift(starts: time, ends: time, zone: str, now: datetime) -> None:
    until = quiet_until(starts=starts, ends=ends, zone=zone, now=now)
    if until is not None:
        assert now < until <= now + timedelta(hours=26)
        assert quiet_until(starts=starts, ends=ends, zone=zone, now=until) is None
