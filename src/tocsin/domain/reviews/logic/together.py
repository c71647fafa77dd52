"""Two people who write on the same review: what each changed is kept, and what both changed is shown to the second.

Values are texts here (a person by id, an instant in UTC to the minute). What somebody had before them when they began
travels as marks, one a field: short digests, since the texts may be long.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

MARK = 16


@dataclass(frozen=True, slots=True)
class Settled:
    """Which fields are to be written, and which both have changed, differently."""

    write: frozenset[str]
    clash: frozenset[str]


def mark(value: str) -> str:
    """Return the mark of a value."""
    return sha256(plain(value).encode()).hexdigest()[:MARK]


def marks(values: Mapping[str, str]) -> dict[str, str]:
    return {name: mark(value) for name, value in values.items()}


def plain(value: str) -> str:
    """Return a text without what forms change by themselves: ends of lines, blanks around it."""
    return value.replace("\r\n", "\n").strip()


def settled(*, mine: Mapping[str, str], theirs: Mapping[str, str], seen: Mapping[str, str]) -> Settled:
    """Decide each field of `mine` against what stands there now. A field without a mark counts as not seen."""
    write, clash = set(), set()
    for name, value in mine.items():
        there = theirs[name]
        if plain(value) == plain(there):
            continue
        before = seen.get(name, "")
        if mark(there) == before:
            write.add(name)
        elif mark(value) != before:  # otherwise only they changed it, and theirs stays
            clash.add(name)
    return Settled(frozenset(write), frozenset(clash))
