"""Days of a trend are days of the viewer's zone, also where a day has 23 or 25 hours (SEMANTICS 11); and both periods at once."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.domain.insights.test_metrics import opened
from tests.web.conftest import Desk
from tocsin.domain.insights import actions, queries
from tocsin.domain.insights.queries import Selection

# (zone, the day before its clocks change): at two in the morning, and at midnight either way.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 28)), ("Europe/Berlin", date(2026, 10, 24)),
    ("America/Havana", date(2026, 3, 7)), ("America/Havana", date(2026, 10, 31)),
    ("Africa/Cairo", date(2026, 4, 23)), ("Africa/Cairo", date(2026, 10, 29)),
    ("Australia/Lord_Howe", date(2026, 4, 4)), ("UTC", date(2026, 3, 28)),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "first"), CHANGES)
def test_days_hours_and_weekdays_are_those_of_the_zone(desk: Desk, zone: str, first: date) -> None:
    local = ZoneInfo(zone)
    start = datetime.combine(first, time(), local).astimezone(UTC)
    made = [start + timedelta(minutes=105 * number) for number in range(42)]
    for at in made:
        opened(desk, at)
    actions.refresh()
    where = Selection(start=start, end=start + timedelta(hours=75), now=desk.now, zone=zone)
    _, points = queries.trends(where, ["opened"])["opened"]
    wanted = Counter(at.astimezone(local).date() for at in made)
    assert {point.day: point.figure.n for point in points if point.figure.n} == dict(wanted)
    cells = Counter((at.astimezone(local).isoweekday(), at.astimezone(local).hour) for at in made)
    assert queries.heat(where) == dict(cells)


def test_a_period_stands_beside_the_one_before_as_each_by_itself(desk: Desk) -> None:
    for days in (1, 2, 5, 8, 9, 13, 20):
        opened(desk, desk.now - timedelta(days=days))
    actions.refresh()
    where = Selection(start=desk.now - timedelta(days=7), end=desk.now, now=desk.now)
    both = queries.beside(where)
    assert {key: one for key, (one, _) in both.items()} == queries.figures(where)
    assert {key: before for key, (_, before) in both.items()} == queries.figures(where.before())
    assert [figure.n for figure in both["opened"]] == [5, 3]
