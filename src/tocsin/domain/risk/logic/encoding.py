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


def fit(column: Sequence[str], tickets: Sequence[str], outcomes: Sequence[bool]) -> Table:
    """Count each ticket once per word, however many of its events carry it. Words seen once are left out."""
    counted: dict[str, list[float]] = {}
    once: set[tuple[str, str]] = set()
    total = ended = 0.0
    for word, ticket, outcome in zip(column, tickets, outcomes, strict=True):
        if (ticket, word) in once:
            continue
        once.add((ticket, word))
        entry = counted.setdefault(word, [0.0, 0.0])
        entry[0] += outcome
        entry[1] += 1
        ended += outcome
        total += 1
    return Table(ended / total if total else 0.0, {w: (e, n) for w, (e, n) in counted.items() if n > 1})


def transform(table: Table, column: Sequence[str]) -> Floats:
    """Return two columns: the drawn rate and, in logarithm, how many tickets it rests on."""
    known = {word: table.value(word) for word in set(column)}
    values = np.array([known[word] for word in column], dtype=np.float64).reshape(-1, 2)
    values[:, 1] = np.log1p(values[:, 1])
    return values


def fit_transform(column: Sequence[str], tickets: Sequence[str], outcomes: Sequence[bool]) -> tuple[Table, Floats]:
    """Return the table of all tickets, and the training rows encoded out of fold."""
    folds = np.array([fold_of(ticket) for ticket in tickets])
    encoded = np.zeros((len(column), 2))
    for fold in range(FOLDS):
        inside = np.flatnonzero(folds == fold)
        outside = np.flatnonzero(folds != fold)
        table = fit([column[i] for i in outside], [tickets[i] for i in outside], [outcomes[i] for i in outside])
        if len(inside):
            encoded[inside] = transform(table, [column[i] for i in inside])
    return fit(column, tickets, outcomes), encoded
