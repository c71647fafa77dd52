"""Whether a metric has left its band: a lasting change, or a week far beyond chance; not every wiggle (ADR 0024). Pure.

Weeks are laid on a scale on which chance scatters alike everywhere: shares by the arcsine of their root, weighted by their
rows; counts by their root; times by their logarithm; means as they are. How far a week scatters is read off the steps from
week to week, which a change of level hardly touches, and is never taken for less than rows of that number scatter by chance.
Changes of level are found by PELT (ruptures); the newest is told once CONFIRMED weeks stand behind it. A single week is
told beyond SIGMAS. Either counts only on the bad side of the goal, and with HISTORY weeks to hold it against. Weeks of fewer
than LEAST rows are passed over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import asin, exp, log, sin, sqrt
from statistics import fmean, median

from tocsin.domain.insights.logic.metrics import Better, Kind

LEAST, HISTORY = 5, 6
CONFIRMED, RECENT = 2, 8  # weeks of a new level: before it is told, and after which it is no news
SIGMAS, PENALTY = 3.0, 2.5  # of one week; of a change, times the logarithm of the number of weeks
BACK, NEAR = 2, 1.0  # back again: so many weeks in a row within so many standard deviations of what was usual
NORMAL = 0.6745  # the median of |x| where x scatters by 1
FLOOR = 0.05  # lengths and means are taken to scatter by at least a twentieth


@dataclass(frozen=True, slots=True)
class Week:
    """One whole week: the figure, how many rows it stands on."""

    value: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Departure:
    """What is out of the ordinary. `usual`: the level before; `limit`: what one week passed; `weeks`: how long it lasts."""

    value: float
    usual: float
    limit: float | None
    weeks: int


@dataclass(frozen=True, slots=True)
class _Laid:
    """Known weeks on their scale: more is worse. `weight`: how much a week tells, one over its variance by chance alone."""

    values: list[float]
    weights: list[float]
    figures: list[float]  # as they were
    scatter: float  # variance of a week of weight 1
    back: Callable[[float], float]

    def level(self, weeks: slice) -> float:
        values, weights = self.values[weeks], self.weights[weeks]
        return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)

    def figure(self, weeks: slice) -> float:
        """Return the figure over some weeks: of a share that of all their rows, of others the mean of the weeks."""
        figures, weights = self.figures[weeks], self.weights[weeks]
        return sum(f * w for f, w in zip(figures, weights, strict=True)) / sum(weights)

    def sigmas(self, place: int, before: slice) -> float:
        """Return how far a week lies on the bad side of the level of others."""
        spread = self.scatter * (1 / self.weights[place] + 1 / sum(self.weights[before]))
        return (self.values[place] - self.level(before)) / sqrt(spread)


def departure(weeks: Sequence[Week], *, goal: float, better: Better, kind: Kind) -> Departure | None:
    """Return how the newest weeks depart to the bad side; None if they do not, or too little is known."""
    known = _known(weeks, kind)
    if better == "neither" or len(known) <= HISTORY or weeks[-1] is not known[-1]:
        return None
    laid, wrong = _laid(known, better, kind), _wrong(goal, better, kind)
    marks = _levels(laid)
    lasting, single = _lasting(laid, marks, wrong), _single(laid, marks, wrong)
    return single if lasting is None or (single and lasting.weeks == CONFIRMED) else lasting


def _lasting(laid: _Laid, marks: Sequence[int], wrong: float) -> Departure | None:
    """Return the newest level, where it is new, worse than the one before, and on the bad side."""
    length = len(laid.values) - marks[-1]
    if len(marks) == 1 or length > RECENT:
        return None
    before, newest = slice(marks[-2], marks[-1]), slice(marks[-1], None)
    if laid.level(newest) <= max(laid.level(before), wrong):
        return None
    return Departure(laid.figure(newest), laid.figure(before), None, length)


def _single(laid: _Laid, marks: Sequence[int], wrong: float) -> Departure | None:
    """Return the newest week, where it alone is far off the level that it should have been on."""
    last = len(laid.values) - 1
    usual = slice(max(mark for mark in marks if not mark or last - mark >= HISTORY), last)
    if laid.values[last] <= wrong or laid.sigmas(last, usual) <= SIGMAS:
        return None
    limit = laid.level(usual) + SIGMAS * sqrt(laid.scatter / laid.weights[last])
    return Departure(laid.figures[last], laid.figure(usual), laid.back(limit), 1)


def is_back(weeks: Sequence[Week], since: int, *, goal: float, better: Better, kind: Kind) -> bool:
    """Tell whether a metric has come back that was told `since` weeks ago (the newest is 0): BACK weeks are near again.

    What lasts for so long that too few weeks before it are known has become what is usual.
    """
    known = _known(weeks, kind)
    earlier = len(_known(weeks[: max(len(weeks) - since - 1, 0)], kind))
    if earlier < HISTORY:
        return True
    if len(known) - earlier <= BACK:  # the week that was told, and as many after it
        return False
    laid, wrong = _laid(known, better, kind), _wrong(goal, better, kind)
    return all(
        laid.values[place] <= wrong or laid.sigmas(place, slice(0, earlier)) < NEAR
        for place in range(len(known) - BACK, len(known))
    )


def _wrong(goal: float, better: Better, kind: Kind) -> float:
    """Return a goal on the scale of its metric: what lies above it is on the bad side."""
    return _scale(kind)[0](goal, 0) * (-1 if better == "high" else 1)


def _known(weeks: Sequence[Week], kind: Kind) -> list[Week]:
    if kind != "count":
        return [week for week in weeks if week.value is not None and week.n >= LEAST]
    first = next((place for place, week in enumerate(weeks) if week.n), len(weeks))
    return [week for week in weeks[first:] if week.value is not None]


def _laid(known: Sequence[Week], better: Better, kind: Kind) -> _Laid:
    sign = -1.0 if better == "high" else 1.0
    there, back = _scale(kind)
    values = [sign * there(week.value or 0.0, week.n) for week in known]
    weights = [4.0 * week.n if kind == "share" else 1.0 for week in known]
    steps = [
        abs(b - a) / sqrt(1 / v + 1 / w)
        for (a, b), (v, w) in zip(pairwise(values), pairwise(weights), strict=True)
    ]  # fmt: skip
    scatter = max((median(steps) / NORMAL) ** 2, _least_scatter(kind, values))
    return _Laid(values, weights, [week.value or 0.0 for week in known], scatter, lambda value: back(sign * value))


def _least_scatter(kind: Kind, values: Sequence[float]) -> float:
    """Return what a week scatters by chance alone, in units of its weight."""
    if kind == "time":
        return FLOOR**2
    if kind == "mean":
        return max(abs(FLOOR * fmean(values)), 1e-9) ** 2
    return 1.0 if kind == "share" else 0.25


def _scale(kind: Kind) -> tuple[Callable[[float, int], float], Callable[[float], float]]:
    """Return the way onto a scale on which chance scatters alike, and the way back."""
    if kind == "share":
        return _arcsine, lambda value: sin(min(max(value, 0.0), 1.5707963)) ** 2
    if kind == "count":
        return lambda value, _: sqrt(value + 0.375), lambda value: max(value * abs(value) - 0.375, 0.0)
    if kind == "time":
        return lambda value, _: log(max(value, 1.0)), exp
    return lambda value, _: value, lambda value: value


def _arcsine(value: float, n: int) -> float:
    return asin(sqrt(min(max((value * n + 0.375) / (n + 0.75) if n else value, 0.0), 1.0)))


def _levels(laid: _Laid) -> list[int]:
    """Return the places at which the levels begin, oldest first; [0] where it never changed."""
    from tocsin.domain.insights.logic.metrics_levels import levels  # noqa: PLC0415 - heavy; every process loads this one

    return levels(laid.values, laid.weights, laid.scatter, shortest=CONFIRMED, penalty=PENALTY)
