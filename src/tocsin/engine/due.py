"""What the ticker works through: sources of due rows, each the business of one domain app."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Claim(Protocol):
    """Take up to `limit` rows that are due at `now`, do what is due, and return how many were taken.

    In transactions of its own; rows that another worker holds are passed over (SKIP LOCKED); any number of
    workers may do this at once.
    """

    def __call__(self, *, now: datetime, limit: int) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSource:
    """One kind of due row.

    `claim` may handle its own poison (take a failed batch again one by one and put the failing row off). Where
    it does not, `one_by_one` is called after a failed batch, and must do just that; without it a failing source
    is left alone for a while. Either way the other sources go on.
    """

    name: str
    claim: Claim
    next_due: Callable[[], datetime | None]  # when the earliest row is due, or was; None: nothing waits
    one_by_one: Claim | None = None
