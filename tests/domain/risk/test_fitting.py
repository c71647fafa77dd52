"""What a training of risk fits: words as numbers, trees by scikit-learn's grower, the simple rule (SEMANTICS 10)."""

import json
import random

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from tocsin.domain.risk.logic import encoding
from tocsin.domain.risk.logic.boosting import boost, coded
from tocsin.domain.risk.logic.columns import FEW, JOINT, columns, numbered
from tocsin.domain.risk.logic.encoding import fit, out_of_fold, pairs
from tocsin.domain.risk.logic.fitting import Lot, calibrated, linear, rule
from tocsin.domain.risk.logic.measures import auc
from tocsin.domain.risk.logic.model import Rule
from tocsin.domain.risk.logic.settings import Settings
from tocsin.domain.risk.logic.trees import Forest, averaged, from_json, from_nodes, to_json


def test_words_that_become_numbers_once_are_counted_for_the_first_tickets_alone() -> None:
    """Calibration's trial must not see the latest tickets; what it shares with the whole is which word is which only."""
    chance = random.Random(8)
    tickets = [f"T-{n // 3:03}" for n in range(600)]
    came = {ticket: chance.random() < 0.3 for ticket in tickets}
    column = [chance.choice("abcdefgh") for _ in tickets]
    words = pairs(numbered(column), np.repeat(np.arange(200), 3)).until(140, 420)
    by = encoding.known(tickets[:420], [came[one] for one in tickets[:420]])
    alone = pairs(numbered(column[:420]), by.rows)
    assert (out_of_fold(words, by) == out_of_fold(alone, by)).all()
    assert fit(words, by) == fit(alone, by)


def test_words_are_joined_the_same_one_by_one_and_sorted() -> None:
    chance = random.Random(4)
    rows = [{"team": chance.choice("abc"), "by": chance.choice(("", "x", "y"))} for _ in range(500)]
    keys = {"team and by": ("team", "by"), "team": ("team",), "owner": ("owner",)}
    for count in (0, 1, FEW, 500):
        found = columns(rows[:count], keys)
        told = {name: [one.words[at] for at in one.rows] for name, one in found.items()}
        assert told["team and by"] == [f"{row['team']}{JOINT}{row['by']}" for row in rows[:count]]
        assert told["team"] == [row["team"] for row in rows[:count]]
        assert told["owner"] == [""] * count


# The model: our own trees give what scikit-learn gives, and JSON keeps every bit.


def read(fitted: HistGradientBoostingClassifier) -> Forest:
    base = float(np.ravel(fitted._baseline_prediction)[0])
    return from_nodes(base, [trees[0].nodes for trees in fitted._predictors])


def test_our_trees_equal_those_of_scikit_learn_and_survive_json() -> None:
    chance = np.random.default_rng(4)
    rows = chance.normal(size=(1_500, 7))
    outcomes = rows[:, 0] + rows[:, 1] ** 2 + chance.normal(size=1_500) > 1
    fitted = [HistGradientBoostingClassifier(max_iter=30, random_state=n).fit(rows, outcomes) for n in range(2)]
    expected = np.mean([one.decision_function(rows) for one in fitted], axis=0)
    forest = averaged([read(one) for one in fitted])
    kept = from_json(json.loads(json.dumps(to_json(forest))))
    assert np.allclose(forest.log_odds(rows), expected, atol=1e-9)
    assert (kept.log_odds(rows) == forest.log_odds(rows)).all()
    assert np.allclose(forest.log_odds(rows[:20]), forest.log_odds(rows)[:20], atol=1e-12)  # few rows go another way


def test_our_boosting_is_that_of_scikit_learn() -> None:
    """It uses scikit-learn's grower, which is not public: a release that changes it must fail here, not in a training."""
    chance = np.random.default_rng(7)
    rows = np.column_stack([chance.normal(size=(3_000, 8)), chance.integers(0, 4, 3_000), np.ones(3_000)])
    outcomes = rows[:, 0] + rows[:, 8] + chance.normal(size=3_000) > 2
    weights = chance.uniform(0.5, 2.0, 3_000)
    told = coded(rows)
    assert [len(one) for one in told.edges] == [*[249] * 8, 3, 0]
    it = Settings(trees=20)
    public = HistGradientBoostingClassifier(
        max_iter=it.trees, learning_rate=it.rate, max_leaf_nodes=it.leaves, min_samples_leaf=it.rows_of_leaf,
        l2_regularization=it.l2, max_features=it.features, early_stopping=False, random_state=5,
    ).fit(told.codes, outcomes, sample_weight=weights)  # fmt: skip
    later = np.column_stack([chance.normal(size=(500, 8)), chance.integers(0, 5, 500), np.ones(500)])
    codes = np.column_stack([np.searchsorted(cuts, later[:, at]) for at, cuts in enumerate(told.edges)])
    found = boost(5, told, outcomes, weights, it)
    assert np.allclose(found.log_odds(later), public.decision_function(codes), atol=1e-6)


def test_contributions_add_up_to_the_score() -> None:
    chance = np.random.default_rng(6)
    rows = chance.normal(size=(800, 5))
    outcomes = rows[:, 0] + chance.normal(size=800) > 0
    forest = read(HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(rows, outcomes))
    for row in rows[:25]:
        moved = forest.contributions(row)
        assert forest.mean() + moved.sum() == pytest.approx(forest.log_odds(row[None])[0])
    assert np.argmax(np.abs([forest.contributions(row) for row in rows[:100]]).mean(axis=0)) == 0


def test_the_simple_rule_is_the_feature_that_ranks_best_of_all() -> None:
    chance = np.random.default_rng(12)
    outcomes = chance.random(3_000) < 0.3
    rows = chance.normal(size=(3_000, 20))
    rows[:, 7] -= 0.8 * outcomes
    rows[:, 11] += 0.6 * outcomes
    found = rule(rows, coded(rows), outcomes, [f"it{n}" for n in range(20)])
    assert found == Rule("it7", 7, rising=False)


def test_a_feature_that_tells_all_ends_in_finite_odds() -> None:
    rows = np.column_stack(
        [np.linspace(-1, 1, 400), np.linspace(-1, 1, 400), np.zeros(400)]
    )  # twice the same, and nothing
    lot = Lot([str(n) for n in range(400)], rows[:, 0] > 0, np.ones(400), np.ones(400), np.ones(400))
    found = linear(rows, lot, 0.3)
    assert np.isfinite(found.log_odds(rows)).all()
    assert auc(lot.outcomes, found.log_odds(rows)) == 1
    assert calibrated(found.log_odds(rows), lot).slope > 0
