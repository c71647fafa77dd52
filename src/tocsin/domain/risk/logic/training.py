"""Training on earlier tickets, judging on later ones (SEMANTICS 10). Pure: samples in, model out, the same each time.

scikit-learn is loaded here only, and only by a training: who scores needs none of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tocsin.domain.risk.logic.cohorts import levelled
from tocsin.domain.risk.logic.encoding import Table, columns, fit_transform, known
from tocsin.domain.risk.logic.measures import auc
from tocsin.domain.risk.logic.model import Calibration, Linear, Model, Rule, feature_names
from tocsin.domain.risk.logic.moments import NUMBERS, Snapshot, category_keys
from tocsin.domain.risk.logic.trees import coded, edges_of, from_sklearn

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

type Floats = NDArray[np.float64]
type Outcomes = NDArray[np.bool_]
# Of a feature: below it, what differs is which fold a ticket was in, and later tickets lie dozens of deviations away.
NEARLY_CONSTANT = 0.02
CALIBRATED_ON = 0.2  # the latest share of the training tickets, which calibration is fitted on
FEWEST = 200  # tickets to train on
FEWEST_OF_EACH = 30  # tickets with, and without, the outcome
THREADS = 2


@dataclass(frozen=True, slots=True)
class Settings:
    """How it is learned. One object for trainings, the command line and the benches: what is measured is what is shipped."""

    events: int = 12  # of a ticket that are learned from; later ones are scored as well
    boostings: int = 3  # averaged, each with its own seed
    trees: int = 120  # of each
    rate: float = 0.06  # of learning
    leaves: int = 15
    rows_of_leaf: int = 60
    l2: float = 5.0
    features: float = 0.2  # share of the features that a cut chooses from
    logistic: float = 0.3  # strength of the baseline, as scikit-learn's C


SHIPPED = Settings()
EVENTS = SHIPPED.events


class TooFew(Exception):
    """There is too little history to learn from; the message says how much is missing."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A ticket to learn from: its snapshots while the outcome was open, and what came of it."""

    ticket: str
    opened_at: datetime
    snapshots: tuple[Snapshot, ...]
    outcome: bool
    hours: float = 0.0  # from its opening to its end: never a feature, but told of earlier tickets with the same words


def split(samples: Sequence[Sample], later: float = 0.3) -> tuple[list[Sample], list[Sample]]:
    """Return (earlier, later) tickets by the time they were opened; the later share is for judging only."""
    ordered = sorted(samples, key=lambda one: (one.opened_at, one.ticket))
    at = round(len(ordered) * (1 - later))
    return ordered[:at], ordered[at:]


def train(
    samples: Sequence[Sample], *, own_fields: Sequence[str] = (), threads: int = THREADS, settings: Settings = SHIPPED,
    progress: Callable[[str, float], None] = lambda _what, _done: None,
) -> Model:  # fmt: skip
    """Learn from tickets whose outcome is known. `progress(what, share done)` is called between steps.

    Calibration is fitted on the latest fifth by a model that has not seen it; then all are learned from.
    Raises TooFew where there is too little of either outcome.
    """
    ordered = sorted((one for one in samples if one.snapshots), key=lambda one: (one.opened_at, one.ticket))
    _enough(ordered)
    at = round(len(ordered) * (1 - CALIBRATED_ON))
    earlier, latest = ordered[:at], ordered[at:]
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - as below

    with threadpool_limits(limits=threads):
        calibration, linear_calibration = Calibration(), Calibration()
        if _both(earlier) and _both(latest):
            progress("learning from the earlier ones, to calibrate on the latest", 0.0)
            trial = _fit(
                earlier, own_fields, replace(settings, boostings=1)
            )  # its odds only; thrice the time buys nothing
            calibration, linear_calibration = _calibrated(trial, latest, settings)
        progress("learning from all", 0.5)
        model = _fit(ordered, own_fields, settings)
    progress("done", 1.0)
    return replace(model, calibration=calibration, linear_calibration=linear_calibration)


def _enough(samples: Sequence[Sample]) -> None:
    with_it = sum(one.outcome for one in samples)
    if len(samples) < FEWEST or min(with_it, len(samples) - with_it) < FEWEST_OF_EACH:
        raise TooFew(
            f"{len(samples)} finished tickets, {with_it} of which ended so: "
            f"at least {FEWEST} are needed, and {FEWEST_OF_EACH} of either kind."
        )


def _both(samples: Sequence[Sample]) -> bool:
    return len({one.outcome for one in samples}) == 2


@dataclass(frozen=True, slots=True)
class _Flat:
    """Samples as rows, in the order in which their tickets were opened."""

    found: list[Snapshot]
    tickets: list[str]
    outcomes: Outcomes
    weights: Floats
    hours: Floats
    levelled: Floats  # weights by which each cohort ends so as often as all do


