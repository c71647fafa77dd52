"""The model beside its baselines on tickets that were opened later, and whether it may be shown (SEMANTICS 10). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tocsin.domain.risk.logic.measures import Quality, auc, quality
from tocsin.domain.risk.logic.model import Model
from tocsin.domain.risk.logic.moments import Snapshot
from tocsin.domain.risk.logic.training import Sample

type Floats = NDArray[np.float64]
CHANCE = 0.5  # AUC of any order
ROUNDS = 200  # resamples for the doubt about a difference
SURE = 0.95  # share of them in which the model must be ahead of the rule, and of chance
FEWEST_JUDGED = 100  # later tickets
FEWEST_POSITIVE = 20
ANY, LAST = -1, 0


@dataclass(frozen=True, slots=True)
class Compared:
    """One point of a ticket's life: the model, the logistic baseline and the simple rule on the same later tickets."""

    event: int  # at which event of each ticket; 0: the last one that each has; -1: any, drawn by the ticket's name
    model: Quality
    logistic: Quality
    rule: Quality
    rule_name: str
    ahead: float  # share of resamples of the tickets in which the model ranks better than the rule and chance
    chance: float = 0.0  # average precision of chance: the share that ended so


def compare(model: Model, later: Sequence[Sample], event: int = 0) -> Compared:
    """Score each ticket once, at its `event`-th event while open (tickets that have none are left out)."""
    found = [(_at(one, event), one.outcome) for one in later if one.snapshots]
    pairs = [(snapshot, outcome) for snapshot, outcome in found if snapshot is not None]
    outcomes = np.array([outcome for _, outcome in pairs], dtype=bool)
    rows = model.rows([snapshot for snapshot, _ in pairs])
    scores = model.calibration.probability(model.forest.log_odds(rows))
    logistic = model.linear_calibration.probability(model.linear.log_odds(rows))
    rule = model.rule.score(rows)
    ranks = np.searchsorted(np.unique(rule), rule) / max(len(np.unique(rule)), 1)
    return Compared(
        event, quality(outcomes, scores), quality(outcomes, logistic), quality(outcomes, ranks), model.rule.feature,
        _ahead(outcomes, scores, rule), float(outcomes.mean()) if len(outcomes) else 0.0,
    )  # fmt: skip


def _at(one: Sample, event: int) -> Snapshot | None:
    if event == ANY:
        return one.snapshots[crc32(one.ticket.encode()) % len(one.snapshots)]
    if event == LAST:
        return one.snapshots[-1]
    return next((snapshot for snapshot in one.snapshots if snapshot.event == event), None)


def _ahead(outcomes: NDArray[np.bool_], scores: Floats, rule: Floats) -> float:
    """Resample the tickets: how often does the model rank better than the rule, and than chance? The same numbers each time.

    A rule that found nothing may fall below chance on later tickets: to be ahead of that alone is nothing.
    """
    if not 0 < outcomes.sum() < len(outcomes):
        return 0.0
    draw = np.random.default_rng(20)
    won = counted = 0
    for _ in range(ROUNDS):
        picked = draw.integers(0, len(outcomes), len(outcomes))
        y = outcomes[picked]
        if 0 < y.sum() < len(y):
            counted += 1
            won += auc(y, scores[picked]) > max(auc(y, rule[picked]), CHANCE)
    return won / counted if counted else 0.0


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a model is shown to people, and why (not)."""

    shown: bool
    why: str


def admit(compared: Compared) -> Admission:
    """A model is shown only if it beats the simple rule and chance on later tickets, with little doubt (SEMANTICS 10).

    Whoever calls compares at ANY moment: what is admitted will be looked at while tickets are open, early and late.
    """
    it, rule = compared.model, compared.rule
    if it.n < FEWEST_JUDGED or it.positives < FEWEST_POSITIVE:
        return Admission(
            False,
            f"Later tickets to judge it by: {it.n}, of which {it.positives} ended so. "
            f"At least {FEWEST_JUDGED} and {FEWEST_POSITIVE} are needed.",
        )
    if compared.ahead < SURE:
        return Admission(
            False,
            f"It does not surely beat the simple rule and chance on later tickets: AUC {it.auc:.2f} against "
            f"{rule.auc:.2f}, ahead of both in {compared.ahead:.0%} of resamples, which must be {SURE:.0%}.",
        )  # fmt: skip
    return Admission(
        True,
        f"It ranks better than the simple rule on {it.n} later tickets: AUC {it.auc:.2f} against {rule.auc:.2f}.",
    )  # fmt: skip
