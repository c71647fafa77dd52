"""The port that channels implement: what a message is, what sending answers, and how sending fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from tocsin.domain.notify.guarded import Unreachable
from tocsin.domain.notify.logic.fault import Fault


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
    code: str = ""  # what a person answers with by SMS ("ack 4711"): digits, theirs while the page is open; or ""
    answer_url: str = ""  # signed address that takes the answer by POST (buttons of push services); or ""
    reply_to: str = ""  # of a mail: the signed address whose owner reads answers; or ""
    short_link: str = ""  # leads where `link` leads, in some thirty characters after the base URL; or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can do."""

    channel: str
    bundles: bool  # one message for many pages makes sense to who reads it
    takes_keys: bool  # the provider drops a repeated idempotency key
    receipts: bool  # the provider reports delivery later
    workers: int = 4  # messages in flight side by side in one process
    one_server: bool = True  # behind all addresses: when it fails it fails for everybody, and is left alone for a while
    letters: bool = False  # correspondence: no bound per address, and tried for longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The provider has accepted."""

    provider_id: str
    answer: str


class TransportError(Exception):
    """The provider has not accepted, or it is not known whether it has.

    `permanent`: trying again is futile. `retry_after`: how long the provider asked to be left alone. `fault`: if not
    given, MESSAGE for permanent errors; otherwise UNSURE when raised from a guarded client's Unreachable that had sent
    its request, else PROVIDER.
    """

    def __init__(
        self,
        answer: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        fault: Fault | None = None,
    ) -> None:
        super().__init__(answer)
        self.answer = answer
        self.permanent = permanent
        self.retry_after = retry_after
        self._fault = fault

    @property
    def fault(self) -> Fault:
        """Say whose failure it is. Read when it has been raised: the cause tells whether a request had gone out."""
        if self._fault is not None:
            return self._fault
        if self.permanent:
            return Fault.MESSAGE
        cause = self.__cause__
        return Fault.UNSURE if isinstance(cause, Unreachable) and cause.sent else Fault.PROVIDER


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One thing an operator sets for a provider."""

    name: str
    label: str
    secret: bool = False  # encrypted at rest, never shown again
    required: bool = True
    remedy: str = ""  # where the provider shows it
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How a transport may go out: what does not depend on its provider."""

    allow: tuple[str, ...] = ()  # networks (CIDR) that may be reached although they are not public
    base_url: str = ""  # of this installation, for call-backs; "" where none is set
    provider: str = ""  # id of the provider that is built, for its call-backs; "" for one that is set by environment


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderKind:
    """A service that carries one channel, and how its way out is built from what an operator has set."""

    kind: str  # "twilio_sms"
    channel: str
    label: str  # "Twilio"
    settings: tuple[Setting, ...]
    # Values by the settings' names; no network here. Raises ValueError with words for what cannot be used.
    build: Callable[[Mapping[str, str], Reach], Transport[Any]]
    hooks: tuple[tuple[str, str], ...] = ()  # what to enter at the service: (its name there, path with {provider})
