"""What notify publishes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PageUnreachable(Event):
    """Every method of this person failed or none exists; for a run's page the climb goes on (SEMANTICS 5)."""

    page_id: UUID
    run: UUID | None
    cycle: int
    level: int
    user_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFailing(Event):
    """A page is about to become unreachable; nothing has been written yet.

    Whoever needs locks for PageUnreachable (the ticket's row) takes them now, because those locks come before
    notify's own in the order that every transaction keeps.
    """

    page_id: UUID
    run: UUID | None
    ticket: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TollCapReached(Event):
    """So many texts and calls went out within an hour that no more do for now (published once in an hour)."""

    user_id: UUID | None  # whose cap; None: that of all together
    cap: int
    at: datetime
