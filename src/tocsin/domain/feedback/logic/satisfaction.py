"""CSAT: share of 4-5 of 5, with response rate and n (SEMANTICS 9). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

_Z = 1.96  # 95 %


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Ratings of one period and selection."""

    counts: tuple[int, int, int, int, int]  # how many gave 1, 2, 3, 4, 5
    asked: int = 0
    answered: int = 0  # of those asked

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def good(self) -> int:
        return self.counts[3] + self.counts[4]

    @property
    def bad(self) -> int:
        return self.counts[0] + self.counts[1]

    @property
    def csat(self) -> float | None:
        """Share of 4 and 5, 0 to 1; None where nobody rated: nothing is not zero."""
        return self.good / self.n if self.n else None

    @property
    def mean(self) -> float | None:
        return sum(score * many for score, many in enumerate(self.counts, start=1)) / self.n if self.n else None

    @property
    def response(self) -> float | None:
        """Share of those asked who answered, 0 to 1; None where nobody was asked."""
        return self.answered / self.asked if self.asked else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of `csat` (Wilson), which is wide where few have rated."""
        return wilson(self.good, self.n)


def satisfaction(by_score: Mapping[int, int], *, asked: int = 0, answered: int = 0) -> Satisfaction:
    """Return the figures of {score: how many}."""
    one, two, three, four, five = (by_score.get(score, 0) for score in range(1, 6))
    return Satisfaction((one, two, three, four, five), asked, answered)


def wilson(hits: int, n: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a share; None without observations."""
    if n == 0:
        return None
    share = hits / n
    middle = (share + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
    half = _Z * sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n)) / (1 + _Z * _Z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a diverging bar: a rectangle on a line from 0 to 200, whose middle is the neutral answer."""

    score: int
    x: float
    width: float
    count: int


def diverging(counts: tuple[int, int, int, int, int]) -> list[Bar]:
    """Return the five parts of a bar: 1 and 2 to the left, 4 and 5 to the right, 3 astride the middle (100)."""
    n = sum(counts)
    if not n:
        return []
    widths = [100 * many / n for many in counts]
    x = 100 - widths[2] / 2 - widths[1] - widths[0]
    bars: list[Bar] = []
    for score, (width, many) in enumerate(zip(widths, counts, strict=True), start=1):
        if many:
            bars.append(Bar(score, round(x, 2), round(width, 2), many))
        x += width
    return bars


@dataclass(frozen=True, slots=True)
class Moved:
    """How CSAT moved against another period: in points, and whether by more than chance would (95 %)."""

    points: int
    sure: bool


def change(now: Satisfaction, before: Satisfaction) -> Moved | None:
    """Return how CSAT moved; None where there is nothing to compare. Sure means that the intervals do not overlap."""
    if now.csat is None or before.csat is None:
        return None
    mine, theirs = now.interval, before.interval
    apart = mine is not None and theirs is not None and (mine[0] > theirs[1] or mine[1] < theirs[0])
    return Moved(round(100 * (now.csat - before.csat)), apart)
