"""SECURITY 11: a broken channel never blocks another, and its person is told by the next method at once.

Every kind of provider against every way in which a provider misbehaves.
"""

import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection

from tests.channels.twilio_server import SID, TOKEN
from tests.engine.broken import MODES, RETRY_AFTER, broken
from tests.engine.conftest import TERMS, Ledger
from tocsin.channels.kinds import KINDS
from tocsin.channels.web_push.kind import new_key
from tocsin.domain.notify import actions
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.models import Attempt, Delivery
from tocsin.domain.notify.transport import ProviderKind
from tocsin.domain.people.models import User
from tocsin.engine.bells import Bell
from tocsin.engine.failover import Book, Failover
from tocsin.engine.sender import Sender
from tocsin.kernel.clock import database_now

PATIENCE = 0.3  # seconds that one send may take here
STARTS_UP = {"apprise": 1.5}  # a process of its own has to begin first
ANSWERING = {"error", "busy", "not_its_word"}  # an answer comes, so that waiting for it costs nothing on a busy machine
ENDLESS = 60.0  # what a send would take that is not cut off
NO_RETRY_AFTER = {"smtp", "telegram"}  # mail servers do not say when, and Telegram says it in its answer's body


def _point() -> str:
    """Return a browser's public key, as it gives it."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(raw).decode().rstrip("=")


KNOWN = {
    "account_sid": SID, "auth_token": TOKEN, "sender": "+4915735980001", "token": "a" * 30, "tls": "none",
    "host": "127.0.0.1", "from": "tocsin@example.org", "bot_token": "xoxb-1-2-abc", "signing_secret": "s" * 32,
    "private_key": new_key(), "subject": "ops@example.org",
}  # fmt: skip
ADDRESSES: dict[str, Callable[[str], str]] = {
    Channel.EMAIL: lambda _url: "kai@example.org",
    Channel.SMS: lambda _url: "+4915123456789",
    Channel.VOICE: lambda _url: "+4915123456789",
    Channel.SLACK: lambda _url: "U012AB3CD",
    Channel.TELEGRAM: lambda _url: "123456789",
    Channel.WEB_PUSH: lambda url: f"{url}/push/1#{_point()}.AAECAwQFBgcICQoLDA0ODw",
    Channel.TEAMS: lambda url: f"{url}/workflows/1",
    Channel.MATTERMOST: lambda url: f"{url}/hooks/xi4jkq7h1tgz8cnwyp6s5b3dmo",
    Channel.ROCKET_CHAT: lambda url: f"{url}/hooks/65f0c1a2b3c4/Zx81kQpLr93TtVwYbNmHsDfG",
    Channel.NTFY: lambda _url: "my-topic",
    Channel.GOTIFY: lambda _url: "AbCdEfGhIjKlMnO",
    Channel.PUSHOVER: lambda _url: "uQiRzpo4DXghDmr9QzzfQu27cmVRsG",
    Channel.APPRISE: lambda url: f"{url.replace('http', 'json')}/secretpath",
}


@pytest.fixture(autouse=True)
def installation(settings: Any) -> None:
    settings.WEBHOOK_ALLOW = ["127.0.0.0/8"]
    settings.BASE_URL = "https://desk.example.org"
    settings.SMTP_HOST = ""


@pytest.fixture
def set_up() -> Callable[[ProviderKind, int], None]:
    """Set up a provider of a kind that goes to a port of loopback."""

    def make(kind: ProviderKind, port: int) -> None:
        where = {"api_url": f"http://127.0.0.1:{port}", "host": "127.0.0.1", "port": str(port)}
        values = {}
        for setting in kind.settings:
            known = where.get(setting.name) or KNOWN.get(setting.name)
            if known or setting.required:
                values[setting.name] = known or "x" * 32
        if kind.channel == Channel.EMAIL:
            values["sender"] = "Tocsin <tocsin@example.org>"
        actions.add_provider(kind=kind, name=kind.kind, values=values, by=None, now=database_now(connection))

    return make


@pytest.fixture
def page_to(request: pytest.FixtureRequest) -> Callable[[ProviderKind, int], PageRequest]:
    """Page a new person: by this channel at once, by the console ten minutes later."""

    def make(kind: ProviderKind, port: int) -> PageRequest:
        now = database_now(connection)
        kai = User.objects.create(email=f"{kind.kind}@example.org", name="Kai")
        address = ADDRESSES[kind.channel](f"http://127.0.0.1:{port}")
        first = actions.add_method(user_id=kai.pk, channel=kind.channel, address=address, now=now, verified=True)
        second = actions.add_method(user_id=kai.pk, channel="console", address="kai", now=now, verified=True)
        actions.set_rules(user_id=kai.pk, urgency="high", steps=[(first.pk, 0), (second.pk, 600)], now=now)
        page = PageRequest(user_id=kai.pk, run=None, subject=f"Down for {kind.kind}", body="b")
        actions.enqueue(pages=[page], now=now)
        return page

    return make


def sender_for(kind: ProviderKind, stopping: threading.Event, mode: str = "") -> Sender:
    book = Book(kind.channel)
    patience = 15.0 if mode in ANSWERING else STARTS_UP.get(kind.kind, PATIENCE)
    terms = replace(TERMS, timeout=patience, lease=replace(TERMS.lease, max_attempts=6))
    return Sender(lambda: Failover(book), terms, Bell(), stopping)


@pytest.mark.django_db
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_whatever_a_provider_does_the_next_method_has_the_page_at_once(
    kind: ProviderKind, mode: str, set_up, page_to, sender, stopping: threading.Event
) -> None:
    with broken(mode, mail=kind.channel == Channel.EMAIL) as port:
        set_up(kind, port)
        page = page_to(kind, port)
        began = time.monotonic()
        sender_for(kind, stopping, mode).drain()
        took = time.monotonic() - began
        first = Delivery.objects.get(position=1)
        if mode == "not_its_word" and first.state == "sent":
            assert kind.channel == Channel.APPRISE  # a service of anybody's, whose word nobody knows
            return
        assert first.state in ("pending", "failed")
        assert Attempt.objects.get().outcome in ("retry", "refused")
        if mode == "busy" and kind.kind not in NO_RETRY_AFTER:
            assert first.due_at - database_now(connection) > timedelta(seconds=RETRY_AFTER - 10)
        assert took < ENDLESS
        following = Ledger(channel="console")
        sender(way_out=following).drain()
    assert [message.subject for message in following.sent] == [page.subject]


@pytest.fixture
def silent() -> Iterator[int]:
    with broken("silent") as port:
        yield port


@pytest.mark.django_db(transaction=True)
def test_every_channel_may_hang_at_once_and_another_is_not_delayed(
    set_up, page_to, page, sender, silent: int, stopping: threading.Event
) -> None:
    hanging = [kind for kind in KINDS if kind.channel != Channel.EMAIL]
    senders = []
    for kind in hanging:
        set_up(kind, silent)
        page_to(kind, silent)
        senders.append(Sender(partial(Failover, Book(kind.channel)), replace(TERMS, timeout=3), Bell(), stopping))
    working = Ledger(channel="email")
    senders.append(sender(way_out=working))
    for one in senders:
        one.start()
    for one in senders[:-1]:
        one.round()
    for _ in range(4):
        page("email")
    began = time.monotonic()
    senders[-1].round()
    while len(working.sent) < 4:
        assert time.monotonic() - began < 2, "a channel that works waited for those that hang"
        time.sleep(0.005)
    assert Delivery.objects.filter(state="leased").exclude(channel="email").count() == len(hanging)
    stopping.set()
    for one in senders:
        one.finish()


def test_every_channel_that_has_a_provider_is_in_this_matrix() -> None:
    assert {kind.channel for kind in KINDS} <= set(ADDRESSES)
