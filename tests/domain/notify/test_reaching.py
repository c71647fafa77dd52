"""Who cannot be reached, from what is stored: the same answer for the person, for leads and for schedules."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tocsin.channels.kinds import KINDS
from tocsin.domain.notify import actions
from tocsin.domain.notify.enums import NEEDS_NO_PROVIDER
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.models import ContactMethod, Delivery, Page, Provider
from tocsin.domain.notify.reaching import idle_channels, judgements, unreachable_reasons
from tocsin.domain.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    settings.SMTP_HOST = "mail.example.org"


def delivery(user: User, at: datetime, state: str, error: str = "", channel: str = "email") -> None:
    method = user.contact_methods.get(channel=channel)
    page = Page.objects.create(user=user, run=uuid4(), urgency="high", subject="s", body="b", created_at=at)
    sent_at = at if state == "sent" else None
    Delivery.objects.create(
        page=page, user=user, channel=method.channel, address=method.address, state=state, error=error, sent_at=sent_at
    )


def reasons(user: User, now: datetime) -> list[str]:
    return unreachable_reasons([user.pk], now).get(user.pk, [])


def test_those_who_can_be_reached_are_left_out(person, now: datetime) -> None:
    kai, ana = person("email"), person()
    assert list(unreachable_reasons([kai.pk, ana.pk], now)) == [ana.pk]
    assert unreachable_reasons([], now) == {}


def test_three_failures_in_a_row_count_until_something_gets_through(person, now: datetime) -> None:
    kai = person("email")
    for minute in range(3):
        delivery(kai, now - timedelta(minutes=30 - minute), "failed", f"550 no {minute}")
    assert reasons(kai, now) == [f"E-mail {kai.email}: the last 3 messages failed: 550 no 2."]
    delivery(kai, now - timedelta(minutes=20), "sent")
    assert reasons(kai, now) == []
    for minute in range(2):
        delivery(kai, now - timedelta(minutes=10 - minute), "failed", "451")
    assert reasons(kai, now) == []


def test_failures_of_last_month_are_forgotten(person, now: datetime) -> None:
    kai = person("email")
    for _ in range(3):
        delivery(kai, now - timedelta(days=31), "failed")
    assert reasons(kai, now) == []


def test_a_channel_without_a_provider_is_a_reason(person, settings, now: datetime) -> None:
    kai = person("email")
    settings.SMTP_HOST = ""
    assert reasons(kai, now) == [f"E-mail {kai.email}: an administrator has set up no provider for it."]


def test_a_channel_whose_every_provider_rests_is_a_reason(person, now: datetime) -> None:
    kai = person("email")
    for _ in range(3):
        actions.note_provider_failure(
            name="environment:email", label="mail", fault=Fault.PROVIDER, answer="451 try later", now=now
        )
    assert reasons(kai, now) == [f"E-mail {kai.email}: its provider fails (451 try later)."]
    provider = Provider.objects.create(kind="smtp", channel="email", name="second", created_at=now, changed_at=now)
    assert reasons(kai, now) == []
    Provider.objects.filter(pk=provider.pk).update(enabled=False)
    assert reasons(kai, now) != []


def test_a_channel_that_needs_no_provider_is_there_until_somebody_has_disabled_it(now: datetime) -> None:
    assert "ntfy" not in idle_channels(now)
    assert "pushover" in idle_channels(now)
    Provider.objects.create(kind="ntfy", channel="ntfy", name="n", enabled=False, created_at=now, changed_at=now)
    assert "ntfy" in idle_channels(now)


def test_the_list_of_channels_that_need_no_provider_agrees_with_their_kinds() -> None:
    free = {kind.channel for kind in KINDS if not any(s.required and not s.default for s in kind.settings)}
    assert free == NEEDS_NO_PROVIDER


def test_only_what_the_sequence_uses_makes_somebody_reachable(person, now: datetime) -> None:
    kai = person("email", "console")
    email = kai.contact_methods.get(channel="email")
    actions.set_rules(user_id=kai.pk, urgency="high", steps=[(email.pk, 0)], now=now)
    for _ in range(3):
        delivery(kai, now - timedelta(minutes=1), "failed", "550")
    assert reasons(kai, now) == [f"E-mail {kai.email}: the last 3 messages failed: 550."]
    ContactMethod.objects.filter(pk=email.pk).update(verified_at=None)  # its step counts no more: all others are used
    assert reasons(kai, now) == []


def test_a_deactivated_person_cannot_be_reached(person, now: datetime) -> None:
    kai = person("email", is_active=False)
    assert reasons(kai, now) == ["The account is deactivated."]


def test_the_number_of_statements_does_not_grow_with_people(person, now: datetime) -> None:
    people = [person("email", "console").pk for _ in range(12)]
    with CaptureQueriesContext(
        connection,
    ) as few:
        judgements(people[:2], now)
    with CaptureQueriesContext(connection) as many:
        judgements(people, now)
    assert len(many) == len(few)


def test_a_browser_that_has_unsubscribed_is_told_apart(person, now: datetime) -> None:
    kai = person("web_push")
    Provider.objects.create(kind="web_push", channel="web_push", name="p", created_at=now, changed_at=now)
    delivery(kai, now - timedelta(minutes=1), "failed", "410 gone", channel="web_push")
    (reason,) = reasons(kai, now)
    assert "the subscription has ended" in reason
