"""The portal: a customer's own requests, in plain words, and the ways to act on them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tocsin.domain.calendars.models import Calendar
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify.models import Page
from tocsin.domain.people import actions as people
from tocsin.domain.people.models import Organisation
from tocsin.domain.sla.models import Clock
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Attachment, Message, Rating, Ticket

ASKED = """\
slug: voice
name: Customer's voice
type: customer
reason: expectation_missed
direction: hierarchical
triggers:
  - {key: asks, kind: customer_asks}
  - {key: bad, kind: rating_at_most, count: 2}
levels:
  - name: The lead
    targets: [{user: lead@desk.example}]
"""


@pytest.fixture
def ana(desk: Any, signed_in: Any) -> Client:
    return signed_in("requester")  # type: ignore[no-any-return]  # the small desk is untyped here


@pytest.fixture
def mine(desk: Any) -> str:
    return f"/portal/tickets/{desk.ticket.number}"


def colleague(desk: Any) -> Any:
    return people.create_person(
        email="cora@acme.example", name="Cora", organisation=desk.customer, by=None, now=desk.now
    )


def resolved(desk: Any) -> Ticket:
    return tickets.resolve(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)


def test_customers_land_in_the_portal_and_others_at_the_queue(desk, ana, signed_in) -> None:  # type: ignore[no-untyped-def]
    assert ana.get("/")["Location"] == "/portal/"
    assert signed_in("agent").get("/")["Location"] == "/queue"


def test_the_list_and_the_page_speak_plain_words_and_show_no_internals(desk, ana, mine) -> None:  # type: ignore[no-untyped-def]
    tickets.add_message(ticket_id=desk.ticket.pk, kind="note", body="SECRET NOTE", by=desk.agent, now=desk.now)
    tickets.add_message(ticket_id=desk.ticket.pk, kind="reply", body="We *look*.", by=desk.agent, now=desk.now)
    listed = ana.get("/portal/").content.decode()
    assert "Printer is on fire" in listed
    assert "In work" in listed
    html = ana.get(mine).content.decode()
    assert "Somebody is working on it." in html
    assert "We <em>look</em>." in html
    for word in ("SECRET NOTE", "First line", "Experts", "waiting_", "Quick ladder", "Sev"):
        assert word not in html + listed


def test_the_next_promised_update_is_shown_and_lateness_admitted(desk, ana, mine) -> None:  # type: ignore[no-untyped-def]
    calendar = Calendar.objects.create(name="Always", weekly={"mon": [["00:00", "24:00"]]})
    clock = Clock.objects.create(
        ticket=desk.ticket, kind="next_update", calendar=calendar, priority=3, target_seconds=3600, state="running",
        started_at=desk.now, running_since=desk.now, due_at=desk.now + timedelta(hours=1),
    )  # fmt: skip
    assert "Next update by" in ana.get(mine).content.decode()
    Clock.objects.filter(pk=clock.pk).update(state="breached", due_at=None, breached_at=desk.now - timedelta(hours=1))
    assert "are late" in ana.get(mine).content.decode()


def test_a_request_is_opened_by_service_and_category(desk, ana) -> None:  # type: ignore[no-untyped-def]
    people.edit_service(service_id=desk.service.pk, categories=["Payslip", "Access"], by=None, now=desk.now)
    assert "Payroll" in ana.get("/portal/new").content.decode()
    form = {
        "subject": "Wrong sum",
        "category": "Payslip",
        "description": "It is 1 too low.",
        "impact": "3",
        "urgency": "1",
    }
    answer = ana.post("/portal/new?service=payroll", form)
    made = Ticket.objects.latest("number")
    assert answer["Location"] == f"/portal/tickets/{made.number}"
    assert (made.service, made.category, made.requester, made.channel) == (
        desk.service, "Payslip", desk.requester, "portal",
    )  # fmt: skip
    assert ana.post("/portal/new?service=payroll", {**form, "category": "Nuclear"}).status_code == 422


def test_a_service_that_is_not_offered_cannot_be_chosen(desk, ana) -> None:  # type: ignore[no-untyped-def]
    people.edit_service(service_id=desk.service.pk, offered=False, by=None, now=desk.now)
    form = {"subject": "x", "description": "y", "impact": "3", "urgency": "2"}
    ana.post("/portal/new?service=payroll", form)
    assert Ticket.objects.latest("number").service is None


def test_what_is_asked_already_is_shown_while_typing_and_nothing_where_nothing_fits(desk, ana) -> None:  # type: ignore[no-untyped-def]
    assert "Printer is on fire" in ana.get("/portal/suggest?subject=printer+smokes").content.decode()
    for typed in ("", "pri", "completely different"):
        assert ana.get("/portal/suggest", {"subject": typed}).content.strip() == b""


def test_a_message_reaches_the_ticket_as_the_customers(desk, ana, mine) -> None:  # type: ignore[no-untyped-def]
    assert ana.post(f"{mine}/reply", {"body": "It is out now."}).status_code == 302
    last = Message.objects.latest("at")
    assert (last.kind, last.author, last.body) == ("customer", desk.requester, "It is out now.")
    assert ana.post(f"{mine}/reply", {"body": " "}).status_code == 422


def test_a_solved_request_is_closed_or_opened_again_by_its_requester(desk, ana, mine) -> None:  # type: ignore[no-untyped-def]
    assert ana.post(f"{mine}/close").status_code == 409
    resolved(desk)
    assert ana.post(f"{mine}/reopen", {"reason": "It burns again."}).status_code == 302
    desk.ticket.refresh_from_db()
    assert (desk.ticket.status, desk.ticket.reopens) == ("reopened", 1)
    resolved(desk)
    ana.post(f"{mine}/close")
    desk.ticket.refresh_from_db()
    assert desk.ticket.status == "closed"


def test_asking_for_an_escalation_begins_every_ladder_that_listens(desk, ana, mine) -> None:  # type: ignore[no-untyped-def]
    publishing.apply(documents=[("voice.yaml", ASKED)], by="system", now=desk.now)
    assert ana.post(f"{mine}/ask", {"reason": ""}).status_code == 422
    assert ana.post(f"{mine}/ask", {"reason": "Payday is tomorrow."}).status_code == 302
    begun = Escalation.objects.get(policy__slug="voice")
    assert (begun.type, begun.trigger, begun.ticket) == ("customer", "asks", desk.ticket)
    wish = Entry.objects.get(stream=f"ticket:{desk.ticket.pk}", kind="escalation.asked_for")
    assert (wish.actor, wish.data["reason"]) == (f"person:{desk.requester.pk}", "Payday is tomorrow.")
    assert Page.objects.filter(user=desk.lead, run=begun.run.pk).exists()
    assert "An escalation was asked for" in ana.get(mine).content.decode()
    assert ana.post(f"{mine}/ask", {"reason": "And again."}).status_code == 422  # within the hour


def test_nobody_asks_in_vain_where_no_ladder_listens(desk, ana, mine) -> None:  # type: ignore[no-untyped-def]
    ana.post(f"{mine}/ask", {"reason": "Payday is tomorrow."})
    told = Page.objects.filter(purpose="notice", subject__contains="asks for an escalation")
    assert {page.user for page in told} == {desk.agent, desk.lead, desk.manager}
    assert all("Payday is tomorrow." in page.body for page in told)


def test_a_solution_is_rated_once_and_the_rating_may_change(desk, ana, mine) -> None:  # type: ignore[no-untyped-def]
    assert ana.post(f"{mine}/rate", {"score": "4"}).status_code == 422
    first = resolved(desk).resolved_at
    ana.post(f"{mine}/rate", {"score": "4", "comment": "Quick."})
    ana.post(f"{mine}/rate", {"score": "3", "comment": "Quick, not good."})
    rating = Rating.objects.get()
    assert (rating.score, rating.comment, rating.resolved_at) == (3, "Quick, not good.", first)
    tickets.reopen(ticket_id=desk.ticket.pk, by=desk.requester, now=desk.now + timedelta(minutes=1))
    tickets.resolve(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now + timedelta(minutes=2))
    ana.post(f"{mine}/rate", {"score": "5"})
    assert sorted(Rating.objects.values_list("score", flat=True)) == [3, 5]
    assert ana.post(f"{mine}/rate", {"score": "6"}).status_code == 422


def test_a_bad_rating_escalates_once_and_goes_on_when_the_ticket_is_closed(desk, ana, mine) -> None:  # type: ignore[no-untyped-def]
    publishing.apply(documents=[("voice.yaml", ASKED)], by="system", now=desk.now)
    resolved(desk)
    ana.post(f"{mine}/rate", {"score": "3"})
    assert not Escalation.objects.filter(policy__slug="voice").exists()
    ana.post(f"{mine}/rate", {"score": "1", "comment": "Still burning."})
    begun = Escalation.objects.get(policy__slug="voice")
    assert (begun.trigger, begun.state) == ("bad", "open")
    ana.post(f"{mine}/rate", {"score": "2"})  # changed for the better
    ana.post(f"{mine}/close")
    begun.refresh_from_db()
    assert begun.state == "open"
    assert Escalation.objects.filter(policy__slug="voice").count() == 1


@pytest.mark.parametrize(("shared", "alone"), [(True, False), (False, True), (False, False)])
def test_colleagues_see_one_anothers_requests_only_where_that_is_set(desk, mine, shared, alone) -> None:  # type: ignore[no-untyped-def]
    cora = colleague(desk)
    people.edit_organisation(organisation_id=desk.customer.pk, members_see_all=shared, by=None, now=desk.now)
    people.edit_person(user_id=cora.pk, sees_organisation=alone, by=desk.admin, now=desk.now)
    client = desk.client(cora)
    sees = shared or alone
    assert client.get(mine).status_code == (200 if sees else 404)
    assert ("Printer is on fire" in client.get("/portal/?whose=all").content.decode()) is sees
    assert "Printer is on fire" not in client.get("/portal/").content.decode()
    assert client.post(f"{mine}/reply", {"body": "Me too."}).status_code == (302 if sees else 404)
    resolved(desk)
    for act in ("close", "rate", "reopen"):  # these stay the requester's own
        assert client.post(f"{mine}/{act}", {"score": "1", "reason": "x"}).status_code == 404


def test_what_one_customer_shares_another_does_not_see(desk, mine) -> None:  # type: ignore[no-untyped-def]
    other = people.create_organisation(name="Bolt", by=None, now=desk.now)
    for organisation in Organisation.objects.all():
        people.edit_organisation(organisation_id=organisation.pk, members_see_all=True, by=None, now=desk.now)
    eve = people.create_person(email="eve@bolt.example", name="Eve", organisation=other, by=None, now=desk.now)
    client = desk.client(eve)
    assert client.get(mine).status_code == 404
    assert "Printer is on fire" not in client.get("/portal/?whose=all&show=all&q=Printer").content.decode()
    assert client.get("/portal/suggest?subject=printer+fire").content.strip() == b""


def test_staff_see_only_their_own_requests_in_the_portal(desk, signed_in, mine) -> None:  # type: ignore[no-untyped-def]
    assert signed_in("admin").get(mine).status_code == 404
    assert "Printer is on fire" not in signed_in("admin").get("/portal/?whose=all").content.decode()


def test_a_flood_is_stopped(desk, ana, settings, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from tocsin.domain.people import sign_in  # noqa: PLC0415 - next to its use

    monkeypatch.setitem(sign_in.LIMITS, "portal_ticket", sign_in.Limit(pair=1, address=9, window=timedelta(hours=1)))
    form = {"subject": "x", "description": "y", "impact": "3", "urgency": "2"}
    assert ana.post("/portal/new?service=", form).status_code == 302
    refused = ana.post("/portal/new?service=", form)
    assert refused.status_code == 422
    assert "Wait a little" in refused.content.decode()


def test_files_come_with_a_request_and_a_message_and_go_back_to_their_customer_alone(
    desk, ana, mine, signed_in, settings, tmp_path
) -> None:  # type: ignore[no-untyped-def]
    settings.ATTACHMENTS = tmp_path / "files"
    words = {"subject": "Printer", "description": "It beeps.", "impact": "3", "urgency": "2"}
    made = ana.post("/portal/new?service=", words | {"files": [SimpleUploadedFile("log.txt", b"beep")]})
    assert made.status_code == 302, made.content.decode()
    ticket = Ticket.objects.latest("number")
    assert "log.txt" in ana.get(f"/portal/tickets/{ticket.number}").content.decode()
    body = {"body": "And this.", "files": [SimpleUploadedFile("more.txt", b"beep beep")]}
    ana.post(f"/portal/tickets/{ticket.number}/reply", body)
    assert "more.txt" in ana.get(f"/portal/tickets/{ticket.number}").content.decode()
    file = Attachment.objects.get(name="more.txt")
    assert b"".join(ana.get(reverse("attachment", args=[file.pk])).streaming_content) == b"beep beep"
    assert desk.client(None).get(reverse("attachment", args=[file.pk])).status_code == 302
    # A file that is not taken in loses nothing that was typed, and sends nothing.
    bad = {"body": "Look at this", "files": [SimpleUploadedFile("run.exe", b"MZ..")]}
    refused = ana.post(f"/portal/tickets/{ticket.number}/reply", bad)
    assert (refused.status_code, "Look at this" in refused.content.decode()) == (422, True)
    assert Message.objects.filter(ticket=ticket).count() == 1
