"""SECURITY 6: callbacks are idempotent and only move forward, in any order, doubled or lost."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.notify.transport import Sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(person, request_for, lease, now: datetime) -> Delivery:
    actions.enqueue(pages=[request_for(person("email"))], now=now)
    actions.record_sent(parcel=lease(now)[0], sent=Sent(provider_id="p1", answer="ok"), now=now)
    return Delivery.objects.get()


def receipt(delivered: bool, now: datetime, provider_id: str = "p1") -> bool:
    return actions.record_receipt(channel="email", provider_id=provider_id, delivered=delivered, now=now)


def test_delivered_moves_forward_once(sent: Delivery, now: datetime) -> None:
    assert receipt(True, now) is True
    assert receipt(True, now + timedelta(minutes=1)) is False
    sent.refresh_from_db()
    assert (sent.state, sent.delivered_at) == ("delivered", now)
    assert Entry.objects.filter(kind="page.delivered").count() == 1


def test_a_bounce_ends_the_method_and_the_page(sent: Delivery, now: datetime) -> None:
    assert receipt(False, now) is True
    assert receipt(False, now) is False
    sent.refresh_from_db()
    assert sent.state == "failed"
    assert Page.objects.get().state == "unreachable"
    assert Entry.objects.filter(kind="page.bounced").count() == 1


def test_a_bounce_makes_the_next_method_due_at_once(person, request_for, lease, now: datetime) -> None:
    kai = person("email", "console")
    email, console = kai.contact_methods.order_by("channel").reverse()
    actions.set_rules(user_id=kai.pk, urgency="high", steps=[(email.pk, 0), (console.pk, 600)], now=now)
    actions.enqueue(pages=[request_for(kai)], now=now)
    actions.record_sent(parcel=lease(now)[0], sent=Sent(provider_id="p1", answer="ok"), now=now)
    receipt(False, now)
    assert len(lease(now, "console")) == 1


@pytest.mark.parametrize("order", sorted(set(permutations([True, True, False, False]))))
def test_any_order_ends_where_its_first_receipt_led(sent: Delivery, now: datetime, order: tuple[bool, ...]) -> None:
    for delivered in order:
        receipt(delivered, now)
    sent.refresh_from_db()
    assert sent.state == ("delivered" if order[0] else "failed")


@pytest.mark.parametrize("unknown", ["", "p2"])
def test_an_unknown_receipt_changes_nothing(sent: Delivery, now: datetime, unknown: str) -> None:
    assert receipt(True, now, unknown) is False
    sent.refresh_from_db()
    assert sent.state == "sent"
