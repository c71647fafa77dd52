"""Every route, walked by people of another customer with the ids of this one: nothing of it is seen or changed.

SECURITY 14: nobody sees another customer's anything. The small desk's customer is Acme; those who walk
belong to Bolt. Whatever of Acme's stands in an answer is found by words that occur nowhere else.
"""

from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse

from tests.web.routes import arguments, names, view_of
from tocsin.domain.people import actions as people
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets

FOREIGN = ("Xylophone", "Zymurgy", "Quagmire", "ana@acme.example")
# What signing in and looking may write: limits, audit, sessions.
BOOKKEEPING = (
    "django_session", "procrastinate", "people_attempt", "people_signin", "usersessions", "people_usedcode",
)  # fmt: skip
HARMLESS = {"sign_out", "sessions_end", "account", "sequence_set", "updates_feed_make"}  # they act on the walker alone
BEARER = {"respond_link"}  # a signed link is its own key; its holder is whoever was paged


@pytest.fixture
def walkers(desk: Any) -> dict[str, User]:
    """People of Bolt, and Acme's words put where they could leak."""
    now = desk.now
    people.edit_person(user_id=desk.requester.pk, name="Xylophone", by=desk.admin, now=now)
    tickets.change_details(
        ticket_id=desk.ticket.pk, subject="Zymurgy stopped the brewhouse", category="Quagmire", by=desk.agent, now=now
    )
    for kind, by in (("customer", desk.requester), ("reply", desk.agent), ("note", desk.agent)):
        tickets.add_message(ticket_id=desk.ticket.pk, kind=kind, body="Quagmire and Zymurgy", by=by, now=now)
    bolt = people.create_organisation(name="Bolt", by=None, now=now)
    people.edit_organisation(organisation_id=bolt.pk, members_see_all=True, by=None, now=now)
    made = {
        role: people.create_person(
            email=f"{role}@bolt.example", name=f"Bolt {role}", role=role, organisation=bolt, by=None, now=now
        )
        for role in ("requester", "stakeholder")
    }
    made["colleague"] = people.create_person(
        email="colleague@acme.example", name="Colleague", organisation=desk.customer, by=None, now=now
    )
    return made


def address(name: str, desk: Any) -> str:
    try:
        return reverse(name, args=arguments(name, desk))
    except NoReverseMatch:
        return ""


def state() -> dict[str, str]:
    """Return a digest of every table but the bookkeeping."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            if not table.startswith(BOOKKEEPING):
                cursor.execute(
                    f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{table}\" t"
                )
                found[table] = cursor.fetchone()[0]
    return found


def leaks(response: HttpResponse) -> list[str]:
    body = response.content.decode(errors="replace") if not response.streaming else ""
    return [word for word in FOREIGN if word in body or word in str(response.headers)]


@pytest.mark.parametrize("walker", ["requester", "colleague", "stakeholder"])
def test_no_page_shows_another_customers_anything(desk, walkers, walker) -> None:  # type: ignore[no-untyped-def]
    client = desk.client(walkers[walker])
    seen = {}
    for name in sorted(set(names()) - BEARER):
        path = address(name, desk)
        # The staff's directory is open to stakeholders of the house's customers by its mark; people are not tickets.
        for query in ("", "?q=brewhouse&show=all&whose=all&subject=brewhouse&view=all&sort=requester__name&status=all"):
            found = leaks(client.get(path + query))
            if found and not (walker == "stakeholder" and name in DIRECTORY):
                seen[name] = found
    assert seen == {}


# Pages about people, open to every stakeholder: names and addresses of people, never of tickets.
DIRECTORY = {"people", "person", "organisation", "organisations"}


@pytest.mark.parametrize("walker", ["requester", "colleague"])
def test_no_act_changes_another_customers_anything(desk, walkers, walker) -> None:  # type: ignore[no-untyped-def]
    client = desk.client(walkers[walker])
    before = state()
    form = {
        "body": "x", "reason": "x", "score": "1", "subject": "x", "kind": "customer", "status": "closed",
        "to": str(desk.ticket.number), "role": "administrator", "requester": str(desk.requester.pk), "verb": "acknowledge",
    }  # fmt: skip
    answers = {}
    for name in names():
        if name in HARMLESS or view_of(name).access == "public" or not arguments(name, desk):  # type: ignore[attr-defined]
            continue
        response = client.post(address(name, desk), form)
        answers[name] = response.status_code
        assert leaks(response) == [], name
    assert {name: code for name, code in answers.items() if code not in (302, 403, 404, 405)} == {}
    assert {table for table, digest in state().items() if before[table] != digest} == set()
