"""Stories of customers who are told without asking, through the pages that people use and real SMTP."""

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.urls import reverse

from tests.intake.email.conftest import Sink, delivered
from tests.intake.email.conftest import mail_settings as mail_settings  # noqa: PLC0414 - fixtures of this module
from tests.intake.email.conftest import sink as sink  # noqa: PLC0414 - a real mail server
from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk
from tocsin.domain.people import actions as people
from tocsin.domain.status import actions
from tocsin.domain.status.models import AccountEscalation, Incident, StatusPage, Subscriber
from tocsin.domain.tickets import actions as tickets

READER = "reader@far.example"


def read(sink: Sink, at: Any) -> list[EmailMessage]:
    """Send what is due; return the letters that came to the reader by this."""
    return [mail for mail in delivered(sink, at) if READER in str(mail["To"])]


def words_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def path_in(text: str, part: str) -> str:
    found = re.search(rf"https://desk\.example(/{part}/\S+)", text)
    assert found, text
    return urlsplit(found[1]).path


def test_a_reader_gets_incident_update_and_end_and_leaves_by_one_click(
    desk: Desk, sink: Sink, mail_settings: Any
) -> None:
    mail_settings.BASE_URL = "https://desk.example"
    lead, agent, stranger = desk.client(desk.lead), desk.client(desk.agent), Client()
    lead.post(reverse("status_page_new"), {"name": "Acme Online", "audience": "public", "zone": "UTC"})
    slug = StatusPage.objects.get().slug
    lead.post(reverse("status_component_new", args=[slug]), {"name": "Mail", "position": "0"})
    part = StatusPage.objects.get().components.get()

    stranger.post(reverse("status_subscribe", args=[slug]), {"address": READER})
    (asked,) = read(sink, desk.now + timedelta(hours=1))
    assert str(asked["Auto-Submitted"]) == "auto-generated"
    confirm = path_in(words_of(asked), "status-mail/confirm")
    stranger.get(confirm)
    assert Subscriber.objects.get().state == "asked"
    stranger.post(confirm)

    given = {
        "title": "Mail <i>rests</i>",
        "state": "investigating",
        "body": "We <b>look</b>.",
        "notify": "on",
        "step": "send",
    }
    agent.post(reverse("status_incident_new", args=[slug]), given | {f"component_{part.pk}": "major"})
    incident = Incident.objects.get()
    tell = reverse("status_tell", args=[slug, incident.pk])
    agent.post(tell, {"state": "identified", "body": "A disk is full.", "notify": "on", "step": "send"})
    agent.post(tell, {"state": "resolved", "body": "Mail flows again.", "notify": "on", "step": "send"})
    letters = read(sink, desk.now + timedelta(hours=1))
    assert sorted(str(mail["Subject"]) for mail in letters) == [
        "Identified: Mail <i>rests</i>", "Investigating: Mail <i>rests</i>", "Resolved: Mail <i>rests</i>",
    ]  # fmt: skip
    first = next(mail for mail in letters if "Investigating" in str(mail["Subject"]))
    assert "Affected: Mail" in words_of(first)
    assert "We &lt;b&gt;look&lt;/b&gt;." in words_of(first, "html")

    raw = next(one for one in sink.raw if b"Investigating" in one)
    unfolded = raw.replace(b"\r\n ", b" ").decode()
    header = re.search(
        r"^List-Unsubscribe: *<(https://desk\.example/status-mail/leave/[\w.\-]+)>\s*$", unfolded, re.MULTILINE
    )
    assert header, unfolded[:1500]
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in unfolded
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(urlsplit(header[1]).path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    agent.post(reverse("status_incident_new", args=[slug]), given)
    assert read(sink, desk.now + timedelta(hours=1)) == []


def test_an_executive_follows_by_the_briefing_only(desk: Desk) -> None:
    boss = people.create_person(
        email="boss@acme.example", name="Boss", role="stakeholder", organisation=desk.customer, by=None, now=desk.now
    )
    executive, agent = desk.client(boss), desk.client(desk.agent)
    html = executive.get(reverse("briefing")).content.decode()
    assert "1 escalation is open." in html
    assert "Getting worse" in html  # nobody has taken charge
    assert "no time promised" not in html  # the communication plan owes the next word
    tickets.add_message(
        ticket_id=desk.ticket.pk, kind="reply", body="A new printer comes at noon.", by=desk.agent, now=desk.now
    )
    one = executive.get(reverse("brief", args=[desk.escalated.pk])).content.decode()
    assert "A new printer comes at noon." in one
    ended = {"how": "resolve", "outcome": "Zebra"}
    agent.post(reverse("escalation_end", args=[desk.escalated.pk]), ended)
    after = executive.get(reverse("briefing")).content.decode()
    assert "Zebra" not in after


def test_one_word_of_an_escalation_reaches_customer_and_readers_and_its_end_ends_the_incident(
    desk: Desk, sink: Sink, mail_settings: Any
) -> None:
    mail_settings.BASE_URL = "https://desk.example"
    page = actions.save_page(name="Acme Online", by=desk.lead, now=desk.now)
    part = actions.save_component(page_id=page.pk, name="Payslips", service=desk.service, by=desk.lead, now=desk.now)
    reader = {"state": "confirmed", "asked_at": desk.now, "confirmed_at": desk.now}
    Subscriber.objects.create(page=page, address=READER, **reader)
    agent, where = desk.client(desk.agent), reverse("ticket_update", args=[desk.ticket.number])

    def send(**given: str) -> None:
        words = {"inward": "It is db-07.", "next": "60", "pages": [page.slug], "seal": "", **given}
        assert agent.post(where, words | {"seal": agent.post(where, words).context["seal"]}).status_code == 302

    send(outward="Payslips come late; we look.", state="investigating", title="Payslips are late")
    part.refresh_from_db()
    assert part.state == "partial"
    send(outward="A disk is full. Done by noon.", state="identified")
    tickets.resolve(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now)
    closing = agent.get(where)
    assert closing.context["form"]["state"].value() == "resolved"  # the closing update offers to end it
    send(outward="Payslips come again.", state="resolved")
    letters = read(sink, desk.now + timedelta(hours=1))
    assert sorted(str(mail["Subject"]) for mail in letters) == [
        "Identified: Payslips are late", "Investigating: Payslips are late", "Resolved: Payslips are late",
    ]  # fmt: skip
    assert all("db-07" not in words_of(mail) for mail in letters)
    part.refresh_from_db()
    assert (part.state, Incident.objects.get().state) == ("operational", "resolved")
    hers = desk.client(desk.requester).get(reverse("portal_ticket", args=[desk.ticket.number])).content.decode()
    for words in ("Payslips come late; we look.", "A disk is full.", "Payslips come again."):
        assert words in hers


def test_three_tickets_of_a_customer_come_under_one_owner_and_are_put_right(desk: Desk) -> None:
    third = tickets.open_ticket(
        subject="Scanner is blind", requester=desk.requester, by=None, now=desk.now, channel="phone", team=desk.team
    )
    agent, manager = desk.client(desk.agent), desk.client(desk.manager)
    form = {
        "title": "The office stands still again", "concern": "Third week in a row.", "plan": "Swap the devices",
        "update_hours": "4", "to": str(desk.manager.pk),
        "target_at": (desk.now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M"),
        "tickets": [str(one.number) for one in (desk.ticket, desk.queued, third)],
    }  # fmt: skip
    agent.post(reverse("account_escalate", args=[desk.customer.pk]), form)
    found = AccountEscalation.objects.get()
    manager.post(reverse("account_answer", args=[found.number]), {"verb": "accept"})
    assert actions.tell_missed(now=desk.now + timedelta(hours=5), limit=9) == 1  # a word is owed
    manager.post(reverse("account_update", args=[found.number]), {"body": "The devices come on Friday."})
    for ticket in (desk.ticket, desk.queued, third):
        assert found.reference in agent.get(reverse("ticket_told", args=[ticket.number])).content.decode()
    given = {"outcome": "recovered", "outcome_text": "All three are solved; Ana is content."}
    manager.post(reverse("account_end", args=[found.number]), given)
    found.refresh_from_db()
    assert (found.state, found.owner, found.outcome) == ("ended", desk.manager, "recovered")
    assert found.reference not in agent.get(reverse("ticket_told", args=[third.number])).content.decode()
    page = agent.get(reverse("account_view", args=[desk.customer.pk])).content.decode()
    assert "Account escalations that ended" in page
