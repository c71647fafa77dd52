"""How many requests a token may make in a minute, counted in the database over all processes, in blocks.

A process takes a block of the allowance with one statement and gives it out from memory, so the count costs a
statement every so many requests. The sum over all processes never passes the limit; what a process has taken and not
given out is lost at the end of the minute (at most one block a process).
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection

from tocsin.api.problems import Refused

MINUTE = 60
BLOCKS = 50  # of the allowance: a process takes one at a time
LARGEST_BLOCK = 100
REMEMBERED = 10_000  # callers, in each process

_TAKE = """
INSERT INTO api_spent AS s (caller, minute, count) VALUES (%s, %s, %s)
ON CONFLICT (caller) DO UPDATE SET
    count = CASE WHEN s.minute = excluded.minute THEN least(s.count + excluded.count, 2000000000) ELSE excluded.count END,
    minute = excluded.minute
RETURNING count
"""


@dataclass(slots=True)
class _Held:
    """What this process may still give out in one minute, and how much all processes had taken when it last looked."""

    minute: int
    left: int
    taken: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """Where a caller stands after a request: shown in the RateLimit headers."""

    limit: int
    remaining: int  # at least; other processes may hold some more
    reset: int  # seconds until the next minute begins

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


_held: OrderedDict[UUID, _Held] = OrderedDict()
_lock = threading.Lock()


def spend(caller: UUID, now: datetime) -> Allowance | None:
    """Count one request of a caller at `now` (the database's time); None where there is no limit.

    Raises Refused (429, with Retry-After) when the minute's allowance is used up.
    """
    limit = settings.API_RATE
    if limit <= 0:
        return None
    seconds = int(now.timestamp())
    minute, reset = seconds // MINUTE, MINUTE - seconds % MINUTE
    with _lock:
        held = _held.get(caller)
        if held is None or held.minute != minute:
            held = _held[caller] = _Held(minute, 0, 0)
            _held.move_to_end(caller)
            while len(_held) > REMEMBERED:
                _held.popitem(last=False)
        if held.left == 0 and held.taken < limit:
            _take(caller, held, limit)
        if held.left > 0:
            held.left -= 1
            return Allowance(limit, max(limit - held.taken, 0) + held.left, reset)
    headers = {"Retry-After": str(reset), **Allowance(limit, 0, reset).headers()}
    message = f"This token may make {limit} requests a minute. Wait {reset} seconds; fewer, larger requests help."
    raise Refused(429, "too_many_requests", message, headers=headers)


def _take(caller: UUID, held: _Held, limit: int) -> None:
    """Take the next block of the allowance from the database; less than a whole one at its end."""
    block = min(max(limit // BLOCKS, 1), LARGEST_BLOCK)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [caller, held.minute, block])
        (taken,) = cursor.fetchone()
    held.taken = min(taken, limit)
    held.left = max(min(block, limit - (taken - block)), 0)


def forget() -> None:
    """Give up what this process holds: for tests, and for processes that fork."""
    with _lock:
        _held.clear()
