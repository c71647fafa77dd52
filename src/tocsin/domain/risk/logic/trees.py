"""Boosted trees as plain arrays: read from scikit-learn once, kept as JSON, applied by our own code. Pure; no pickle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Places = NDArray[np.int64]
FEW = 256  # rows up to which all trees are walked at once


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees laid one behind the other, whose leaves add up, beginning with `base`, divided by the boostings.

    A row goes left where its value is at most the threshold; leaves are their own children. `value` is what a leaf
    adds to the log odds; of an inner node the mean of what lies below, weighed by the rows trained on.
    """

    base: float
    roots: Places
    feature: Places
    threshold: Floats
    left: Places
    right: Places
    value: Floats
    depth: int
    boostings: int = 1

    def log_odds(self, rows: Floats) -> Floats:
        """Return the log odds of each row."""
        if len(rows) <= FEW:
            total = self._together(rows)
        else:
            total = np.zeros(len(rows))
            for root in self.roots:
                total += self._one_tree(rows, root)
        return self.base + total / self.boostings

    def _together(self, rows: Floats) -> Floats:
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        everyone = np.arange(len(rows))[:, None]
        for _ in range(self.depth):
            at = np.where(rows[everyone, self.feature[at]] <= self.threshold[at], self.left[at], self.right[at])
        found: Floats = self.value[at].sum(axis=1)
        return found

    def _one_tree(self, rows: Floats, root: int) -> Floats:
        at = np.full(len(rows), root)
        everyone = np.arange(len(rows))
        for _ in range(self.depth):
            then = np.where(rows[everyone, self.feature[at]] <= self.threshold[at], self.left[at], self.right[at])
            if (then == at).all():
                break
            at = then
        found: Floats = self.value[at]
        return found

    def contributions(self, row: Floats) -> Floats:
        """Return how much each feature moved the log odds of one row away from the mean of all (along its paths)."""
        moved = np.zeros(len(row))
        at = self.roots
        for _ in range(self.depth):
            feature = self.feature[at]
            then = np.where(row[feature] <= self.threshold[at], self.left[at], self.right[at])
            np.add.at(moved, feature, self.value[then] - self.value[at])  # nothing, once at a leaf
            at = then
        return moved / self.boostings

    def mean(self) -> float:
        """Return the log odds that contributions count from: the mean over the rows trained on."""
        return self.base + float(self.value[self.roots].sum()) / self.boostings


def from_nodes(base: float, nodes: Sequence[Any]) -> Forest:
    """Read the trees of one boosting as scikit-learn's predictors keep their nodes, without missing or native categories.

    `base`: the log odds that they begin with.
    """
    roots = np.cumsum([0, *(len(one) for one in nodes)])[:-1].astype(np.int64)
    together = np.concatenate(nodes)
    shift = np.repeat(roots, [len(one) for one in nodes])
    own = np.arange(len(together))
    leaf = together["is_leaf"].astype(bool)
    left = np.where(leaf, own, together["left"] + shift).astype(np.int64)
    right = np.where(leaf, own, together["right"] + shift).astype(np.int64)
    return Forest(
        base, roots, np.where(leaf, 0, together["feature_idx"]).astype(np.int64),
        np.where(leaf, 0.0, together["num_threshold"]).astype(np.float64), left, right,
        _values(together, leaf, left, right), int(together["depth"].max()),
    )  # fmt: skip


def _values(nodes: Any, leaf: NDArray[np.bool_], left: Places, right: Places) -> Floats:
    value: Floats = nodes["value"].astype(np.float64).copy()
    count: Floats = nodes["count"].astype(np.float64)
    for level in range(int(nodes["depth"].max()), -1, -1):  # children lie a level deeper than their parents
        at = np.flatnonzero(~leaf & (nodes["depth"] == level))
        low, high = left[at], right[at]
        value[at] = (value[low] * count[low] + value[high] * count[high]) / np.maximum(count[low] + count[high], 1.0)
    return value


def averaged(forests: Sequence[Forest]) -> Forest:
    """Return the forest whose log odds are the mean of those of all."""
    shifts = np.cumsum([0, *(len(one.feature) for one in forests)])[:-1].tolist()

    def laid(name: str) -> Any:
        return np.concatenate([getattr(one, name) for one in forests])

    def moved(name: str) -> Places:
        return np.concatenate([getattr(one, name) + shift for one, shift in zip(forests, shifts, strict=True)])

    return Forest(
        float(np.mean([one.base for one in forests])), moved("roots"), laid("feature"), laid("threshold"), moved("left"),
        moved("right"), laid("value"), max(one.depth for one in forests), sum(one.boostings for one in forests),
    )  # fmt: skip


_ARRAYS = ("roots", "feature", "threshold", "left", "right", "value")


def to_json(forest: Forest) -> dict[str, Any]:
    """Return the forest as JSON knows it; `from_json` gives back the very same numbers."""
    arrays = {name: getattr(forest, name).tolist() for name in _ARRAYS}
    return {"base": forest.base, "depth": forest.depth, "boostings": forest.boostings, **arrays}


def from_json(data: Mapping[str, Any]) -> Forest:
    """Read what `to_json` wrote."""

    def places(name: str) -> Places:
        return np.array(data[name], dtype=np.int64)

    def numbers(name: str) -> Floats:
        return np.array(data[name], dtype=np.float64)

    return Forest(
        float(data["base"]), places("roots"), places("feature"), numbers("threshold"), places("left"), places("right"),
        numbers("value"), int(data["depth"]), int(data["boostings"]),
    )  # fmt: skip
