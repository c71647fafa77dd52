"""What changed between two versions of a text, line by line, with the words that differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison. `what` is same, added or removed."""

    what: str
    text: str


def difference(before: str, after: str) -> list[Line]:
    """Return the lines of both in reading order."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [Line("same", text) for text in old[old_from:old_to]]
            continue
        lines += [Line("removed", text) for text in old[old_from:old_to]]
        lines += [Line("added", text) for text in new[new_from:new_to]]
    return lines


def changed(lines: Sequence[Line]) -> int:
    """Return how many lines differ."""
    return sum(line.what != "same" for line in lines)
