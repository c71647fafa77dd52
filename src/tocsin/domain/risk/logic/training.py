"""Training on earlier tickets, judging on later ones (SEMANTICS 10). Pure: samples in, model out, the same each time.

What the threads of a training do at the same time never depends on one another: the model is the same however many.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tocsin.domain.risk.logic.boosting import boost
from tocsin.domain.risk.logic.cohorts import levelled
from tocsin.domain.risk.logic.encoding import pairs
from tocsin.domain.risk.logic.features import Cells, cells, feature_names
from tocsin.domain.risk.logic.fitting import Lot, Prepared, calibrated, prepare
from tocsin.domain.risk.logic.model import Calibration, Model
from tocsin.domain.risk.logic.moments import Snapshot, category_keys
from tocsin.domain.risk.logic.settings import SHIPPED, Settings
from tocsin.domain.risk.logic.trees import Forest, averaged

CALIBRATED_ON = 0.2  # the latest share of the training tickets, which calibration is fitted on
FEWEST = 200  # tickets to train on
FEWEST_OF_EACH = 30  # tickets with, and without, the outcome
THREADS = 2
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
    ends = [len(ordered)]
    if _both(ordered[:at]) and _both(ordered[at:]):
        ends.append(at)
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - only trainings need it

    # Matrices on one thread each, so that sums come out the same wherever they are added.
    with threadpool_limits(limits=1), ThreadPoolExecutor(threads) as pool:
        progress("counting what came of earlier tickets", 0.0)
        told, prepared = _prepared(ordered, ends, own_fields, settings, pool)
        # Of the trial its odds only are asked: thrice the time buys nothing.
        forests = [
            _boosted(it, boostings, settings, pool)
            for it, boostings in zip(prepared, (settings.boostings, 1), strict=False)
        ]
        every, calibrations = prepared[0], (Calibration(), Calibration())
        learned = []
        for number, one in enumerate(forests[0]):
            done = 0.2 + 0.7 * number / settings.boostings
            progress("learning from all; from the earlier ones, to calibrate on the latest", done)
            learned.append(one.result())
        forest = averaged(learned)
        if len(prepared) > 1:
            trial = averaged([one.result() for one in forests[1]])
            calibrations = _calibrated(told, trial, prepared[1], _lot(ordered[at:], settings))
        model = Model(tuple(own_fields), every.tables, forest, every.linear, every.rule, *calibrations)
    progress("done", 1.0)
    return model


def _enough(samples: Sequence[Sample]) -> None:
    with_it = sum(one.outcome for one in samples)
    if len(samples) < FEWEST or min(with_it, len(samples) - with_it) < FEWEST_OF_EACH:
        raise TooFew(
            f"{len(samples)} finished tickets, {with_it} of which ended so: "
            f"at least {FEWEST} are needed, and {FEWEST_OF_EACH} of either kind."
        )


def _both(samples: Sequence[Sample]) -> bool:
    return len({one.outcome for one in samples}) == 2


def _lot(samples: Sequence[Sample], settings: Settings) -> Lot:
    """A ticket with many events weighs more than one with few, but less than its number of events."""
    counts = np.array([min(len(one.snapshots), settings.events) for one in samples])
    outcomes = np.array([one.outcome for one in samples], dtype=bool)
    weights = np.repeat(counts**-0.5, counts)
    tickets = [one.ticket for one, count in zip(samples, counts.tolist(), strict=True) for _ in range(count)]
    return Lot(
        tickets, np.repeat(outcomes, counts), weights, np.repeat([one.hours for one in samples], counts),
        weights * np.repeat(levelled(outcomes), counts),
    )  # fmt: skip


def _prepared(
    ordered: Sequence[Sample], ends: Sequence[int], own_fields: Sequence[str], settings: Settings, pool: Executor
) -> tuple[Cells, list[Prepared]]:
    """Return what all rows say, and for each end the tickets before it encoded by what came of them alone.

    Words become numbers once for all: that tells nothing of what came of a ticket.
    """
    keys = category_keys(own_fields)
    told = cells([row for one in ordered for row in one.snapshots[: settings.events]], keys)
    counts = np.array([min(len(one.snapshots), settings.events) for one in ordered])
    whose = np.repeat(np.arange(len(ordered)), counts)
    words = {name: pairs(column, whose) for name, column in told.columns.items()}
    names, asked = feature_names(own_fields), []
    for end in ends:
        rows = int(counts[:end].sum())
        some = {name: one.until(end, rows) for name, one in words.items()}
        lot = _lot(ordered[:end], settings)
        asked.append(pool.submit(prepare, told.part(0, rows), some, lot, names, settings))
    return told, [one.result() for one in asked]


def _boosted(it: Prepared, boostings: int, settings: Settings, pool: Executor) -> list[Future[Forest]]:
    return [pool.submit(boost, seed, it.coded, it.lot.outcomes, it.lot.levelled, settings) for seed in range(boostings)]


def _calibrated(told: Cells, forest: Forest, trial: Prepared, latest: Lot) -> tuple[Calibration, Calibration]:
    """Fit both calibrations on the rows that the trial has not seen."""
    rows = told.part(len(trial.lot.outcomes), len(told.numbers)).looked_up(trial.tables)
    return calibrated(forest.log_odds(rows), latest), calibrated(trial.linear.log_odds(rows), latest)
