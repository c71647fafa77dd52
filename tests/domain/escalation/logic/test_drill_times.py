"""When a drill comes, in its own zone, and what counts as its answer."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.escalation.logic.drills import (
    Outcome,
    Said,
    Window,
    first_answers,
    next_drill,
    outcome,
    window_ends,
)

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
NOW = datetime(2026, 3, 4, 8, tzinfo=UTC)  # a Wednesday


def always(_: object) -> bool:
    return True


@given(
    st.sampled_from(ZONES), st.integers(0, 6), st.booleans(), st.floats(0, 0.999),
    st.integers(0, 730 * 24 * 60),
)  # fmt: skip
def test_it_comes_after_now_in_its_window_on_its_day(
    zone: str, weekday: int, monthly: bool, chance: float, minutes: int
) -> None:
    after = NOW + timedelta(minutes=minutes)
    window = Window(weekday, monthly, time(9), time(16), zone)
    at = next_drill(window, after, lambda _: chance, always)
    assert at is not None
    assert after < at
    local = at.astimezone(ZoneInfo(zone))
    assert local.weekday() == weekday
    assert time(9) <= local.time() <= time(16)
    assert not monthly or local.day <= 7
    assert at - after < timedelta(days=45 if monthly else 8)
    assert at <= window_ends(window, at)


def test_closed_days_are_left_out() -> None:
    window = Window(2, False, time(9), time(10), "UTC")
    holiday = date(2026, 3, 4)
    at = next_drill(window, NOW, lambda _: 0, lambda at: at.date() != holiday)
    assert at == datetime(2026, 3, 11, 9, tzinfo=UTC)
    assert next_drill(window, NOW, lambda _: 0, lambda _: False) is None


@pytest.mark.parametrize(
    ("said", "unreachable", "over", "expected"),
    [
        ([("a", False)], (), True, Outcome.ANSWERED),
        ([("a", True)], (), True, Outcome.DECLINED),
        ([("a", True), ("a", False)], (), True, Outcome.ANSWERED),
        ([], ("a",), False, Outcome.UNREACHABLE),
        ([], (), False, Outcome.WAITING),
        ([("b", False)], (), True, Outcome.SILENT),
    ],
)
def test_what_a_person_did(
    said: list[tuple[str, bool]], unreachable: tuple[str, ...], over: bool, expected: Outcome
) -> None:
    answers = [Said(who, NOW + timedelta(seconds=n), no, "sms") for n, (who, no) in enumerate(said)]
    assert outcome("a", first_answers(answers), unreachable, over=over) is expected
