"""How good a score is, on tickets that came later: ranking, what flagging a share would catch, calibration, drift. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Floats = NDArray[np.float64]
BINS = 10
SHARES = (0.1, 0.2)
_LEAST = 1e-4  # share of a bin in the stability index, so that an empty one is not infinite


@dataclass(frozen=True, slots=True)
class Flagged:
    """What flagging the riskiest `share` of tickets catches: `recall` of those that ended so, `lift` over chance."""

    share: float
    flagged: int
    recall: float
    precision: float
    lift: float


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of the calibration: what was said on average, what came, over how many tickets."""

    said: float
    came: float
    n: int


@dataclass(frozen=True, slots=True)
class Quality:
    """A score's quality on `n` tickets, `positives` of which ended so. AUC and AP are NaN where one class is missing."""

    n: int
    positives: int
    auc: float
    average_precision: float
    flagged: tuple[Flagged, ...]
    brier: float
    calibration_error: float  # mean distance of what was said from what came, over equally filled bins
    bins: tuple[Bin, ...]


def quality(outcomes: ArrayLike, scores: ArrayLike) -> Quality:
    """Measure probabilities against what came."""
    y, p = np.asarray(outcomes, dtype=bool), np.asarray(scores, dtype=np.float64)
    both = 0 < y.sum() < len(y)
    bins = calibration(y, np.clip(p, 0.0, 1.0))
    off = sum(abs(one.said - one.came) * one.n for one in bins) / max(len(y), 1)
    return Quality(
        len(y), int(y.sum()),
        auc(y, p) if both else float("nan"),
        average_precision(y, p) if both else float("nan"),
        tuple(flag(y, p, share) for share in SHARES),
        float(np.mean((np.clip(p, 0.0, 1.0) - y) ** 2)) if len(y) else float("nan"),
        float(off), bins,
    )  # fmt: skip


def auc(y: NDArray[np.bool_], p: Floats) -> float:
    """Return how often one that ended so scores above one that did not; ties count half. Both must be there."""
    _, place, count = np.unique(p, return_inverse=True, return_counts=True)
    ranks = np.cumsum(count) - (count - 1) / 2  # the mean rank of each value
    positives = int(y.sum())
    won = float(ranks[place][y].sum()) - positives * (positives + 1) / 2
    return won / (positives * (len(y) - positives))


def average_precision(y: NDArray[np.bool_], p: Floats) -> float:
    """Return the mean precision over those that ended so, from the riskiest down; ties are taken together."""
    values, place = np.unique(-p, return_inverse=True)
    caught = np.cumsum(np.bincount(place, y, len(values)))
    flagged = np.cumsum(np.bincount(place, minlength=len(values)))
    gained = np.diff(caught, prepend=0.0) / caught[-1]
    return float(np.sum(gained * caught / flagged))


def flag(y: NDArray[np.bool_], p: Floats, share: float) -> Flagged:
    """Flag the riskiest `share`; ties share their places evenly, so the order of the rows decides nothing."""
    count = round(len(y) * share)
    if count == 0 or not y.any():
        return Flagged(share, count, 0.0, 0.0, 0.0)
    mark = np.sort(p)[::-1][count - 1]
    above, level = p > mark, p == mark
    caught = y[above].sum() + y[level].mean() * (count - above.sum())
    precision = float(caught / count)
    return Flagged(share, count, float(caught / y.sum()), precision, precision / float(y.mean()))


def calibration(y: NDArray[np.bool_], p: Floats) -> tuple[Bin, ...]:
    """Return up to ten bins of about equally many tickets, from the least likely on."""
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return tuple(Bin(float(p[part].mean()), float(y[part].mean()), len(part)) for part in parts)


def stability(before: ArrayLike, after: ArrayLike) -> float:
    """Return the population stability index between two samples of scores: below 0.1 steady, above 0.25 drifted."""
    old, new = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if not len(old) or not len(new):
        return 0.0
    edges = np.unique(np.quantile(old, np.linspace(0, 1, BINS + 1)[1:-1]))
    shares = [
        np.maximum(np.bincount(np.searchsorted(edges, one, side="right"), minlength=len(edges) + 1) / len(one), _LEAST)
        for one in (old, new)
    ]
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))
