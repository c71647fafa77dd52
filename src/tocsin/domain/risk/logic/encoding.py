"""From words to numbers: did tickets with the same word end so more often, and take longer, than others of their time? Pure.

While training, a ticket is encoded by the tickets of the other folds only: its own outcome never stands in its features.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tocsin.domain.risk.logic.cohorts import usual

FOLDS = 5
DRAWN = 15.0  # so many tickets that ended as usual are added to each word's own
JOINT = "\x1f"  # between the words of a combination
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


def columns(words: Sequence[Mapping[str, str]], keys: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return {category: the word of each row}; combinations are joined."""
    return {
        name: [row.get(parts[0], "") for row in words]
        if len(parts) == 1
        else [JOINT.join(row.get(part, "") for part in parts) for row in words]
        for name, parts in keys.items()
    }


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
class _Pairs:
    """Each word of each ticket once, however many of its events carry it; and which word each row has."""

    words: list[str]
    rows: Places  # word of each row
    word: Places  # of each pair
    ticket: Places  # of each pair

    def counted(self, by: Known, without: int | None = None) -> tuple[Floats, Floats, Floats, Floats]:
        """Return what Table keeps of each word, of all tickets or of those outside the fold `without`."""
        size = len(self.words)
        if without is None:
            word, ticket, expected, longer = self.word, self.ticket, by.usual, by.longer
        else:
            kept = by.fold[self.ticket] != without
            word, ticket = self.word[kept], self.ticket[kept]
            expected, longer = by.usual_without[without], by.longer_without[without]
        return (
            np.bincount(word, by.outcome[ticket], size), np.bincount(word, minlength=size).astype(np.float64),
            np.bincount(word, expected[ticket], size), np.bincount(word, longer[ticket], size),
        )  # fmt: skip


def _pairs(column: Sequence[str], by: Known) -> _Pairs:
    places: dict[str, int] = {}
    rows = np.array([places.setdefault(word, len(places)) for word in column], dtype=np.int64)
    size = max(len(places), 1)
    pairs = np.unique(by.rows * size + rows)
    return _Pairs(list(places), rows, pairs % size, pairs // size)


def fit(column: Sequence[str], by: Known) -> Table:
    """Count each ticket once per word, however many of its events carry it. Words seen once are left out."""
    return _table(_pairs(column, by), by)


def _table(pairs: _Pairs, by: Known) -> Table:
    ended, seen, expected, longer = pairs.counted(by)
    found = zip(ended.tolist(), seen.tolist(), expected.round(3).tolist(), longer.round(3).tolist(), strict=True)
    return Table({word: counts for word, counts in zip(pairs.words, found, strict=True) if counts[1] > 1})


def transform(table: Table, column: Sequence[str]) -> Floats:
    """Return three columns: share and log hours above the usual and, in logarithm, how many tickets they rest on."""
    told = {word: table.value(word) for word in set(column)}
    values = np.array([told[word] for word in column], dtype=np.float64).reshape(-1, len(PARTS))
    values[:, -1] = np.log1p(values[:, -1])
    return values


def fit_transform(column: Sequence[str], by: Known) -> tuple[Table, Floats]:
    """Return the table of all tickets, and the training rows encoded out of fold."""
    pairs = _pairs(column, by)
    folds = by.fold[by.rows]
    encoded = np.zeros((len(column), len(PARTS)))
    for fold in range(FOLDS):
        inside = np.flatnonzero(folds == fold)
        ended, seen, expected, longer = pairs.counted(by, fold)
        often = seen > 1
        seen = np.where(often, seen, 0.0)
        values = [
            np.where(often, ended - expected, 0.0) / (seen + DRAWN),
            np.where(often, longer, 0.0) / (seen + DRAWN),
            np.log1p(seen),
        ]
        encoded[inside] = np.column_stack(values)[pairs.rows[inside]]
    return _table(pairs, by), encoded
