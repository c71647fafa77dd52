"""What escalations publish."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStarted(Event):
    escalation_id: UUID
    ticket_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationEnded(Event):
    escalation_id: UUID
    ticket_id: UUID
    state: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAcknowledged(Event):
    escalation_id: UUID
    ticket_id: UUID
    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChanged(Event):
    """A policy has a new version, or was enabled or disabled: its triggers wait differently on open tickets."""

    policy_id: UUID
    at: datetime
