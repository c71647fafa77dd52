"""The settings page of providers: for administrators, secrets write-only, a test only to oneself and not too often."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse

from tests.channels.twilio_server import SENDER, SID, TOKEN, Twilio, running
from tests.web.conftest import Desk
from tocsin.channels.twilio.kind import SMS_KIND
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions, providers
from tocsin.domain.notify.models import ContactMethod, Provider, ProviderHealth

NUMBER = "+4915123456789"
GIVEN = {"name": "Texts", "setting_account_sid": SID, "setting_auth_token": TOKEN, "setting_sender": SENDER}


@pytest.fixture
def admin(desk: Desk, signed_in: Callable[[str], Client], settings) -> Client:
    settings.WEBHOOK_ALLOW, settings.BASE_URL = ["127.0.0.0/8"], "https://desk.example.org"
    return signed_in("admin")


@pytest.fixture
def twilio(desk: Desk) -> Iterator[Twilio]:
    with running() as account:
        actions.add_provider(kind=SMS_KIND, name="Texts", values=account.values(), by=None, now=desk.now)
        yield account


def number_of(desk: Desk) -> None:
    ContactMethod.objects.create(user=desk.admin, channel="sms", address=NUMBER, verified_at=desk.now)


def press(client: Client, what: str, **form: str) -> str:
    """Press a button of the only provider and return the page that follows."""
    response = client.post(reverse(f"provider_{what}", args=[Provider.objects.get().pk]), form, follow=True)
    return response.content.decode()


def test_a_provider_is_added_by_a_form_made_from_its_kind(desk: Desk, admin: Client) -> None:
    where = reverse("provider_new", args=["twilio_sms"])
    page = admin.get(where).content.decode()
    assert re.search(r'<input[^>]*type="password"[^>]*name="setting_auth_token"', page)
    after = admin.post(where, GIVEN, follow=True).content.decode()
    assert "Texts is set up" in after
    made = Provider.objects.get()
    assert f"https://desk.example.org/hooks/twilio/{made.pk}/sms" in after
    assert providers.opened(made).values["auth_token"] == TOKEN
    assert Entry.objects.get(kind="provider.added").actor == f"person:{desk.admin.pk}"


@pytest.mark.parametrize(
    "given", [GIVEN | {"setting_account_sid": "AC1"}, GIVEN | {"name": ""}, GIVEN | {"setting_sender": "?"}]
)
def test_a_refused_form_keeps_what_was_typed_but_never_a_secret(admin: Client, given: dict[str, str]) -> None:
    response = admin.post(reverse("provider_new", args=["twilio_sms"]), given)
    assert response.status_code == 422
    page = response.content.decode()
    assert given["setting_sender"] in page
    assert TOKEN not in page
    assert not Provider.objects.exists()


def test_no_page_shows_a_secret_again(desk: Desk, admin: Client, twilio: Twilio) -> None:
    made = Provider.objects.get()
    actions.note_provider_failure(
        name=str(made.pk), label="Texts", fault="provider", answer="Twilio error 20503", now=desk.now
    )
    for where in (
        reverse("providers"),
        reverse("provider_edit", args=[made.pk]),
        reverse("provider_remove", args=[made.pk]),
    ):
        page = admin.get(where).content.decode()
        assert TOKEN not in page
        assert made.sealed not in page
    assert "Twilio error 20503" in admin.get(reverse("providers")).content.decode()


def test_editing_without_a_secret_keeps_it(admin: Client, twilio: Twilio) -> None:
    given = GIVEN | {"name": "Renamed", "setting_auth_token": "", "setting_api_url": twilio.address}
    assert "Renamed is changed" in press(admin, "edit", **given)
    assert providers.opened(Provider.objects.get()).values["auth_token"] == TOKEN


def test_order_and_use_are_set_with_one_press(desk: Desk, admin: Client, twilio: Twilio) -> None:
    assert "Texts is disabled" in press(admin, "enable", enabled="0")
    assert "Texts is enabled" in press(admin, "enable", enabled="1")
    second = actions.add_provider(kind=SMS_KIND, name="Backup", values=twilio.values(), by=None, now=desk.now)
    admin.post(reverse("provider_move", args=[second.pk]), {"earlier": "1"})
    assert [one.name for one in providers.providers("sms")] == ["Backup", "Texts"]
    admin.post(reverse("provider_remove", args=[second.pk]))
    assert "Texts" in press(admin, "remove")
    assert not Provider.objects.exists()


def test_a_test_goes_to_the_viewers_own_verified_address(desk: Desk, admin: Client, twilio: Twilio) -> None:
    assert "no verified address" in press(admin, "test")
    number_of(desk)
    assert "has accepted a test" in press(admin, "test", to="+4915100000000")
    ((resource, form),) = twilio.taken
    assert (resource, form["To"]) == ("Messages", NUMBER)
    assert "StatusCallback" not in form
    assert "Test from Tocsin" in form["Body"]
    assert Entry.objects.get(kind="provider.tested").data["accepted"] is True


def test_a_test_that_fails_says_why_without_the_secret(desk: Desk, admin: Client, twilio: Twilio) -> None:
    number_of(desk)
    twilio.refuse = (400, 21606, f"The token {TOKEN} may not send")
    page = press(admin, "test")
    assert "did not accept the test" in page
    assert TOKEN not in page + str(list(Entry.objects.values_list("data", flat=True))) + str(
        list(ProviderHealth.objects.values())
    )
    twilio.refuse = None
    press(admin, "test")
    assert providers.healths()[str(Provider.objects.get().pk)].condition.rests == 0


def test_tests_are_bounded_and_obey_the_rules_for_numbers(desk: Desk, admin: Client, twilio: Twilio, settings) -> None:
    number_of(desk)
    settings.PHONE_COUNTRIES = frozenset({"AT"})
    assert "TOCSIN_PHONE_COUNTRIES" in press(admin, "test")
    settings.PHONE_COUNTRIES = frozenset()
    pages = [press(admin, "test") for _ in range(7)]
    assert "were many tests" in pages[-1]
    assert len(twilio.taken) == 5


@pytest.mark.parametrize("name", ["lead", "manager", "agent", "requester"])
def test_nobody_else_gets_near(desk: Desk, signed_in: Callable[[str], Client], twilio: Twilio, name: str) -> None:
    client, made = signed_in(name), Provider.objects.get()
    for what in ("enable", "move", "test", "remove", "edit"):
        assert client.post(reverse(f"provider_{what}", args=[made.pk])).status_code == 403
    assert client.get(reverse("providers")).status_code == 403
    assert client.post(reverse("provider_new", args=["twilio_sms"]), GIVEN).status_code == 403
    assert twilio.requests == 0
    assert Client().post(reverse("provider_test", args=[made.pk])).status_code == 302


def test_a_channel_that_people_use_and_nobody_carries_is_said_loudly(desk: Desk, admin: Client) -> None:
    number_of(desk)
    page = admin.get(reverse("providers")).content.decode()
    assert "Nothing carries it." in page
    assert "1 person reachable by it" in page


def test_credentials_that_no_key_opens_are_said_so(desk: Desk, admin: Client, twilio: Twilio, settings) -> None:
    settings.SECRET_KEY_FALLBACKS = []
    Provider.objects.update(sealed="gAAAAABbroken")
    page = admin.get(reverse("providers")).content.decode()
    assert "credentials unreadable" in page
    assert "Edit" in page
