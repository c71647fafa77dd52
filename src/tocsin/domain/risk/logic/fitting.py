"""What a training fits to rows: tables of words, trees, the logistic baseline, the simple rule, calibration. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.domain.risk.logic.boosting import Coded, coded
from tocsin.domain.risk.logic.encoding import Pairs, Table, known
from tocsin.domain.risk.logic.features import Cells, counted
from tocsin.domain.risk.logic.measures import auc
from tocsin.domain.risk.logic.model import Calibration, Linear, Rule

type Floats = NDArray[np.float64]
type Outcomes = NDArray[np.bool_]
# Of a feature: below it, what differs is which fold a ticket was in, and later tickets lie dozens of deviations away.
NEARLY_CONSTANT = 0.02
LIKELY = 8  # features whose ranking is measured exactly, after that of all by their codes


@dataclass(frozen=True, slots=True)
class Lot:
    """Tickets as rows, one for each event, in the order in which the tickets were opened."""

    tickets: list[str]  # of each row
    outcomes: Outcomes
    weights: Floats
    hours: Floats
    levelled: Floats  # weights by which each cohort ends so as often as all do


@dataclass(frozen=True, slots=True)
class Prepared:
    """A lot that is ready to be learned from."""

    lot: Lot
    tables: Mapping[str, Table]
    rows: Floats
    coded: Coded


def prepare(told: Cells, words: Mapping[str, Pairs], lot: Lot) -> Prepared:
    """Count the words of a lot, and encode its rows by them."""
    by = known(lot.tickets, lot.outcomes.tolist(), lot.hours.tolist())
    rows, tables = counted(told, words, by)
    return Prepared(lot, tables, rows, coded(rows))


def linear(it: Prepared, strength: float) -> Linear:
    """Fit the logistic baseline. `strength` of the penalty: scikit-learn's C."""
    mean, scale = it.rows.mean(axis=0), it.rows.std(axis=0)
    scale = np.where(scale > NEARLY_CONSTANT, scale, 1.0)
    fitted = _logistic(strength).fit((it.rows - mean) / scale, it.lot.outcomes, sample_weight=it.lot.levelled)
    return Linear(mean, scale, fitted.coef_[0], float(fitted.intercept_[0]))


def _logistic(strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - heavy; only trainings need it

    return LogisticRegression(C=strength, max_iter=500, solver="newton-cholesky")


def rule(it: Prepared, names: Sequence[str]) -> Rule:
    """Find the single feature that ranks best on the training tickets, either way up."""
    by_codes = np.array([_told(it.coded.codes[:, at], it.lot.outcomes) for at in range(it.rows.shape[1])])
    likely = np.sort(np.argsort(-np.abs(by_codes - 0.5), kind="stable")[:LIKELY])
    told = np.array([auc(it.lot.outcomes, it.rows[:, at]) for at in likely])
    best = int(np.argmax(np.abs(told - 0.5)))
    return Rule(names[likely[best]], int(likely[best]), bool(told[best] >= 0.5))


def _told(codes: NDArray[np.uint8], outcomes: Outcomes) -> float:
    """Return the AUC of a feature that is known between which edges it lies only."""
    every = np.bincount(codes, minlength=256)
    came = np.bincount(codes[outcomes], minlength=256)
    spared = every - came
    won = float((came * (np.cumsum(spared) - spared / 2)).sum())
    return won / float(came.sum() * spared.sum())


def calibrated(log_odds: Floats, lot: Lot) -> Calibration:
    """Fit a calibration on tickets as they came, cohorts not levelled: it is their share that goes on."""
    fitted = _logistic(1e6).fit(log_odds.reshape(-1, 1), lot.outcomes, sample_weight=lot.weights)
    slope = float(fitted.coef_[0][0])
    if slope <= 0:  # the latest tickets say the opposite: leave the odds as they are rather than turn them round
        return Calibration()
    return Calibration(slope, float(fitted.intercept_[0]))
