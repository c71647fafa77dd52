"""Whose turn it is: each new escalation goes to the next participant (SEMANTICS 4). Pure.

The order is that of the schedule or team as it is now. Whoever had the last turn is remembered by name, not by
number, so that somebody who joins or leaves shifts nobody's turn twice; where they have left, their place counts,
into which the one after them has moved up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the turns stand: who had the last one, and their place among the participants then."""

    last: str = ""
    position: int = -1  # from 0; -1: nobody has had a turn


@dataclass(frozen=True, slots=True)
class Chosen:
    """The next one. `passed`: those whose turn it was before, each with the reason why they were passed over."""

    person: str
    position: int  # from 0
    of: int
    passed: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """Return e.g. "round robin: 3rd of 5"."""
        return f"round robin: {ordinal(self.position + 1)} of {self.of}"


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody can take the turn; the reasons, in the order in which they were asked."""

    passed: tuple[tuple[str, str], ...] = ()


def choose(participants: Sequence[str], standing: Standing, why_not: Callable[[str], str]) -> Chosen | Nobody:
    """Return whose turn it is. `why_not` says why somebody cannot be told (empty: they can); asked in order, once each.

    Passing somebody over does not move their turn: the one who is told counts as the last.
    """
    count = len(participants)
    passed: list[tuple[str, str]] = []
    for step in range(count):
        place = (_first(participants, standing) + step) % count
        person = participants[place]
        if why := why_not(person):
            passed.append((person, why))
        else:
            return Chosen(person, place, count, tuple(passed))
    return Nobody(tuple(passed))


def again(participants: Sequence[str], person: str, why_not: Callable[[str], str]) -> Chosen | None:
    """Return the one whose turn this cycle is already, if they still take part and can be told."""
    if person not in participants or why_not(person):
        return None
    return Chosen(person, participants.index(person), len(participants))


def passed_words(passed: Sequence[tuple[str, str]], names: Mapping[str, str]) -> list[str]:
    """Return the reasons of those passed over, each once, naming whom a reason does not name itself."""
    told = [
        why if names.get(person, "") in why else f"{names.get(person, 'somebody')}: {why}" for person, why in passed
    ]
    return list(dict.fromkeys(told))


def ordinal(number: int) -> str:
    """Return 1st, 2nd, 3rd, 4th, 11th, 21st ..."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def _first(participants: Sequence[str], standing: Standing) -> int:
    if standing.last in participants:
        return participants.index(standing.last) + 1
    return max(standing.position, 0)
