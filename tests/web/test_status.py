"""Status pages: set up, told, read, subscribed to; what must not happen on them."""

import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.status import actions, links
from tocsin.domain.status.models import Component, Incident, StatusPage, Subscriber, Update

ATOM = "{http://www.w3.org/2005/Atom}"
FIRST = {
    "title": "Mail is slow",
    "state": "investigating",
    "body": "Mails arrive late. <b>We look.</b>",
    "notify": "on",
}


@pytest.fixture(autouse=True)
def outside(settings: Any) -> None:
    settings.BASE_URL, settings.SMTP_HOST = "https://desk.example", "127.0.0.1"


def letters() -> QuerySet[Page]:
    """Letters of status pages."""
    return Page.objects.filter(deliveries__lane__startswith="status:")


def made(desk: Any, audience: str = "public", **more: Any) -> StatusPage:
    page = actions.save_page(name="Acme Online", audience=audience, by=desk.lead, now=desk.now, **more)
    actions.save_component(
        page_id=page.pk, name="Mail", group="Office", service=desk.service, by=desk.lead, now=desk.now
    )
    return page


def opened(desk: Any, page: StatusPage, **more: Any) -> Incident:
    part = page.components.get()
    given = {"title": "Mail is slow", "body": "Mails arrive late.", "affected": {part.pk: "partial"}, **more}
    return actions.open_incident(page_id=page.pk, by=desk.agent, now=desk.now, **given)


def subscribed(desk: Any, page: StatusPage, address: str = "reader@far.example") -> Subscriber:
    actions.ask(page=page, address=address, language="en", network="192.0.2.1", now=desk.now)
    return actions.confirm(subscriber_id=Subscriber.objects.get(page=page, address=address).pk, now=desk.now)


def test_a_lead_sets_up_a_page_and_an_agent_does_not(desk: Any, signed_in: Any) -> None:
    fields = {"name": "Acme Online", "audience": "public", "zone": "Europe/Berlin"}
    assert signed_in("agent").post(reverse("status_page_new"), fields).status_code == 403
    assert signed_in("lead").post(reverse("status_page_new"), fields).status_code == 302
    page = StatusPage.objects.get()
    assert (page.slug, page.owner, page.zone) == ("acme-online", desk.lead, "Europe/Berlin")
    signed_in("lead").post(reverse("status_component_new", args=[page.slug]), {"name": "Mail", "position": "0"})
    again = signed_in("lead").post(reverse("status_component_new", args=[page.slug]), {"name": "Mail", "position": "0"})
    assert "has a component of that name" in again.content.decode()
    assert Client().get(reverse("status", args=[page.slug])).status_code == 200


def test_bad_input_comes_back_beside_its_field(desk: Any, signed_in: Any) -> None:
    fields = {"name": "A", "audience": "organisation", "zone": "Mars/Base"}
    html = signed_in("lead").post(reverse("status_page_new"), fields)
    assert html.status_code == 422
    assert "Choose the customer who reads it." in html.content.decode()


def test_an_incident_is_previewed_then_told_and_injection_stays_text(desk: Any, signed_in: Any) -> None:
    page = made(desk)
    part, agent = page.components.get(), signed_in("agent")
    where = reverse("status_incident_new", args=[page.slug])
    given = FIRST | {f"component_{part.pk}": "partial", "body": f"{desk.ticket.reference} <script>x()</script>"}
    html = agent.post(where, given | {"step": "preview"}).content.decode()
    assert not Incident.objects.exists()
    assert "&lt;script&gt;" in html
    assert "A number of ours" in html
    assert agent.post(where, given | {"step": "send"}).status_code == 302
    found = Client().get(reverse("status", args=[page.slug])).content.decode()
    assert "&lt;script&gt;x()&lt;/script&gt;" in found
    assert "<script>x" not in found
    assert "Some things do not work" in found


def test_nothing_of_the_ticket_reaches_readers(desk: Any, signed_in: Any) -> None:
    page = made(desk)
    html = signed_in("agent").get(f"{reverse('status_incident_new', args=[page.slug])}?ticket={desk.ticket.number}")
    assert desk.ticket.subject not in html.content.decode()
    found = opened(desk, page, ticket=desk.ticket)
    for name, more in (("status", []), ("status_incident", [found.pk]), ("status_history", []), ("status_feed", [])):
        body = Client().get(reverse(name, args=[page.slug, *more])).content.decode()
        assert desk.ticket.subject not in body
        assert desk.ticket.reference not in body
        assert desk.agent.name not in body
    assert "Mail is slow" in signed_in("agent").get(reverse("ticket_told", args=[desk.ticket.number])).content.decode()