def _flat(samples: Sequence[Sample], settings: Settings) -> _Flat:
    """A ticket with many events weighs more than one with few, but less than its number of events."""
    found: list[Snapshot] = []
    tickets: list[str] = []
    counts = np.array([min(len(one.snapshots), settings.events) for one in samples])
    for one in samples:
        rows = one.snapshots[: settings.events]
        found += rows
        tickets += [one.ticket] * len(rows)
    outcomes = np.array([one.outcome for one in samples], dtype=bool)
    weights = np.repeat(counts**-0.5, counts)
    hours = np.array([one.hours for one in samples])
    return _Flat(
        found, tickets, np.repeat(outcomes, counts), weights, np.repeat(hours, counts),
        weights * np.repeat(levelled(outcomes), counts),
    )  # fmt: skip


def _fit(samples: Sequence[Sample], own_fields: Sequence[str], settings: Settings) -> Model:
    """Learn, not yet calibrated."""
    flat = _flat(samples, settings)
    rows, tables = _rows(flat, own_fields)
    edges = edges_of(rows)
    codes = coded(rows, edges)
    boosted = [
        _boosted(seed, settings).fit(codes, flat.outcomes, sample_weight=flat.levelled)
        for seed in range(settings.boostings)
    ]
    linear = _linear(rows, flat, settings)
    rule = _rule(rows, flat.outcomes, feature_names(own_fields))
    return Model(
        tuple(own_fields), tables, from_sklearn(boosted, edges), linear, rule, Calibration(), Calibration()
    )  # fmt: skip


def _rows(flat: _Flat, own_fields: Sequence[str]) -> tuple[Floats, dict[str, Table]]:
    """Return the features of all rows, a ticket's own outcome kept out of them, and the tables that later ones look up."""
    keys = category_keys(own_fields)
    cells = columns([one.words for one in flat.found], keys)
    by = known(flat.tickets, flat.outcomes.tolist(), flat.hours.tolist())
    encoded = {name: fit_transform(cells[name], by) for name in keys}
    numbers = np.array([one.numbers for one in flat.found], dtype=np.float64).reshape(-1, len(NUMBERS))
    rows = np.hstack([numbers, *(values for _, values in encoded.values())])
    return rows, {name: table for name, (table, _) in encoded.items()}


def _boosted(seed: int, it: Settings) -> "HistGradientBoostingClassifier":
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - heavy; only trainings need it

    return HistGradientBoostingClassifier(
        max_iter=it.trees, learning_rate=it.rate, max_leaf_nodes=it.leaves, min_samples_leaf=it.rows_of_leaf,
        l2_regularization=it.l2, max_features=it.features, early_stopping=False, random_state=seed,
    )  # fmt: skip


def _linear(rows: Floats, flat: _Flat, settings: Settings) -> Linear:
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale = np.where(scale > NEARLY_CONSTANT, scale, 1.0)
    fitted = _logistic(settings.logistic).fit((rows - mean) / scale, flat.outcomes, sample_weight=flat.levelled)
    return Linear(mean, scale, fitted.coef_[0], float(fitted.intercept_[0]))


def _logistic(strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - heavy; only trainings need it

    return LogisticRegression(C=strength, max_iter=500)


def _rule(rows: Floats, outcomes: Outcomes, names: Sequence[str]) -> Rule:
    """Find the single feature that ranks best on the training tickets, either way up."""
    told = [auc(outcomes, rows[:, at]) if np.ptp(rows[:, at]) > 0 else 0.5 for at in range(rows.shape[1])]
    best = int(np.argmax(np.abs(np.array(told) - 0.5)))
    return Rule(names[best], best, bool(told[best] >= 0.5))


def _calibrated(trial: Model, latest: Sequence[Sample], settings: Settings) -> tuple[Calibration, Calibration]:
    """Fit both calibrations on the latest tickets as they came, cohorts not levelled: it is their share that goes on."""
    flat = _flat(latest, settings)
    rows = trial.rows(flat.found)
    return _platt(trial.forest.log_odds(rows), flat), _platt(trial.linear.log_odds(rows), flat)


def _platt(log_odds: Floats, flat: _Flat) -> Calibration:
    fitted = _logistic(1e6).fit(log_odds.reshape(-1, 1), flat.outcomes, sample_weight=flat.weights)
    slope = float(fitted.coef_[0][0])
    if slope <= 0:  # the latest tickets say the opposite: leave the odds as they are rather than turn them round
        return Calibration()
    return Calibration(slope, float(fitted.intercept_[0]))
