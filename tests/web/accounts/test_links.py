"""Mailed links: single use, expiring, nothing happens on a GET, nobody learns who has an account."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.web.constants import PASSWORD
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify.actions import LeaseTerms, lease
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.people.models import OneTimeLink, SignIn, User
from tocsin.domain.people.sign_in import LIMITS

NEW = "an entirely new passphrase"
WORDS = {"password": NEW, "again": NEW}


def who(client: Client) -> str:
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk).email if pk else ""


def test_a_sign_in_link_goes_to_the_stored_address_and_works_once(desk, mailed) -> None:  # type: ignore[no-untyped-def]
    asked = Client().post("/sign-in/by-mail/sign_in", {"email": "ANA@acme.example"})
    assert "a mail is on its way" in asked.content.decode()
    path, client = mailed("ana@acme.example"), Client()
    for _ in range(2):  # a mail scanner
        assert client.get(path).status_code == 200
    assert who(client) == ""
    assert client.post(path)["Location"] == "/portal/"
    assert who(client) == "ana@acme.example"
    assert Client().post(path).status_code == 404
    assert SignIn.objects.get(refused="").method == "link"


def test_nobody_learns_who_has_an_account(desk) -> None:  # type: ignore[no-untyped-def]
    def words(email: str, where: str) -> str:
        html = Client().post(where, {"email": email}).content.decode()
        return html.replace(html.split('name="csrfmiddlewaretoken"')[0], "") if "csrfmiddlewaretoken" in html else html

    for where in ("/sign-in/by-mail/sign_in", "/sign-in/by-mail/password"):
        assert words("ana@acme.example", where) == words("nobody@acme.example", where)
    assert Delivery.objects.filter(address="nobody@acme.example").count() == 0


def test_a_link_runs_out(desk, mailed) -> None:  # type: ignore[no-untyped-def]
    Client().post("/sign-in/by-mail/sign_in", {"email": "ana@acme.example"})
    OneTimeLink.objects.update(expires_at=desk.now - timedelta(seconds=1))
    assert Client().get(mailed("ana@acme.example")).status_code == 404


def test_a_link_of_one_kind_is_no_link_of_another(desk, mailed) -> None:  # type: ignore[no-untyped-def]
    Client().post("/sign-in/by-mail/sign_in", {"email": "ana@acme.example"})
    path = mailed("ana@acme.example")
    assert Client().get(path.replace("/sign_in/", "/password/")).status_code == 404
    assert Client().post(path.replace("/sign_in/", "/invitation/"), WORDS).status_code == 404


def test_the_outbox_and_the_journal_hold_no_link_and_the_mail_carries_it_under_the_base_url(  # type: ignore[no-untyped-def]
    desk, mailed, settings
) -> None:
    settings.BASE_URL = "https://desk.example"
    Client(headers={"host": "localhost"}).post("/sign-in/by-mail/sign_in", {"email": "ana@acme.example"})
    token = mailed("ana@acme.example").rsplit("/", maxsplit=1)[-1]
    page = Page.objects.get(user=desk.requester, purpose="notice")
    assert token not in f"{page.body}{page.subject}{page.data}"
    assert not [entry for entry in Entry.objects.all() if token in str(entry.data)]
    parcels = lease(channel="email", now=desk.now + timedelta(minutes=1), limit=50, terms=LeaseTerms())
    links = [parcel.message(desk.now).link for parcel in parcels]
    assert f"https://desk.example/enter/sign_in/{token}" in links


def test_a_forgotten_password_is_set_anew_and_every_earlier_session_ends(desk, mailed) -> None:  # type: ignore[no-untyped-def]
    before = Client()
    before.post("/sign-in", {"email": "agent@desk.example", "password": PASSWORD})
    Client().post("/sign-in/by-mail/password", {"email": "agent@desk.example"})
    Client().post("/sign-in/by-mail/sign_in", {"email": "agent@desk.example"})
    other = mailed("agent@desk.example")
    link = OneTimeLink.objects.get(purpose="password")
    from tocsin.domain.people.one_time import token_of  # noqa: PLC0415 - next to its use

    path = f"/enter/password/{token_of(link.pk, 'password')}"
    weak = Client().post(path, {"password": "short", "again": "short"})
    assert weak.status_code == 422
    client = Client()
    assert client.post(path, WORDS)["Location"] == "/queue"
    assert before.get("/queue").status_code == 302
    assert Client().post(path, WORDS).status_code == 404
    assert Client().get(other).status_code == 404
    assert Client().post("/sign-in", {"email": "agent@desk.example", "password": NEW}).status_code == 302


def test_an_invitation_is_mailed_accepted_once_and_leads_in(desk, signed_in, mailed) -> None:  # type: ignore[no-untyped-def]
    form = {"email": "new@desk.example", "name": "New One", "role": "agent", "zone": "UTC"}
    assert signed_in("admin").post("/people/invite", form).status_code == 302
    first = mailed("new@desk.example")
    made = User.objects.get(email="new@desk.example")
    assert (made.role, made.has_usable_password()) == ("agent", False)
    signed_in("admin").post(f"/people/{made.pk}/invitation/again")
    assert Client().get(first).status_code == 404
    client = Client()
    differ = client.post(mailed("new@desk.example"), {**WORDS, "again": "something else entirely"})
    assert differ.status_code == 422
    assert client.post(mailed("new@desk.example"), WORDS)["Location"] == "/queue"
    kinds = set(Entry.objects.filter(stream=f"person:{made.pk}").values_list("kind", flat=True))
    assert {"person.created", "person.link_made", "person.link_used", "person.password_set"} <= kinds


@pytest.mark.parametrize("person", ["agent", "lead", "manager", "stakeholder", "requester"])
def test_only_administrators_invite(desk, signed_in, person) -> None:  # type: ignore[no-untyped-def]
    form = {"email": "new@desk.example", "name": "New", "role": "administrator", "zone": "UTC"}
    assert signed_in(person).post("/people/invite", form).status_code == 403
    assert not User.objects.filter(email="new@desk.example").exists()


def test_a_mailbox_is_not_filled_by_strangers(desk) -> None:  # type: ignore[no-untyped-def]
    answers = [
        Client().post("/sign-in/by-mail/sign_in", {"email": "ana@acme.example"}).status_code
        for _ in range(LIMITS["link"].pair + 2)
    ]
    assert answers == [200] * LIMITS["link"].pair + [429] * 2
    assert Delivery.objects.filter(address="ana@acme.example").count() == LIMITS["link"].pair


def test_guessing_links_is_limited(desk) -> None:  # type: ignore[no-untyped-def]
    codes = {Client().post(f"/enter/sign_in/guess-{n}").status_code for n in range(LIMITS["token"].pair)}
    assert codes == {404}
    assert Client().post("/enter/sign_in/guess-more").status_code == 429


def test_somebody_deactivated_gets_no_link_and_a_link_they_had_is_void(desk, mailed) -> None:  # type: ignore[no-untyped-def]
    Client().post("/sign-in/by-mail/sign_in", {"email": "ana@acme.example"})
    User.objects.filter(pk=desk.requester.pk).update(is_active=False)
    assert Client().post(mailed("ana@acme.example")).status_code == 404
    Client().post("/sign-in/by-mail/sign_in", {"email": "ana@acme.example"})
    assert OneTimeLink.objects.count() == 1
