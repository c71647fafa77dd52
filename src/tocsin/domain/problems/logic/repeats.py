"""Which series came more often lately than they usually do (SEMANTICS 8 "a problem is proposed").

Each series is judged against its own usual rate. Under "nothing changed" the number that fell into the last weeks, given
how many there were in all, is binomial (the exact conditional test of two Poisson rates: Przyborowski and Wilenski 1940).
Whole weeks are compared, so weekdays weigh alike. Three guards:

- series that scatter more than Poisson does (bursts) have their counts divided by their own scatter (quasi-Poisson);
  where the scatter is beyond doubt, Student's t on the logarithm of the ratio has to agree;
- where everything else grew as well (a new customer, the end of the holidays), growth is taken as usual;
- over all series together the share of false proposals is held at `share` (Benjamini and Yekutieli 2001, which holds
  however the series depend on each other: one ticket stands in many).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tocsin.domain.problems.logic.series import WEEK, Days, Key, stacked, weekly

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rule:
    """What counts as a repeat."""

    # Weeks that are "lately", each with its share of the doubt: the month is where most repeats show.
    windows: tuple[tuple[int, float], ...] = ((1, 0.25), (4, 0.5), (12, 0.25))
    usual: int = 52  # weeks before, at most, that say what is usual
    least_usual: int = 6  # weeks without which nobody knows what is usual
    at_least: int = 5  # in the window
    days: int = 3  # different days in the window
    ratio: float = 1.5  # times the usual rate, at least
    share: float = 0.05  # of false ones among all proposals


USUAL_RULE = Rule()
ENOUGH_OTHERS = 30  # of everything else in a window, before its growth is believed
SURE_SCATTER = 0.95
UNUSUAL = 0.01


@dataclass(frozen=True, slots=True)
class Repeat:
    """One series that came more often than usual."""

    key: Key
    weeks: int  # the window
    recent: int  # in it
    usual: float  # a week, before it, with the growth of everything else
    ratio: float
    p: float  # of this or more if nothing had changed, over all windows
    adjusted: float  # the same with all other series in view; at most Rule.share
    scatter: float  # 1: as chance has it


@dataclass(frozen=True, slots=True)
class _Window:
    weeks: int
    recent: Floats
    usual: Floats
    p: Floats
    scatter: Floats


def repeats(series: Mapping[Key, Days], total: Days, rule: Rule = USUAL_RULE) -> list[Repeat]:
    """Return what repeats, the surest first.

    All series and `total` (everything) are daily counts over the same days, the last a whole day. History counts from
    the first day on which `total` holds anything. Returns nothing where there is too little history to say.
    """
    begun = np.flatnonzero(total)
    if not series or not len(begun):
        return []
    keys = sorted(series)
    days = stacked(series[key] for key in keys)[:, begun[0] :]
    weeks, everything = weekly(days), weekly(total[begun[0] :])
    fitting = [(size, share) for size, share in rule.windows if weeks.shape[1] - size >= rule.least_usual]
    if not fitting:
        return []
    whole = sum(share for _, share in fitting)
    windows = [_judged(weeks, days, everything, size, rule) for size, _ in fitting]
    each = np.vstack([window.p * whole / share for window, (_, share) in zip(windows, fitting, strict=True)])
    best, p = each.argmin(axis=0), np.minimum(each.min(axis=0), 1)
    adjusted = false_share(p)
    found = [
        _repeat(keys[at], windows[best[at]], at, p[at], adjusted[at])
        for at in np.flatnonzero(adjusted <= rule.share).tolist()
    ]
    return sorted(found, key=lambda one: (one.p, -one.ratio, one.key))


def _judged(weeks: Days, days: Days, everything: Days, size: int, rule: Rule) -> _Window:
    split = weeks.shape[1] - size
    before = weeks[:, max(0, split - rule.usual) : split]
    recent, base = weeks[:, split:].sum(axis=1).astype(float), before.sum(axis=1).astype(float)
    length = before.shape[1]
    growth = _growth(
        everything[split:].sum() - recent, everything[max(0, split - rule.usual) : split].sum() - base, size / length
    )
    exposure = size * growth / length  # of the window, as a share of the time before
    usual = base / length * growth
    scatter, sure = _scatter(before)
    p = chance_of(recent, base, exposure, scatter)
    p = np.where(sure, np.maximum(p, _student(recent, base, exposure, scatter, length - 1)), p)
    lately = days[:, days.shape[1] - size * WEEK :]
    # One bad morning is no repeat: without its busiest day it would still be unusual.
    rest = chance_of(recent - lately.max(axis=1), base, exposure, scatter)
    worth = (recent >= rule.at_least) & ((lately > 0).sum(axis=1) >= rule.days) & (rest <= UNUSUAL)
    worth &= recent >= rule.ratio * usual * size
    return _Window(size, recent, usual, np.where(worth, p, 1.0), scatter)


def _growth(recent: Floats, before: Floats, expected: float) -> Floats:
    """How much more of everything else there is than before; never less than as much, so that no lull makes repeats."""
    known = (recent >= ENOUGH_OTHERS) & (before >= ENOUGH_OTHERS)
    ratio = np.where(known, recent / np.maximum(before, 1) / expected, 1.0)
    return np.asarray(np.maximum(ratio, 1.0))


def _scatter(before: Days) -> tuple[Floats, NDArray[np.bool_]]:
    """Return Pearson's measure of scatter of each row, at least 1, and where it is beyond doubt more than chance."""
    mean = before.mean(axis=1, keepdims=True)
    degrees = before.shape[1] - 1
    squares = ((before - mean) ** 2 / np.maximum(mean, 1e-9)).sum(axis=1)
    return np.maximum(squares / degrees, 1.0), squares > special.chdtri(degrees, 1 - SURE_SCATTER)


