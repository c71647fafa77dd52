"""A story of risk: learned from the past, warned of, answered, and what came of it."""

from datetime import timedelta
from typing import Any

from django.urls import reverse

from tests.domain.risk.conftest import live_through, trained
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.people.models import Service
from tocsin.domain.risk.models import Score
from tocsin.domain.tickets import actions as tickets


def test_a_ticket_is_warned_of_before_it_escalates_and_the_warning_ends_with_it(desk: Any) -> None:
    live_through(desk)
    trained(desk)
    lead, now = desk.client(desk.lead), desk.now
    ticket = tickets.open_ticket(
        subject="Mail stands still", requester=desk.requester, by=None, now=now, team=desk.team,
        service=Service.objects.get(slug="mail"),
    )  # fmt: skip

    # The lead sees it on the risk page with its reason, and on the ticket.
    assert "Mail stands still" in lead.get(reverse("risk")).content.decode()
    panel = lead.get(reverse("ticket_risk", args=[ticket.number])).content.decode()
    assert "earlier tickets ended so" in panel

    # Somebody disagrees: it is silent, and the answer stands on the ticket's timeline.
    lead.post(reverse("ticket_risk_answer", args=[ticket.number, "escalation"]), {"opinion": "disagree"})
    assert "Mail stands still" not in lead.get(reverse("risk")).content.decode()
    assert "disagrees with the risk to escalate" in lead.get(reverse("ticket", args=[ticket.number])).content.decode()

    # It escalates all the same: the score is gone, the label is kept on the card.
    escalation.escalate(ticket_id=ticket.pk, policy="quick", by=desk.agent, now=now + timedelta(hours=1), tried="x")
    assert not Score.objects.filter(ticket=ticket, outcome="escalation").exists()
    assert "Disagree" in lead.get(reverse("risk_card", args=["escalation"])).content.decode()
