"""A story: an angry customer is heard, confirms what was understood, and sees each concern answered."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.listening import actions, queries
from tocsin.domain.listening.actions import Said
from tocsin.domain.notify.models import Page
from tocsin.domain.tickets import actions as tickets

POLICY = """\
slug: heard
name: Unhappy customer
type: customer
reason: other
direction: hierarchical
triggers:
  - {key: angry, kind: negative_message, when: 'ticket.service == "Payroll"'}
levels:
  - name: Leads
    targets: [team_lead]
"""
ANGRY = "This is the third time I ask, and nobody answers! Payroll runs tonight and 40 people get no salary."


def test_an_angry_customer_is_heard(desk: Any, settings: Any) -> None:
    settings.SMTP_HOST, settings.BASE_URL = "127.0.0.1", "https://desk.example"
    settings.MAIL_ADDRESSES = ("service desk <support@desk.example>",)
    at, number = desk.now, desk.ticket.number
    publishing.apply(documents=[("heard.yaml", POLICY)], by="system", now=at)

    # The message sounds displeased, and the policy's own condition holds: somebody who may decide is called.
    angry = tickets.add_message(ticket_id=desk.ticket.pk, kind="customer", body=ANGRY, by=desk.requester, now=at)
    begun = Escalation.objects.get(policy__slug="heard")
    assert "third time" in begun.reason_text
    assert queries.is_customer_escalation(desk.ticket.pk)
    agent = desk.client(desk.agent)
    panel = reverse("ticket_listening", args=[number])
    assert "A customer escalation without a listening record." in agent.get(panel).content.decode()

    # What matters to her is written down in her words, and played back to her.
    concerns = [Said(one.words, angry.pk) for one in queries.quotable(desk.ticket.pk) if one.message == angry]
    assert len(concerns) == 2
    actions.write_record(
        ticket_id=desk.ticket.pk,
        concerns=concerns,
        impact="40 salaries",
        wanted="The run ends tonight",
        by=desk.agent,
        now=at,
    )
    actions.play_back(ticket_id=desk.ticket.pk, by=desk.agent, now=at)
    letter = Page.objects.filter(user=desk.requester, purpose="letter").latest("created_at")
    link = next(word for word in letter.body.split() if word.startswith("https://desk.example/heard/"))
    assert "40 people get no salary" in letter.body

    # A mail scanner opens the link; then she says that this is it.
    browser, path = Client(), link.removeprefix("https://desk.example")
    assert "Is that it?" in browser.get(path).content.decode()
    assert queries.record_on(desk.ticket.pk).state == "waiting"  # type: ignore[union-attr]  # written above
    browser.post(path, {"answer": "yes", "version": "1"})
    assert queries.record_on(desk.ticket.pk).state == "confirmed"  # type: ignore[union-attr]  # written above

    # A draft that leaves one concern out is told so; the reply that takes it up is marked as its answer.
    said = queries.advice_for(
        "Payroll: 40 people get their salary, the run ends by 20:00, I will call.", ticket_id=desk.ticket.pk
    )
    assert [one.words for one in said.unanswered] == ["This is the third time I ask, and nobody answers!"]
    reply = tickets.add_message(
        ticket_id=desk.ticket.pk, kind="reply", body="You asked three times and nobody answered: I am sorry.", by=desk.agent,
        now=at + timedelta(minutes=5),
    )  # fmt: skip
    for concern in queries.open_concerns(desk.ticket.pk):
        actions.mark_answered(
            ticket_id=desk.ticket.pk,
            concern_id=concern.pk,
            message_id=reply.pk,
            by=desk.agent,
            now=at + timedelta(minutes=6),
        )
    assert queries.open_concerns(desk.ticket.pk) == []
    timeline = agent.get(reverse("ticket", args=[number])).content.decode()
    assert "said: that is it (listening record, version 1)" in timeline
