"""Webhooks: the outbox, signatures, tries, fairness, pausing and sending again."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from tests.channels.service import Service, running
from tocsin.domain.journal.actions import record
from tocsin.domain.notify.models import Delivery as Page
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.domain.webhooks import actions
from tocsin.domain.webhooks.actions import Parcel, Result
from tocsin.domain.webhooks.logic import sending
from tocsin.domain.webhooks.models import Delivery, Subscription, Try
from tocsin.engine.webhooks import Webhooks, send
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    settings.WEBHOOK_ALLOW = ("127.0.0.0/8",)
    with running(lambda _taken: (200, b"thanks")) as service:
        yield service


def subscribe(url: str = "https://hooks.example.org/in", kinds: str = "", name: str = "") -> tuple[Subscription, str]:
    return actions.save_subscription(name=name or str(uuid4()), url=url, kinds=kinds, by=None, now=NOW)


def happen(kind: str = "ticket.opened", **data: Any) -> None:
    with transaction.atomic():
        record(stream=f"ticket:{uuid4()}", kind=kind, actor="system", at=NOW, data=data)


def due(minutes: float = 0) -> datetime:
    return database_now(connection) + timedelta(minutes=minutes, seconds=1)


def take(limit: int = 100, each: int = 100, minutes: float = 0) -> list[Parcel]:
    return actions.lease(now=due(minutes), limit=limit, each=each)


def note(parcel: Parcel, status: int | None, minutes: float = 0) -> None:
    actions.note_result(parcel=parcel, result=Result(status, "said", 5), now=due(minutes), chance=0.5)


@pytest.mark.django_db
def test_an_event_is_queued_for_each_who_subscribed_to_its_kind() -> None:
    every, tickets, exact, other = (subscribe(kinds=kinds)[0] for kinds in ("", "ticket.*", "ticket.opened", "run.*"))
    Delivery.objects.all().delete()  # of their own making
    happen("ticket.opened")
    assert set(Delivery.objects.values_list("subscription", flat=True)) == {every.pk, tickets.pk, exact.pk}
    happen("ticket.taken")
    assert not Delivery.objects.filter(subscription=other).exists()
    assert Delivery.objects.filter(subscription=exact).count() == 1


@pytest.mark.django_db
def test_a_rolled_back_change_is_not_told() -> None:
    found, _ = subscribe(kinds="ticket.*")
    with pytest.raises(RuntimeError), transaction.atomic():
        happen("ticket.opened")
        raise RuntimeError
    assert not Delivery.objects.filter(subscription=found).exists()


@pytest.mark.django_db
def test_an_event_arrives_signed_as_standard_webhooks_wants(service: Service) -> None:
    _, secret = subscribe(service.url + "/in", "ticket.*")
    happen("ticket.opened", subject="Printer", words="Grüße")
    assert Webhooks().drain() == 1
    (taken,) = service.taken
    signed = f"{taken.headers['webhook-id']}.{taken.headers['webhook-timestamp']}.".encode() + taken.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert taken.headers["webhook-signature"] == f"v1,{expected}"
    told = json.loads(taken.body)
    assert (told["version"], told["type"], told["data"]) == (
        1,
        "ticket.opened",
        {"subject": "Printer", "words": "Grüße"},
    )
    row = Delivery.objects.get()
    assert (str(row.pk), row.state, row.tries) == (taken.headers["webhook-id"], "delivered", 1)
    assert (row.attempts.get().status, row.attempts.get().answer) == (200, "thanks")


def test_the_pauses_add_up_to_a_day_and_are_spread() -> None:
    pauses = [sending.pause_after(tries, 0.5) for tries in range(1, 12)]
    assert pauses[-1] is None
    whole = sum((pause for pause in pauses if pause), timedelta())
    assert timedelta(hours=23) < whole < timedelta(hours=25)
    assert sending.pause_after(3, 0.0) == timedelta(seconds=108)
    assert sending.pause_after(3, 1.0) == timedelta(seconds=132)


@pytest.mark.django_db
def test_it_is_tried_again_with_the_same_id_and_body_until_it_is_given_up() -> None:
    subscribe(kinds="ticket.*")
    happen()
    seen: set[tuple[UUID, str]] = set()
    minutes = 0.0
    for _ in range(len(sending.PAUSES) + 1):
        (parcel,) = take(minutes=minutes)
        seen.add((parcel.id, parcel.body))
        assert take(minutes=minutes) == []  # leased
        note(parcel, 503, minutes)
        minutes += 12 * 60
    assert take(minutes=minutes) == []
    row = Delivery.objects.get()
    assert (len(seen), row.state, row.tries, Try.objects.count()) == (1, "failed", 11, 11)


@pytest.mark.django_db
def test_a_sender_that_died_leaves_nothing_behind() -> None:
    subscribe(kinds="ticket.*")
    happen()
    (first,) = take()
    (second,) = take(minutes=2)  # the lease has ended
    note(first, 200, 2)  # the dead one's answer comes late: its try is noted, the state is the living one's
    assert Delivery.objects.get().state == "pending"
    note(second, 200, 2)
    assert Delivery.objects.get().state == "delivered"


@pytest.mark.django_db
def test_few_of_one_receiver_fly_at_once_so_that_others_are_not_held_up() -> None:
    slow, _ = subscribe(kinds="ticket.*", url="https://slow.example.org/")
    quick, _ = subscribe(kinds="run.*", url="https://quick.example.org/")
    for _ in range(50):
        happen("ticket.opened")
    happen("run.acknowledged")
    taken = take(limit=10, each=4)
    assert sorted(parcel.url for parcel in taken) == ["https://quick.example.org/", *["https://slow.example.org/"] * 4]
    assert take(limit=10, each=4) == []  # four of the slow one are flying, and the quick one has no more
    note(next(parcel for parcel in taken if parcel.url == slow.url), 200)
    assert len(take(limit=10, each=4)) == 1
    assert quick.enabled


@pytest.mark.django_db
def test_a_receiver_that_is_gone_is_paused_at_once_and_the_administrators_are_told() -> None:
    User.objects.create(email="admin@example.org", name="Admin", role=Role.ADMINISTRATOR)
    found, _ = subscribe(kinds="ticket.*")
    happen()
    note(take()[0], 410)
    found.refresh_from_db()
    assert (found.enabled, "410" in found.paused_because) == (False, True)
    assert Delivery.objects.get().state == "failed"
    happen()
    assert Delivery.objects.count() == 1  # what happens during a pause is not queued
    assert not Page.objects.exists()  # nobody can be reached here; with an address the mail is queued


@pytest.mark.django_db
def test_five_days_without_a_success_pause_it_and_one_success_forgives() -> None:
    found, _ = subscribe(kinds="ticket.*")
    for _ in range(3):
        happen()
    first, second, third = take()
    note(first, 500)
    note(second, 200, minutes=60)
    found.refresh_from_db()
    assert (found.enabled, found.failing_since) == (True, None)
    note(third, None, minutes=70)
    (again,) = take(minutes=6 * 24 * 60, limit=1)
    note(again, 500, minutes=6 * 24 * 60)
    found.refresh_from_db()
    assert (found.enabled, found.paused_because) == (False, "Nothing arrived for five days.")


@pytest.mark.django_db
def test_the_log_can_be_sent_again_one_or_all_with_ids_of_their_own(service: Service) -> None:
    found, _ = subscribe(service.url, "ticket.*")
    happen(number=1)
    happen(number=2)
    Webhooks().drain()
    row = Delivery.objects.order_by("made_at", "pk").first()
    assert row is not None
    actions.replay(delivery_id=row.pk, by=None, now=due())
    assert Webhooks().drain() == 0  # it is due in a second
    assert actions.replay_since(subscription_id=found.pk, since=NOW - timedelta(days=1), by=None, now=NOW) == 0
    many = actions.replay_since(
        subscription_id=found.pk, since=NOW - timedelta(days=1), by=None, now=NOW, only_failed=False
    )
    assert (many, Webhooks().drain()) == (2, 2)
    assert len({taken.headers["webhook-id"] for taken in service.taken}) == 4
    bodies = [taken.body for taken in service.taken]
    assert sorted(bodies[:2]) == sorted(bodies[2:])


@pytest.mark.django_db
def test_a_private_address_is_refused_and_said(settings: Any) -> None:
    settings.WEBHOOK_ALLOW = ()
    subscribe("http://127.0.0.1:9/", "ticket.*")
    happen()
    Webhooks().drain()
    row = Try.objects.get()
    assert row.status is None
    assert row.answer


@pytest.mark.django_db
def test_a_receivers_redirect_is_not_followed(service: Service) -> None:
    service.says(302, b"", location="http://169.254.169.254/")
    subscribe(service.url, "ticket.*")
    happen()
    Webhooks().drain()
    assert (len(service.taken), Delivery.objects.get().state) == (1, "pending")


def test_sending_never_raises(settings: Any) -> None:
    settings.WEBHOOK_ALLOW = ()
    parcel = Parcel(uuid4(), uuid4(), "https://nowhere.invalid/", "", "{}")
    assert "no key opens it" in send(parcel, NOW).answer


@pytest.mark.django_db
def test_old_ends_are_forgotten_and_what_waits_is_not() -> None:
    subscribe(kinds="ticket.*")
    happen()
    happen()
    note(take(limit=1)[0], 200)
    assert actions.forget_old(now=due(29 * 24 * 60)) == 0
    actions.forget_old(now=due(31 * 24 * 60))
    assert Delivery.objects.get().state == "pending"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://x"),
        ("url", "https://"),
        ("url", "https://a b"),
        ("kinds", "Ticket!"),
        ("name", " "),
        ("name", "x" * 121),
    ],
)
def test_bad_input_names_its_field(field: str, value: str) -> None:
    good = {"name": "one", "url": "https://example.org/", "kinds": "ticket.* run.fired"}
    with pytest.raises(InvalidInput) as refused:
        actions.save_subscription(**(good | {field: value}), by=None, now=NOW)
    assert field in refused.value.fields


@pytest.mark.django_db
def test_only_administrators_set_webhooks_up_and_names_are_unique() -> None:
    agent = User.objects.create(email="a@example.org", name="A", role=Role.AGENT)
    with pytest.raises(NotAllowed):
        actions.save_subscription(name="x", url="https://example.org/", kinds="", by=agent, now=NOW)
    subscribe(name="one")
    with pytest.raises(Conflict):
        subscribe(name="one")


@pytest.mark.django_db
def test_a_new_secret_signs_alone_and_is_kept_sealed(service: Service) -> None:
    found, old = subscribe(service.url, "ticket.*")
    fresh = actions.new_secret(subscription_id=found.pk, by=None, now=NOW)
    found.refresh_from_db()
    assert (fresh != old, fresh in found.secret, old in found.secret) == (True, False, False)
    happen()
    assert take()[0].secret == fresh


@pytest.mark.django_db
def test_a_paused_one_sends_tests_only() -> None:
    found, _ = subscribe(kinds="ticket.*")
    happen()
    actions.set_enabled(subscription_id=found.pk, enabled=False, by=None, now=NOW)
    actions.send_test(subscription_id=found.pk, by=None, now=NOW)
    assert [json.loads(parcel.body)["type"] for parcel in take()] == ["webhook.test"]
    actions.set_enabled(subscription_id=found.pk, enabled=True, by=None, now=NOW)
    assert [json.loads(parcel.body)["type"] for parcel in take()] == ["ticket.opened"]
