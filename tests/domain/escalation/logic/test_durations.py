from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.escalation.logic.durations import format_duration, format_percent, parse_duration, parse_percent


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("0", timedelta()),
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("4h", timedelta(hours=4)),
        ("1d", timedelta(days=1)),
        ("1h30m", timedelta(minutes=90)),
        ("2d0h1s", timedelta(days=2, seconds=1)),
    ],
)
def test_durations_are_read(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "15", "15 m", "m", "1m1h", "-5m", "1.5h", "15min", "1w", "PT5M", "٣m", "1m\n"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    assert parse_duration(text) is None


@given(st.integers(0, 10**9))
def test_a_written_duration_reads_back(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("75%", 75),
        ("75", 75),
        ("112.5 %", 112.5),
        ("33.33%", 33.33),
        ("", None),
        ("%", None),
        ("1e2", None),
        ("-5", None),
    ],
)
def test_percentages_are_read(text: str, percent: float | None) -> None:
    assert parse_percent(text) == percent


@given(st.integers(0, 100_000).map(lambda hundredths: hundredths / 100))
def test_a_written_percentage_reads_back(percent: float) -> None:
    assert parse_percent(format_percent(percent)) == percent
