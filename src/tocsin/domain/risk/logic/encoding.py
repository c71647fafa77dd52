"""From words to numbers: how tickets with the same word ended before, drawn towards the mean where there were few. Pure.

While training, a ticket is encoded by the tickets of the other folds only: its own outcome never stands in its features.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

FOLDS = 5
DRAWN = 15.0  # so many tickets at the mean rate are added to each word's own
JOINT = "\x1f"  # between the words of a combination
type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """One category: {word: (tickets that ended so, tickets)} and the rate of all."""

    rate: float
    words: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def value(self, word: str) -> tuple[float, float]:
        """Return (drawn rate, tickets) of a word; of one never seen the rate of all."""
        ended, seen = self.words.get(word, (0.0, 0.0))
        return (ended + DRAWN * self.rate) / (seen + DRAWN), seen


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
class _Pairs:
    """Each word of each ticket once, however many of its events carry it; and which word each row has."""

    words: list[str]
    rows: NDArray[np.int64]  # word of each row
    word: NDArray[np.int64]  # of each pair
    outcome: Floats
    fold: NDArray[np.int64]

    def counted(self, kept: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Return (tickets that ended so, tickets) of each word."""
        size, word = len(self.words), self.word[kept]
        return np.bincount(word, self.outcome[kept], size), np.bincount(word, minlength=size).astype(np.float64)


def _pairs(column: Sequence[str], tickets: Sequence[str], outcomes: Sequence[bool]) -> _Pairs:
    places: dict[str, int] = {}
    rows = np.array([places.setdefault(word, len(places)) for word in column], dtype=np.int64)
    owners: dict[str, int] = {}
    ticket = np.array([owners.setdefault(one, len(owners)) for one in tickets], dtype=np.int64)
    _, first = np.unique(ticket * max(len(places), 1) + rows, return_index=True)
    folds = np.array([fold_of(one) for one in owners], dtype=np.int64)
    return _Pairs(
        list(places), rows, rows[first], np.array(outcomes, dtype=np.float64)[first], folds[ticket[first]]
    )  # fmt: skip


def fit(column: Sequence[str], tickets: Sequence[str], outcomes: Sequence[bool]) -> Table:
    """Count each ticket once per word, however many of its events carry it. Words seen once are left out."""
    return _table(_pairs(column, tickets, outcomes))


def _table(pairs: _Pairs) -> Table:
    ended, seen = pairs.counted(np.ones(len(pairs.word), dtype=bool))
    rate = float(ended.sum() / seen.sum()) if seen.sum() else 0.0
    found = zip(pairs.words, ended.tolist(), seen.tolist(), strict=True)
    return Table(rate, {word: (e, n) for word, e, n in found if n > 1})


def transform(table: Table, column: Sequence[str]) -> Floats:
    """Return two columns: the drawn rate and, in logarithm, how many tickets it rests on."""
    known = {word: table.value(word) for word in set(column)}
    values = np.array([known[word] for word in column], dtype=np.float64).reshape(-1, 2)
    values[:, 1] = np.log1p(values[:, 1])
    return values


def fit_transform(column: Sequence[str], tickets: Sequence[str], outcomes: Sequence[bool]) -> tuple[Table, Floats]:
    """Return the table of all tickets, and the training rows encoded out of fold."""
    pairs = _pairs(column, tickets, outcomes)
    folds = np.array([fold_of(ticket) for ticket in tickets], dtype=np.int64)
    encoded = np.zeros((len(column), 2))
    for fold in range(FOLDS):
        inside = np.flatnonzero(folds == fold)
        ended, seen = pairs.counted(pairs.fold != fold)
        rate = ended.sum() / seen.sum() if seen.sum() else 0.0
        ended, seen = np.where(seen > 1, ended, 0.0), np.where(seen > 1, seen, 0.0)
        rows = pairs.rows[inside]
        encoded[inside, 0] = (ended[rows] + DRAWN * rate) / (seen[rows] + DRAWN)
        encoded[inside, 1] = np.log1p(seen[rows])
    return _table(pairs), encoded
