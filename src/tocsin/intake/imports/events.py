"""The common model that every log format is read into. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

ENDED = frozenset({"resolved", "closed"})


class LoggedEvent(NamedTuple):
    """One row of a log: what a ticket looked like from `at` on. (A tuple: logs have hundreds of thousands.)

    None means that the row does not tell (it stays as it was); an empty text means that there is
    nothing (an owner "" is nobody). Names are the log's own, not ids.
    """

    ref: str  # the ticket's number in the other desk
    at: datetime  # UTC
    line_number: int  # of the file, where the row begins; 1 is the header
    sequence: int = 0  # the desk's own count of changes; wins over `at` where clocks disagree
    state: str = ""  # the log's own word for the status, for people and for comparing
    status: str | None = None  # a ticket Status value
    active_again: bool = False  # volvo: Accepted or Queued, which after Completed means reopened
    completed: bool = False  # the desk counts the work as done with this row
    priority: int | None = None  # 1 gravest .. 4
    impact: int | None = None  # 1 high .. 3 low
    urgency: int | None = None
    team: str | None = None
    line: str | None = None  # L1, L2, L3 or management
    owner: str | None = None
    by: str = ""  # who made this change; empty: unknown, or a machine
    service: str | None = None
    organisation: str | None = None
    category: str | None = None
    item: str | None = None
    subject: str | None = None
    channel: str | None = None
    opened_at: datetime | None = None  # UTC, where it differs from the first row
    reassignments: int | None = None  # the desk's own counters, known at the time of the row
    reopenings: int | None = None
    missed: bool | None = None  # OUTCOME: the promise was broken. Known at the end only; no trigger ever sees it


@dataclass(frozen=True, slots=True)
class Case:
    """All events of one ticket, in the order in which they happened."""

    ref: str
    events: tuple[LoggedEvent, ...]

    @property
    def missed(self) -> bool:
        """OUTCOME: whether the promise was broken in the end (the last row that tells)."""
        return next((event.missed for event in reversed(self.events) if event.missed is not None), False)


def cases(events: Iterable[LoggedEvent]) -> list[Case]:
    """Group events by ticket (tickets in order of first appearance) and put each into its order.

    Order within a ticket: the desk's own count of changes, then time, then the line in the file.
    """
    grouped: dict[str, list[LoggedEvent]] = {}
    for event in events:
        grouped.setdefault(event.ref, []).append(event)
    return [Case(ref, tuple(sorted(found, key=_order))) for ref, found in grouped.items()]


def _order(event: LoggedEvent) -> tuple[int, datetime, int]:
    return (event.sequence, event.at, event.line_number)
