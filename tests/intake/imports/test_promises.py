"""The promises of a log and the clock that triggers look at."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.domain.escalation.logic.simulate import Fact
from tocsin.domain.escalation.logic.view import TicketView
from tocsin.intake.imports.promises import NONE, SERVICENOW, Promises, ResolutionClock, read_targets
from tocsin.kernel.errors import InvalidInput

START = datetime(2016, 3, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_targets_are_read() -> None:
    assert read_targets("3=213h, 4=20d16h") == {3: 213 * HOUR, 4: 496 * HOUR}


@pytest.mark.parametrize("text", ["", "3", "3=", "3=soon", "5=1h", "x=1h", "3=0", "3=1h,,4=2h"])
def test_wrong_targets_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="priority=duration"):
        read_targets(text)


def test_resolving_must_leave_time_to_close() -> None:
    assert [SERVICENOW.to_resolve(priority) for priority in (1, 2, 3, 4)] == [
        8 * HOUR,
        24 * HOUR,
        93 * HOUR,
        376 * HOUR,
    ]
    assert SERVICENOW.broken_at(START, 3) == START + 213 * HOUR
    assert NONE.to_resolve(3) is NONE.broken_at(START, 3) is None


class Story:
    """A clock that is told what happens, hour by hour."""

    def __init__(self, promises: Promises, *, known_after: float = 0) -> None:
        self.clock = ResolutionClock(promises, START)
        self.view = TicketView()
        self.tell(known_after, "opened")

    def tell(self, hour: float, kind: str = "changed", *, status: str = "open", priority: int = 3) -> None:
        is_open = status not in ("resolved", "closed")
        after = TicketView(status=status, priority=priority, is_open=is_open)
        self.clock.tell(Fact(START + hour * HOUR, kind), self.view, after)
        self.view = after

    def reaches(self, percent: float, beyond: timedelta = timedelta()) -> float | None:
        """Return the hour at which the clock reaches this mark, None if it does not run."""
        standing = self.clock.standing()
        at = standing[0].reaches(percent, beyond) if standing else None
        return None if at is None else (at - START) / HOUR


def test_clock_counts_from_the_opening_even_if_the_row_came_later() -> None:
    story = Story(Promises({3: 100 * HOUR}), known_after=5)
    assert (story.reaches(75), story.reaches(100), story.reaches(100, 4 * HOUR)) == (75, 100, 104)


def test_resolving_stops_the_clock_and_reopening_continues_it() -> None:
    story = Story(Promises({3: 100 * HOUR}))
    story.tell(40, status="resolved")
    assert story.reaches(75) is None
    story.tell(60, status="reopened")
    assert story.reaches(75) == 95


def test_changed_priority_keeps_what_was_consumed() -> None:
    story = Story(Promises({3: 100 * HOUR, 1: 10 * HOUR}))
    story.tell(4, priority=1)
    assert story.reaches(100) == 10


def test_nothing_promised_has_no_clock() -> None:
    assert Story(Promises({4: HOUR})).reaches(75) is None
    assert Story(NONE).reaches(75) is None
