"""Who comes next at a shift's end, and what a brief tells. Pure."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.domain.frontline.logic.shift import Known, Next, Stretch, brief, next_after, summary

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def stretch(start: int, end: int, *people: str) -> Stretch:
    return Stretch(NOW + start * HOUR, NOW + end * HOUR, people)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ([stretch(-8, 1, "ana"), stretch(1, 9, "ben")], Next("ben", NOW + HOUR)),
        ([stretch(-8, 1, "ana"), stretch(1, 3), stretch(3, 9, "ben")], Next("ben", NOW + 3 * HOUR)),  # a gap
        ([stretch(-8, 1, "ana"), stretch(1, 2, "ana", "cyd"), stretch(2, 9, "ben")], Next("ben", NOW + 2 * HOUR)),
        ([stretch(-8, 0, "ana"), stretch(0, 8, "ben")], Next("ben", NOW)),  # her shift has just ended
        ([stretch(-8, 9, "ana", "cyd")], Next("cyd", NOW)),  # nobody follows: the other one stays
        ([stretch(-8, 9, "ana")], None),
        ([], None),
    ],
)
def test_the_next_by_the_roster(view: list[Stretch], expected: Next | None) -> None:
    assert next_after(view, "ana", NOW) == expected


def test_a_brief_says_what_happened_tried_known_wanted_and_the_next_promise() -> None:
    """SEMANTICS 6: a handover is offered with a generated brief."""
    told = brief(Known(subject="Fire", tried=["Water"], facts=["priority high", ""], promises=["Resolution by 16:00"]))
    assert told == ("What happened: Fire\n\nTried: Water\n\nKnown: priority high\n\nNext promise: Resolution by 16:00")
    assert "none is running" in brief(Known(subject="Fire"))
    assert len(brief(Known(subject="x", description="word " * 1000))) < 900


@pytest.mark.parametrize(
    ("taken", "kept", "said"),
    [(12, 0, "All of it was taken over."), (0, 3, "Nothing was taken over: it stays with the giver."),
     (9, 1, "9 taken over, 1 stays with the giver."), (1, 0, "It was taken over.")],
)  # fmt: skip
def test_what_became_of_it_in_one_sentence(taken: int, kept: int, said: str) -> None:
    assert summary(taken, kept) == said
