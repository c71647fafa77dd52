"""Logistic regression by Newton's method over blocks of rows: it never holds a second copy of the features. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
BLOCK = 20_000  # rows that are looked at together
STEPS = 100
HALVINGS = 20
NEAR = 1e-10  # of the loss: a step that gains less is the last


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be told apart. Each feature is taken as (value - mean) / scale."""

    rows: Floats
    mean: Floats
    scale: Floats
    outcomes: NDArray[np.bool_]
    weights: Floats
    strength: float  # how little the squares of the weights cost, as scikit-learn's C; the intercept costs nothing

    @property
    def penalty(self) -> Floats:
        """What the square of each weight costs."""
        return np.append(np.full(self.rows.shape[1], 1 / self.strength), 0.0)

    def loss(self, found: Floats) -> float:
        """Return what `found` (weights, and last the intercept) costs."""
        lost = float((self.penalty * found * found).sum()) / 2
        for block, came, weights in self._blocks():
            odds = block @ found
            lost += float((weights * (np.logaddexp(0.0, odds) - came * odds)).sum())
        return lost

    def step(self, found: Floats) -> Floats:
        """Return Newton's step from `found` on."""
        slope, curve = self.penalty * found, np.diag(self.penalty)
        for block, came, weights in self._blocks():
            likely = 1 / (1 + np.exp(-np.clip(block @ found, -35, 35)))
            slope += block.T @ (weights * (likely - came))
            curve += block.T @ (block * (weights * likely * (1 - likely))[:, None])
        taken: Floats = np.linalg.lstsq(curve, -slope, rcond=None)[0]
        return taken

    def _blocks(self) -> Iterator[tuple[Floats, Floats, Floats]]:
        for start in range(0, len(self.rows), BLOCK):
            part = slice(start, start + BLOCK)
            block = np.ones((len(self.weights[part]), self.rows.shape[1] + 1))
            block[:, :-1] = (self.rows[part] - self.mean) / self.scale
            yield block, self.outcomes[part].astype(np.float64), self.weights[part]


def fit(it: Problem) -> Floats:
    """Return the weight of each feature, and last the intercept."""
    found = np.zeros(it.rows.shape[1] + 1)
    loss = it.loss(found)
    for _ in range(STEPS):
        step = it.step(found)
        lengths = (0.5**halvings for halvings in range(HALVINGS))
        tried = ((found + length * step, it.loss(found + length * step)) for length in lengths)
        better = next(((place, lost) for place, lost in tried if lost < loss), None)
        if better is None:
            break
        gained, (found, loss) = loss - better[1], better
        if gained <= NEAR * loss:
            break
    return found
