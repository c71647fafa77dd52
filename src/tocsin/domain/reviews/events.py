"""What reviews publish."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationExplained(Event):
    """The closing of an escalation was filled in: its category of cause is known."""

    escalation_id: UUID
    ticket_id: UUID
    category: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSignedOff(Event):
    """A review was signed off as version `version`."""

    review_id: UUID
    version: int
    at: datetime
