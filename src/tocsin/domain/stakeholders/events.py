"""What promises and plans publish."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMade(Event):
    promise_id: UUID
    ticket_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseSettled(Event):
    """It is kept, broken, renegotiated or cancelled (`state`)."""

    promise_id: UUID
    ticket_id: UUID
    state: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSent(Event):
    """An update of an escalation has been handed to the outbox."""

    update_id: UUID
    escalation_id: UUID
    ticket_id: UUID
    closing: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateMissed(Event):
    """An audience waited for its next update in vain."""

    escalation_id: UUID
    ticket_id: UUID
    audience: str
    at: datetime
