"""From snapshots to features: numbers as they are, words by the tables. Pure.

Words are turned into numbers once; what is counted by them is counted anew for each part of the tickets.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.domain.risk.logic.columns import Column, columns
from tocsin.domain.risk.logic.encoding import PARTS, Known, Pairs, Table, fit, out_of_fold, transform
from tocsin.domain.risk.logic.moments import NUMBERS, Snapshot, category_keys

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Snapshots, not yet encoded: their numbers, and the word of each category."""

    numbers: Floats
    columns: Mapping[str, Column]

    def part(self, start: int, end: int) -> "Cells":
        """Return these rows only."""
        return Cells(self.numbers[start:end], {name: one.part(start, end) for name, one in self.columns.items()})

    def looked_up(self, tables: Mapping[str, Table]) -> Floats:
        """Return the features by tables that were counted before: numbers, then three columns for each category."""
        return _beside(self, (transform(tables[name], one) for name, one in self.columns.items()))


def cells(found: Sequence[Snapshot], keys: Mapping[str, Sequence[str]]) -> Cells:
    """Return the cells of snapshots."""
    numbers = np.array([one.numbers for one in found], dtype=np.float64).reshape(-1, len(NUMBERS))
    return Cells(numbers, columns([one.words for one in found], keys))


def counted(told: Cells, words: Mapping[str, Pairs], by: Known) -> tuple[Floats, dict[str, Table]]:
    """Return the features to learn from, a ticket's own outcome kept out of them, and the tables for later ones."""
    rows = _beside(told, (out_of_fold(words[name], by) for name in told.columns))
    return rows, {name: fit(words[name], by) for name in told.columns}


def _beside(told: Cells, encoded: Iterable[Floats]) -> Floats:
    """Lay the columns beside each other, one category after the other: they are never held twice."""
    first = len(NUMBERS)
    rows = np.empty((len(told.numbers), first + len(PARTS) * len(told.columns)), order="F")
    rows[:, :first] = told.numbers
    for at, values in enumerate(encoded):
        start = first + len(PARTS) * at
        rows[:, start : start + len(PARTS)] = values
    return rows


def feature_names(own_fields: Sequence[str]) -> list[str]:
    """Return the name of each column, in order."""
    return [*NUMBERS, *(f"{name} {part}" for name in category_keys(own_fields) for part in PARTS)]
