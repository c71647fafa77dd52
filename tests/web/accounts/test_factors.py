"""Second factors: asked for at every way in, limited, no code twice, enforced by role; sessions; the audit."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client

from tests.web.constants import PASSWORD
from tocsin.domain.journal.models import Entry
from tocsin.domain.people.models import SignIn, User
from tocsin.domain.people.sign_in import LIMITS

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(step: int = 0) -> str:
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30 + step))


@pytest.fixture
def secured(desk: Any) -> User:
    """The agent with an authenticator app."""
    TOTP.activate(desk.agent, SECRET)
    return desk.agent  # type: ignore[no-any-return]  # the small desk is untyped here


def enter(client: Client, password: str = PASSWORD) -> Any:
    return client.post("/sign-in", {"email": "agent@desk.example", "password": password})


def who(client: Client) -> str:
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk).email if pk else ""


def test_the_password_alone_does_not_let_in(secured) -> None:  # type: ignore[no-untyped-def]
    client = Client()
    assert enter(client)["Location"] == "/sign-in/second"
    assert who(client) == ""
    assert client.get("/queue").status_code == 302
    planted = client.session.session_key
    assert client.post("/sign-in/second", {"code": code()})["Location"] == "/queue"
    assert who(client) == "agent@desk.example"
    assert client.session.session_key != planted
    kept = SignIn.objects.get()
    assert (kept.method, kept.second, kept.refused, kept.address) == ("password", "totp", "", "127.0.0.1")


def test_a_mailed_link_asks_for_the_second_factor_too(secured, mailed) -> None:  # type: ignore[no-untyped-def]
    Client().post("/sign-in/by-mail/sign_in", {"email": "agent@desk.example"})
    client = Client()
    assert client.post(mailed("agent@desk.example"))["Location"] == "/sign-in/second"
    assert who(client) == ""


def test_a_code_is_taken_once(secured) -> None:  # type: ignore[no-untyped-def]
    used = code()
    first, second = Client(), Client()
    enter(first)
    first.post("/sign-in/second", {"code": used})
    enter(second)
    from django.core.cache import cache  # noqa: PLC0415 - as if another process answered

    cache.clear()
    assert second.post("/sign-in/second", {"code": used}).status_code == 200
    assert who(second) == ""


def test_wrong_codes_are_limited_over_all_browsers_and_audited(secured) -> None:  # type: ignore[no-untyped-def]
    for number in range(LIMITS["second_factor"].pair):
        client = Client()
        enter(client)
        client.post("/sign-in/second", {"code": f"00000{number}"})
    client = Client()
    enter(client)
    assert "Too many tries" in client.post("/sign-in/second", {"code": code()}).content.decode()
    assert who(client) == ""
    assert set(SignIn.objects.values_list("refused", flat=True)) == {"wrong", "too_many"}


def test_a_recovery_code_lets_in_once(secured) -> None:  # type: ignore[no-untyped-def]
    codes = RecoveryCodes.activate(secured).get_unused_codes()
    client = Client()
    enter(client)
    client.post("/sign-in/second", {"code": codes[0]})
    assert who(client) == "agent@desk.example"
    again = Client()
    enter(again)
    again.post("/sign-in/second", {"code": codes[0]})
    assert who(again) == ""


def test_the_secret_is_encrypted_at_rest(secured) -> None:  # type: ignore[no-untyped-def]
    assert SECRET not in str(Authenticator.objects.get().data)


def test_a_second_factor_is_added_and_removed_only_after_showing_who_one_is(desk) -> None:  # type: ignore[no-untyped-def]
    client = Client()
    enter(client)
    assert client.get("/account/app/add")["Location"].startswith("/account/again")
    assert client.post("/account/again", {"password": "wrong"}).status_code == 200
    assert client.get("/account/app/add").status_code == 302
    client.post("/account/again?next=/account/app/add", {"password": PASSWORD})
    page = client.get("/account/app/add")
    assert page.status_code == 200
    secret = page.context["form"].secret
    told = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert client.post("/account/app/add", {"code": told})["Location"] == "/account/codes"
    assert client.get("/account/codes").content.decode().count("<li><code>") == 10
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}
    client.post("/account/app/remove")
    assert not Authenticator.objects.exists()
    changes = Entry.objects.filter(stream=f"person:{desk.agent.pk}", kind="person.credential_changed")
    assert [entry.data["what"] for entry in changes.order_by("position")] == [
        "authenticator app added", "authenticator app removed",
    ]  # fmt: skip


def test_a_role_that_needs_a_second_factor_gets_nowhere_without(desk, settings, signed_in) -> None:  # type: ignore[no-untyped-def]
    settings.REQUIRE_SECOND_FACTOR = frozenset({"administrator"})
    client = signed_in("admin")
    assert client.get("/queue")["Location"] == "/account"
    assert client.post("/people/invite", {}).status_code == 302
    assert client.get("/queue", headers={"HX-Request": "true"})["HX-Redirect"] == "/account"
    assert "Your role needs a second factor" in client.get("/account").content.decode()
    assert client.get("/account/app/add").status_code == 200
    assert signed_in("agent").get("/queue").status_code == 200
    TOTP.activate(desk.admin, SECRET)
    assert client.get("/queue").status_code == 200


def test_sessions_are_listed_and_ended_elsewhere(desk) -> None:  # type: ignore[no-untyped-def]
    here, there = Client(headers={"user-agent": "Here/1"}), Client(headers={"user-agent": "There/1"})
    enter(here)
    enter(there)
    html = here.get("/account").content.decode()
    assert "Here/1" in html
    assert "There/1" in html
    here.post("/account/sessions/end")
    assert there.get("/queue").status_code == 302
    assert here.get("/queue").status_code == 200


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(desk) -> None:  # type: ignore[no-untyped-def]
    here, there = Client(), Client()
    enter(here)
    enter(there)
    assert here.get("/account/password").status_code == 302
    here.post("/account/again?next=/account/password", {"password": PASSWORD})
    before = here.session.session_key
    new = {"password": "something new and long", "again": "something new and long"}
    assert here.post("/account/password", new)["Location"] == "/account"
    assert here.session.session_key != before
    assert here.get("/queue").status_code == 200
    assert there.get("/queue").status_code == 302


def test_the_audit_shows_administrators_who_was_let_in_and_who_was_not(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    enter(Client(REMOTE_ADDR="203.0.113.7", headers={"user-agent": "Curious/2"}), "wrong")
    enter(Client())
    Client().post("/sign-in", {"email": "nobody@nowhere.example", "password": "my own password"})
    html = signed_in("admin").get("/sign-ins").content.decode()
    assert "203.0.113.7" in html
    assert "Curious/2" in html
    assert "nobody known" in html
    assert "my own password" not in html
    refused = signed_in("admin").get("/sign-ins?refused=1&q=agent").content.decode()
    assert refused.count("<tr>") == 2  # the head and one line
    assert signed_in("lead").get("/sign-ins").status_code == 403


def test_what_proxies_say_counts_only_as_far_as_they_are_ours(desk, settings) -> None:  # type: ignore[no-untyped-def]
    said = {"x-forwarded-for": "198.51.100.1, 203.0.113.5", "x-forwarded-proto": "https", "x-forwarded-host": "evil"}
    enter(Client(headers=said), "wrong")
    settings.TRUSTED_PROXIES = 1
    enter(Client(headers=said), "wrong")
    assert list(SignIn.objects.order_by("pk").values_list("address", flat=True)) == ["127.0.0.1", "203.0.113.5"]
