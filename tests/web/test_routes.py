"""Who may open what; that looking changes nothing; that every page carries the strict policy (SECURITY 14, check 11)."""

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.web.routes import NOWHERE, POST_ONLY, arguments, names, view_of

# What a signed-in person of each kind gets on a GET, by the mark of the view.
ALLOWED = {
    "public": {"agent", "lead", "manager", "admin", "stakeholder", "requester"},
    "signed_in": {"agent", "lead", "manager", "admin", "stakeholder", "requester"},
    "staff": {"agent", "lead", "manager", "admin", "stakeholder"},
    "worker": {"agent", "lead", "manager", "admin"},
    "policy_editor": {"manager", "admin"},
    "planner": {"lead", "manager", "admin"},
    "administrator": {"admin"},
}
# Not pages of their own: the front door redirects, the mail viewer exists only in the demonstration.
ELSEWHERE = {"home": 302, "demo_mail": 404, "sign_in": 302, "engine": 503}


def address(name: str, desk: object) -> str:
    return reverse(name, args=arguments(name, desk))


@pytest.mark.parametrize("name", names())
def test_every_route_says_who_may_open_it(name: str) -> None:
    assert view_of(name).access in ALLOWED  # type: ignore[attr-defined]  # the mark of web/access.py


@pytest.mark.parametrize("person", ["agent", "lead", "manager", "admin", "stakeholder", "requester"])
def test_each_kind_of_person_gets_what_the_table_says(desk, signed_in, person) -> None:  # type: ignore[no-untyped-def]
    client = signed_in(person)
    got, expected = {}, {}
    for name in names():
        response = client.get(address(name, desk))
        got[name] = response.status_code
        if person not in ALLOWED[view_of(name).access]:  # type: ignore[attr-defined]
            expected[name] = 405 if name in POST_ONLY and response.status_code == 405 else 403
        elif name in POST_ONLY:
            expected[name] = 405
        elif NOWHERE in arguments(name, desk):
            expected[name] = 404
        else:
            expected[name] = ELSEWHERE.get(name, 200)
    assert got == expected


def test_a_stranger_is_sent_to_the_sign_in(desk) -> None:  # type: ignore[no-untyped-def]
    client = Client()
    for name in names():
        if view_of(name).access == "public":  # type: ignore[attr-defined]
            continue
        where = address(name, desk)
        response = client.get(where)
        assert (name, response.status_code, response["Location"]) == (name, 302, f"/sign-in?next={where}")


def test_a_requester_sees_no_ticket_of_somebody_else(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    assert signed_in("requester").get(reverse("ticket", args=[desk.ticket.number])).status_code == 403


def rows() -> dict[str, int]:
    """Count every table but the sessions, which belong to the browser."""
    counted = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if table.startswith(("django_session", "procrastinate")):
                continue
            cursor.execute(
                f"SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{table}\" t"
            )
            counted[table] = cursor.fetchone()
    return counted


@pytest.mark.parametrize("person", ["admin", None])
def test_looking_at_every_page_changes_nothing(desk, person) -> None:  # type: ignore[no-untyped-def]
    client = desk.client(desk.admin if person else None)
    if person:
        desk.admin.refresh_from_db()
    before = rows()
    for name in names():
        client.get(address(name, desk))
        client.get(address(name, desk), headers={"HX-Request": "true"})
        client.head(address(name, desk))
    assert rows() == before


def test_every_page_carries_the_strict_policy_and_no_inline_script_or_style(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("admin")
    for name in names():
        response = client.get(address(name, desk))
        policy = response["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        html = response.content.decode()
        if response["Content-Type"].startswith("text/html"):
            assert " style=" not in html, name
            assert "<style" not in html, name
            assert " onclick=" not in html, name
            assert html.count("<script") == html.count("<script src="), name


def test_pages_that_do_not_exist_say_so_kindly(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    response = signed_in("agent").get("/tickets/999999")
    assert response.status_code == 404
    assert "T-999999" in response.content.decode()
    assert Client().get("/nothing/here").status_code in (302, 404)
