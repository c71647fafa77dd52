"""What a sender holds: leased deliveries, packed as they will be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from tocsin.domain.notify.actions.streams import stream_of
from tocsin.domain.notify.addresses import opened
from tocsin.domain.notify.enums import TELLING, Channel
from tocsin.domain.notify.links import answer_url, pages_url, reply_address, respond_url, short_url
from tocsin.domain.notify.one_time import TEST, VERIFICATION, worded
from tocsin.domain.notify.transport import BundleItem, Message, TransportError
from tocsin.domain.people.one_time import url_of

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
    code: str = ""  # what its person calls it by in a text message
    crowd: int = 0  # in a storm: how many are due to its person's address, as far as the claim has looked
    sealed: str = field(default="", repr=False)  # the address itself, encrypted, where `address` is only its mark

    @property
    def goes_alone(self) -> bool:
        """Whether it says what no bundle could: a one-time link, a code, that a test has arrived."""
        return any(key in self.data for key in ("one_time", VERIFICATION, TEST, "unsubscribe"))

    @property
    def stream(self) -> str:
        return stream_of(self.ticket, self.user_id)

    @property
    def to(self) -> str:
        """The address to send to. Raises TransportError where it is a secret that no key opens any more."""
        address = opened(self.address, self.sealed)
        if address is None:
            raise TransportError("the address can no longer be decrypted; remove it and add it again", permanent=True)
        return address

    @property
    def link(self) -> str:
        """The signed respond link; the same on every try, since its age counts from the page."""
        if "one_time" in self.data:
            return url_of(UUID(str(self.data["one_time"])), str(self.data["one_time_purpose"]))
        if "path" in self.data:  # of a notice that has a page of its own
            return f"{settings.BASE_URL}{self.data['path']}" if settings.BASE_URL else ""
        if self.run is None:
            return str(self.data.get("link", ""))
        return respond_url(self.run, self.cycle, self.level, self.user_id, now=self.created_at)

    @property
    def asks(self) -> bool:
        """Whether an answer is waited for."""
        return self.run is not None and self.purpose not in TELLING

    @property
    def short_link(self) -> str:
        """A short address for `link`, where text is paid for by the character."""
        return short_url(self.id) if self.run is not None and "one_time" not in self.data else self.link

    @property
    def answer_url(self) -> str:
        """The signed address that takes an answer to this delivery (to its bundle, if it leads one) by POST."""
        return answer_url(self.id, now=self.created_at) if self.asks else ""

    @property
    def reply_to(self) -> str:
        """The signed address that takes an answer by mail, or "" where mail is not read."""
        return reply_address(self.id) if self.asks and self.channel == Channel.EMAIL else ""


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
            key=self.key, to=one.to, subject=worded(one.subject, one.data), body=worded(one.body, one.data), link=one.link,
            purpose=one.purpose,
            urgency=one.urgency, reference=str(one.data.get("reference", "")), data=one.data, at=at, code=one.code,
            answer_url=one.answer_url, reply_to=one.reply_to, short_link=one.short_link,
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
            key=self.key, to=self.lead.to, subject=f"{len(many)} escalations, ack all", reference="",
            body="\n".join([opening, "", *lines]), link=pages_url(), purpose="page", urgency=many[0].urgency,
            data={"count": len(many)}, items=items, at=at, answer_url=self.lead.answer_url,
            reply_to=self.lead.reply_to,
        )  # fmt: skip


def _minutes(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return "minute" if minutes == 1 else f"{minutes} minutes"
