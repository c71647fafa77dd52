"""The pages of integrations: set up, tried out, and what could not be taken in is dealt with."""

import json
import re
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.urls import reverse
from typer.testing import CliRunner

from tests.web.conftest import Desk
from tocsin.cli.integration import app as cli
from tocsin.domain.journal.models import Entry
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.alerts import taking
from tocsin.intake.alerts.doors import Incoming
from tocsin.intake.alerts.enums import Kind
from tocsin.intake.alerts.models import Alert, Event, Integration
from tocsin.intake.alerts.setting_up import Settings, add_integration
from tocsin.intake.alerts.storing import store
from tocsin.kernel.clock import database_now

pytestmark = pytest.mark.django_db
SEVERITIES = {f"severity_{name}": "3" for name in ("critical", "high", "moderate", "low", "unknown")}
FORM = {
    "name": "Prometheus", "kind": "alertmanager", "on_resolved": "unowned", "key_template": "{key}", "reopen_minutes": "60",
    "storm_tickets": "10", "storm_minutes": "10", "per_minute": "6000", "signing": "none", **SEVERITIES,
}  # fmt: skip


def _add(desk: Desk, **given: Any) -> tuple[str, Integration]:
    wanted = Settings(**{"name": "Monitoring", "kind": "generic", "service": desk.service, **given})
    return add_integration(wanted=wanted, by=desk.admin, now=database_now(connection))


def _event(integration: Integration, body: bytes) -> Event:
    (kept,) = store([Incoming(integration=integration.pk, body=body, content_type="")])
    assert kept is not None
    taking.take_due(now=database_now(connection))
    return Event.objects.get(pk=kept.event)


def test_an_integration_is_added_and_its_address_is_shown_once(desk: Desk, settings: Any) -> None:
    settings.BASE_URL = "https://desk.example.org"
    client = desk.client(desk.admin)
    made = client.post(reverse("integration_new"), {**FORM, "service": str(desk.service.pk)})
    page = made.content.decode()
    found = re.search(r"https://desk\.example\.org/events/(tocsin_evt_[\w-]+)", page)
    assert made.status_code == 200 and found
    row = Integration.objects.get()
    assert (row.name, row.kind, row.service) == ("Prometheus", "alertmanager", desk.service)
    later = client.get(reverse("integration", args=[row.pk])).content.decode()
    assert found.group(1) not in later and row.prefix in later
    assert found.group(1) not in json.dumps(list(Entry.objects.values_list("data", flat=True)))


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(desk: Desk) -> None:
    answer = desk.client(desk.admin).post(
        reverse("integration_new"),
        {**FORM, "name": "Mine", "key_template": "{nobody}", "signing": "body", "secret": "short"},
    )
    page = answer.content.decode()
    assert answer.status_code == 422 and Integration.objects.count() == 0
    assert "Use {key}" in page and "at least 16 characters" in page and 'value="Mine"' in page
    assert "short" not in re.findall(r'value="([^"]*)"', page)


def test_a_secret_is_kept_encrypted_and_stays_when_left_empty(desk: Desk) -> None:
    secret = "a-long-enough-secret"
    _, row = _add(desk, signing="body", secret=secret)
    desk.client(desk.admin).post(reverse("integration_edit", args=[row.pk]), {**FORM, "signing": "body", "secret": ""})
    row.refresh_from_db()
    assert row.name == "Prometheus" and row.sealed and secret not in row.sealed


def test_a_test_event_goes_the_whole_way(desk: Desk) -> None:
    _, row = _add(desk)
    answer = desk.client(desk.admin).post(reverse("integration_test", args=[row.pk]))
    event = Event.objects.get()
    assert answer.headers["location"] == reverse("event_detail", args=[event.pk])
    taking.take_due(now=database_now(connection))
    ticket = Ticket.objects.get(channel="event")
    assert (ticket.subject, ticket.priority) == ("Test event from Tocsin", 4)
    page = desk.client(desk.admin).get(reverse("event_detail", args=[event.pk])).content.decode()
    assert ticket.reference in page and "Taken in" in page


@pytest.mark.parametrize("kind", Kind.values)
def test_every_kinds_sample_is_understood_by_its_own_reader(desk: Desk, kind: str) -> None:
    _, row = _add(desk, kind=kind)
    desk.client(desk.admin).post(reverse("integration_test", args=[row.pk]))
    taking.take_due(now=database_now(connection))
    assert (Event.objects.get().state, Alert.objects.count()) == ("taken", 1)


