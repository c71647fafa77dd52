"""The whole story of an angry customer: heard, told in time, one update missed, put right, asked afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.feedback import actions as feedback
from tocsin.domain.feedback import links
from tocsin.domain.feedback.models import Ask, Recovery
from tocsin.domain.listening import actions as listening
from tocsin.domain.listening import queries as heard
from tocsin.domain.listening.actions import Said
from tocsin.domain.notify.models import Page
from tocsin.domain.people import actions as people
from tocsin.domain.stakeholders import actions, queries
from tocsin.domain.stakeholders.models import Promise
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Rating
from tocsin.engine.sources import SOURCES

MINUTE = timedelta(minutes=1)
CLAIMS = {source.name: source.claim for source in SOURCES}
POLICIES = (
    """\
slug: unhappy
name: Unhappy customer
type: customer
reason: other
direction: hierarchical
triggers:
  - {key: angry, kind: negative_message, when: 'ticket.service == "Payroll"'}
levels:
  - targets: [team_lead]
""",
    """\
slug: keep-word
name: Keep our word
type: internal
reason: expectation_missed
direction: hierarchical
triggers:
  - {key: word, kind: promise_missed, same: update}
levels:
  - targets: [{user: manager@desk.example}]
""",
)
ANGRY = "This is the third time I ask, and nobody answers! Payroll runs tonight and 40 people get no salary."


@pytest.fixture(autouse=True)
def mail_leaves(settings: Any) -> None:
    settings.SMTP_HOST, settings.BASE_URL = "127.0.0.1", "https://desk.example"
    settings.MAIL_ADDRESSES = ("service desk <support@desk.example>",)


def said_to(desk: Desk, words: str, minute: int) -> None:
    actions.send_update(
        ticket_id=desk.ticket.pk, outward=words, inward="Ours alone.", by=desk.agent, now=desk.now + minute * MINUTE
    )


def test_an_angry_customer_is_heard_told_and_asked(desk: Desk) -> None:
    at, ticket, customer = desk.now, desk.ticket, desk.client(desk.requester)
    publishing.apply(documents=[(f"{n}.yaml", text) for n, text in enumerate(POLICIES)], by="system", now=at)
    asks = {"asks_ratings": True, "asks_parties": True, "delay_minutes": 60}
    feedback.save_setting(values=asks, by=desk.manager, now=at)
    tickets.set_impact_urgency(ticket_id=ticket.pk, impact=1, urgency=1, by=desk.agent, now=at)

    # She is heard: her words open a customer escalation, are written down, played back and confirmed.
    angry = tickets.add_message(ticket_id=ticket.pk, kind="customer", body=ANGRY, by=desk.requester, now=at)
    unhappy = Escalation.objects.get(policy__slug="unhappy")
    concerns = [Said(one.words, angry.pk) for one in heard.quotable(ticket.pk) if one.message == angry]
    listening.write_record(
        ticket_id=ticket.pk, concerns=concerns, impact="40 salaries", wanted="Paid tonight", by=desk.agent, now=at
    )
    listening.play_back(ticket_id=ticket.pk, by=desk.agent, now=at)
    letter = Page.objects.filter(user=desk.requester, purpose="letter").latest("created_at")
    path = next(word for word in letter.body.split() if "/heard/" in word).removeprefix("https://desk.example")
    browser = Client()
    for _ in range(100):  # a scanner confirms nothing
        browser.get(path)
    assert heard.record_on(ticket.pk).state == "waiting"  # type: ignore[union-attr]  # written above
    browser.post(path, {"answer": "yes", "version": "1"})
    assert heard.record_on(ticket.pk).state == "confirmed"  # type: ignore[union-attr]  # written above

    # She receives each update, in the customer's words; one does not come in time, and that escalates.
    said_to(desk, "We look for the cause.", 20)
    CLAIMS["updates"](now=at + 79 * MINUTE)
    assert not Escalation.objects.filter(policy__slug="keep-word").exists()
    CLAIMS["updates"](now=at + 80 * MINUTE)
    missed = Escalation.objects.get(policy__slug="keep-word")
    assert missed.reason_text.startswith("update missed")
    assert Page.objects.filter(user=desk.manager, run=missed.run.pk).exists()
    said_to(desk, "We are late with this word, sorry. The run starts at 18:00.", 90)
    assert not any(one.missed for one in queries.next_updates([unhappy.pk]).values())

    # Executives follow by the briefing alone: of the house and of the customer; another customer's sees that there is nothing.
    boss = people.create_person(
        email="boss@acme.example", name="B", role="stakeholder", organisation=desk.customer, by=None, now=at
    )
    for executive in (desk.stakeholder, boss):
        brief = desk.client(executive).get(reverse("brief", args=[unhappy.pk])).content.decode()
        assert ticket.subject in brief
        assert "The run starts at 18:00." in brief
        assert "Ours alone." not in brief
    globex = people.create_organisation(name="Globex", by=None, now=at)
    stranger = people.create_person(
        email="boss@globex.example", name="S", role="stakeholder", organisation=globex, by=None, now=at
    )
    assert desk.client(stranger).get(reverse("brief", args=[unhappy.pk])).status_code == 404
    assert ticket.subject not in desk.client(stranger).get(reverse("briefing")).content.decode()

    # It is put right; the closing update ends the plan, and the outcome is hers to confirm.
    tickets.resolve(ticket_id=ticket.pk, by=desk.agent, now=at + 120 * MINUTE)
    said_to(desk, "Everybody is paid.", 121)
    page = customer.get(reverse("portal_ticket", args=[ticket.number])).content.decode()
    for words in ("We look for the cause.", "We are late with this word", "Everybody is paid."):
        assert words in page
    assert "Ours alone." not in page
    customer.post(reverse("portal_close", args=[ticket.number]))
    ticket.refresh_from_db()
    assert ticket.status == "closed"

    # Afterwards all sides are asked; opening the link a hundred times is no vote.
    feedback.ask_due(now=at + 200 * MINUTE)
    csat = Ask.objects.get(kind="csat", ticket=ticket)
    where = reverse("feedback_asked", args=[links.ask_token(csat)])
    for _ in range(100):
        browser.get(where)
    assert not Rating.objects.exists()
    browser.post(where, {"score": "2"})
    assert Rating.objects.get().score == 2
    own = Ask.objects.get(kind="escalation", party="customer", escalation=unhappy)
    given = {"outcome": "4", "timing": "2", "informed": "3", "better": "Call me."}
    browser.post(reverse("feedback_asked", args=[links.ask_token(own)]), given)
    own.refresh_from_db()
    assert own.state == "answered"
    assert Ask.objects.filter(kind="escalation", escalation=unhappy).count() > 1  # the other sides

    # Two of five is not good enough: somebody promises to call.
    recovery = Recovery.objects.get()
    call = Promise.objects.get(source="recovery")
    assert (recovery.promise, call.due_at, call.state) == (call, recovery.callback_at, "open")