def chance_of(recent: Floats, base: Floats, exposure: Floats, scatter: Floats) -> Floats:
    """Return the probability of `recent` or more given `recent + base`, where exposure is that of base = 1.

    Continuous in the counts (the incomplete beta function), so counts divided by their scatter can be asked about too.
    """
    share = exposure / (1 + exposure)
    x, rest = recent / scatter, base / scatter
    return np.where(recent > 0, special.betainc(np.maximum(x, 1e-12), rest + 1, share), 1.0)


def _student(recent: Floats, base: Floats, exposure: Floats, scatter: Floats, degrees: int) -> Floats:
    x, rest = recent + 0.5, base + 0.5
    t = np.log(x / rest / exposure) / np.sqrt(scatter * (1 / x + 1 / rest))
    return np.asarray(special.stdtr(degrees, -t))


def false_share(p: Floats) -> Floats:
    """Return each p adjusted for all of them: the share of false ones if one stops there (Benjamini-Yekutieli)."""
    count = len(p)
    order = np.argsort(p)
    harmonic = (1 / np.arange(1, count + 1)).sum()
    raw = p[order] * count * harmonic / np.arange(1, count + 1)
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return adjusted


def _repeat(key: Key, window: _Window, at: int, p: float, adjusted: float) -> Repeat:
    recent, usual = int(window.recent[at]), float(window.usual[at])
    # With nothing before, half a ticket is taken for usual: "infinitely more" says less than "at least".
    expected = max(usual * window.weeks, 0.5)
    return Repeat(
        key, window.weeks, recent, usual, recent / expected, float(p), float(adjusted), float(window.scatter[at])
    )


def families(
    found: Sequence[Repeat], evidence: Mapping[Key, frozenset[int]]
) -> list[tuple[Repeat, tuple[Repeat, ...]]]:
    """Put together what is the same repeat seen from several sides (its service, its category, its words).

    `evidence`: the tickets of each one's window. The first of each family is its surest; those that stand on mostly
    the same tickets follow it. Returns families, the surest first, each led by the one that says most.
    """
    made: list[tuple[Repeat, list[Repeat]]] = []
    for one in found:
        mine = evidence[one.key]
        for head, others in made:
            theirs = evidence[head.key]
            both = len(mine & theirs)
            if both >= SAME * min(len(mine), len(theirs)) and both >= HALF * max(len(mine), len(theirs)):
                others.append(one)
                break
        else:
            made.append((one, []))
    return [_told(head, others) for head, others in made]


def _told(head: Repeat, others: Sequence[Repeat]) -> tuple[Repeat, tuple[Repeat, ...]]:
    """Let the one that says most speak for its family: what it is about before whose it is, a pair before its parts."""

    def says(one: Repeat) -> tuple[bool, int, float]:
        return ("customer" in one.key.kinds, -len(one.key.kinds), one.p)

    first, *rest = sorted((head, *others), key=says)
    return first, tuple(rest)


SAME, HALF = 0.8, 0.5