def test_updates_end_an_incident_and_free_its_components(desk: Any, signed_in: Any) -> None:
    page = made(desk)
    found, part = opened(desk, page), page.components.get()
    assert part.state == "partial"
    where = reverse("status_tell", args=[page.slug, found.pk])
    stale = {"state": "identified", "body": "Found.", "seen": (found.updated_at - timedelta(hours=1)).isoformat()}
    assert "Somebody has told something meanwhile" in signed_in("agent").post(where, stale).content.decode()
    given = {"state": "resolved", "body": "Mails arrive again.", "seen": "", f"component_{part.pk}": "partial"}
    assert signed_in("agent").post(where, given).status_code == 302
    part.refresh_from_db()
    found.refresh_from_db()
    assert (part.state, found.state, found.ends_at is not None) == ("operational", "resolved", True)
    assert signed_in("agent").post(where, given).status_code == 302  # it has ended: back, with nothing told
    assert Update.objects.count() == 2


def test_a_day_of_what_is_still_open_does_not_say_that_nothing_was(desk: Any) -> None:
    page = made(desk)
    where = reverse("status", args=[page.slug])
    assert Client().get(where).content.decode().count("Nothing to report.") == 14
    found = opened(desk, page)
    html = Client().get(where).content.decode()
    assert (html.count("Nothing to report."), html.count("What is open stands above.")) == (13, 1)
    actions.tell(incident_id=found.pk, state="resolved", body="Done.", by=desk.agent, now=desk.now)
    assert "What is open stands above." not in Client().get(where).content.decode()


def test_a_maintenance_switches_by_itself_and_catches_up(desk: Any) -> None:
    page = made(desk)
    part, start = page.components.get(), desk.now + timedelta(hours=1)
    actions.plan_maintenance(
        page_id=page.pk, title="New disks", body="Mail rests.", affected=[part.pk], starts_at=start,
        ends_at=start + timedelta(hours=2), by=desk.agent, now=desk.now,
    )  # fmt: skip
    assert actions.switch_due(now=desk.now, limit=5) == 0
    assert actions.switch_due(now=start, limit=5) == 1
    part.refresh_from_db()
    assert part.state == "maintenance"
    assert actions.switch_due(now=start + timedelta(days=1), limit=5) == 1
    part.refresh_from_db()
    assert (part.state, Incident.objects.get().state) == ("operational", "completed")
    assert list(Update.objects.order_by("at").values_list("state", flat=True)) == [
        "scheduled",
        "under_way",
        "completed",
    ]


@pytest.mark.parametrize(
    ("audience", "person", "code"),
    [
        ("public", None, 200), ("public", "requester", 200),
        ("organisation", None, 404), ("organisation", "requester", 200), ("organisation", "agent", 200),
        ("link", None, 404), ("link", "requester", 404), ("link", "agent", 200),
    ],
)  # fmt: skip
def test_who_reads_a_page(desk: Any, signed_in: Any, audience: str, person: str | None, code: int) -> None:
    page = made(desk, audience, organisation=desk.customer if audience == "organisation" else None)
    client = signed_in(person) if person else Client()
    assert client.get(reverse("status", args=[page.slug])).status_code == code


def test_a_customers_page_does_not_exist_for_another_customer(desk: Any) -> None:
    from tocsin.domain.people import actions as people  # noqa: PLC0415 - only this test makes another customer

    page = made(desk, "organisation", organisation=desk.customer)
    bolt = people.create_organisation(name="Bolt", by=None, now=desk.now)
    for role in ("requester", "stakeholder"):
        email = f"{role}@bolt.example"
        other = people.create_person(email=email, name="B", role=role, organisation=bolt, by=None, now=desk.now)
        for name in ("status", "status_history", "status_feed", "status_summary", "status_subscribe"):
            assert desk.client(other).get(reverse(name, args=[page.slug])).status_code == 404


def test_a_secret_link_opens_until_it_is_renewed(desk: Any, signed_in: Any) -> None:
    page = made(desk, "link")
    word = links.address_of(page)
    assert Client().get(f"/status/{word}").status_code == 200
    assert Client().get(f"/status/{word[:-1]}0").status_code in (200, 404)
    assert Client().get(f"/status/{page.slug}--{'0' * 32}").status_code == 404
    signed_in("lead").post(reverse("status_page_link", args=[page.slug]))
    assert Client().get(f"/status/{word}").status_code == 404


def test_a_public_page_may_be_kept_by_caches_and_sets_no_cookie(desk: Any) -> None:
    page = made(desk)
    first = Client().get(reverse("status", args=[page.slug]))
    assert "max-age=30" in first.headers["Cache-Control"]
    assert "public" in first.headers["Cache-Control"]
    assert not first.cookies
    assert "<script" not in first.content.decode().partition("<body")[2]
    closed = made(desk, "organisation", organisation=desk.customer, slug="inside")
    assert "private" in desk.client(desk.requester).get(reverse("status", args=[closed.slug])).headers["Cache-Control"]


