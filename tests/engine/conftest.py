"""A channel with a ledger instead of a provider (a fake at the port), and people to page."""

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from tocsin.domain.notify import actions
from tocsin.domain.notify.actions import LeaseTerms, PageRequest
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import Capabilities, Message, Sent
from tocsin.domain.people.models import User
from tocsin.engine.bells import Bell
from tocsin.engine.sender import Sender, SendTerms
from tocsin.kernel.clock import database_now

TERMS = SendTerms(lease=LeaseTerms(seconds=60, bundle_over=5, per_minute=0, max_attempts=3), timeout=5)
_numbers = itertools.count(1)


@dataclass
class Ledger:
    """What was handed to the provider. `answer` may raise, or take its time."""

    channel: str = Channel.EMAIL
    sent: list[Message] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    answer: Callable[[Message], Any] = lambda _message: None
    workers: int = 2

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(channel=self.channel, bundles=True, takes_keys=False, receipts=False, workers=self.workers)

    def payload(self, message: Message) -> Message:
        return message

    def send(self, payload: Message, *, idempotency_key: str, timeout: float) -> Sent:
        self.answer(payload)
        self.sent.append(payload)
        self.keys.append(idempotency_key)
        return Sent(provider_id=f"provider-{len(self.sent)}", answer="taken")

    def close(self) -> None:
        pass


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def stopping() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def sender(ledger: Ledger, stopping: threading.Event) -> Callable[..., Sender]:
    def make(terms: SendTerms = TERMS, way_out: Ledger | None = None) -> Sender:
        return Sender(lambda: way_out or ledger, terms, Bell(), stopping)

    return make


@pytest.fixture
def page() -> Callable[..., PageRequest]:
    """Enqueue one page, due now by the database's clock, to a new person with these channels (e-mail if none given)."""

    def enqueue(*channels: str, at: datetime | None = None, user: User | None = None, **fields: Any) -> PageRequest:
        number = next(_numbers)
        now = database_now(connection)
        if user is None:
            user = User.objects.create(email=f"engine{number}@example.org", name=f"Person {number}")
            for channel in channels or (Channel.EMAIL,):
                address = {"webhook": f"https://example.org/{number}"}.get(channel, user.email)
                actions.add_method(user_id=user.pk, channel=channel, address=address, now=now, verified=True)
        wanted: dict[str, Any] = {"run": uuid4(), "ticket": uuid4(), "level": 1, "subject": f"s{number}", "body": "b"}
        request = PageRequest(user_id=user.pk, **(wanted | fields))
        actions.enqueue(pages=[request], now=at or now)
        return request

    return enqueue
