"""Facts of feedback on the ticket's stream. Scores and names of acts, never what people wrote: that may have to go."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User


def tell(ticket_id: UUID, kind: str, at: datetime, *, by: User | None = None, **data: Any) -> None:
    """Journal one fact. UUIDs and dates are written as text; nobody means the engine."""
    plain = {
        key: str(value) if isinstance(value, UUID) else value.isoformat() if isinstance(value, datetime) else value
        for key, value in data.items()
    }
    actor = f"person:{by.pk}" if by is not None else "engine"
    record(stream=f"ticket:{ticket_id}", kind=kind, actor=actor, at=at, data=plain)
