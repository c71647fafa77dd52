"""Counting hops: how often a ticket was passed on, and how often it came straight back (SEMANTICS 3, 6).

A hop is a move from one team to another, or, while it stays with one team, from one owner to
another. Lying in a queue without an owner in between changes nothing: A, nobody, B is one hop.
Taking a ticket from the queue of a team that it has just reached is part of that hop, not another.
A ping-pong is a hop that goes back to whoever held it before (A-B-A).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

HOP_BUDGET = 3  # SEMANTICS 6: the hop after these needs an arbiter


class Holder(NamedTuple):
    """Who holds a ticket from one change on: team and owner as ids, empty where there is none."""

    team: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Hops:
    handovers: int = 0
    ping_pongs: int = 0

    @property
    def weight(self) -> int:
        """What "handovers >= n" compares with: a hop that goes straight back counts twice (SEMANTICS 3)."""
        return self.handovers + self.ping_pongs


def without_repeats(holders: Iterable[str]) -> list[str]:
    """Return the sequence without empty entries and without immediate repeats."""
    kept: list[str] = []
    for holder in holders:
        if holder and (not kept or kept[-1] != holder):
            kept.append(holder)
    return kept


def count(holders: Iterable[str]) -> Hops:
    """Count over one sequence of names, e.g. the teams of an imported log, after removing repeats."""
    path = without_repeats(holders)
    returns = sum(1 for first, third in zip(path, path[2:], strict=False) if first == third)
    return Hops(handovers=max(len(path) - 1, 0), ping_pongs=returns)


def fold(holders: Sequence[Holder]) -> Hops:
    """Count over a ticket's whole history of holders, oldest first."""
    teams: list[str] = []
    owners: list[str] = []
    handovers = ping_pongs = 0
    for holder in holders:
        if holder.team and (not teams or teams[-1] != holder.team):
            teams.append(holder.team)
            if len(teams) > 1:
                handovers += 1
                ping_pongs += len(teams) > 2 and teams[-3] == holder.team
                owners = []
        if holder.owner and (not owners or owners[-1] != holder.owner):
            owners.append(holder.owner)
            if len(owners) > 1:
                handovers += 1
                ping_pongs += len(owners) > 2 and owners[-3] == holder.owner
    return Hops(handovers=handovers, ping_pongs=ping_pongs)


def is_hop(holders: Sequence[Holder]) -> bool:
    """Tell whether the last of these moves passed the ticket on."""
    return len(holders) > 1 and fold(holders).handovers > fold(holders[:-1]).handovers


def needs_arbiter(handovers: int, budget: int = HOP_BUDGET) -> bool:
    """Tell whether the budget is used up, so that an escalation manager must name the next owner (SEMANTICS 6).

    `handovers`: hops, those straight back counted twice (`Hops.weight`).
    """
    return handovers >= budget


class Move(NamedTuple):
    """One stored change of holder: `instant` only groups what was changed by one act."""

    instant: object
    field: str  # "team" or "owner"
    after: str


def holders_of(moves: Iterable[Move]) -> list[Holder]:
    """Turn stored changes, oldest first, into holders; team and owner changed by one act are one step.

    One act writes at most one change of each field at one instant, so a step ends where the
    instant changes or a field comes again.
    """
    steps: list[tuple[Move, ...]] = []
    for move in moves:
        last = steps[-1] if steps else ()
        if last and last[0].instant == move.instant and all(m.field != move.field for m in last):
            steps[-1] = (*last, move)
        else:
            steps.append((move,))
    holders: list[Holder] = []
    current = Holder()
    for step in steps:
        new = {m.field: m.after for m in step}
        current = Holder(team=new.get("team", current.team), owner=new.get("owner", current.owner))
        holders.append(current)
    return holders
