"""Words as numbers: each distinct word of a column once, and which of them each row has. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

JOINT = "\x1f"  # between the words of a combination
FEW = 64  # rows up to which words are joined one by one, which is quicker than to sort them
type Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Column:
    """The distinct words of a column, and which of them each row has."""

    words: Sequence[str]
    rows: Places

    def part(self, start: int, end: int) -> "Column":
        """Return these rows only. The words stay: some may have no row any more."""
        return Column(self.words, self.rows[start:end])


def numbered(cells: Sequence[str]) -> Column:
    """Return the column of these cells."""
    places: dict[str, int] = {}
    rows = np.array([places.setdefault(word, len(places)) for word in cells], dtype=np.int64)
    return Column(list(places), rows)


def joined(one: Column, other: Column) -> Column:
    """Return the column of both words together."""
    if len(one.rows) <= FEW:
        pairs = zip(one.rows.tolist(), other.rows.tolist(), strict=True)
        return numbered([JOINT.join((one.words[a], other.words[b])) for a, b in pairs])
    size = max(len(other.words), 1)
    found, rows = np.unique(one.rows * size + other.rows, return_inverse=True)
    pairs = zip((found // size).tolist(), (found % size).tolist(), strict=True)
    return Column([JOINT.join((one.words[a], other.words[b])) for a, b in pairs], rows)


def columns(words: Sequence[Mapping[str, str]], keys: Mapping[str, Sequence[str]]) -> dict[str, Column]:
    """Return {category: its column}. Categories of two words are combinations; what a row lacks is ""."""
    single = {
        part: numbered([row.get(part, "") for row in words])
        for part in dict.fromkeys(part for parts in keys.values() for part in parts)
    }
    return {
        name: single[parts[0]] if len(parts) == 1 else joined(single[parts[0]], single[parts[1]])
        for name, parts in keys.items()
    }
