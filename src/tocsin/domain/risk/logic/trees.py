"""Boosted trees as plain arrays: read from scikit-learn once, kept as JSON, applied by our own code. Pure; no pickle."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree. A row goes left where its value is at most the threshold; leaves are their own children."""

    feature: NDArray[np.int64]
    threshold: Floats
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Floats  # of leaves what they add to the log odds; of inner nodes the mean of what lies below
    depth: int


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees whose leaves add up, beginning with `base`, divided by how many boostings they come from."""

    base: float
    trees: tuple[Tree, ...]
    boostings: int = 1

    def log_odds(self, rows: Floats) -> Floats:
        """Return the log odds of each row."""
        total = np.zeros(len(rows))
        everyone = np.arange(len(rows))
        for tree in self.trees:
            at = np.zeros(len(rows), dtype=np.int64)
            for _ in range(tree.depth):
                goes_left = rows[everyone, tree.feature[at]] <= tree.threshold[at]
                at = np.where(goes_left, tree.left[at], tree.right[at])
            total += tree.value[at]
        return self.base + total / self.boostings

    def contributions(self, row: Floats) -> Floats:
        """Return how much each feature moved the log odds of one row away from the mean of all (along its paths)."""
        moved = np.zeros(len(row))
        for tree in self.trees:
            at = 0
            while tree.left[at] != at:
                feature = int(tree.feature[at])
                then = int(tree.left[at] if row[feature] <= tree.threshold[at] else tree.right[at])
                moved[feature] += tree.value[then] - tree.value[at]
                at = then
        return moved / self.boostings


def from_sklearn(fitted: list[Any]) -> Forest:
    """Read one or more fitted HistGradientBoostingClassifier of two classes, without missing or native categories."""
    trees = [_tree(predictors[0].nodes) for one in fitted for predictors in one._predictors]
    base = float(np.mean([np.ravel(one._baseline_prediction)[0] for one in fitted]))
    return Forest(base, tuple(trees), len(fitted))


def _tree(nodes: Any) -> Tree:
    own = np.arange(len(nodes))
    leaf = nodes["is_leaf"].astype(bool)
    left = np.where(leaf, own, nodes["left"]).astype(np.int64)
    right = np.where(leaf, own, nodes["right"]).astype(np.int64)
    value, count = nodes["value"].astype(np.float64).copy(), nodes["count"].astype(np.float64)
    for at in own[::-1]:  # children stand behind their parents
        if not leaf[at]:
            below = (left[at], right[at])
            value[at] = sum(value[one] * count[one] for one in below) / max(sum(count[one] for one in below), 1.0)
    feature = np.where(leaf, 0, nodes["feature_idx"]).astype(np.int64)
    threshold = np.where(leaf, 0.0, nodes["num_threshold"]).astype(np.float64)
    return Tree(feature, threshold, left, right, value, int(nodes["depth"].max()) if len(nodes) else 0)


def to_json(forest: Forest) -> dict[str, Any]:
    """Return the forest as JSON knows it; `from_json` gives back the very same numbers."""
    return {
        "base": forest.base,
        "boostings": forest.boostings,
        "trees": [
            {
                "feature": tree.feature.tolist(), "threshold": tree.threshold.tolist(), "left": tree.left.tolist(),
                "right": tree.right.tolist(), "value": tree.value.tolist(), "depth": tree.depth,
            }
            for tree in forest.trees
        ],
    }  # fmt: skip


def from_json(data: dict[str, Any]) -> Forest:
    """Read what `to_json` wrote."""
    return Forest(
        float(data["base"]),
        tuple(
            Tree(
                np.array(one["feature"], dtype=np.int64), np.array(one["threshold"]), np.array(one["left"], dtype=np.int64),
                np.array(one["right"], dtype=np.int64), np.array(one["value"]), int(one["depth"]),
            )
            for one in data["trees"]
        ),
        int(data["boostings"]),
    )  # fmt: skip
