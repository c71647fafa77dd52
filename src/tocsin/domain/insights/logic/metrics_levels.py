"""Where a series changed its level: PELT (ruptures) over values that tell each as much as its weight. Pure.

ruptures takes most of a second to load: only who looks for changes imports this.
"""

from collections.abc import Sequence
from math import log

import numpy as np
import ruptures
from ruptures.base import BaseCost


class _Weighted(BaseCost):  # type: ignore[misc]  # ruptures is not typed
    """How far values lie off their common level, each by its weight, in units of their scatter."""

    model, min_size = "weighted", 1

    def __init__(self, values: Sequence[float], weights: Sequence[float], scatter: float) -> None:
        each, told = np.array(weights) / scatter, np.array(values)
        self.sums = np.vstack([np.zeros(3), np.cumsum([each, each * told, each * told**2], axis=1).T])

    def fit(self, signal: np.ndarray) -> "_Weighted":
        self.signal = signal
        return self

    def error(self, start: int, end: int) -> float:
        weight, first, second = self.sums[end] - self.sums[start]
        return float(second - first * first / weight)


def levels(
    values: Sequence[float], weights: Sequence[float], scatter: float, *, shortest: int, penalty: float
) -> list[int]:
    """Return the places at which the levels begin, oldest first; [0] where it never changed.

    `scatter`: variance of a value of weight 1; `shortest`: values of a level; `penalty` of a change, times the logarithm
    of how many values there are.
    """
    many = len(values)
    cost = _Weighted(values, weights, scatter)
    search = ruptures.Pelt(custom_cost=cost, min_size=shortest, jump=1).fit(np.zeros((many, 1)))
    return [0, *search.predict(pen=penalty * log(many))[:-1]]
