from datetime import datetime, time

import pytest

from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions, queries
from tocsin.domain.notify.models import CaughtMail, ContactMethod, ContactRule
from tocsin.kernel.errors import Conflict, InvalidInput

pytestmark = pytest.mark.django_db


def test_a_method_is_unverified_until_it_is_proven(person, now: datetime) -> None:
    kai = person()
    method = actions.add_method(user_id=kai.pk, channel="email", address=" kai@example.org ", now=now)
    assert (method.address, method.verified_at) == ("kai@example.org", None)
    assert queries.reachable([kai.pk]) == set()
    actions.verify_method(method_id=method.pk, now=now)
    assert queries.reachable([kai.pk]) == {kai.pk}


def test_adding_a_method_again_changes_nothing(person, now: datetime) -> None:
    kai = person()
    for _ in range(2):
        actions.add_method(user_id=kai.pk, channel="console", address="kai", now=now, verified=True)
    assert ContactMethod.objects.count() == 1
    assert Entry.objects.filter(kind="person.method_added").count() == 1


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("email", "kai"),
        ("email", "kai@example.org\r\nBcc: all@example.org"),
        ("webhook", "ftp://example.org"),
        ("webhook", "https://user:pw@example.org/"),
        ("webhook", "https:///hook"),
        ("sms", "+420123"),
    ],
)
def test_an_address_that_its_channel_cannot_use_is_refused(person, now: datetime, channel: str, address: str) -> None:
    with pytest.raises(InvalidInput):
        actions.add_method(user_id=person().pk, channel=channel, address=address, now=now)


def test_rules_are_replaced_per_urgency(person, now: datetime) -> None:
    kai = person("email", "console")
    first, second = kai.contact_methods.order_by("pk")
    actions.set_rules(user_id=kai.pk, urgency="high", steps=[(first.pk, 0), (second.pk, 60)], now=now)
    actions.set_rules(user_id=kai.pk, urgency="normal", steps=[(first.pk, 0)], now=now)
    actions.set_rules(user_id=kai.pk, urgency="high", steps=[(second.pk, 0)], now=now)
    rules = ContactRule.objects.order_by("urgency", "position").values_list("urgency", "position", "method")
    assert list(rules) == [("high", 1, second.pk), ("normal", 1, first.pk)]


def test_rules_of_others_methods_or_endless_delays_are_refused(person, now: datetime) -> None:
    kai, ana = person("email"), person("email")
    for steps in ([(ana.contact_methods.get().pk, 0)], [(kai.contact_methods.get().pk, 90_000)]):
        with pytest.raises(InvalidInput):
            actions.set_rules(user_id=kai.pk, urgency="high", steps=steps, now=now)
    with pytest.raises(InvalidInput):
        actions.set_rules(user_id=kai.pk, urgency="frantic", steps=[], now=now)


def test_quiet_hours_are_set_and_cleared(person, now: datetime) -> None:
    kai = person(zone="Europe/Prague")
    actions.set_quiet_hours(user_id=kai.pk, starts=time(22), ends=time(7), now=now)
    assert queries.quiet_hours([kai.pk]) == {kai.pk: (time(22), time(7), "Europe/Prague")}
    actions.set_quiet_hours(user_id=kai.pk, starts=None, ends=None, now=now)
    assert queries.quiet_hours([kai.pk]) == {}


def test_caught_mails_keep_the_newest(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.domain.notify.actions.mail.KEPT", 3)
    for n in range(5):
        actions.catch_mail(to="a@b", subject=f"{n}\x00", text="", html="", raw="", headers={}, now=now)
    assert [m.subject for m in queries.caught_mails()] == ["4", "3", "2"]
    assert CaughtMail.objects.count() == 3


def test_the_last_method_of_somebody_on_duty_is_removed_only_knowingly(person, now: datetime) -> None:
    kai = person("email", "console")
    email, console = kai.contact_methods.order_by("pk")
    remove = {"user_id": kai.pk, "duties": ["Payroll primary"], "now": now}
    actions.remove_method(method_id=email.pk, confirmed=False, **remove)
    with pytest.raises(Conflict, match="Payroll primary"):
        actions.remove_method(method_id=console.pk, confirmed=False, **remove)
    assert queries.reachable([kai.pk]) == {kai.pk}
    actions.remove_method(method_id=console.pk, confirmed=True, **remove)
    assert not ContactMethod.objects.exists()
    assert Entry.objects.filter(kind="person.method_removed").count() == 2


def test_who_is_not_on_duty_or_never_proved_it_removes_an_address_freely(person, now: datetime) -> None:
    kai, ana = person("email"), person("email", verified=False)
    own = kai.contact_methods.get()
    actions.remove_method(user_id=kai.pk, method_id=own.pk, duties=(), confirmed=False, now=now)
    unproven = ana.contact_methods.get()
    actions.remove_method(user_id=ana.pk, method_id=unproven.pk, duties=["x"], confirmed=False, now=now)
    assert not ContactMethod.objects.exists()


def test_removing_an_address_takes_its_steps_out_of_the_sequences(person, now: datetime) -> None:
    kai = person("email", "console")
    first, second = kai.contact_methods.order_by("pk")
    actions.set_rules(user_id=kai.pk, urgency="high", steps=[(first.pk, 0), (second.pk, 60)], now=now)
    actions.remove_method(user_id=kai.pk, method_id=first.pk, duties=(), confirmed=False, now=now)
    assert list(ContactRule.objects.values_list("method", flat=True)) == [second.pk]


def test_a_person_has_at_most_thirty_addresses(person, now: datetime) -> None:
    kai = person()
    for n in range(30):
        actions.add_method(user_id=kai.pk, channel="email", address=f"{n}@example.org", now=now)
    actions.add_method(user_id=kai.pk, channel="email", address="0@example.org", now=now)
    with pytest.raises(InvalidInput, match="30"):
        actions.add_method(user_id=kai.pk, channel="email", address="31@example.org", now=now)
