"""Who of a team knows what, and where only one does. Pure."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass


def concerned[Key: Hashable](
    above: Mapping[Key, Key | None], owner: Key | None, team: Key, peers: Collection[Key] = ()
) -> bool:
    """Say whether a team has to do with a service: it owns it, its work climbs to the owner's, or the owner's to it.

    `above`: {team: where its work climbs to}. `peers`: the teams of the same line; where none of them stands on the
    owner's ladder, all of the line have to do with it. A service that no team owns is everybody's business.
    """
    if owner is None or _joined(above, owner, team):
        return True
    return bool(peers) and not any(_joined(above, owner, peer) for peer in peers)


def _joined[Key: Hashable](above: Mapping[Key, Key | None], owner: Key, team: Key) -> bool:
    return team in _way(above, owner) or owner in _way(above, team)


def _way[Key: Hashable](above: Mapping[Key, Key | None], start: Key) -> set[Key]:
    way: set[Key] = set()
    here: Key | None = start
    while here is not None and here not in way:
        way.add(here)
        here = above.get(here)
    return way


@dataclass(frozen=True, slots=True)
class Cell:
    """How much of what is asked somebody knows: `known` of `asked` courses."""

    known: int
    asked: int

    @property
    def degree(self) -> int:
        """0 (nothing) to 4 (all of it), for the table's shade."""
        return 4 if self.known == self.asked else 4 * self.known // self.asked

    @property
    def whole(self) -> bool:
        return self.known == self.asked


@dataclass(frozen=True, slots=True)
class Single:
    """One thing that only one of several people knows, or nobody."""

    what: str
    only: str  # "" nobody


def singles(known: Mapping[str, Collection[str]], people: Sequence[str]) -> list[Single]:
    """Return what at most one of these people knows, nobody's first. With one person in a team everything is single."""
    found = []
    for what, holders in known.items():
        here = [person for person in people if person in holders]
        if len(here) <= 1:
            found.append(Single(what, here[0] if here else ""))
    return sorted(found, key=lambda one: (one.only != "", one.what.lower()))
