"""What feedback publishes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackAsked(Event):
    """Somebody of a customer is to be asked (or reminded) by mail now; whoever can write letters does it."""

    ask_id: UUID
    ticket_id: UUID
    reminder: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackGiven(Event):
    """An answer arrived, or was changed (`again`). `score` is the rating of a resolution; None for 360-degree answers.

    `kind` is an enums.Kind value, `party` an enums.Party value; `escalation_id` only of 360-degree answers.
    """

    ask_id: UUID
    ticket_id: UUID
    escalation_id: UUID | None
    kind: str
    party: str
    score: int | None
    again: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryEnded(Event):
    """The call after a bad rating came to its end. `state` is an enums.RecoveryState value."""

    recovery_id: UUID
    ticket_id: UUID
    state: str
    at: datetime