def test_feed_and_summary_are_valid_and_complete(desk: Any) -> None:
    page = made(desk)
    found = opened(desk, page, body="Late & <slow>\x0b ]]> mails.")
    actions.tell(
        incident_id=found.pk, state="resolved", body="Done.", by=desk.agent, now=desk.now + timedelta(minutes=9)
    )
    answer = Client().get(reverse("status_feed", args=[page.slug]))
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]
    assert titles == ["Resolved: Mail is slow", "Investigating: Mail is slow"]
    told = Client().get(reverse("status_summary", args=[page.slug])).json()
    assert (told["status"]["indicator"], told["incidents"]) == ("operational", [])
    assert [part["name"] for part in told["components"]] == ["Mail"]


def test_a_subscription_needs_the_mailboxs_own_word(desk: Any) -> None:
    page, client = made(desk), Client()
    where = reverse("status_subscribe", args=[page.slug])
    assert client.post(where, {"address": "no address"}).status_code == 422
    assert "Look into your mailbox" in client.post(where, {"address": "Reader@Far.example"}).content.decode()
    found = Subscriber.objects.get()
    assert (found.address, found.state) == ("reader@far.example", "asked")
    letter = letters().get()
    link = reverse("status_confirm", args=[links.token_of(found.pk, links.CONFIRM)])
    assert link in letter.body
    opened(desk, page)
    assert letters().count() == 1  # nobody is written to who has not confirmed
    for _ in range(100):
        assert client.get(link).status_code == 200
    found.refresh_from_db()
    assert found.state == "asked"
    assert client.post(link).status_code == 200
    found.refresh_from_db()
    assert found.state == "confirmed"
    assert client.post(where, {"address": "reader@far.example"}).status_code == 200  # says nothing about who is known
    assert letters().count() == 1


def test_a_link_to_confirm_runs_out_and_is_good_for_nothing_else(desk: Any) -> None:
    page = made(desk)
    actions.ask(
        page=page, address="a@far.example", language="en", network="192.0.2.1", now=desk.now - timedelta(days=4)
    )
    found = Subscriber.objects.get()
    token = links.token_of(found.pk, links.CONFIRM)
    assert Client().post(reverse("status_confirm", args=[token])).status_code == 404
    assert Client().post(reverse("status_leave", args=[token])).status_code == 404
    assert Client().post(reverse("status_confirm", args=[f"x{token}"])).status_code == 404


def test_nobodys_mailbox_is_filled_by_strangers(desk: Any) -> None:
    page, client = made(desk), Client()
    where = reverse("status_subscribe", args=[page.slug])
    codes = [client.post(where, {"address": "victim@far.example"}).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 422, 422]
    assert letters().count() == 3


def test_leaving_is_one_post_without_a_cookie_and_takes_back_what_waits(desk: Any) -> None:
    page = made(desk)
    found = subscribed(desk, page)
    opened(desk, page)
    letter = letters().latest("created_at", "pk")
    link = reverse("status_leave", args=[links.token_of(found.pk, links.LEAVE)])
    assert letter.data["unsubscribe"] == f"https://desk.example{link}"
    strict = Client(enforce_csrf_checks=True)
    for _ in range(100):
        strict.get(link)
    found.refresh_from_db()
    assert found.state == "confirmed"
    assert strict.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    found.refresh_from_db()
    assert found.state == "left"
    assert Delivery.objects.filter(page=letter).get().state == "withdrawn"
    actions.tell(incident_id=Incident.objects.get().pk, state="resolved", body="Done.", by=desk.agent, now=desk.now)
    assert letters().count() == 2


def test_thousands_are_written_to_in_a_few_statements(desk: Any, django_assert_max_num_queries: Any) -> None:
    page = made(desk)
    Subscriber.objects.bulk_create(
        Subscriber(page=page, address=f"r{n}@far.example", state="confirmed", asked_at=desk.now, confirmed_at=desk.now)
        for n in range(500)
    )
    with django_assert_max_num_queries(70):
        found = opened(desk, page)
    assert Delivery.objects.filter(channel="letter", lane=f"status:{page.pk}").count() == 500
    assert found.updates.get().mailed == 500


def test_a_component_in_use_stays(desk: Any, signed_in: Any) -> None:
    page = made(desk)
    opened(desk, page)
    where = reverse("status_component_remove", args=[page.slug, page.components.get().pk])
    assert signed_in("lead").post(where).status_code == 409
    assert Component.objects.count() == 1


def test_a_state_set_by_hand_is_seen_and_a_page_can_go(desk: Any, signed_in: Any) -> None:
    page = made(desk)
    part = page.components.get()
    signed_in("agent").post(reverse("status_component_state", args=[page.slug, part.pk]), {"state": "degraded"})
    assert "Some things are slow or limited" in Client().get(reverse("status", args=[page.slug])).content.decode()
    assert "Degraded" in signed_in("lead").get(reverse("status_page", args=[page.slug])).content.decode()
    signed_in("lead").post(reverse("status_page_remove", args=[page.slug]))
    assert not StatusPage.objects.exists()
