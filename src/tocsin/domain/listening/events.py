"""What listening publishes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedBack(Event):
    """A record is on its way to the requester, who is asked whether that is it. `at` in UTC."""

    record_id: UUID
    ticket_id: UUID
    version: int
    at: datetime
    actor: str
