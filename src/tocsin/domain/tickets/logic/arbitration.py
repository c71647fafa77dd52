"""What the hop budget would have changed on a history of hops (SEMANTICS 6).

Simulation only: after the arbiter has named an owner the ticket might have gone another way, so what is counted is when
the arbiter would have been met, and how long the recorded to and fro still went on after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.domain.tickets.logic.hops import HOP_BUDGET


@dataclass(frozen=True, slots=True)
class Stop:
    """One holder of a ticket and since when (aware)."""

    holder: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Arbitrated:
    """What the rule would have done with one ticket."""

    hops: int
    returns: int  # hops straight back (A-B-A)
    met_at: datetime | None  # the hop that needed an arbiter; None: the budget was never used up
    last_return_at: datetime | None

    @property
    def is_ping_pong(self) -> bool:
        return self.returns > 0

    @property
    def earlier(self) -> timedelta | None:
        """How long before the last return the arbiter would have been met; None where that would not have been before."""
        if self.met_at is None or self.last_return_at is None or self.met_at > self.last_return_at:
            return None
        return self.last_return_at - self.met_at


def arbitrate(stops: Sequence[Stop], *, budget: int = HOP_BUDGET, returns_count_twice: bool = False) -> Arbitrated:
    """Walk over a ticket's holders, oldest first; stops without a holder and repeats are passed over.

    `budget` hops are free, the next one needs the arbiter. `returns_count_twice`: a hop straight back uses up two of
    them (as the trigger "handovers >= n" counts, SEMANTICS 3).
    """
    path: list[Stop] = []
    for stop in stops:
        if stop.holder and (not path or path[-1].holder != stop.holder):
            path.append(stop)
    used = returns = 0
    met_at: datetime | None = None
    last_return_at: datetime | None = None
    for place in range(1, len(path)):
        if used >= budget and met_at is None:
            met_at = path[place].since
        came_back = place > 1 and path[place - 2].holder == path[place].holder
        if came_back:
            returns += 1
            last_return_at = path[place].since
        used += 2 if came_back and returns_count_twice else 1
    return Arbitrated(max(len(path) - 1, 0), returns, met_at, last_return_at)
