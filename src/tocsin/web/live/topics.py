"""What one open page shows, and whether a change concerns it.

Events carry no content: only the name of the topic. The page then asks as it always does, with its permissions; so a
stream can never show more than a page would.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from tocsin.domain.journal.live import EVERYTHING
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import InvalidInput

MOST_TOPICS = 10
TICKETS = "tickets"  # any ticket that the viewer may see: lists and counts
MINE = "me"  # what concerns the viewer: pages, shifts


@dataclass(frozen=True, slots=True)
class Interest:
    """Which streams one open page listens to."""

    user: User
    streams: dict[str, str]  # stream -> topic as the page calls it
    lists: bool  # the page shows a list of tickets

    def concerned(self, told: str) -> list[str]:
        """Return the topics of this page that a call from the database is about; blocking."""
        if told == EVERYTHING:
            return sorted({*self.streams.values(), *([TICKETS] if self.lists else [])})
        names = told.split(",")
        found = {self.streams[name] for name in names if name in self.streams}
        if self.lists and _any_visible(self.user, [name for name in names if name.startswith("ticket:")]):
            found.add(TICKETS)
        return sorted(found)


def interest_of(user: User, wanted: Collection[str]) -> Interest:
    """Return what the page may listen to. Raises InvalidInput (unknown topic) and NotFound (a ticket it may not see)."""
    if not wanted or len(wanted) > MOST_TOPICS:
        raise InvalidInput("topics", f"Name between 1 and {MOST_TOPICS} topics.", {"topics": "none, or too many"})
    streams: dict[str, str] = {}
    for topic in wanted:
        kind, _, name = topic.partition(":")
        if kind == "ticket" and name.isascii() and name.isdigit() and len(name) < 19:
            streams[f"ticket:{tickets.access_ticket(user, int(name)).pk}"] = topic
        elif topic == MINE:
            streams[f"person:{user.pk}"] = MINE
        elif topic != TICKETS:
            raise InvalidInput("topics", "A topic is tickets, me, or ticket:<number>.", {"topics": topic[:80]})
    return Interest(user, streams, TICKETS in wanted)


def _any_visible(user: User, streams: list[str]) -> bool:
    if not streams:
        return False
    if is_staff.test(user):
        return True
    ids = [UUID(name.removeprefix("ticket:")) for name in streams]
    return tickets.visible_to(user).filter(pk__in=ids).exists()
