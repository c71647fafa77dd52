"""A status page as an audience of an update: ticked in its sheet, previewed and sent with the rest, or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.web.conftest import Desk
from tocsin.domain.notify.models import Page
from tocsin.domain.people import actions as people
from tocsin.domain.stakeholders.models import Update
from tocsin.domain.status import actions
from tocsin.domain.status.models import Incident, StatusPage, Subscriber
from tocsin.domain.status.queries import outlets_of
from tocsin.domain.tickets.models import Ticket

WORDS = "Payslips arrive late. We look for the cause."


@pytest.fixture(autouse=True)
def outside(settings: Any) -> None:
    settings.BASE_URL, settings.SMTP_HOST = "https://desk.example", "127.0.0.1"


@pytest.fixture
def page(desk: Desk) -> StatusPage:
    made = actions.save_page(name="Acme Online", by=desk.lead, now=desk.now)
    actions.save_component(page_id=made.pk, name="Payslips", service=desk.service, by=desk.lead, now=desk.now)
    Subscriber.objects.create(
        page=made, address="reader@far.example", state="confirmed", asked_at=desk.now, confirmed_at=desk.now
    )
    return made


def sent(desk: Desk, page: StatusPage, **more: Any) -> Any:
    """Press twice, as one does without script: look, then send."""
    client, where = desk.client(desk.agent), reverse("ticket_update", args=[desk.ticket.number])
    given = {
        "outward": WORDS, "inward": "It is db-07.", "next": "60", "pages": [page.slug], "state": "investigating",
        "title": "Payslips are late", "seal": "",
    } | more  # fmt: skip
    shown = client.post(where, given)
    return shown, client.post(where, given | {"seal": shown.context.get("seal", "")})


def test_written_once_it_is_previewed_and_told_to_audiences_and_readers(desk: Desk, page: StatusPage) -> None:
    shown, answer = sent(desk, page)
    preview = shown.content.decode()
    assert "A new incident there" in preview
    assert "mailed to 1 who asked to be told" in preview
    assert "and 1 status page" in shown.context["send_label"]
    assert answer.status_code == 302
    incident = Incident.objects.get()
    assert (incident.ticket, incident.title, incident.state) == (desk.ticket, "Payslips are late", "investigating")
    assert incident.updates.get().body == Update.objects.get().outward == WORDS
    assert page.components.get().state == "partial"  # the component that names the ticket's service
    letter = Page.objects.get(subject="Investigating: Payslips are late")
    assert WORDS in letter.body
    for words in (reverse("status", args=[page.slug]), reverse("status_incident", args=[page.slug, incident.pk])):
        html = Client().get(words).content.decode()
        assert WORDS in html
        for ours in ("db-07", desk.ticket.subject, desk.ticket.reference, desk.requester.name):
            assert ours not in html


def test_the_next_update_is_the_next_word_of_what_is_open_there(desk: Desk, page: StatusPage) -> None:
    sent(desk, page)
    shown, answer = sent(desk, page, outward="They arrive again.", title="", state="resolved")
    assert "The next word of what is open there" in shown.content.decode()
    assert answer.status_code == 302
    incident = Incident.objects.get()
    assert incident.state == "resolved"
    assert [one.body for one in incident.updates.order_by("at", "pk")] == [WORDS, "They arrive again."]


def test_without_a_tick_no_reader_is_told(desk: Desk, page: StatusPage) -> None:
    _, answer = sent(desk, page, pages=[])
    assert answer.status_code == 302
    assert Update.objects.count() == 1
    assert not Incident.objects.exists()


def test_what_a_page_cannot_be_told_is_refused_beside_its_field_and_nothing_is_sent(
    desk: Desk, page: StatusPage
) -> None:
    shown, _ = sent(desk, page, title="")
    assert shown.status_code == 422
    assert "as a reader would say it" in shown.content.decode()
    assert WORDS in shown.content.decode()
    ended, _ = sent(desk, page, state="resolved")
    assert "has no open incident of this ticket that could end" in ended.content.decode()
    assert not Update.objects.exists()
    assert not Incident.objects.exists()
    # While one types, the audiences are shown all the same, with what is missing.
    where = reverse("ticket_update_preview", args=[desk.ticket.number])
    given = {"outward": WORDS, "next": "60", "pages": [page.slug], "state": "investigating", "title": ""}
    preview = desk.client(desk.agent).post(where, given)
    assert "as a reader would say it" in preview.content.decode()
    assert "Ana" in preview.content.decode()
    assert preview.context["seal"] == ""


def test_both_are_sent_or_neither(desk: Desk, page: StatusPage) -> None:
    _, answer = sent(desk, page, outward="x" * 6_000)  # good for an update, too long for a page
    assert answer.status_code == 422
    assert "At most 5000 characters" in answer.content.decode()
    assert not Update.objects.exists()
    assert not Page.objects.filter(purpose="notice", subject__contains="update").exists()


def test_a_word_that_somebody_told_meanwhile_is_read_first(desk: Desk, page: StatusPage) -> None:
    sent(desk, page)
    client, where = desk.client(desk.agent), reverse("ticket_update", args=[desk.ticket.number])
    given = {"outward": "Found.", "inward": "", "next": "", "pages": [page.slug], "state": "identified", "seal": ""}
    seal = client.post(where, given).context["seal"]
    actions.tell(
        incident_id=Incident.objects.get().pk, state="monitoring", body="It works again, we watch it.", by=desk.lead,
        now=desk.now + timedelta(minutes=1),
    )  # fmt: skip
    answer = client.post(where, given | {"seal": seal})
    assert answer.status_code == 422
    assert "have changed since the preview" in answer.content.decode()
    assert Update.objects.count() == 1


def test_what_is_one_customers_is_pointed_out_before_others_read_it(desk: Desk, page: StatusPage) -> None:
    shown, _ = sent(
        desk, page, outward=f"{desk.customer.name} gets its payslips late; {desk.agent.name} looks at T-1001."
    )
    preview = shown.content.decode()
    assert "The name of one customer: others read it too" in preview
    assert "A number of ours" in preview
    own = actions.save_page(
        name="For Acme", audience="organisation", organisation=desk.customer, by=desk.lead, now=desk.now
    )
    shown, _ = sent(desk, own, outward=f"{desk.customer.name} gets its payslips late.")
    assert "The name of one customer" not in shown.content.decode()


def test_a_page_of_another_customer_is_neither_offered_nor_taken(desk: Desk, page: StatusPage) -> None:
    globex = people.create_organisation(name="Globex", by=None, now=desk.now)
    other = actions.save_page(name="Globex", audience="organisation", organisation=globex, by=desk.lead, now=desk.now)
    assert [one.page for one in outlets_of(Ticket.objects.get(pk=desk.ticket.pk))] == [page]
    shown, answer = sent(desk, other)
    assert shown.status_code == answer.status_code == 422
    assert not Update.objects.exists()


def test_an_injected_tag_in_an_update_stays_text_on_the_page(desk: Desk, page: StatusPage) -> None:
    sent(desk, page, outward="<script>x()</script> {{ internal }} {% load x %}", title="<b>Late</b>")
    html = Client().get(reverse("status", args=[page.slug])).content.decode()
    assert "&lt;script&gt;x()&lt;/script&gt; {{ internal }} {% load x %}" in html
    assert "&lt;b&gt;Late&lt;/b&gt;" in html
    assert "db-07" not in html
