"""From words to numbers: did tickets with the same word end so more often, and take longer, than others of their time? Pure.

While training, a ticket is encoded by the tickets of the other folds only: its own outcome never stands in its features.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tocsin.domain.risk.logic.cohorts import usual
from tocsin.domain.risk.logic.columns import Column

FOLDS = 5
DRAWN = 15.0  # so many tickets that ended as usual are added to each word's own
type Floats = NDArray[np.float64]
type Places = NDArray[np.int64]
type Counts = tuple[float, float, float, float]
PARTS = ("share", "time", "count")  # the columns of each category
NEVER = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Table:
    """One category, {word: (tickets that ended so, tickets, how many would have been usual for their time, longer)}.

    `longer`: the sum of what the logarithms of their hours were above the usual for their time.
    """

    words: Mapping[str, Counts] = field(default_factory=dict)

    def value(self, word: str) -> tuple[float, float, float]:
        """Return (share above the usual, log hours above the usual, tickets) of a word; of one never seen nothing."""
        ended, seen, expected, longer = self.words.get(word, NEVER)
        return (ended - expected) / (seen + DRAWN), longer / (seen + DRAWN), seen

    def rates(self, word: str) -> tuple[float, float]:
        """Return (share that ended so, usual share) of a word."""
        ended, seen, expected, _ = self.words.get(word, NEVER)
        return (ended / seen, expected / seen) if seen else (0.0, 0.0)


def fold_of(ticket: str) -> int:
    """Return the fold that a ticket always falls into."""
    return crc32(ticket.encode()) % FOLDS


@dataclass(frozen=True, slots=True)
class Known:
    """Tickets to count by, in the order of their opening, and which of them each row is of."""

    rows: Places  # ticket of each row
    fold: Places  # of each ticket, as is the following
    outcome: Floats
    usual: Floats  # outcome among all tickets
    longer: Floats  # log hours above the usual among all tickets
    usual_without: Floats  # FOLDS x tickets: among those of the other folds
    longer_without: Floats


def known(
    tickets: Sequence[str], outcomes: Sequence[bool], hours: Sequence[float] = (), *, by_cohort: bool = True
) -> Known:
    """Prepare the counting by rows (ticket, its outcome, how long it took). Tickets that were opened earlier stand first.

    Without `by_cohort` words are held against the mean of all: a leak shows best where nothing is taken away.
    """
    ordinary = usual if by_cohort else _mean
    places: dict[str, int] = {}
    rows = np.array([places.setdefault(one, len(places)) for one in tickets], dtype=np.int64)
    outcome, took = np.zeros(len(places)), np.zeros(len(places))
    outcome[rows] = np.array(outcomes, dtype=np.float64)
    if len(hours):
        took[rows] = np.log1p(np.maximum(np.array(hours, dtype=np.float64), 0.0))
    fold = np.array([fold_of(one) for one in places], dtype=np.int64)
    usual_without, longer_without = np.zeros((FOLDS, len(places))), np.zeros((FOLDS, len(places)))
    for number in range(FOLDS):
        others = fold != number
        usual_without[number, others] = ordinary(outcome[others])
        longer_without[number, others] = took[others] - ordinary(took[others])
    return Known(rows, fold, outcome, ordinary(outcome), took - ordinary(took), usual_without, longer_without)


def _mean(values: Floats) -> Floats:
    return np.full(len(values), values.mean() if len(values) else 0.0)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Each word of each ticket once, however many of its events carry it; ordered by ticket."""

    column: Column
    word: Places  # of each pair
    ticket: Places  # of each pair

    def until(self, tickets: int, rows: int) -> "Pairs":
        """Return the pairs of the first tickets, to which the first rows belong."""
        end = int(np.searchsorted(self.ticket, tickets))
        return Pairs(self.column.part(0, rows), self.word[:end], self.ticket[:end])

    def sums(self, values: Floats) -> Floats:
        """Return, for each word, the sum over its tickets of what each ticket has."""
        found: Floats = np.bincount(self.word, values[self.ticket], len(self.column.words))
        return found


def pairs(column: Column, tickets: Places) -> Pairs:
    """Count each ticket once per word. `tickets`: whose each row is; a ticket's rows may lie anywhere."""
    size = max(len(column.words), 1)
    rows = tickets * size + column.rows
    changed = np.diff(rows, prepend=-1) != 0  # most events leave most words as they are
    found = np.unique(rows[changed])
    return Pairs(column, found % size, found // size)


def fit(found: Pairs, by: Known) -> Table:
    """Count by all tickets. Words that one ticket only has are left out."""
    seen = np.bincount(found.word, minlength=len(found.column.words))
    ended, expected, longer = found.sums(by.outcome), found.sums(by.usual), found.sums(by.longer)
    often = np.flatnonzero(seen > 1)
    words = [found.column.words[at] for at in often.tolist()]
    counts = [one[often].tolist() for one in (ended, seen.astype(np.float64), expected.round(3), longer.round(3))]
    return Table(dict(zip(words, zip(*counts, strict=True), strict=True)))


def transform(table: Table, column: Column) -> Floats:
    """Return three columns: share and log hours above the usual and, in logarithm, how many tickets they rest on."""
    told = np.array([table.value(word) for word in column.words], dtype=np.float64).reshape(-1, len(PARTS))
    told[:, -1] = np.log1p(told[:, -1])
    return told[column.rows]


def out_of_fold(found: Pairs, by: Known) -> Floats:
    """Return the same three columns for the tickets that are learned from, each encoded by the other folds only."""
    size = len(found.column.words)
    fold = by.fold[found.ticket] * size + found.word
    inside = np.bincount(fold, minlength=FOLDS * size).reshape(FOLDS, size)
    ended_inside = np.bincount(fold, by.outcome[found.ticket], FOLDS * size).reshape(FOLDS, size)
    seen = (inside.sum(axis=0) - inside).astype(np.float64)
    seen[seen <= 1] = 0.0
    values = np.empty((FOLDS, size, len(PARTS)))
    for number in range(FOLDS):  # what is usual without a fold is nothing for the tickets of that fold
        ended = ended_inside.sum(axis=0) - ended_inside[number]
        values[number, :, 0] = ended - found.sums(by.usual_without[number])
        values[number, :, 1] = found.sums(by.longer_without[number])
    values[:, :, :2] = np.where(seen[:, :, None] > 0, values[:, :, :2], 0.0) / (seen[:, :, None] + DRAWN)
    values[:, :, 2] = np.log1p(seen)
    encoded: Floats = values[by.fold[by.rows], found.column.rows]
    return encoded
