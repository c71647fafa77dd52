"""A method is proven by a code sent over it: random, good for a quarter of an hour, five tries, never stored."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions, queries
from tocsin.domain.notify.models import ContactMethod, Delivery, Page, Verification
from tocsin.domain.notify.one_time import code_of, is_code_of
from tocsin.domain.notify.transport import TransportError
from tocsin.domain.people.models import User
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def kai(person: Callable[..., User]) -> User:
    return person()


@pytest.fixture
def method(kai: User, now: datetime) -> ContactMethod:
    return actions.add_method(user_id=kai.pk, channel="email", address="kai@phone.example", now=now)


@pytest.fixture
def sent_code(lease: Callable[..., list[Any]]) -> Callable[..., str]:
    """Return the code in the message that goes out by `channel` at a time."""

    def read(at: datetime, channel: str = "email") -> str:
        (parcel,) = lease(at, channel)
        message = parcel.message(at)
        (code,) = set(re.findall(r"\b\d{6}\b", f"{message.subject} {message.body}"))
        return code

    return read


def test_the_code_goes_out_over_the_very_method_and_verifies_it(kai, method, sent_code, now: datetime) -> None:
    delivery = actions.send_code(user_id=kai.pk, method_id=method.pk, now=now)
    assert (delivery.channel, delivery.address) == ("email", "kai@phone.example")
    code = sent_code(now)
    actions.confirm_code(user_id=kai.pk, method_id=method.pk, code=f" {code[:3]} {code[3:]}", now=now)
    method.refresh_from_db()
    assert method.verified_at == now
    assert queries.reachable([kai.pk]) == {kai.pk}
    entry = Entry.objects.get(kind="person.method_verified")
    assert (entry.actor, entry.data["by"]) == (f"person:{kai.pk}", "code")


def test_the_code_stands_in_no_row_and_no_journal_entry(kai, method, sent_code, now: datetime) -> None:
    actions.send_code(user_id=kai.pk, method_id=method.pk, now=now)
    code = sent_code(now)
    with connection.cursor() as cursor:
        for table in ("notify_page", "notify_delivery", "notify_verification", "journal_entry", "notify_contactmethod"):
            cursor.execute(f"SELECT row_to_json(t) FROM {table} t")
            assert code not in json.dumps(cursor.fetchall(), default=str)
    assert "[code]" in Page.objects.get().body


def test_a_repeated_message_carries_the_same_code_and_another_verification_another(kai, method, now: datetime) -> None:
    codes = set()
    for n in range(20):
        made = Verification.objects.create(method=method, made_at=now, expires_at=now + timedelta(minutes=n))
        assert code_of(made.pk) == code_of(made.pk)
        codes.add(code_of(made.pk))
    assert len(codes) >= 19
    assert all(re.fullmatch(r"\d{6}", code) for code in codes)


def test_a_key_that_was_rotated_out_still_proves_its_codes(kai, method, settings, now: datetime) -> None:
    made = Verification.objects.create(method=method, made_at=now, expires_at=now)
    code, old = code_of(made.pk), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [old]
    assert is_code_of(made.pk, code)
    settings.SECRET_KEY_FALLBACKS = []
    assert not is_code_of(made.pk, code)


def test_a_code_is_good_for_a_quarter_of_an_hour_and_once(kai, method, sent_code, now: datetime) -> None:
    actions.send_code(user_id=kai.pk, method_id=method.pk, now=now)
    code = sent_code(now)
    with pytest.raises(InvalidInput, match="no longer good"):
        actions.confirm_code(user_id=kai.pk, method_id=method.pk, code=code, now=now + timedelta(minutes=15))
    actions.confirm_code(user_id=kai.pk, method_id=method.pk, code=code, now=now + timedelta(minutes=14))
    ContactMethod.objects.update(verified_at=None)
    with pytest.raises(InvalidInput):
        actions.confirm_code(user_id=kai.pk, method_id=method.pk, code=code, now=now + timedelta(minutes=14))


def test_five_wrong_tries_use_a_code_up(kai, method, sent_code, now: datetime) -> None:
    actions.send_code(user_id=kai.pk, method_id=method.pk, now=now)
    code = sent_code(now)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(5):
        with pytest.raises(InvalidInput):
            actions.confirm_code(user_id=kai.pk, method_id=method.pk, code=wrong, now=now)
    assert Verification.objects.get().tries == 5
    with pytest.raises(InvalidInput, match="too often"):
        actions.confirm_code(user_id=kai.pk, method_id=method.pk, code=code, now=now)


def test_a_newer_code_makes_the_older_one_void(kai, method, sent_code, now: datetime) -> None:
    actions.send_code(user_id=kai.pk, method_id=method.pk, now=now)
    first = sent_code(now)
    actions.send_code(user_id=kai.pk, method_id=method.pk, now=now + timedelta(seconds=30))
    second = sent_code(now + timedelta(seconds=30))
    with pytest.raises(InvalidInput):
        actions.confirm_code(user_id=kai.pk, method_id=method.pk, code=first, now=now + timedelta(minutes=1))
    actions.confirm_code(user_id=kai.pk, method_id=method.pk, code=second, now=now + timedelta(minutes=1))


def test_codes_are_asked_for_three_times_in_a_quarter_of_an_hour(kai, method, now: datetime) -> None:
    for _ in range(3):
        actions.send_code(user_id=kai.pk, method_id=method.pk, now=now)
    with pytest.raises(Conflict, match="15 min"):
        actions.send_code(user_id=kai.pk, method_id=method.pk, now=now)
    actions.send_code(user_id=kai.pk, method_id=method.pk, now=now + timedelta(minutes=15))


def test_removing_an_address_and_adding_it_again_earns_no_more_codes(kai, now: datetime) -> None:
    at = now
    for _ in range(10):
        method = actions.add_method(user_id=kai.pk, channel="email", address="victim@example.com", now=at)
        actions.send_code(user_id=kai.pk, method_id=method.pk, now=at)
        actions.remove_method(user_id=kai.pk, method_id=method.pk, duties=(), confirmed=False, now=at)
        at += timedelta(minutes=10)
    method = actions.add_method(user_id=kai.pk, channel="email", address="victim@example.com", now=at)
    with pytest.raises(Conflict):
        actions.send_code(user_id=kai.pk, method_id=method.pk, now=at)


def test_one_address_is_not_bothered_by_many_people(person, now: datetime) -> None:
    def ask() -> None:
        someone = person()
        method = actions.add_method(user_id=someone.pk, channel="email", address="victim@example.com", now=now)
        actions.send_code(user_id=someone.pk, method_id=method.pk, now=now)

    for _ in range(10):
        ask()
    with pytest.raises(Conflict):
        ask()


def test_nobody_asks_for_or_confirms_codes_of_anothers_method(person, method, now: datetime) -> None:
    other = person()
    for attempt in (
        lambda: actions.send_code(user_id=other.pk, method_id=method.pk, now=now),
        lambda: actions.confirm_code(user_id=other.pk, method_id=method.pk, code="000000", now=now),
        lambda: actions.send_test(user_id=other.pk, method_id=method.pk, now=now),
        lambda: actions.remove_method(user_id=other.pk, method_id=method.pk, duties=(), confirmed=True, now=now),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_number_whose_owner_said_stop_gets_no_code(kai, now: datetime) -> None:
    method = actions.add_method(user_id=kai.pk, channel="sms", address="+4915123456789", now=now)
    ContactMethod.objects.filter(pk=method.pk).update(stopped_at=now)
    with pytest.raises(Conflict, match="START"):
        actions.send_code(user_id=kai.pk, method_id=method.pk, now=now)
    assert not Delivery.objects.exists()


def test_codes_by_text_count_against_the_caps_on_texts(kai, lease, settings, now: datetime) -> None:
    settings.PHONE_HOURLY_PERSON = 1
    for number in ("+4915123456789", "+4915123456780"):
        method = actions.add_method(user_id=kai.pk, channel="sms", address=number, now=now)
        actions.send_code(user_id=kai.pk, method_id=method.pk, now=now)
    assert len(lease(now, "sms")) == 1


def test_a_code_that_cannot_be_sent_leaves_the_person_as_they_were(kai, method, lease, now: datetime) -> None:
    actions.send_code(user_id=kai.pk, method_id=method.pk, now=now)
    (parcel,) = lease(now)
    refused = TransportError("550 no such mailbox", permanent=True)
    actions.record_failed(parcel=parcel, error=refused, now=now, max_attempts=3)
    assert Delivery.objects.get().state == "failed"
    method.refresh_from_db()
    assert method.verified_at is None


def test_a_test_goes_out_by_one_verified_method_and_is_no_page_to_answer(kai, method, lease, now: datetime) -> None:
    with pytest.raises(Conflict, match="not verified"):
        actions.send_test(user_id=kai.pk, method_id=method.pk, now=now)
    actions.verify_method(method_id=method.pk, now=now)
    actions.add_method(user_id=kai.pk, channel="console", address="kai", now=now, verified=True)
    delivery = actions.send_test(user_id=kai.pk, method_id=method.pk, now=now)
    (parcel,) = lease(now)
    assert parcel.lead.id == delivery.pk
    message = parcel.message(now)
    assert (message.purpose, message.link, message.answer_url, message.code) == ("notice", "", "", "")
    assert message.subject.startswith("Test from Tocsin")
    assert queries.open_pages(kai.pk) == []
    assert Delivery.objects.count() == 1


def test_tests_are_asked_for_three_times_in_five_minutes(kai, method, now: datetime) -> None:
    actions.verify_method(method_id=method.pk, now=now)
    for _ in range(3):
        actions.send_test(user_id=kai.pk, method_id=method.pk, now=now)
    with pytest.raises(Conflict):
        actions.send_test(user_id=kai.pk, method_id=method.pk, now=now + timedelta(minutes=4))
    actions.send_test(user_id=kai.pk, method_id=method.pk, now=now + timedelta(minutes=5))


def test_a_call_says_the_code_digit_by_digit(kai, now: datetime) -> None:
    method = actions.add_method(user_id=kai.pk, channel="voice", address="+493012345678", now=now)
    delivery = actions.send_code(user_id=kai.pk, method_id=method.pk, now=now)
    code = code_of(Verification.objects.get().pk)
    assert ", ".join(code) in queries.told(delivery.pk).subject
