"""What SLA clocks publish."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksChanged(Event):
    """The clocks of these tickets were started, paused, resumed, recomputed or stopped."""

    ticket_ids: tuple[UUID, ...]
    at: datetime
    opened: bool = False  # the ticket was opened at this moment: whoever hears of that looks at its clocks too


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockBreached(Event):
    ticket_id: UUID
    clock_id: UUID
    kind: str
    at: datetime
