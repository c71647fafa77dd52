"""Who knows something and can be had now, in the order in which one would ask them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Knower:
    """Somebody with a skill, and how they can be had."""

    name: str
    on_call: bool = False
    away: bool = False
    reachable: bool = True  # some verified way leads to them
    quiet_until: datetime | None = None  # their quiet hours hold now: only what is urgent gets through
    tickets: int = 0  # open ones they own

    @property
    def here(self) -> str:
        """on_call, here, quiet, unreachable or away."""
        if self.away:
            return "away"
        if not self.reachable:
            return "unreachable"
        if self.on_call:
            return "on_call"
        return "quiet" if self.quiet_until else "here"

    @property
    def now(self) -> bool:
        """Whether they can be had now: not away, by a verified way, on call or outside their quiet hours."""
        return self.here in ("on_call", "here")


ORDER = ("on_call", "here", "quiet", "unreachable", "away")


def in_order[K: Knower](people: Sequence[K]) -> list[K]:
    """Return those on call first, then who is here and carries least; then quiet hours; whoever is away stands last."""
    return sorted(people, key=lambda one: (ORDER.index(one.here), one.tickets, one.name))
