"""What swarms and commands publish."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmEnded(Event):
    """A swarm has ended; credit has been counted."""

    swarm_id: UUID
    ticket_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandChanged(Event):
    """The state of a command, its next update or one of its roles has changed (for whoever tells others)."""

    command_id: UUID
    escalation_id: UUID
    ticket_id: UUID
    what: str  # opened, state, next_update, role
    at: datetime
