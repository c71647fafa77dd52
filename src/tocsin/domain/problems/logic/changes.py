"""When a series changed; how that is said ("doubled after 12 May") stands in words.py.

Change points are found on weekly counts (square roots, which makes their scatter alike: Anscombe) by PELT with a penalty,
and each is tested again by the exact conditional test, with all places where it could have been held against it.
The day is then the likeliest one within the week before and after.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from tocsin.domain.problems.logic.repeats import chance_of
from tocsin.domain.problems.logic.series import WEEK, Days, day_at, weekly

LEAST_WEEKS = 2
PENALTY = 3.0  # times the logarithm of the number of weeks
SURE = 0.01


@dataclass(frozen=True, slots=True)
class Change:
    """A rate that changed: the first day of the new one, rates per week, and how likely chance did it."""

    on: date
    before: float
    after: float
    p: float


def changes(days: Days, first: date) -> list[Change]:
    """Return the changes of a daily series that begins on `first`, oldest first. Nothing for less than 8 weeks."""
    weeks = weekly(days)
    if len(weeks) < 4 * LEAST_WEEKS or not weeks.any():
        return []
    import ruptures  # noqa: PLC0415 - heavy; every process loads this module

    rooted = 2 * np.sqrt(weeks + 0.375)
    scatter = max(1.0, float(np.median(np.abs(np.diff(rooted))) / ROOT_OF_CHANCE) ** 2)
    found = ruptures.Pelt(model="l2", min_size=LEAST_WEEKS, jump=1).fit(rooted.reshape(-1, 1))
    marks = [0, *found.predict(pen=PENALTY * np.log(len(weeks)) * scatter)]
    left = len(days) - len(weeks) * WEEK
    told = []
    for start, split, end in zip(marks, marks[1:], marks[2:], strict=False):
        day = _day(days, left + start * WEEK, left + split * WEEK, left + end * WEEK)
        change = _tested(days, left + start * WEEK, day, left + end * WEEK, first, len(weeks), scatter)
        if change is not None:
            told.append(change)
    return told


# The median of |difference| of two values that scatter by 1 is 0.954.
ROOT_OF_CHANCE = 0.954


def since_last_change(days: Days, first: date, *, weeks: int) -> Days:
    """Return the days since the series last changed, if there are so many whole weeks of them; otherwise all.

    What a measure is held against is how things were when it was taken, not how they were before the trouble began.
    """
    found = changes(days, first)
    if not found:
        return days
    left = days[(found[-1].on - first).days :]
    return left if len(left) >= weeks * WEEK else days


def _day(days: Days, start: int, split: int, end: int) -> int:
    """Return the likeliest first day of the new rate, within a week of `split`."""
    best, at = -np.inf, split
    for day in range(max(start + WEEK, split - WEEK), min(end - WEEK, split + WEEK) + 1):
        score = 0.0
        for part in (days[start:day], days[day:end]):
            total = float(part.sum())
            score += total * np.log(total / len(part)) if total else 0.0
        if score > best:
            best, at = score, day
    return at


def _tested(days: Days, start: int, split: int, end: int, first: date, weeks: int, scatter: float) -> Change | None:
    before, after = days[start:split], days[split:end]
    x, rest = np.array([float(after.sum())]), np.array([float(before.sum())])
    exposure, spread = np.array([len(after) / len(before)]), np.array([scatter])
    more = float(chance_of(x, rest, exposure, spread)[0])
    fewer = float(chance_of(rest, x, 1 / exposure, spread)[0])
    p = min(1.0, 2 * min(more, fewer) * weeks)
    if p > SURE:
        return None
    return Change(day_at(first, split), float(rest[0] / len(before) * WEEK), float(x[0] / len(after) * WEEK), p)
