"""Whether a metric has left its band: control limits on its weeks, not every wiggle. Pure.

A share's limits follow the number of rows of each week (p-chart: three binomial standard deviations around the share of
the weeks before); other figures have limits by the mean of their moving ranges (individuals chart). A week counts only
with LEAST rows. It has departed when the last week is beyond the limits, or the last RUN weeks all lie on the bad side of
the goal, and the mean before them, too, was on its good side (a run that only now became bad).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import fmean
from typing import Literal

LEAST, HISTORY, RUN = 5, 8, 4
SIGMAS, BY_MOVING_RANGE = 3.0, 2.66  # the usual constants of both charts


@dataclass(frozen=True, slots=True)
class Week:
    """One whole week: the figure, how many rows it stands on."""

    value: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Departure:
    """What is out of the ordinary. `usual`: the mean before; `limit`: what was passed, where it was a limit."""

    value: float
    usual: float
    limit: float | None
    weeks: int


def departure(
    weeks: Sequence[Week], *, goal: float, better: Literal["high", "low", "neither"], share: bool
) -> Departure | None:
    """Return how the newest week departs to the bad side; None if it does not, or too little is known."""
    if better == "neither":
        return None
    sign = 1.0 if better == "low" else -1.0  # in these terms more is worse
    known = [(sign * week.value, week.n) for week in weeks if week.value is not None and week.n >= LEAST]
    if len(known) <= HISTORY or not weeks or weeks[-1].value is None or weeks[-1].n < LEAST:
        return None
    before, (last, n) = known[:-1], known[-1]
    usual, limit = _limit(before, n, share=share)
    if last > limit and last > sign * goal:
        return Departure(value=sign * last, usual=sign * usual, limit=sign * limit, weeks=1)
    run, earlier = known[-RUN:], known[:-RUN]
    bad = all(value > sign * goal for value, _ in run)
    mean = fmean(value for value, _ in earlier)
    if bad and earlier[-1][0] <= sign * goal and mean <= sign * goal:
        return Departure(value=sign * last, usual=sign * mean, limit=None, weeks=RUN)
    return None


def _limit(before: Sequence[tuple[float, int]], n: int, *, share: bool) -> tuple[float, float]:
    if share:
        total = sum(many for _, many in before)
        mean = sum(value * many for value, many in before) / total
        return mean, mean + SIGMAS * sqrt(max(abs(mean) * (1 - abs(mean)), 0.0) / n)
    values = [value for value, _ in before]
    ranges = [abs(b - a) for a, b in pairwise(values)]
    mean = fmean(values)
    return mean, mean + BY_MOVING_RANGE * fmean(ranges)
