"""Signing in: wrong tries are counted, the session is a new one, `next` stays on this site."""

import pytest
from django.test import Client

from tests.web.constants import PASSWORD
from tocsin.domain.people.sign_in import FAILURES_A_PERSON


def enter(client: Client, password: str = PASSWORD, **more: str) -> object:
    return client.post("/sign-in", {"email": "agent@desk.example", "password": password, **more})


def test_the_right_password_leads_to_the_queue(desk) -> None:  # type: ignore[no-untyped-def]
    response = enter(Client())
    assert (response.status_code, response["Location"]) == (302, "/queue")


def test_the_address_may_be_written_in_any_case(desk) -> None:  # type: ignore[no-untyped-def]
    response = Client().post("/sign-in", {"email": "Agent@Desk.Example", "password": PASSWORD})
    assert response.status_code == 302


def test_a_wrong_password_keeps_the_address_and_says_what_to_do(desk) -> None:  # type: ignore[no-untyped-def]
    response = enter(Client(), "wrong")
    html = response.content.decode()
    assert response.status_code == 422
    assert 'value="agent@desk.example"' in html
    assert "do not fit together" in html
    assert "wrong" not in html


def test_too_many_wrong_tries_are_refused_even_with_the_right_password(desk) -> None:  # type: ignore[no-untyped-def]
    client = Client()
    for _ in range(FAILURES_A_PERSON):
        assert enter(client, "wrong").status_code == 422
    assert enter(client).status_code == 429


def test_tries_from_elsewhere_do_not_lock_somebody_out(desk) -> None:  # type: ignore[no-untyped-def]
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(FAILURES_A_PERSON):
        enter(stranger, "wrong")
    assert enter(Client()).status_code == 302


def test_somebody_deactivated_cannot_sign_in(desk) -> None:  # type: ignore[no-untyped-def]
    desk.agent.is_active = False
    desk.agent.save()
    assert enter(Client()).status_code == 422


def test_the_session_is_a_new_one_after_signing_in(desk) -> None:  # type: ignore[no-untyped-def]
    client = Client()
    client.session["planted"] = "x"
    session = client.session
    session["planted"] = "x"
    session.save()
    before = session.session_key
    enter(client)
    assert client.session.session_key != before


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/tickets/7", "/tickets/7"),
        ("https://evil.example/", "/queue"),
        ("//evil.example/", "/queue"),
        ("/\\evil.example", "/queue"),
        ("javascript:alert(1)", "/queue"),
        ("", "/queue"),
    ],
)
def test_next_leads_only_into_this_site(desk, wanted, leads_to) -> None:  # type: ignore[no-untyped-def]
    assert enter(Client(), next=wanted)["Location"] == leads_to


def test_signing_out_takes_a_post(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 302
    assert client.get("/queue").status_code == 302
