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


EDGES = 250  # values between which a tree may cut a feature


def edges_of(rows: Floats) -> list[Floats]:
    """Return where each feature may be cut: between all its values, or at even shares of the rows where it has many."""
    found = []
    for column in rows.T:
        values = np.unique(column)
        few = len(values) <= EDGES
        cuts = (values[:-1] + values[1:]) / 2 if few else np.quantile(column, np.linspace(0, 1, EDGES + 1)[1:-1])
        found.append(np.unique(np.array([float(f"{one:.7g}") for one in cuts], dtype=np.float64)))
    return found


def coded(rows: Floats, edges: Sequence[Floats]) -> Floats:
    """Return between which of its edges each value lies: what trees learn from, the same for all that are averaged.

    (scikit-learn would look for the cuts anew for each, by weighted percentiles, which takes longer than the learning.)
    """
    return np.column_stack([np.searchsorted(cuts, rows[:, at], side="left") for at, cuts in enumerate(edges)]).astype(
        np.float64
    )


def from_sklearn(fitted: list[Any], edges: Sequence[Floats] = ()) -> Forest:
    """Read one or more fitted HistGradientBoostingClassifier of two classes, without missing or native categories.

    `edges`: they learned from `coded` rows; thresholds are turned back into values.
    """
    nodes = [predictors[0].nodes for one in fitted for predictors in one._predictors]
    base = float(np.mean([np.ravel(one._baseline_prediction)[0] for one in fitted]))
    roots = np.cumsum([0, *(len(one) for one in nodes)])[:-1].astype(np.int64)
    together = np.concatenate(nodes)
    shift = np.repeat(roots, [len(one) for one in nodes])
    own = np.arange(len(together))
    leaf = together["is_leaf"].astype(bool)
    left = np.where(leaf, own, together["left"] + shift).astype(np.int64)
    right = np.where(leaf, own, together["right"] + shift).astype(np.int64)
    return Forest(
        base, roots, np.where(leaf, 0, together["feature_idx"]).astype(np.int64),
        _thresholds(together, leaf, edges), left, right,
        _values(together, leaf, left, right), int(together["depth"].max()), len(fitted),
    )  # fmt: skip


def _thresholds(nodes: Any, leaf: NDArray[np.bool_], edges: Sequence[Floats]) -> Floats:
    found: Floats = np.where(leaf, 0.0, nodes["num_threshold"]).astype(np.float64)
    if edges:
        for at in np.flatnonzero(~leaf):
            found[at] = edges[nodes["feature_idx"][at]][int(found[at])]
    return found


def _values(nodes: Any, leaf: NDArray[np.bool_], left: Places, right: Places) -> Floats:
    value: Floats = nodes["value"].astype(np.float64).copy()
    count: Floats = nodes["count"].astype(np.float64)
    for level in range(int(nodes["depth"].max()), -1, -1):  # children lie a level deeper than their parents
        at = np.flatnonzero(~leaf & (nodes["depth"] == level))
        low, high = left[at], right[at]
        value[at] = (value[low] * count[low] + value[high] * count[high]) / np.maximum(count[low] + count[high], 1.0)
    return value


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
