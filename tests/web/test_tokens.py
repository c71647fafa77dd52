"""API tokens on their page: made after one more proof, shown once, revoked by their person alone."""

from typing import Any

from django.test import Client

from tests.web.constants import PASSWORD
from tocsin.domain.people import actions as people
from tocsin.domain.people.models import ApiToken

FORM = {"name": "Backup job", "scopes": ["tickets:read", "oncall:read"], "days": "90"}


def proven(desk: Any) -> Client:
    client: Client = desk.client(desk.agent)
    client.post("/account/again?next=/account/tokens/new", {"password": PASSWORD})
    return client


def test_a_token_is_shown_once_and_works(desk: Any) -> None:
    client = proven(desk)
    made = client.post("/account/tokens/new", FORM)
    row = ApiToken.objects.get(user=desk.agent)
    token = made.content.decode().partition('id="token" value="')[2].partition('"')[0]
    assert token.startswith(row.prefix)
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json()["scopes"] == sorted(
        FORM["scopes"]
    )
    listed = client.get("/account/tokens").content.decode()
    assert "Backup job" in listed and row.prefix in listed and token not in listed
    assert row.expires_at is not None and (row.expires_at - row.made_at).days == 90
    assert made.headers["Cache-Control"].find("no-store") >= 0


def test_a_token_is_not_made_by_a_session_that_somebody_left_open(desk: Any) -> None:
    answer = desk.client(desk.agent).post("/account/tokens/new", FORM)
    assert answer.status_code == 302
    assert not ApiToken.objects.exists()


def test_a_token_without_scopes_is_not_made(desk: Any) -> None:
    assert proven(desk).post("/account/tokens/new", {**FORM, "scopes": []}).status_code == 422
    assert proven(desk).post("/account/tokens/new", {**FORM, "scopes": ["everything"]}).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_person_and_by_nobody_else(desk: Any) -> None:
    _, row = people.make_token(owner=desk.agent, name="x", scopes=["admin"], by=desk.agent, now=desk.now)
    where = f"/account/tokens/{row.pk}/revoke"
    assert desk.client(desk.lead).post(where).status_code == 404
    assert desk.client(desk.agent).post(where).status_code == 302
    row.refresh_from_db()
    assert row.revoked_at is not None
    assert "revoked" in desk.client(desk.agent).get("/account/tokens").content.decode()


def test_customers_have_tokens_too_in_the_portals_frame(desk: Any) -> None:
    page = desk.client(desk.requester).get("/account/tokens")
    assert page.status_code == 200
    assert "API tokens" in page.content.decode()
