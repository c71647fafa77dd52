"""The first steps: who may begin, each step by what is really there, and a test that is heard."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tocsin.domain.calendars.models import Calendar
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation import policies
from tocsin.domain.escalation.models import Drill, Run
from tocsin.domain.notify import providers
from tocsin.domain.notify.models import ContactMethod, Verification
from tocsin.domain.notify.one_time import code_of
from tocsin.domain.people import one_time, queries
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Team, User
from tocsin.domain.sla.models import Agreement
from tocsin.kernel.clock import database_now

ME = {"name": "Mia Example", "email": "mia@example.org", "password": "a long sentence of mine"}
SERVER = {
    "host": "mail.example.org",
    "port": "",
    "tls": "starttls",
    "user": "",
    "password": "",
    "sender": "T <t@example.org>",
}
WEEK = {"name": "Office hours", "zone": "Europe/Berlin", "opens": "08:00", "closes": "17:00", "country": "DE"}


def where(key: str) -> str:
    return reverse("set_up_step", args=[key])


@pytest.fixture
def admin(db: None, client: Client) -> Client:
    """An empty installation, whose first administrator has just been made."""
    made = client.post(reverse("set_up_first", args=[one_time.first_token()]), ME)
    assert made.status_code == 302, made.content.decode()
    assert made["Location"] == reverse("set_up")
    return client


@pytest.mark.django_db
def test_the_first_administrator_is_made_by_the_printed_address_alone_and_once(client: Client) -> None:
    address = reverse("set_up_first", args=[one_time.first_token()])
    assert client.get(reverse("set_up_first", args=["made-up"])).status_code == 404
    assert client.get(address).status_code == 200
    assert not User.objects.filter(role=Role.ADMINISTRATOR).exists()  # looking makes nobody
    assert client.post(address, ME | {"password": "short"}).status_code == 422
    assert client.post(address, ME).status_code == 302
    assert queries.has_administrator()
    assert Client().get(address).status_code == 404
    assert Client().post(address, ME | {"email": "eve@example.org"}).status_code == 404
    assert User.objects.filter(role=Role.ADMINISTRATOR).count() == 1


def test_every_step_from_nothing_to_a_test_that_is_heard(admin: Client, settings: Any) -> None:
    assert admin.get(reverse("set_up"))["Location"] == where("organisation")
    step = admin.post(where("organisation"), {"name": "Alder", "zone": "Europe/Berlin", "language": "en"})
    assert step["Location"] == where("mail")
    me = User.objects.get(email=ME["email"])
    assert (me.zone, me.organisation and me.organisation.name) == ("Europe/Berlin", "Alder")

    assert admin.post(where("mail"), SERVER)["Location"] == where("mail")
    assert providers.is_provided("email")
    newest = Verification.objects.latest("made_at")
    wrong = admin.post(where("mail"), {"code": "000000"})
    assert (wrong.status_code, "This is not the code" in wrong.content.decode()) == (422, True)
    admin.post(where("mail"), {"code": code_of(newest.pk)})
    assert ContactMethod.objects.get(user=me).verified_at is not None
    assert "Mail reaches mia@example.org" in admin.get(where("mail")).content.decode()

    members = "Tom Tester <tom@example.org>\numa@example.org"
    assert admin.post(where("team"), {"name": "Service desk", "members": members})["Location"] == where("calendar")
    team = Team.objects.get()
    assert {one.name for one in queries.members_of_team(team.pk)} == {"Mia Example", "Tom Tester", "uma"}

    week = WEEK | {"days": ["mon", "tue"], "promises": "on"}
    assert admin.post(where("calendar"), week)["Location"] == where("policy")
    assert Calendar.objects.get().weekly == {"mon": [["08:00", "17:00"]], "tue": [["08:00", "17:00"]]}
    assert Agreement.objects.get().targets.count() == 8

    assert admin.post(where("policy"), {"example": "technical"})["Location"] == where("test")
    assert [one.content.slug for one in policies.live()] == ["technical"]

    admin.post(where("test"))
    assert "hx-get" in admin.get(where("test")).content.decode()
    drill = Drill.objects.get()
    escalation.acknowledge(run_id=Run.objects.get(escalation=drill.escalation).pk, by=me, now=database_now(connection))
    assert "You were reached and heard" in admin.get(reverse("set_up_test")).content.decode()
    assert "Everything is set up" in admin.get(reverse("set_up")).content.decode()


def test_bad_input_names_the_field_and_loses_nothing(admin: Client) -> None:
    admin.post(where("organisation"), {"name": "Alder", "zone": "UTC", "language": ""})
    members = "Tom Tester tom@example.org\nno address here"
    shown = admin.post(where("team"), {"name": "Desk", "members": members})
    assert shown.status_code == 422
    assert "Line 2 names no e-mail address." in shown.content.decode()
    assert "Tom Tester tom@example.org" in shown.content.decode()
    late = admin.post(where("calendar"), WEEK | {"opens": "18:00", "days": ["mon"]})
    assert "It must close after it opens." in late.content.decode()
    assert not Calendar.objects.exists()
    # A team that cannot be made invites nobody.
    admin.post(where("team"), {"name": "Desk", "members": ""})
    again = admin.post(where("team"), {"name": "Desk", "members": "new@example.org"})
    assert again.status_code == 422
    assert queries.find_person("new@example.org") is None


def test_a_step_is_skipped_and_waits_in_the_list(admin: Client) -> None:
    html = admin.get(where("mail")).content.decode()
    assert re.search(rf'href="{where("team")}"[^>]*>Skip this step', html)
    assert "First steps" in admin.get(reverse("queue")).content.decode()
    admin.post(reverse("set_up_off"))
    assert "First steps" not in admin.get(reverse("queue")).content.decode()
    assert "First steps" in admin.get(reverse("settings")).content.decode()


def test_a_test_without_an_address_says_what_to_do(admin: Client) -> None:
    shown = admin.post(where("test"))
    assert shown.status_code == 422
    assert "finish the step Mail" in shown.content.decode()


@pytest.mark.parametrize("who", ["agent", "lead", "requester"])
def test_the_steps_are_the_administrators(desk: Any, signed_in: Any, who: str) -> None:
    assert signed_in(who).get(where("team")).status_code in (403, 404)
    assert signed_in(who).post(where("policy"), {"example": "technical"}).status_code in (403, 404)
