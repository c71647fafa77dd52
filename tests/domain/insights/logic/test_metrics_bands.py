"""When a metric has left its band: rules on small rows of weeks, and what they cost and catch over simulated years."""

from collections.abc import Callable
from random import Random

import pytest

from tocsin.domain.insights.logic.metrics_bands import Kind, Week, departure, is_back

STEADY = [Week(0.10, 100), Week(0.12, 100), Week(0.09, 100), Week(0.11, 100), Week(0.10, 100)] * 2
YEAR, WINDOW = 52, 26


def test_a_week_far_beyond_chance_has_departed() -> None:
    found = departure([*STEADY, Week(0.30, 100)], goal=0.15, better="low", kind="share")
    assert found is not None
    assert (found.weeks, round(found.usual, 2)) == (1, 0.10)
    assert found.value == 0.30
    assert 0.19 < (found.limit or 0) < 0.23  # the arcsine of its root, and three times 1 / sqrt(4 x 100)


@pytest.mark.parametrize(
    ("weeks", "goal"),
    [
        ([*STEADY, Week(0.17, 100)], 0.05),  # within chance
        ([*STEADY, Week(0.30, 100)], 0.40),  # beyond chance, but the goal still holds
        ([*STEADY[:5], Week(0.30, 100)], 0.15),  # too short a past
        ([*STEADY, Week(0.90, 3)], 0.15),  # too few rows
        ([*STEADY, Week(None, 0)], 0.15),  # nothing happened
        ([*STEADY, Week(0.02, 100), Week(0.01, 100)], 0.005),  # a change, but for the better
        ([Week(0.10, 1000), Week(0.30, 1000)] * 5 + [Week(0.34, 1000)], 0.05),  # this one always jumps about
        ([], 0.15),
    ],
)  # fmt: skip
def test_not_every_wiggle_is_a_departure(weeks: list[Week], goal: float) -> None:
    assert departure(weeks, goal=goal, better="low", kind="share") is None


def test_a_lasting_change_is_told_though_no_week_of_it_stands_out() -> None:
    past, new = [Week(0.95, 80), Week(0.94, 80)] * 6, [Week(0.87, 80), Week(0.88, 80), Week(0.87, 80)]
    for week in new:
        assert departure([*past, week], goal=0.97, better="high", kind="share") is None
    found = departure([*past, *new], goal=0.97, better="high", kind="share")  # the goal had long been missed
    assert found is not None
    assert (found.weeks, found.limit) == (3, None)
    assert (round(found.usual, 2), round(found.value, 2)) == (0.94, 0.87)


def test_a_change_that_is_old_is_no_news() -> None:
    weeks = [Week(0.05, 100)] * 10 + [Week(0.20, 100)] * 9
    assert departure(weeks[:14], goal=0.1, better="low", kind="share") is not None
    assert departure(weeks, goal=0.1, better="low", kind="share") is None


def test_lengths_counts_and_means_have_scales_of_their_own() -> None:
    hours = [Week(3_600.0, 20), Week(4_000.0, 20)] * 5
    assert departure([*hours, Week(4_600.0, 20)], goal=3_000, better="low", kind="time") is None
    assert departure([*hours, Week(8_000.0, 20)], goal=3_000, better="low", kind="time") is not None
    assert departure([*hours, Week(8_000.0, 20)], goal=9_000, better="low", kind="time") is None
    moves = [Week(float(n), n) for n in (9, 14, 8, 12, 10, 11, 7, 13, 10)]
    assert departure([*moves, Week(18.0, 18)], goal=5, better="low", kind="count") is None
    found = departure([*moves, Week(30.0, 30)], goal=5, better="low", kind="count")
    assert found is not None
    assert (found.value, round(found.usual, 1)) == (30, 10.4)
    handovers = [Week(0.40, 50), Week(0.44, 50)] * 5
    assert departure([*handovers, Week(0.80, 50)], goal=0.3, better="low", kind="mean") is not None


def test_it_has_come_back_when_two_weeks_are_near_again() -> None:
    bad, good = Week(0.30, 100), Week(0.11, 100)

    def back(*weeks: Week, since: int) -> bool:
        return is_back([*STEADY, *weeks], since, goal=0.05, better="low", kind="share")

    assert not back(bad, since=0)
    assert not back(bad, bad, bad, bad, since=3)  # it goes on, whether or not it would be told anew
    assert not back(bad, good, since=1)
    assert not back(bad, good, bad, since=2)
    assert not back(bad, Week(None, 0), Week(0.0, 2), since=2)  # too little happened to know
    assert back(bad, good, good, since=2)
    assert is_back([bad] * 20, 19, goal=0.05, better="low", kind="share")  # what was before is not known any more


def told(weeks: list[Week], *, goal: float, kind: Kind) -> list[int]:
    """Return in which weeks an owner would be told, as the nightly watch does it."""
    found: list[int] = []
    since = -1
    for end in range(8, len(weeks) + 1):
        seen = weeks[max(0, end - WINDOW) : end]
        if since >= 0:
            if is_back(seen, end - since, goal=goal, better="low", kind=kind):
                since = -1
        elif departure(seen, goal=goal, better="low", kind=kind) is not None:
            since = end
            found.append(end)
    return found


def share(dice: Random, rate: float, n: int = 60, more: float = 0.0) -> Week:
    """A week of a share. `more`: how far its own rate scatters beside what chance does."""
    own = min(max(dice.gauss(rate, more), 0.0), 1.0)
    return Week(sum(dice.random() < own for _ in range(n)) / n, n)


def hours(dice: Random, mean: float) -> Week:
    return Week(mean * dice.lognormvariate(0, 0.15), 40)


@pytest.mark.parametrize(
    ("week", "goal", "kind", "a_year"),
    [
        (lambda dice: share(dice, 0.1), 0.05, "share", 0.4),
        (lambda dice: share(dice, 0.1, more=0.04), 0.05, "share", 1.1),  # twice the variance of chance
        (lambda dice: hours(dice, 4_000), 3_000, "time", 1.1),
    ],
)
def test_false_alarms_of_a_metric_that_never_changes(
    week: Callable[[Random], Week], goal: float, kind: Kind, a_year: float
) -> None:
    dice, years = Random(8), 24
    alarms = [told([week(dice) for _ in range(WINDOW + YEAR)], goal=goal, kind=kind) for _ in range(years)]
    assert sum(end > WINDOW for year in alarms for end in year) / years <= a_year


@pytest.mark.parametrize(
    ("before", "after", "goal", "kind", "least"),
    [
        (lambda dice: share(dice, 0.1), lambda dice: share(dice, 0.2), 0.05, "share", 0.85),
        (lambda dice: share(dice, 0.1), lambda dice: share(dice, 0.25), 0.12, "share", 0.92),
        (lambda dice: hours(dice, 4_000), lambda dice: hours(dice, 6_000), 3_000, "time", 0.85),
    ],
)
def test_a_lasting_change_is_told_within_six_weeks_and_once(
    before: Callable[[Random], Week], after: Callable[[Random], Week], goal: float, kind: Kind, least: float
) -> None:
    dice, runs, caught, letters = Random(9), 24, 0, 0
    for _ in range(runs):
        weeks = [before(dice) for _ in range(WINDOW)] + [after(dice) for _ in range(16)]
        ends = [end for end in told(weeks, goal=goal, kind=kind) if end > WINDOW]
        caught += bool(ends) and ends[0] <= WINDOW + 6
        letters += len(ends)
    assert caught / runs >= least
    assert letters / runs <= 1.25
