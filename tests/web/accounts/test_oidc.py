"""Company sign-in against a provider on loopback: keyed by issuer and subject, joined by verified addresses only."""

import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from tests.web.accounts.conftest import BASE_URL, where_to
from tocsin.config.oidc import provider_id
from tocsin.domain.people.models import SignIn, User


def walk(client: Client, **more: str):  # type: ignore[no-untyped-def]
    """Begin, let the provider send the browser back, and return the answer."""
    begun = client.post("/sign-in/company", more)
    asked = where_to(begun.content.decode())
    return client.get("/sign-in/company/callback", {"code": "c", "state": asked["state"]})


def signed_in_as(client: Client) -> str:
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk).email if pk else ""


def test_the_way_there_binds_the_answer_to_this_browser_and_carries_our_own_address(desk, provider) -> None:  # type: ignore[no-untyped-def]
    begun = Client(headers={"host": "localhost"}).post("/sign-in/company")
    asked = where_to(begun.content.decode())
    assert asked["redirect_uri"] == f"{BASE_URL}/sign-in/company/callback"
    assert asked["code_challenge_method"] == "S256"
    assert asked["state"]
    assert "unsafe" not in begun["Content-Security-Policy"]


def test_a_verified_address_joins_the_account_and_the_subject_is_the_key_from_then_on(desk, provider) -> None:  # type: ignore[no-untyped-def]
    client = Client()
    assert walk(client)["Location"] == "/queue"
    assert signed_in_as(client) == "agent@desk.example"
    joined = SocialAccount.objects.get()
    assert (joined.provider, joined.uid) == (provider_id(provider.issuer), "u-1")
    provider.claims |= {"email": "renamed@elsewhere.example", "email_verified": False}
    again = Client()
    walk(again)
    assert signed_in_as(again) == "agent@desk.example"
    assert list(SignIn.objects.filter(refused="").values_list("method", flat=True)) == ["oidc", "oidc"]


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_unverified_address_joins_nothing(desk, provider, verified) -> None:  # type: ignore[no-untyped-def]
    provider.claims["email_verified"] = verified
    client = Client()
    answer = walk(client)
    assert (answer.status_code, signed_in_as(client)) == (403, "")
    assert "No account here belongs to this company account" in answer.content.decode()
    assert not SocialAccount.objects.exists()
    assert SignIn.objects.get().refused == "unknown"


def test_another_subject_with_the_same_address_does_not_get_the_account(desk, provider) -> None:  # type: ignore[no-untyped-def]
    walk(Client())
    provider.claims["sub"] = "u-2"  # the mailbox was given to somebody new
    client = Client()
    assert walk(client).status_code == 403
    assert signed_in_as(client) == ""


def test_the_same_subject_of_another_issuer_is_somebody_else(desk, provider, settings) -> None:  # type: ignore[no-untyped-def]
    SocialAccount.objects.create(user=desk.admin, provider=provider_id("https://other.example"), uid="u-1")
    provider.claims["email_verified"] = False
    client = Client()
    assert walk(client).status_code == 403
    assert signed_in_as(client) == ""


def test_whoever_the_provider_vouches_for_gets_an_account_only_where_that_is_set(desk, provider, settings) -> None:  # type: ignore[no-untyped-def]
    provider.claims |= {"sub": "u-9", "email": "new@acme.example", "name": "New"}
    assert walk(Client()).status_code == 403
    settings.OIDC_CREATE = True
    client = Client()
    assert walk(client)["Location"] == "/portal/"
    assert User.objects.get(email="new@acme.example").role == "requester"


def test_a_token_that_the_issuer_has_not_signed_is_refused(desk, provider) -> None:  # type: ignore[no-untyped-def]
    provider.signer = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    client = Client()
    assert walk(client).status_code >= 400
    assert signed_in_as(client) == ""


@pytest.mark.parametrize("claims", [{"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}, {"sub": ""}])
def test_a_token_for_others_or_of_others_or_too_old_is_refused(desk, provider, claims) -> None:  # type: ignore[no-untyped-def]
    provider.claims |= claims
    client = Client()
    assert walk(client).status_code >= 400
    assert signed_in_as(client) == ""


def test_what_is_told_about_somebody_else_is_refused(desk, provider) -> None:  # type: ignore[no-untyped-def]
    for claim in ("email", "email_verified"):
        provider.claims.pop(claim)
    provider.userinfo = {"sub": "u-2", "email": "admin@desk.example", "email_verified": True}
    client = Client()
    assert walk(client).status_code >= 400
    assert signed_in_as(client) == ""


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(desk, provider) -> None:  # type: ignore[no-untyped-def]
    asked = where_to(Client().post("/sign-in/company").content.decode())
    other = Client()
    assert other.get("/sign-in/company/callback", {"code": "c", "state": asked["state"]}).status_code >= 400
    assert signed_in_as(other) == ""
    assert provider.asked == []


def test_joining_by_hand_needs_no_verified_address_and_parting_needs_a_password(desk, provider, signed_in) -> None:  # type: ignore[no-untyped-def]
    provider.claims |= {"email": "x@elsewhere.example", "email_verified": False}
    client = signed_in("expert")
    assert walk(client)["Location"] == "/account"
    assert SocialAccount.objects.get().user_id == desk.expert.pk
    assert client.post("/account/company/part").status_code == 409
    assert SocialAccount.objects.exists()


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_leads_only_into_this_site(desk, provider, wanted) -> None:  # type: ignore[no-untyped-def]
    assert walk(Client(), next=wanted)["Location"] == "/queue"


def test_a_provider_that_is_down_is_named_and_the_other_ways_stay_open(desk, provider, settings) -> None:  # type: ignore[no-untyped-def]
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = Client().post("/sign-in/company")
    assert answer.status_code == 503
    assert "password or a mailed link" in answer.content.decode()
