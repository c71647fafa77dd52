"""Learning trees: features are cut once for all, and boostings run beside each other. Pure.

The trees are grown by scikit-learn's own grower, which only a training loads. Its public class would look for cuts anew in
each boosting, on eight times the memory; a test holds both equal. A boosting runs on one thread: two threads that share
the work of one tree wait for each other at each of its nodes, and longer still on a machine that has other work.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.domain.risk.logic.settings import Settings
from tocsin.domain.risk.logic.trees import Forest, from_nodes

type Floats = NDArray[np.float64]
type Codes = NDArray[np.uint8]
type Outcomes = NDArray[np.bool_]
EDGES = 250  # values between which a tree may cut a feature
BINS = 256  # of the grower: codes, and one that stands for missing values, of which there are none


@dataclass(frozen=True, slots=True)
class Coded:
    """Features as trees learn from them: between which of its edges each value lies."""

    edges: list[Floats]
    codes: Codes


def edges_of(values: Floats) -> Floats:
    """Return where a feature may be cut: between all its values, or at even shares of the rows where it has many."""
    ordered = np.sort(values)
    distinct = ordered[np.diff(ordered, prepend=-np.inf) > 0]
    few = len(distinct) <= EDGES
    cuts = (distinct[:-1] + distinct[1:]) / 2 if few else np.quantile(ordered, np.linspace(0, 1, EDGES + 1)[1:-1])
    return np.unique(np.array([float(f"{one:.7g}") for one in cuts], dtype=np.float64))


def coded(rows: Floats) -> Coded:
    """Lay the values of each feature between its edges: the same for all boostings."""
    codes = np.zeros(rows.shape, dtype=np.uint8, order="F")
    edges = [edges_of(column) for column in rows.T]
    for at, cuts in enumerate(edges):
        codes[:, at] = np.searchsorted(cuts, rows[:, at], side="left")
    return Coded(edges, codes)


def boost(seed: int, told: Coded, outcomes: Outcomes, weights: Floats, it: Settings) -> Forest:
    """Boost trees for the log loss, on one thread. The same each time, and what scikit-learn's class makes of the seed."""
    draw = _features_drawn(seed)
    came = outcomes.astype(np.float64)
    share = float(np.average(came, weights=weights))
    base = float(np.log(share / (1 - share)))
    odds = np.full(len(came), base)
    nodes = []
    for _ in range(it.trees):
        likely = 1 / (1 + np.exp(-odds))
        grower = _grown(told, (likely - came) * weights, likely * (1 - likely) * weights, draw, it)
        rows = np.asarray(grower.splitter.partition)
        for leaf in grower.finalized_leaves:
            odds[rows[leaf.partition_start : leaf.partition_stop]] += leaf.value
        nodes.append(grower.make_predictor(told.edges).nodes)
    return from_nodes(base, nodes)


def _features_drawn(seed: int) -> np.random.Generator:
    """Return what draws the features that a cut chooses from: scikit-learn takes the second number of the seed."""
    first = np.random.RandomState(seed)
    return np.random.default_rng([first.randint(np.iinfo(np.uint32).max, dtype=np.uint64) for _ in range(2)][1])


def _grown(told: Coded, gradients: Floats, hessians: Floats, draw: np.random.Generator, it: Settings) -> Any:
    """Grow one tree."""
    from sklearn.ensemble._hist_gradient_boosting.grower import TreeGrower  # noqa: PLC0415 - heavy; only trainings need it

    grower = TreeGrower(
        told.codes, gradients.astype(np.float32), hessians.astype(np.float32), n_bins=BINS, n_threads=1, rng=draw,
        n_bins_non_missing=[len(cuts) + 1 for cuts in told.edges], max_leaf_nodes=it.leaves, shrinkage=it.rate,
        min_samples_leaf=it.rows_of_leaf, l2_regularization=it.l2, feature_fraction_per_split=it.features,
    )  # fmt: skip
    grower.grow()
    return grower
