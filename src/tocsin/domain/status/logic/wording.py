"""What in a text for readers outside looks like ours alone. Pure: it warns, people decide."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A piece of the text, and why it may not be meant for outside."""

    piece: str
    why: str


_PATTERNS = (
    (re.compile(r"\b(?:T|KB|AE|PRB|INC|CHG)-?\d{2,10}\b"), "A number of ours, which readers cannot open"),
    (re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{1,60}){1,5}\b"), "An e-mail address"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"), "A network address"),
    (
        re.compile(r"\b[a-z0-9-]{1,60}(?:\.[a-z0-9-]{1,60}){0,4}\.(?:local|lan|internal|intra|corp)\b", re.IGNORECASE),
        "A host of the house",
    ),
    (re.compile(r"\b[a-z]{2,12}(?:-[a-z]{2,12}){0,3}-?\d{2,4}\b"), "Looks like the name of a host"),
)


def findings(text: str, names: Iterable[str] = (), *, customers: Iterable[str] = ()) -> list[Finding]:
    """Return what may not be meant for readers outside, in the order of the text, each piece once.

    `names`: of people of the house, whom a page for customers need not name. `customers`: of the one customer that a text
    was written for, and of its people, where others read it too.
    """
    found: dict[str, tuple[int, str]] = {}
    for pattern, why in _PATTERNS:
        for match in pattern.finditer(text[:20_000]):
            found.setdefault(match.group(), (match.start(), why))
    for name in names:
        if len(name) > 4 and " " in name and (at := text.find(name)) >= 0:
            found.setdefault(name, (at, "The name of a colleague"))
    for name in customers:
        if len(name) > 2 and (at := text.find(name)) >= 0:
            found.setdefault(name, (at, "The name of one customer: others read it too"))
    whole = {
        piece: told for piece, told in found.items() if not any(piece in other for other in found if other != piece)
    }
    return [Finding(piece, why) for piece, (_, why) in sorted(whole.items(), key=lambda one: one[1][0])]
