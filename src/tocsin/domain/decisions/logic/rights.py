"""Who may take which decision, up to which size, and who is the lowest that may take more (SEMANTICS 6).

Plain values in, answers and their reasons in words out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from uuid import UUID

NO_UNIT = "none"
APART = "\u202f"  # a narrow space at which no line breaks
# How high a right stands on the ladder: the lowest that suffices is asked first.
_LINES = {"L1": 10, "L2": 20, "L3": 30, "management": 50}
_ROLES = {"agent": 10, "lead": 40, "problem_manager": 45, "escalation_manager": 50, "administrator": 60}
_SKILL = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One line of a decision's list of who may take it."""

    holder: str  # line, role, skill, team
    key: str  # the line, the role, the skill's name, the team's slug
    name: str  # as people call it
    limit: Decimal | None  # in the decision's unit; None: no limit
    line: str = ""  # of a team

    @property
    def height(self) -> int:
        """Where it stands on the ladder."""
        if self.holder == "line":
            return _LINES.get(self.key, 50)
        if self.holder == "role":
            return _ROLES.get(self.key, 60)
        return _LINES.get(self.line, 20) if self.holder == "team" else _SKILL


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What somebody is, as far as rights hang on it."""

    role: str
    lines: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A decision of the catalogue."""

    unit: str
    unit_name: str
    rights: tuple[Right, ...]
    starts_on: date
    ends_on: date | None = None
    services: frozenset[UUID] = frozenset()  # empty: all of them
    customers: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The ticket on which it is to be taken. `holds`: whether the condition does."""

    service: UUID | None
    customer: UUID | None
    holds: bool
    on: date  # UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether somebody may decide alone. `right`: the best of theirs, if they have one; `hint`: who may, if not they."""

    allowed: bool
    right: Right | None
    why: str
    hint: str = ""


def why_not_here(entry: Entry, case: Case) -> str:
    """Return why the decision cannot be taken on this ticket at all, empty if it can."""
    if case.on < entry.starts_on:
        return f"It may be taken from {entry.starts_on} on."
    if entry.ends_on is not None and case.on > entry.ends_on:
        return f"It was taken out of the catalogue on {entry.ends_on}."
    if entry.services and case.service not in entry.services:
        return "It is not meant for the service of this ticket."
    if entry.customers and case.customer not in entry.customers:
        return "It is not meant for the customer of this ticket."
    if not case.holds:
        return "Its condition does not hold on this ticket."
    return ""


def holds(right: Right, standing: Standing) -> bool:
    """Tell whether a right is one of theirs."""
    return right.key in {
        "line": standing.lines,
        "role": frozenset({standing.role}),
        "skill": standing.skills,
        "team": standing.teams,
    }.get(right.holder, frozenset())


def reaches(right: Right, amount: Decimal | None) -> bool:
    """Tell whether its limit covers an amount; the limit itself is covered."""
    return right.limit is None or amount is None or amount <= right.limit


def best_of(entry: Entry, standing: Standing) -> Right | None:
    """Return the widest of somebody's rights: no limit before any, the higher before the lower."""
    own = [right for right in entry.rights if holds(right, standing)]
    return max(own, key=lambda right: (right.limit is None, right.limit or Decimal(0)), default=None)


def judge(entry: Entry, standing: Standing, amount: Decimal | None = None) -> Verdict:
    """Say whether somebody may decide alone, and why. Without an amount: up to which one they may."""
    right = best_of(entry, standing)
    if right is not None and reaches(right, amount):
        if right.limit is None:
            return Verdict(allowed=True, right=right, why=f"You may decide this yourself: {right.name}.")
        limit = limit_of(right, entry)
        return Verdict(allowed=True, right=right, why=f"You may decide this yourself up to {limit}: {right.name}.")
    hint = _who_may(entry, amount)
    if right is None or right.limit is None:
        return Verdict(allowed=False, right=right, why="You cannot decide this alone.", hint=hint)
    why = f"Your own limit is {limit_of(right, entry)}: {right.name}."
    return Verdict(allowed=False, right=right, why=why, hint=hint)


def ladder(entry: Entry, amount: Decimal | None) -> list[tuple[Right, ...]]:
    """Return the rights that reach an amount, lowest first; those of one height together."""
    enough = sorted((right for right in entry.rights if reaches(right, amount)), key=lambda right: right.height)
    return [tuple(group) for _, group in groupby(enough, key=lambda right: right.height)]


def nearest[T](holders: Iterable[T], near: Sequence[T]) -> list[T]:
    """Return whom to ask: the first of `near` (their lead, their managers upwards) who may; failing them all who may."""
    every = list(holders)
    for one in near:
        if one in every:
            return [one]
    return every


def sized(amount: Decimal | None, unit: str, unit_name: str) -> str:
    """Return an amount: 1 000 EUR, 49.90 EUR, 3 restarts. Thousands stand apart by a space, which no language misreads."""
    if amount is None or unit == NO_UNIT:
        return ""
    whole = amount == amount.to_integral_value()
    written = f"{amount:,.0f}" if whole else f"{amount:,.2f}"
    return f"{written.replace(',', APART)} {unit_name}"


def limit_of(right: Right, entry: Entry) -> str:
    """Return a right's limit in words, empty where there is none."""
    return sized(right.limit, entry.unit, entry.unit_name)


def _who_may(entry: Entry, amount: Decimal | None) -> str:
    rungs = ladder(entry, amount)
    if not rungs:
        return "Nobody's limit reaches that far."
    if len(rungs[0]) > 1:
        return f"These may decide it: {', '.join(right.name for right in rungs[0])}."
    right = rungs[0][0]
    if right.limit is None:
        return f"{right.name} may decide it."
    return f"{right.name} may decide it, up to {limit_of(right, entry)}."
