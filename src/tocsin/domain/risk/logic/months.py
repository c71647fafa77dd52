"""A model month by month: what it said, what came, and how far its scores have drifted (SEMANTICS 10). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.domain.risk.logic.measures import stability
from tocsin.domain.risk.logic.model import Model
from tocsin.domain.risk.logic.training import Sample

type Floats = NDArray[np.float64]
POINTS = 501  # of the scores' distribution that are kept to compare with
FEWEST = 20  # tickets of a month that are worth a figure
STEADY, DRIFTED = 0.1, 0.25


@dataclass(frozen=True, slots=True)
class Month:
    """Tickets opened in one month (UTC), each scored once, at its first event while open."""

    month: str  # 2026-05
    n: int
    came: int
    said: float  # mean probability
    drift: float  # population stability index against the scores of the tickets trained on


def first_scores(model: Model, samples: Sequence[Sample]) -> Floats:
    """Return the probability of each ticket at its first event."""
    return model.probabilities([one.snapshots[0] for one in samples if one.snapshots])


def reference(scores: Floats) -> list[float]:
    """Return the distribution of scores in few numbers."""
    return np.quantile(scores, np.linspace(0, 1, POINTS)).round(5).tolist() if len(scores) else []


def by_month(model: Model, samples: Sequence[Sample], known: Sequence[float]) -> list[Month]:
    """Judge each month. Months with too few tickets are left out."""
    kept = [one for one in samples if one.snapshots]
    scores = first_scores(model, kept)
    places: dict[str, list[int]] = {}
    for at, one in enumerate(kept):
        places.setdefault(f"{one.opened_at:%Y-%m}", []).append(at)
    return [
        Month(
            month, len(rows), sum(kept[at].outcome for at in rows), float(scores[rows].mean()),
            stability(known, scores[rows]),
        )
        for month, rows in sorted(places.items())
        if len(rows) >= FEWEST
    ]  # fmt: skip


def drift_word(value: float) -> str:
    """Say what an index means."""
    if value < STEADY:
        return "steady"
    return "moving" if value < DRIFTED else "drifted"
