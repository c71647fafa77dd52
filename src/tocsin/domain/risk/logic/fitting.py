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
from tocsin.domain.risk.logic.settings import Settings

type Floats = NDArray[np.float64]
type Outcomes = NDArray[np.bool_]
# Of a feature: below it, what differs is which fold a ticket was in, and later tickets lie dozens of deviations away.
NEARLY_CONSTANT = 0.02
FREE = 1e6  # strength that leaves a calibration as good as unpenalised
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
    """What is learned from a lot before its trees are. Its features are kept as codes only: they are much the largest."""

    lot: Lot
    tables: Mapping[str, Table]
    coded: Coded
    linear: Linear
    rule: Rule


def prepare(told: Cells, words: Mapping[str, Pairs], lot: Lot, names: Sequence[str], settings: Settings) -> Prepared:
    """Count the words of a lot, encode its rows by them, and fit what needs no trees."""
    by = known(lot.tickets, lot.outcomes.tolist(), lot.hours.tolist())
    rows, tables = counted(told, words, by)
    codes = coded(rows)
    return Prepared(lot, tables, codes, linear(rows, lot, settings.logistic), rule(rows, codes, lot.outcomes, names))


def linear(rows: Floats, lot: Lot, strength: float) -> Linear:
    """Fit the logistic baseline. `strength` of the penalty: scikit-learn's C."""
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale = np.where(scale > NEARLY_CONSTANT, scale, 1.0)
    laid = np.empty(rows.shape, dtype=np.float32)  # half the size of the rows, and all that is held beside them
    for at, column in enumerate(rows.T):
        laid[:, at] = (column - mean[at]) / scale[at]
    fitted = _logistic(strength, "newton-cholesky").fit(laid, lot.outcomes, sample_weight=lot.levelled)
    return Linear(mean, scale, fitted.coef_[0].astype(np.float64), float(fitted.intercept_[0]))


def _logistic(strength: float, solver: str) -> Any:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - heavy; only trainings need it

    return LogisticRegression(C=strength, solver=solver, max_iter=500)


def rule(rows: Floats, told: Coded, outcomes: Outcomes, names: Sequence[str]) -> Rule:
    """Find the single feature that ranks best on the training tickets, either way up."""
    by_codes = np.array([_told(codes, outcomes) for codes in told.codes.T])
    likely = np.sort(np.argsort(-np.abs(by_codes - 0.5), kind="stable")[:LIKELY])
    exact = np.array([auc(outcomes, rows[:, at]) for at in likely])
    best = int(np.argmax(np.abs(exact - 0.5)))
    return Rule(names[likely[best]], int(likely[best]), bool(exact[best] >= 0.5))


def _told(codes: NDArray[np.uint8], outcomes: Outcomes) -> float:
    """Return the AUC of a feature that is known between which edges it lies only."""
    every = np.bincount(codes, minlength=256)
    came = np.bincount(codes[outcomes], minlength=256)
    spared = every - came
    won = float((came * (np.cumsum(spared) - spared / 2)).sum())
    return won / float(came.sum() * spared.sum())


def calibrated(log_odds: Floats, lot: Lot) -> Calibration:
    """Fit a calibration on tickets as they came, cohorts not levelled: it is their share that goes on."""
    fitted = _logistic(FREE, "lbfgs").fit(log_odds.reshape(-1, 1), lot.outcomes, sample_weight=lot.weights)
    slope, shift = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    if slope <= 0:  # the latest tickets say the opposite: leave the odds as they are rather than turn them round
        return Calibration()
    return Calibration(slope, shift)
