"""What a sender holds: leased deliveries, packed as they will be sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tocsin.domain.notify.actions.streams import stream_of
from tocsin.domain.notify.links import pages_url, respond_url
from tocsin.domain.notify.transport import BundleItem, Message

LISTED = 50  # pages that a bundle names; the rest it counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One leased delivery with what its message says."""

    id: UUID
    page_id: UUID
    user_id: UUID
    channel: str
    address: str
    attempts: int  # this try included
    run: UUID | None  # of the page
    cycle: int
    level: int
    ticket: UUID | None
    purpose: str
    urgency: str
    subject: str
    body: str
    data: Mapping[str, Any]
    created_at: datetime
    due_at: datetime  # when it was to be sent

    @property
    def stream(self) -> str:
        return stream_of(self.ticket, self.user_id)

    @property
    def link(self) -> str:
        """The signed respond link; the same on every try, since its age counts from the page."""
        if self.run is None:
            return ""
        return respond_url(self.run, self.cycle, self.level, self.user_id, now=self.created_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one send carries: one delivery, or the bundle of all that one address is due at once."""

    lease: UUID  # fencing token: whatever is recorded must still match it
    leased_at: datetime
    seconds: float  # how long the lease lasts from then
    deliveries: tuple[Outgoing, ...]

    @property
    def lead(self) -> Outgoing:
        return self.deliveries[0]

    @property
    def key(self) -> str:
        """Idempotency key: the same for every try of this delivery."""
        return str(self.lead.id)

    def without(self, gone: frozenset[UUID]) -> "Parcel | None":
        """Return the parcel less the deliveries in `gone`, or None if nothing is left."""
        left = tuple(d for d in self.deliveries if d.id not in gone)
        if not left:
            return None
        return Parcel(lease=self.lease, leased_at=self.leased_at, seconds=self.seconds, deliveries=left)

    def message(self, at: datetime) -> Message:
        """Return what is to be said. `at` is the database's time of this try."""
        return self._bundle(at) if len(self.deliveries) > 1 else self._single(at)

    def _single(self, at: datetime) -> Message:
        one = self.lead
        return Message(
            key=self.key, to=one.address, subject=one.subject, body=one.body, link=one.link, purpose=one.purpose,
            urgency=one.urgency, reference=str(one.data.get("reference", "")), data=one.data, at=at,
        )  # fmt: skip

    def _bundle(self, at: datetime) -> Message:
        many = sorted(self.deliveries, key=lambda d: (int(d.data.get("priority", 9)), d.created_at))
        items = tuple(BundleItem(str(d.data.get("reference", "")), d.subject, d.link) for d in many[:LISTED])
        lines = [f"- {item.subject}" for item in items]
        if len(many) > LISTED:
            lines.append(f"... and {len(many) - LISTED} more.")
        waited = at - min(d.created_at for d in many)
        span = f" in the last {_minutes(waited)}" if waited > timedelta(minutes=1) else ""
        opening = f"{len(many)} escalations are waiting for you{span}. One page acknowledges them all."
        return Message(
            key=self.key, to=self.lead.address, subject=f"{len(many)} escalations, ack all", reference="",
            body="\n".join([opening, "", *lines]), link=pages_url(), purpose="page", urgency=many[0].urgency,
            data={"count": len(many)}, items=items, at=at,
        )  # fmt: skip


def _minutes(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return "minute" if minutes == 1 else f"{minutes} minutes"
