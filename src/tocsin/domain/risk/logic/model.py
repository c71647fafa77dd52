"""A risk model: how a snapshot becomes a probability and its reasons. Pure; kept as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.domain.risk.logic.columns import JOINT
from tocsin.domain.risk.logic.encoding import PARTS, Table
from tocsin.domain.risk.logic.features import cells
from tocsin.domain.risk.logic.moments import NOTHING, NUMBERS, Snapshot, category_keys
from tocsin.domain.risk.logic.trees import Forest, from_json, to_json
from tocsin.domain.risk.logic.words import number_words, rate_words

type Floats = NDArray[np.float64]
FORMAT = 2
LEAST = 0.02  # log odds that a reason must have moved


@dataclass(frozen=True, slots=True)
class Linear:
    """The logistic baseline: standardised features, weights, intercept."""

    mean: Floats
    scale: Floats
    weights: Floats
    intercept: float

    def log_odds(self, rows: Floats) -> Floats:
        return (rows - self.mean) / self.scale @ self.weights + self.intercept


@dataclass(frozen=True, slots=True)
class Rule:
    """The simple rule: one feature, the one that by itself told most about the tickets trained on."""

    feature: str
    column: int
    rising: bool

    def score(self, rows: Floats) -> Floats:
        """Return the feature itself, so turned that more is riskier."""
        return rows[:, self.column] if self.rising else -rows[:, self.column]


@dataclass(frozen=True, slots=True)
class Calibration:
    """From log odds to probabilities: a line through the log odds, fitted on later tickets (Platt)."""

    slope: float = 1.0
    shift: float = 0.0

    def probability(self, log_odds: Floats) -> Floats:
        return 1.0 / (1.0 + np.exp(-np.clip(self.slope * log_odds + self.shift, -35, 35)))


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that moved a score. `moved` in log odds: above 0 makes it riskier."""

    feature: str
    moved: float
    words: str


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that scoring needs."""

    own_fields: tuple[str, ...]
    tables: Mapping[str, Table]
    forest: Forest
    linear: Linear
    rule: Rule
    calibration: Calibration
    linear_calibration: Calibration

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """The categories in the order of their columns."""
        return category_keys(self.own_fields)

    def rows(self, found: Sequence[Snapshot]) -> Floats:
        """Return the features of snapshots: numbers, then three columns for each category."""
        return cells(found, self.keys).looked_up(self.tables)

    def probabilities(self, found: Sequence[Snapshot]) -> Floats:
        """Return how likely each is to end so: 0 to 1."""
        if not found:
            return np.zeros(0)
        return self.calibration.probability(self.forest.log_odds(self.rows(found)))

    def reasons(self, one: Snapshot, limit: int = 4, names: Mapping[str, str] = NOTHING) -> list[Reason]:
        """Return what moved the score of one snapshot most, in words, the strongest first. `names`: {word: shown}."""
        moved = self.moved(one)
        order = sorted(moved, key=lambda name: -abs(moved[name]))[:limit]
        return [Reason(name, moved[name], self._words(name, one, names)) for name in order if abs(moved[name]) > LEAST]

    def moved(self, one: Snapshot) -> dict[str, float]:
        """Return how much each feature moved the log odds of one snapshot, a category's columns together."""
        return _merged(self.keys, self.forest.contributions(self.rows([one])[0]))

    def _words(self, name: str, one: Snapshot, names: Mapping[str, str]) -> str:
        if name in NUMBERS:
            return number_words(name, one.numbers[NUMBERS.index(name)])
        parts = [one.words.get(part, "") for part in self.keys[name]]
        table, word = self.tables[name], JOINT.join(parts)
        rate, usual = table.rates(word)
        shown = ", ".join(names.get(part, part) or "none" for part in parts)
        return rate_words(name, shown, rate, int(table.value(word)[-1]), usual)


def _merged(keys: Mapping[str, Sequence[str]], moved: Floats) -> dict[str, float]:
    """Add the columns of each category together."""
    found = {name: float(moved[at]) for at, name in enumerate(NUMBERS)}
    for at, name in enumerate(keys):
        start = len(NUMBERS) + len(PARTS) * at
        found[name] = float(moved[start : start + len(PARTS)].sum())
    return found


def dump(model: Model) -> dict[str, Any]:
    """Return the model as JSON knows it."""
    return {
        "format": FORMAT,
        "own_fields": list(model.own_fields),
        "tables": {
            name: {word: list(counted) for word, counted in table.words.items()} for name, table in model.tables.items()
        },
        "forest": to_json(model.forest),
        "linear": {
            "mean": model.linear.mean.tolist(), "scale": model.linear.scale.tolist(),
            "weights": model.linear.weights.tolist(), "intercept": model.linear.intercept,
        },
        "rule": {"feature": model.rule.feature, "column": model.rule.column, "rising": model.rule.rising},
        "calibration": [model.calibration.slope, model.calibration.shift],
        "linear_calibration": [model.linear_calibration.slope, model.linear_calibration.shift],
    }  # fmt: skip


def load(data: Mapping[str, Any]) -> Model:
    """Read what `dump` wrote. Raises ValueError for another format."""
    if data.get("format") != FORMAT:
        raise ValueError(f"This model was kept in format {data.get('format')}; train it anew.")
    linear, rule = data["linear"], data["rule"]
    return Model(
        tuple(data["own_fields"]),
        {name: Table({word: (one[0], one[1], one[2], one[3]) for word, one in words.items()}) for name, words in data["tables"].items()},
        from_json(data["forest"]),
        Linear(np.array(linear["mean"]), np.array(linear["scale"]), np.array(linear["weights"]), linear["intercept"]),
        Rule(rule["feature"], rule["column"], rule["rising"]),
        Calibration(*data["calibration"]), Calibration(*data["linear_calibration"]),
    )  # fmt: skip
