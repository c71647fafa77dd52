"""The port that channels implement: what a message is, what sending answers, and how sending fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class BundleItem:
    """One page within a bundle."""

    reference: str
    subject: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel needs to know to tell one person one thing, or one bundle of things."""

    key: str  # names the delivery: the same on every try
    to: str  # address on the channel
    subject: str
    body: str
    link: str  # signed respond link, or for a bundle the list of the person's pages; "" without a base URL
    purpose: str  # page, reminder, approval, catch_all, warning, notice
    urgency: str
    reference: str  # T-1234, or ""
    at: datetime  # the database's time of this try, UTC
    data: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[BundleItem, ...] = ()  # of a bundle; empty for a single page


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can do."""

    channel: str
    bundles: bool  # one message for many pages makes sense to who reads it
    takes_keys: bool  # the provider drops a repeated idempotency key
    receipts: bool  # the provider reports delivery later
    workers: int = 4  # messages in flight side by side in one process


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The provider has accepted."""

    provider_id: str
    answer: str


class TransportError(Exception):
    """The provider has not accepted, or it is not known whether it has.

    `permanent`: trying again is futile. `retry_after`: how long the provider asked to be left alone.
    """

    def __init__(self, answer: str, *, permanent: bool = False, retry_after: timedelta | None = None) -> None:
        super().__init__(answer)
        self.answer = answer
        self.permanent = permanent
        self.retry_after = retry_after


class Transport[P](Protocol):
    """One channel's way out. An instance is used by one thread at a time and may keep a connection."""

    capabilities: Capabilities

    def payload(self, message: Message) -> P:
        """Return what would be sent; pure, so that it can be previewed and tested without sending."""
        ...

    def send(self, payload: P, *, idempotency_key: str, timeout: float) -> Sent:
        """Send within `timeout` seconds. Raises TransportError."""
        ...

    def close(self) -> None:
        """Give up a kept connection; the next send opens a new one."""
        ...