def test_what_was_not_understood_is_listed_with_its_reason_and_can_be_retried(desk: Desk) -> None:
    _, row = _add(desk, kind="pingdom")
    event = _event(row, b'{"title": "Disk full"}')
    client = desk.client(desk.admin)
    page = client.get(reverse("integration", args=[row.pk]) + "?only=late").content.decode()
    assert "check_id" in page and f"Event {event.pk}" in page
    client.post(reverse("integration_edit", args=[row.pk]), {**FORM, "kind": "generic"})
    client.post(reverse("integration_retry", args=[row.pk]))
    taking.take_due(now=database_now(connection))
    assert Event.objects.get().state == "taken"


def test_what_needs_nothing_is_dismissed_and_said_by_whom(desk: Desk) -> None:
    _, row = _add(desk)
    event = _event(row, b"no json")
    desk.client(desk.admin).post(reverse("event_dismiss", args=[event.pk]))
    assert Event.objects.get().state == "dismissed"
    assert Entry.objects.filter(kind="event.dismissed", actor=f"person:{desk.admin.pk}").exists()


def test_markup_in_an_event_is_shown_as_text(desk: Desk) -> None:
    """SECURITY "Mail and content": no script of others, here neither."""
    _, row = _add(desk)
    event = _event(row, b'{"title": "<script>alert(1)</script>", "key": "<img src=x onerror=alert(2)>"}')
    for where in (reverse("event_detail", args=[event.pk]), reverse("integration", args=[row.pk])):
        page = desk.client(desk.admin).get(where).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page


def test_a_link_that_is_no_web_address_never_reaches_a_ticket(desk: Desk) -> None:
    _, row = _add(desk)
    _event(row, b'{"title": "x", "link": "javascript:alert(1)"}')
    assert Alert.objects.get().link == ""
    assert "javascript" not in Ticket.objects.get(channel="event").description


def test_pausing_rotating_and_removing_are_acts_with_a_trace(desk: Desk) -> None:
    token, row = _add(desk)
    client = desk.client(desk.admin)
    client.post(reverse("integration_pause", args=[row.pk]), {"enabled": "0"})
    assert Integration.objects.get().enabled is False
    page = client.post(reverse("integration_rotate", args=[row.pk]), {"keep": "0"}).content.decode()
    assert token not in page and "tocsin_evt_" in page
    assert client.post(f"/events/{token}", b"{}", content_type="application/json").status_code == 404
    client.post(reverse("integration_remove", args=[row.pk]))
    assert Integration.objects.count() == 0
    kinds = list(
        Entry.objects.filter(stream=f"integration:{row.pk}").order_by("position").values_list("kind", flat=True)
    )
    assert kinds == ["integration.added", "integration.paused", "integration.rotated", "integration.removed"]


def test_only_administrators_see_integrations_and_their_events(desk: Desk) -> None:
    """SECURITY 14: what events hold concerns every customer."""
    _, row = _add(desk)
    event = _event(row, b'{"title": "x"}')
    pages = [reverse("integrations"), reverse("integration", args=[row.pk]), reverse("event_detail", args=[event.pk])]
    for person in (desk.agent, desk.lead, desk.manager, desk.requester, desk.stakeholder):
        assert {desk.client(person).get(page).status_code for page in pages} == {403}
    assert {desk.client(desk.admin).get(page).status_code for page in pages} == {200}


def test_an_alerts_ticket_writes_to_nobody_and_is_seen_by_no_requester(desk: Desk) -> None:
    _, row = _add(desk)
    _event(row, b'{"title": "Payroll is down"}')
    ticket = Ticket.objects.get(channel="event")
    assert desk.client(desk.agent).get(reverse("ticket", args=[ticket.number])).status_code == 200
    assert desk.client(desk.requester).get(reverse("portal_ticket", args=[ticket.number])).status_code == 404


def test_the_command_line_adds_lists_and_rotates(desk: Desk) -> None:
    run = CliRunner()
    added = json.loads(
        run.invoke(cli, ["add", "Grafana", "--kind", "grafana", "--service", desk.service.slug, "--json"]).stdout
    )
    assert UUID(added["id"]) == Integration.objects.get().pk and "/events/tocsin_evt_" in added["address"]
    (listed,) = json.loads(run.invoke(cli, ["list", "--json"]).stdout)
    assert (listed["name"], listed["kind"], listed["service"]) == ("Grafana", "grafana", desk.service.slug)
    assert "token" not in listed
    rotated = json.loads(run.invoke(cli, ["rotate", "grafana", "--close-old", "--json"]).stdout)
    assert rotated["token"] != added["token"]
