"""Filling in an update's template: {{ variable }} and nothing else, so whatever stands in a ticket stays text. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

# Variables that any audience may read, and those that never leave the house.
OUTWARD = {
    "update": "the customer's wording of this update",
    "reference": "T-1001",
    "subject": "the ticket's subject",
    "service": "the service",
    "customer": "the customer's name",
    "status": "the ticket's status",
    "severity": "how grave it is",
    "number": "1, 2, 3 ... of this escalation",
    "next_update": "when the next update comes, in the reader's time",
    "speaker": "who sends it",
    "name": "the reader's name",
    "first_name": "the reader's first name",
}
INWARD = {
    "internal": "our own wording of this update",
    "owner": "who owns the ticket",
    "team": "the ticket's team",
    "level": "the level that was reached",
    "reason": "why it was escalated",
    "impact": "the impact, as the escalation says it",
}
LONGEST = 20_000
_GAP = re.compile(r"\n{3,}")
_VARIABLE = re.compile(r"\{\{\s*([a-z_]{1,40})\s*(?:\|([^{}]{0,80}))?\}\}")


def unknown(text: str) -> list[str]:
    """Return the variables of `text` that do not exist, in order."""
    return [name for name in _names(text) if name not in OUTWARD and name not in INWARD]


def inward(text: str) -> list[str]:
    """Return the variables of `text` that a customer may not read, in order."""
    return [name for name in _names(text) if name in INWARD]


def _names(text: str) -> list[str]:
    return [match[1] for match in _VARIABLE.finditer(text)]


def fill(text: str, values: Mapping[str, str], *, house: bool) -> str:
    """Return `text` with its variables filled in; one that is unknown or empty becomes its default or nothing.

    One pass: a value that looks like a variable stays as it is. For readers outside the `house` the inward variables
    are empty whatever `values` holds, and the result is cut at 20,000 characters.
    """
    return prepare(text, values, house=house).filled({})


@dataclass(frozen=True, slots=True)
class Blank:
    """Where a reader's own value goes, and what stands there without one."""

    name: str
    default: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A template filled in but for what is each reader's own: thousands read the same words."""

    parts: tuple[str | Blank, ...]

    def filled(self, own: Mapping[str, str]) -> str:
        """Return the text with the `own` values in their places."""
        said = [part if isinstance(part, str) else own.get(part.name, "") or part.default for part in self.parts]
        return _tidy("".join(said))[:LONGEST]

    @property
    def same(self) -> str | None:
        """The whole text where it is the same for every reader, else None."""
        return self.filled({}) if all(isinstance(part, str) for part in self.parts) else None


def prepare(text: str, values: Mapping[str, str], *, house: bool, own: Collection[str] = ()) -> Prepared:
    """Return `text` filled in as by `fill`, with places left for the variables in `own`."""
    parts: list[str | Blank] = []
    said, end = "", 0
    for match in _VARIABLE.finditer(text):
        name, default = match[1], (match[2] or "").strip()
        known = name in OUTWARD or (house and name in INWARD)
        said += text[end : match.start()]
        if known and name in own:
            parts += [said, Blank(name, default)]
            said = ""
        else:
            said += (values.get(name, "") if known else "") or default
        end = match.end()
    return Prepared((*parts, said + text[end:]))


def one_line(text: str) -> str:
    """Return `text` as one line without control characters: a subject carries no second header."""
    if text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def given_name(name: str) -> str:
    """Return how somebody is spoken to: the first word that is no title (Dr. Amelia Frost -> Amelia)."""
    words = name.split()
    return next((word for word in words if not word.endswith(".")), name.strip())


def _tidy(text: str) -> str:
    """Close the gap that an empty paragraph leaves."""
    return (_GAP.sub("\n\n", text) if "\n\n\n" in text else text).strip()
