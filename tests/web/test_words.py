"""Times, durations and names as people read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tocsin.web import words

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"), (59, "59 s"), (60, "1 m"), (48 * 60, "48 m"), (3600, "1 h"), (3600 + 600, "1 h 10 m"),
        (11 * 3600 + 600, "11 h"), (26 * 3600, "1 d 2 h"), (-720, "-12 m"), (-5, "-5 s"),
    ],
)  # fmt: skip
def test_duration(seconds: float, shown: str) -> None:
    assert words.duration(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (299, "4 m 59 s"),
        (300, "5 m"),
        (61, "1 m 01 s"),
        (9, "9 s"),
        (-720, "-12 m"),
        (41 * 3600, "41 h"),
        (-90_000, "-25 h"),
    ],
)
def test_clock_left_shows_seconds_below_five_minutes(seconds: float, shown: str) -> None:
    assert words.clock_left(seconds) == shown


@pytest.mark.parametrize(
    ("gap", "shown"),
    [(-720, "12 m ago"), (7200, "in 2 h"), (5, "now"), (-5, "now"), (-90_000, "1 d ago"), (45, "in 45 s")],
)
def test_relative(gap: float, shown: str) -> None:
    assert words.relative(NOW + timedelta(seconds=gap), NOW) == shown


def test_absolute_names_the_zone() -> None:
    assert words.absolute(NOW.astimezone(ZoneInfo("Europe/Berlin"))) == "Wed 4 Mar 2026, 10:00 CET"


@pytest.mark.parametrize(
    ("name", "shown"), [("Ana Ruiz", "AR"), ("Ana", "A"), ("", "?"), ("Dr. Amelia Frost", "DF"), ("- x", "X")]
)
def test_initials(name: str, shown: str) -> None:
    assert words.initials(name) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(1200, "20 m"), (5400, "1 h 30 m"), (72 * 3600, "72 h")])
def test_promised_is_told_in_hours(seconds: float, shown: str) -> None:
    assert words.promised(seconds) == shown


def test_evidence_is_told_to_the_millisecond() -> None:
    at = datetime(2026, 11, 23, 23, 10, 42, 123_456, tzinfo=UTC)
    assert words.exact(at) == "23 Nov 2026, 23:10:42.123 UTC"
