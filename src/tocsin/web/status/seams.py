"""What other rooms know of customers and escalations, for the account view and the briefing.

Neither domain app knows the other; here, in the pages, they meet. Each list is filled by the room that knows: a function
that takes the ids asked for and answers in a constant number of queries (rooms.py).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from uuid import UUID

from django.http import HttpRequest

from tocsin.web.status import rooms

# {customer: {a count of health.Signs: how many}}: promises_broken, low_signals.
type Counts = Callable[[HttpRequest, Collection[UUID]], Mapping[UUID, Mapping[str, int]]]
# A piece of the account page, or "" (html that is safe) where there is nothing to say.
type Piece = Callable[[HttpRequest, UUID], str]

COUNTS: list[Counts] = [rooms.broken, rooms.displeased]
ACCOUNT_PIECES: list[Piece] = [rooms.promises, rooms.course]
BRIEF_PIECES: list[Piece] = [rooms.following]


def counts_of(request: HttpRequest, customers: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Return what every room counts, put together."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for counts in COUNTS:
        for customer, counted in counts(request, customers).items():
            found[customer] |= counted
    return found


def pieces(found: list[Piece], request: HttpRequest, key: UUID) -> list[str]:
    """Return what the rooms have to say, in their order."""
    return [said for room in found if (said := room(request, key))]
