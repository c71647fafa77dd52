"""What is in force at one instant, and who is on call by it. The rule is told in logic/roster.py. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tocsin.domain.oncall.logic.schedule import Absence, Override, Person, Shift
from tocsin.domain.oncall.logic.turns import Duty, Reason, Source

type Found = dict[Person, tuple[Reason, ...]]  # people in order, each with the way to them
type Way = tuple[Person, tuple[Reason, ...]]


@dataclass(frozen=True, slots=True)
class Turn:
    """A duty with its layer, and its number in the order of rotations and turns."""

    start: datetime
    end: datetime
    layer: int
    number: int
    name: str  # of the layer
    duty: Duty


@dataclass(frozen=True, slots=True)
class Change:
    """An override, shift or absence with its place in the order of making."""

    start: datetime
    end: datetime
    number: int
    made: Override | Shift | Absence
    reason: Reason


type Item = Turn | Change


class Board:
    """Items are put on when they begin and taken off when they end; `resolve` may be asked at any time."""

    def __init__(self, layers: int) -> None:
        self._turns: list[list[Turn]] = [[] for _ in range(layers)]
        self._overrides: list[Change] = []  # of the whole or of a layer
        self._swaps: list[Change] = []
        self._shifts: list[Change] = []
        self._absences: list[Change] = []

    def put(self, item: Item) -> None:
        if isinstance(item, Turn):
            turns = self._turns[item.layer]
            turns.append(item)
            if len(turns) > 1:
                turns.sort(key=lambda turn: turn.number)
        else:
            changes = self._list_of(item)
            changes.append(item)
            changes.sort(key=lambda change: change.number)

    def take(self, item: Item) -> None:
        if isinstance(item, Turn):
            self._turns[item.layer].remove(item)
        else:
            self._list_of(item).remove(item)

    def resolve(self) -> Found:
        """Return who is on call now; empty: nobody."""
        if not (self._overrides or self._swaps or self._shifts or self._absences):
            return next((_joined(_crews(turns)) for turns in self._turns if turns), {})
        added = [(shift.made.person, (shift.reason,)) for shift in self._shifts]
        first: list[Way] = []
        for candidates in self._candidates():
            first = first or candidates
            if available := self._settled(candidates):
                return _joined([*available, *self._settled(added)])
        return _joined(self._settled(added) or self._settled([*first, *added], keep=True))

    def _list_of(self, change: Change) -> list[Change]:
        match change.made:
            case Override(instead_of=replaced):
                return self._swaps if replaced else self._overrides
            case Shift():
                return self._shifts
        return self._absences

    def _candidates(self) -> Iterator[list[Way]]:
        """Yield those who may answer, best first: the whole override made last, then layer by layer."""
        of_layer: dict[str, Change] = {}
        for change in self._overrides:
            of_layer[change.made.layer if isinstance(change.made, Override) else ""] = change
        if whole := of_layer.get(""):
            yield [(whole.made.person, (whole.reason,))]
        for turns in self._turns:
            if turns and (instead := of_layer.get(turns[0].name)):
                yield [(instead.made.person, (instead.reason,))]
            elif turns:
                yield _crews(turns)

    def _settled(self, ways: Sequence[Way], *, keep: bool = False) -> list[Way]:
        """Return who comes of these people by swaps and absences. Those away without cover are left out, or kept."""
        if not (self._swaps or self._absences):
            return list(ways)
        found = []
        for person, reasons in ways:
            for swap in self._swaps:
                if isinstance(swap.made, Override) and swap.made.instead_of == person:
                    person, reasons = swap.made.person, (*reasons, swap.reason)  # noqa: PLW2901 - swaps follow on swaps
            stands, trail, away = self._covered(person)
            if not away or keep:
                found.append((stands, (*reasons, *trail)))
        return found

    def _covered(self, person: Person) -> tuple[Person, tuple[Reason, ...], bool]:
        """Return who stands in for `person` in the end, by which covers, and whether even they are away."""
        trail: tuple[Reason, ...] = ()
        seen = {person}
        while absence := self._absence(person):
            cover = absence.made.cover if isinstance(absence.made, Absence) else ""
            if not cover or cover in seen:  # without cover, or the covers go round in a circle
                return person, (*trail, replace(absence.reason, source=Source.ABSENT)), True
            person, trail = cover, (*trail, absence.reason)
            seen.add(person)
        return person, trail, False

    def _absence(self, person: Person) -> Change | None:
        """Return the absence of `person` that counts: one with cover before one without, then the one made last."""
        away = [change for change in self._absences if change.made.person == person]
        covered = [change for change in away if isinstance(change.made, Absence) and change.made.cover]
        return next(reversed(covered or away), None)


def _crews(turns: Sequence[Turn]) -> list[Way]:
    return [(person, (turn.duty.reason,)) for turn in turns for person in turn.duty.crew]


def _joined(ways: Sequence[Way]) -> Found:
    """Return each person once, in order of first mention, with all the ways to them."""
    found: Found = {}
    for person, reasons in ways:
        found[person] = (*found[person], *reasons) if person in found else reasons
    return found
