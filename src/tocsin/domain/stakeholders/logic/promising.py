"""How a promise moves (SEMANTICS 7): one table. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Act(StrEnum):
    KEEP = "keep"
    RENEGOTIATE = "renegotiate"
    CANCEL = "cancel"
    MISS = "miss"  # its time is over


OPEN, KEPT, BROKEN, RENEGOTIATED, CANCELLED = "open", "kept", "broken", "renegotiated", "cancelled"

# {state: {act: state after}}. What is not in it is refused: a broken promise stays broken.
MOVES: dict[str, dict[Act, str]] = {
    OPEN: {Act.KEEP: KEPT, Act.RENEGOTIATE: RENEGOTIATED, Act.CANCEL: CANCELLED, Act.MISS: BROKEN},
    KEPT: {},
    BROKEN: {},
    RENEGOTIATED: {},
    CANCELLED: {},
}
_ENDED = {
    KEPT: "It was kept already.",
    BROKEN: "It is broken and stays broken. Make a new promise, and keep that one.",
    RENEGOTIATED: "It was renegotiated. Look at the promise that took its place.",
    CANCELLED: "It was cancelled. Make a new promise.",
}


class Refused(Exception):
    """The move does not exist; `remedy` says what to do instead."""

    def __init__(self, remedy: str) -> None:
        super().__init__(remedy)
        self.remedy = remedy


def after(state: str, act: Act, *, due_at: datetime, now: datetime) -> str:
    """Return the state after `act`. Raises Refused.

    At `due_at` it is too late: from that instant on an open promise can only be missed, whether or not the
    engine has looked at it yet, so nobody is faster than the clock. Before it, it cannot be missed.
    """
    moves = MOVES[state]
    if act not in moves:
        raise Refused(_ENDED[state])
    if act is Act.MISS and now < due_at:
        raise Refused("It is not due yet.")
    if act is not Act.MISS and now >= due_at:
        raise Refused(_ENDED[BROKEN])
    return moves[act]


@dataclass(frozen=True, slots=True)
class Attention:
    """When the engine looks at an open promise: first to remind, then at its due time."""

    remind_at: datetime | None
    next_at: datetime


LONGEST_NOTICE = timedelta(hours=1)
SHORTEST_NOTICE = timedelta(minutes=2)


def attention(*, made_at: datetime, due_at: datetime) -> Attention:
    """Return when to remind whoever promised: a quarter of the span before it is due, at most an hour.

    A promise for the next few minutes is in its maker's mind: no reminder under two minutes' notice.
    """
    notice = min((due_at - made_at) / 4, LONGEST_NOTICE)
    if notice < SHORTEST_NOTICE:
        return Attention(None, due_at)
    return Attention(due_at - notice, due_at - notice)


@dataclass(frozen=True, slots=True)
class Figures:
    """Kept and broken of a set of promises. Open, renegotiated and cancelled ones count in neither share."""

    open: int = 0
    kept: int = 0
    broken: int = 0
    renegotiated: int = 0
    cancelled: int = 0

    @property
    def settled(self) -> int:
        """How many came to their time: kept or broken."""
        return self.kept + self.broken

    @property
    def share_kept(self) -> int | None:
        """Whole percent kept of those that came to their time; None while there are none. Never 100 with one broken."""
        if not self.settled:
            return None
        return self.kept * 100 // self.settled
