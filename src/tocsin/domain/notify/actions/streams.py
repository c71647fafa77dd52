"""The journal's streams, which are also what orders notify's transactions.

Every transaction of notify locks the stream it will write to before it locks deliveries or pages, and one that a
sender makes locks no second stream. Two transactions about the same ticket therefore meet at one lock and never wait
for each other crosswise; a caller that holds the ticket's row (and with it its stream) only ever waits for a short one.
"""

from collections.abc import Iterable
from uuid import UUID

from tocsin.domain.journal.models import Stream


def stream_of(ticket: UUID | None, user: UUID) -> str:
    """Return the journal stream of a page: its ticket's, or its person's."""
    return f"ticket:{ticket}" if ticket else f"person:{user}"


def lock_streams(names: Iterable[str]) -> None:
    """Lock these streams until the transaction ends. They exist: enqueueing has written to each."""
    locked = Stream.objects.select_for_update().filter(name__in=set(names)).order_by("name")
    list(locked.values_list("name", flat=True))
