"""Risk in pages and for programs: the card, the panel on a ticket, answers, training and the switch."""

from typing import Any

import pytest
from django.urls import reverse

from tests.domain.risk.conftest import live_through, trained
from tocsin.domain.people.models import Service
from tocsin.domain.risk.models import Answer, Score, Switch, Training
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket


@pytest.fixture
def risky(desk: Any) -> Ticket:
    """An open ticket that a model has scored."""
    live_through(desk)
    trained(desk)
    return tickets.open_ticket(
        subject="Mail stands still", requester=desk.requester, by=None, now=desk.now, team=desk.team,
        service=Service.objects.get(slug="mail"),
    )  # fmt: skip


def test_without_a_model_pages_say_so_and_the_ticket_stays_calm(desk: Any, signed_in: Any) -> None:
    agent = signed_in("agent")
    assert "No model yet" in agent.get(reverse("risk")).content.decode()
    card = agent.get(reverse("risk_card", args=["breach"])).content.decode()
    assert "It takes 200 ended tickets" in card
    assert "Train now" not in card
    assert agent.get(reverse("ticket_risk", args=[desk.ticket.number])).content.decode().strip() == ""
    assert agent.get(reverse("risk_card", args=["rain"])).status_code == 404


def test_the_card_the_panel_and_answers(desk: Any, signed_in: Any, risky: Ticket) -> None:
    agent = signed_in("agent")
    value = Score.objects.get(ticket=risky).value
    card = agent.get(reverse("risk_card", args=["escalation"])).content.decode()
    for said in ("The simple rule", "Logistic regression", "Month by month", "refused", "Said and came"):
        assert said in card
    assert "Mail stands still" in agent.get(reverse("risk")).content.decode()
    panel = agent.get(reverse("ticket_risk", args=[risky.number])).content.decode()
    assert f"{round(100 * value)} %" in panel
    assert "Service: Mail." in panel
    where = reverse("ticket_risk_answer", args=[risky.number, "escalation"])
    agent.post(where, {"opinion": "agree"})
    shown = agent.post(where, {"hours": "24"}, headers={"HX-Request": "true"}).content.decode()
    assert "snoozed it until" in shown
    assert "It is silent." in shown
    assert list(Answer.objects.order_by("at", "id").values_list("opinion", flat=True)) == ["agree", "snooze"]
    assert "Mail stands still" not in agent.get(reverse("risk")).content.decode()
    assert agent.post(where, {"opinion": "maybe"}).status_code == 400
    assert (
        signed_in("expert").get(reverse("ticket", args=[risky.number])).content.decode().count("snoozed the risk") == 1
    )
    told = signed_in("stakeholder").get(reverse("ticket_risk", args=[risky.number]))
    assert told.status_code in (403, 404)


def test_a_lead_trains_and_switches_and_an_agent_does_not(desk: Any, signed_in: Any) -> None:
    lead, agent = signed_in("lead"), signed_in("agent")
    train, switch = reverse("risk_train", args=["breach"]), reverse("risk_switch", args=["breach"])
    assert agent.post(train).status_code == 403
    assert lead.post(train).status_code == 302
    assert Training.objects.get().state == "queued"
    waiting = lead.get(reverse("risk_card", args=["breach"])).content.decode()
    assert "The training waits for a worker." in waiting
    assert "Train now" not in waiting
    assert lead.post(train).status_code == 409
    part = lead.get(reverse("risk_training", args=["breach"]), headers={"HX-Request": "true"})
    assert "HX-Refresh" not in part
    Training.objects.update(state="done", ended_at=desk.now)
    assert lead.get(reverse("risk_training", args=["breach"]), headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert agent.post(switch, {"on": "0"}).status_code == 403
    lead.post(switch, {"on": "0"})
    assert not Switch.objects.get().on


def test_a_running_training_says_its_step_in_the_readers_language(desk: Any, signed_in: Any) -> None:
    lead = signed_in("lead")
    lead.post(reverse("risk_train", args=["breach"]))
    Training.objects.update(state="running", started_at=desk.now, step="judging by later tickets")
    told = lead.get(reverse("risk_training", args=["breach"]), headers={"Accept-Language": "de"}).content.decode()
    assert "Das Modell wird an späteren Tickets gemessen" in told


def test_the_queue_has_a_column_of_risk_as_long_as_a_model_is_in_use(desk: Any, signed_in: Any, risky: Ticket) -> None:
    agent = signed_in("agent")
    value = Score.objects.get(ticket=risky).value
    other = Score.objects.get(ticket=desk.queued)
    Score.objects.filter(pk=other.pk).update(value=value / 2)
    page = agent.get(reverse("queue"), {"view": "all", "sort": "risk"}).content.decode()
    assert "riskiest first" in page
    assert f"{round(100 * value)} %" in page
    assert (
        page.index("Mail stands still") < page.index("Mouse is slow") < page.index("Past")
    )  # what has ended comes last
    assert "silent" not in page
    agent.post(reverse("ticket_risk_answer", args=[risky.number, "escalation"]), {"opinion": "disagree"})
    assert "silent" in agent.get(reverse("queue"), {"view": "all"}).content.decode()
    assert "cell-risk" not in agent.get(reverse("queue"), {"view": "all", "col": "owner"}).content.decode()
    signed_in("lead").post(reverse("risk_switch", args=["escalation"]), {"on": "0"})
    gone = agent.get(reverse("queue"), {"view": "all", "sort": "risk"}).content.decode()
    assert "cell-risk" not in gone
    assert 'name="col" value="risk"' not in gone
    assert "Past" in gone  # sorted as if nobody had asked for risk
