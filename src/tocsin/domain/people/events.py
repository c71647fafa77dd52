"""What people publish."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMade(Event):
    """A one-time link is to be mailed to its person's own address. `purpose` is a LinkPurpose value."""

    link_id: UUID
    user_id: UUID
    purpose: str
    at: datetime
    expires_at: datetime
