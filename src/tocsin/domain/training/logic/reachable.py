"""Who knows something and can be had now, in the order in which one would ask them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Knower:
    """Somebody with a skill, and how they can be had."""

    name: str
    on_call: bool = False
    away: bool = False
    reachable: bool = True
    tickets: int = 0  # open ones they own

    @property
    def here(self) -> str:
        """on_call, here, unreachable or away."""
        if self.away:
            return "away"
        if not self.reachable:
            return "unreachable"
        return "on_call" if self.on_call else "here"


ORDER = ("on_call", "here", "unreachable", "away")


def in_order[K: Knower](people: Sequence[K]) -> list[K]:
    """Return those on call first, then who is here and carries least; whoever is away stands last."""
    return sorted(people, key=lambda one: (ORDER.index(one.here), one.tickets, one.name))
