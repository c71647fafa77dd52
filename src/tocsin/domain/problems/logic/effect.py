"""Whether a measure worked: the rate after it against the rate before, with what chance leaves open (SEMANTICS 8).

Given how many there were in all, the number after the start is binomial, so the ratio of rates has an exact interval;
we take Jeffreys' (equal-tailed Beta posterior), which comes as near to its nominal coverage as mid-p does and takes counts
that were divided by their scatter. Whole weeks on both sides are compared: like weekdays with like weekdays.
A verdict is given early only when there is next to no doubt (Haybittle and Peto): looking every day must not turn
chance into success.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import special

from tocsin.domain.problems.logic.series import WEEK, Days, weekly

LEVEL = 0.95
EARLY = 0.995  # the level at which a verdict may come before its time
BEFORE = 26  # weeks before the start, at most
LEAST_BEFORE = 4  # weeks, and ...
LEAST = 8  # ... so many before the start: otherwise there was nothing to lower
LEAST_AFTER = 2  # weeks


class Verdict(StrEnum):
    WORKED = "worked"
    NO_EFFECT = "no_effect"
    TOO_EARLY = "too_early"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Effect:
    """Rates before and after, and their ratio. Rates are per week; the interval holds LEVEL."""

    before: int
    before_weeks: int
    after: int
    after_weeks: int
    ratio: float
    low: float
    high: float
    early_low: float  # of the wider interval that an early verdict has to pass
    early_high: float
    scatter: float

    @property
    def rate_before(self) -> float:
        return self.before / self.before_weeks

    @property
    def rate_after(self) -> float:
        return self.after / self.after_weeks


def read(figures: Mapping[str, Any]) -> Effect | None:
    """Return the effect that was stored as its fields, where None stands for endless; None where there was none."""
    kept: dict[str, Any] = {name: float("inf") if value is None else value for name, value in figures.items()}
    return Effect(**kept) if kept else None


def compare(before: Days, after: Days) -> Effect | None:
    """Compare daily counts that end the day before the start with those from the start on; None without a whole week each.

    Left-over days are dropped at the far ends: the oldest before, the newest after.
    """
    earlier = weekly(before)[-BEFORE:]
    weeks = len(after) // WEEK
    later = weekly(after[: weeks * WEEK])
    if not len(earlier) or not weeks:
        return None
    x, rest = int(later.sum()), int(earlier.sum())
    exposure = weeks / len(earlier)
    scatter = _scatter(earlier, later)
    low, high = interval(x, rest, exposure, scatter, LEVEL)
    early = interval(x, rest, exposure, scatter, EARLY)
    ratio = x / rest / exposure if rest else float("inf")
    return Effect(rest, len(earlier), x, weeks, ratio, low, high, *early, scatter)


def interval(after: float, before: float, exposure: float, scatter: float, level: float) -> tuple[float, float]:
    """Return the interval of the ratio of rates; exposure is the time after as a share of the time before."""
    x, rest = after / scatter, before / scatter
    tail = (1 - level) / 2
    low = 0.0 if after == 0 else float(special.betaincinv(x + 0.5, rest + 0.5, tail))
    high = 1.0 if before == 0 else float(special.betaincinv(x + 0.5, rest + 0.5, 1 - tail))
    upper = float("inf") if high >= 1 else high / (1 - high) / exposure
    return low / (1 - low) / exposure, upper


def _scatter(earlier: Days, later: Days) -> float:
    """Return how much more weeks scatter about their own side's mean than chance has it; 1 where that is in doubt.

    Where it is beyond doubt, it is enlarged as Student's t is, for being an estimate itself.
    """
    squares, degrees = 0.0, 0
    for side in (earlier, later):
        mean = side.mean()
        if len(side) > 1 and mean > 0:
            squares += float(((side - mean) ** 2).sum() / mean)
            degrees += len(side) - 1
    if degrees < 3 or squares <= special.chdtri(degrees, 1 - DOUBT):
        return 1.0
    wider = special.stdtrit(degrees, 0.5 + LEVEL / 2) / special.ndtri(0.5 + LEVEL / 2)
    return float(max(1.0, squares / degrees) * wider**2)


DOUBT = 0.8


def verdict(effect: Effect | None, *, expected: float, horizon: int) -> Verdict:
    """Judge a measure. `expected`: the share by which it should lower the rate; `horizon`: weeks after which it is due.

    Before its time it is too early, unless there is next to no doubt. At its time it worked if the whole interval lies
    below "as before", made things worse if it lies above, and otherwise no effect is seen; it stays too early where
    there was too little before to tell, or where what was expected can neither be seen nor be ruled out yet, for twice
    the horizon at most.
    """
    if effect is None or effect.after_weeks < LEAST_AFTER:
        return Verdict.TOO_EARLY
    if effect.before_weeks < LEAST_BEFORE or effect.before < LEAST:
        return Verdict.TOO_EARLY
    due = effect.after_weeks >= horizon
    low, high = (effect.low, effect.high) if due else (effect.early_low, effect.early_high)
    if high < 1:
        return Verdict.WORKED
    if low > 1:
        return Verdict.WORSE
    if not due:
        return Verdict.TOO_EARLY
    undecided = effect.low <= 1 - expected and effect.after_weeks < 2 * horizon
    return Verdict.TOO_EARLY if undecided else Verdict.NO_EFFECT


POWER = 0.8


def needed(rate: float, expected: float) -> int:
    """Return about how many weeks after the start show an effect of `expected` at this weekly rate, four times in five."""
    if rate <= 0 or not 0 < expected < 1:
        return 0
    lower = rate * (1 - expected)
    z = float(special.ndtri(0.5 + LEVEL / 2) + special.ndtri(POWER))
    for weeks in range(LEAST_AFTER, 105):
        spread = np.sqrt(1 / (lower * weeks) + 1 / (rate * BEFORE)) if lower else 0.0
        if lower and -np.log(1 - expected) >= z * spread:
            return weeks
    return 104
