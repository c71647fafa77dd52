"""What status publishes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.journal.publish import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionAsked(Event):
    """An address wants to be told; it has to confirm."""

    subscriber_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTold(Event):
    """Readers of a status page were told something; subscribers are to be written to."""

    update_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberLeft(Event):
    """An address does not want to be told any more; what waits for it is taken back."""

    subscriber_id: UUID
    at: datetime
