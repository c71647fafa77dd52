"""Clocks as they are drawn: the words and the class say the same (checks 23 and 25)."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.web.desk.faces import face

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "remaining", "consumed", "shown", "css"),
    [
        ("running", 2880, 0.2, "48 m", ""),
        ("running", 600, 0.8, "10 m", "is-risk"),
        ("running", 90, 0.99, "1 m 30 s", "is-risk"),
        ("running", -720, 1.2, "-12 m", "is-breached"),
        ("breached", -720, 1.2, "-12 m", "is-breached"),
        ("paused", 7200, 0.5, "paused, 2 h", "is-paused"),
        ("met", 7200, 0.5, "kept", "is-done"),
        ("waiting", 7200, 0, "not started", ""),
    ],
)
def test_a_clock_in_words_and_shape(state: str, remaining: float, consumed: float, shown: str, css: str) -> None:
    due = NOW + timedelta(seconds=remaining)
    drawn = face(label="Resolution", state=state, remaining=remaining, consumed=consumed, due_at=due, now=NOW)
    assert (drawn.words, drawn.css) == (shown, css)
    assert 0 <= (drawn.share or 0) <= 100


def test_outside_business_hours_the_figure_stands_still() -> None:
    tomorrow = NOW + timedelta(hours=20)
    drawn = face(label="Resolution", state="running", remaining=3600, consumed=0.5, due_at=tomorrow, now=NOW)
    assert not drawn.ticks
    drawn = face(
        label="Resolution", state="running", remaining=3600, consumed=0.5, due_at=NOW + timedelta(hours=1), now=NOW
    )
    assert drawn.ticks
