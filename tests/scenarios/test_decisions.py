"""Stories of decision rights and of escalating well, through the pages that people use."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.decisions import actions, queries
from tocsin.domain.decisions.actions import Granted
from tocsin.domain.decisions.models import Decision, ForDecision, Lesson, Request, Taken
from tocsin.domain.desk.models import Follower
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.knowledge.models import Article
from tocsin.domain.notify.models import Page
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Message
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed


@pytest.fixture
def refund(desk: Desk) -> Decision:
    """The first line may refund up to 200 EUR, a lead up to 1,000, an escalation manager without a limit."""
    return actions.save_decision(
        name="Refund", purpose="Goodwill.", unit="amount", unit_name="EUR", condition="ticket.is_open", by=desk.manager,
        fields=["Invoice"], starts_on=desk.now.date(), now=desk.now, answer_within=60,
        grants=[
            Granted(holder="line", key="L1", limit=Decimal(200)),
            Granted(holder="role", key="lead", limit=Decimal(1000)),
            Granted(holder="role", key="escalation_manager"),
        ],
    )  # fmt: skip


def decided(desk: Desk, refund: Decision, amount: str, who: str = "agent") -> Any:
    """Post the sheet as somebody."""
    body = {"decision": refund.slug, "amount": amount, "reason": "A day without service.", "record_0": "INV-7"}
    return desk.client(getattr(desk, who)).post(reverse("ticket_decide", args=[desk.queued.number]), body, follow=True)


def timeline(desk: Desk, who: str = "agent") -> str:
    return desk.client(getattr(desk, who)).get(reverse("ticket", args=[desk.queued.number])).content.decode()


def told(person: Any) -> list[str]:
    return list(Page.objects.filter(user=person, purpose="notice").values_list("subject", flat=True))


def test_l1_decides_within_rights(desk: Desk, refund: Decision) -> None:
    agent, number = desk.client(desk.agent), desk.queued.number
    panel = agent.get(reverse("ticket_decisions", args=[number])).content.decode()
    assert "up to 200 EUR" in panel
    sheet = agent.get(reverse("ticket_decide", args=[number])).content.decode()
    assert "You may decide this yourself up to 200 EUR: First line." in sheet
    assert "Lead" in sheet  # whom it asks beyond that, by name
    decided(desk, refund, "200")
    taken = Taken.objects.get()
    assert (taken.by, taken.approved_by, taken.amount, taken.record) == (desk.agent, None, 200, {"Invoice": "INV-7"})
    assert taken.right == "First line, up to 200 EUR"
    assert "Agent decided: Refund, 200 EUR" in timeline(desk)
    assert not Request.objects.exists()


def test_l1s_decision_above_the_limit_goes_up_and_is_approved(desk: Desk, refund: Decision) -> None:
    page = decided(desk, refund, "200.01").content.decode()
    assert "beyond your limit: Lead is asked" in page
    asked = Request.objects.get()
    assert (list(asked.asked_of.all()), Taken.objects.count()) == ([desk.lead], 0)
    assert told(desk.lead) == [f"{desk.queued.reference}: Agent asks for your decision, Refund 200.01 EUR"]
    assert "waits for Lead" in timeline(desk)
    assert "Agent asks for your decision" in timeline(desk, "lead")
    desk.client(desk.lead).post(reverse("decision_answer", args=[asked.pk]), {"approve": "yes"})
    taken = Taken.objects.get()
    assert (taken.by, taken.approved_by, taken.amount) == (desk.agent, desk.lead, Decimal("200.01"))
    assert told(desk.agent) == [f"{desk.queued.reference}: Refund approved"]
    assert "Agent decided with the approval of Lead: Refund, 200.01 EUR" in timeline(desk)


def test_l1s_decision_above_the_limit_is_refused_with_a_reason(desk: Desk, refund: Decision) -> None:
    decided(desk, refund, "900")
    asked, lead = Request.objects.get(), desk.client(desk.lead)
    where = reverse("decision_answer", args=[asked.pk])
    assert lead.post(where, {"answer": ""}).status_code == 422
    lead.post(where, {"answer": "We refunded last week."})
    asked.refresh_from_db()
    assert (asked.state, asked.answer, Taken.objects.count()) == ("refused", "We refunded last week.", 0)
    assert told(desk.agent) == [f"{desk.queued.reference}: Refund refused"]
    assert "We refunded last week." in timeline(desk)


def test_l1s_decision_above_the_limit_runs_out_and_the_asker_is_told(desk: Desk, refund: Decision) -> None:
    decided(desk, refund, "900")
    asked = Request.objects.get()
    late = asked.asked_at + timedelta(minutes=60)
    assert queries.next_request_due() == late
    assert actions.expire_requests(now=late - timedelta(seconds=1), limit=10) == 0
    assert actions.expire_requests(now=late, limit=10) == 1
    assert actions.expire_requests(now=late, limit=10) == 0
    assert told(desk.agent) == [f"{desk.queued.reference}: Refund ran out unanswered"]
    with pytest.raises(Conflict, match="answered already"):
        actions.answer_request(request_id=asked.pk, approve=True, answer="", by=desk.lead, now=late)


def test_what_is_beyond_the_lead_goes_to_the_escalation_manager(desk: Desk, refund: Decision) -> None:
    decided(desk, refund, "1000.01")
    assert list(Request.objects.get().asked_of.all()) == [desk.manager]


def test_nobody_approves_what_they_ask_for_themselves_nor_beyond_their_limit(desk: Desk, refund: Decision) -> None:
    decided(desk, refund, "5000", "lead")
    asked = Request.objects.get()
    for who in (desk.lead, desk.agent):
        with pytest.raises(NotAllowed):
            actions.answer_request(request_id=asked.pk, approve=True, answer="", by=who, now=desk.now)
    assert Taken.objects.count() == 0


def test_a_decision_lacks_nothing_that_must_be_recorded(desk: Desk, refund: Decision) -> None:
    given = {"ticket_id": desk.queued.pk, "decision_id": refund.pk, "by": desk.agent, "now": desk.now}
    whole = {"amount": Decimal(5), "reason": "Why not", "fields": {"Invoice": "1"}}
    for wrong, field in (
        ({"amount": None}, "amount"), ({"amount": Decimal("NaN")}, "amount"), ({"amount": Decimal("0.001")}, "amount"),
        ({"reason": " "}, "reason"), ({"fields": {}}, "Invoice"), ({"fields": {"Other": "x"}}, "fields"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as refused:
            actions.decide(**given, **{**whole, **wrong})
        assert field in refused.value.fields
    assert not Taken.objects.exists()


def test_closing_the_ticket_takes_the_request_back(desk: Desk, refund: Decision) -> None:
    decided(desk, refund, "900")
    for status in ("resolved", "closed"):
        tickets.set_status(ticket_id=desk.queued.pk, status=status, by=desk.lead, now=desk.now)
    assert Request.objects.get().state == "withdrawn"
    assert "withdrawn" in told(desk.agent)[0]


def escalated(desk: Desk, **more: Any) -> Escalation:
    """Post the escalate sheet as it is prefilled."""
    agent, where = desk.client(desk.agent), reverse("ticket_escalate", args=[desk.queued.number])
    form = agent.get(where).context["form"]
    filled = {name: form[name].value() or "" for name in form.fields} | {"tried": "Another port."} | more
    answer = agent.post(where, filled)
    assert answer.status_code == 302, answer.content.decode()
    return Escalation.objects.get(ticket=desk.queued)


def test_l1_escalates_with_the_brief_and_gets_the_learning_back(desk: Desk) -> None:
    tickets.take(ticket_id=desk.queued.pk, by=desk.agent, now=desk.now)
    log = SimpleUploadedFile("mouse.log", b"slow", "text/plain")
    made = escalated(desk, wanted="Find out why.", tried="A new battery.", files=log)
    brief = Message.objects.get(ticket=desk.queued)
    assert [part for part in ("What happened", "Tried", "Known", "Impact", "Wanted") if f"**{part}**" in brief.body] == [
        "What happened", "Tried", "Known", "Impact", "Wanted",
    ]  # fmt: skip
    assert [one.name for one in brief.attachments.all()] == ["mouse.log"]
    assert Follower.objects.filter(ticket=desk.queued, user=desk.agent).exists()

    at = desk.now + timedelta(minutes=5)
    tickets.add_message(
        ticket_id=desk.queued.pk, kind="note", body="The dongle sat behind a radiator.", by=desk.expert, now=at
    )
    escalation.resolve_escalation(escalation_id=made.pk, outcome="Moved the dongle.", by=desk.expert, now=at)
    lesson = Lesson.objects.get()
    assert lesson.to == desk.agent
    assert "Moved the dongle." in lesson.message.body
    assert "> The dongle sat behind a radiator." in lesson.message.body
    assert f"What the expert did on {desk.queued.reference}: {desk.queued.subject}" in told(desk.agent)

    panel = desk.client(desk.agent).get(reverse("ticket_decisions", args=[desk.queued.number])).content.decode()
    assert "Turn into an article" in panel
    assert "Turn into an article" not in desk.client(desk.lead).get(
        reverse("ticket_decisions", args=[desk.queued.number])
    ).content.decode()  # fmt: skip
    desk.client(desk.agent).post(reverse("ticket_to_article", args=[desk.queued.number]))
    assert "behind a radiator" in Article.objects.get().body


def test_the_brief_is_not_told_again_within_the_next(desk: Desk) -> None:
    escalated(desk, wanted="Find out why.")
    tickets.add_message(ticket_id=desk.queued.pk, kind="note", body="Looked at it.", by=desk.agent, now=desk.now)
    escalation.cancel(
        escalation_id=Escalation.objects.get(ticket=desk.queued).pk, reason="No", by=desk.lead, now=desk.now
    )
    form = desk.client(desk.agent).get(reverse("ticket_escalate", args=[desk.queued.number])).context["form"]
    assert form["tried"].value() == "Looked at it."


def test_resolving_the_ticket_brings_back_what_the_expert_did(desk: Desk) -> None:
    escalated(desk)
    at = desk.now + timedelta(minutes=5)
    tickets.add_message(ticket_id=desk.queued.pk, kind="reply", body="It is fast now.", by=desk.expert, now=at)
    tickets.set_status(ticket_id=desk.queued.pk, status="resolved", by=desk.expert, now=at)
    assert "> It is fast now." in Lesson.objects.get().message.body


def test_nothing_comes_back_where_l1_did_it_alone_or_it_was_called_off(desk: Desk) -> None:
    made = escalated(desk)
    tickets.add_message(ticket_id=desk.queued.pk, kind="note", body="Found it myself.", by=desk.agent, now=desk.now)
    escalation.cancel(escalation_id=made.pk, reason="Not needed", by=desk.lead, now=desk.now)
    assert not Lesson.objects.exists()


@pytest.mark.parametrize(("amount", "sufficed"), [("150", True), ("150.5", True), ("201", False), ("", False)])
def test_an_escalation_for_what_l1_might_decide_is_counted_as_avoidable(
    desk: Desk, refund: Decision, amount: str, sufficed: bool
) -> None:
    escalated(desk, decision=refund.slug, amount=amount)
    mark = ForDecision.objects.get()
    assert mark.sufficed is sufficed
    report = desk.client(desk.lead).get(reverse("decisions_report")).content.decode()
    assert (f">{desk.queued.reference}</a>" in report) is sufficed
    lines = b"".join(desk.client(desk.lead).get(reverse("decisions_csv"))).decode()
    assert ("avoidable escalation" in lines) is sufficed


def test_an_amount_that_is_none_is_refused_at_its_field_and_nothing_is_escalated(desk: Desk, refund: Decision) -> None:
    agent, where = desk.client(desk.agent), reverse("ticket_escalate", args=[desk.queued.number])
    body = {
        "policy": "quick", "type": "technical", "reason": "complexity", "direction": "functional", "tried": "x",
        "decision": refund.slug, "amount": "-5",
    }  # fmt: skip
    answer = agent.post(where, body)
    assert answer.status_code == 422
    assert "Give a number of EUR above 0." in answer.content.decode()
    assert not Escalation.objects.filter(ticket=desk.queued).exists()


def test_the_sheet_says_what_one_may_decide_before_anything_is_sent(desk: Desk, refund: Decision) -> None:
    agent = desk.client(desk.agent)
    sheet = agent.get(reverse("ticket_escalate", args=[desk.queued.number])).content.decode()
    assert "You may decide yourself" in sheet
    where = reverse("ticket_escalate_right", args=[desk.queued.number])
    within = agent.get(where, {"decision": refund.slug, "amount": "120"}).content.decode()
    assert "Decide it instead" in within
    beyond = agent.get(where, {"decision": refund.slug, "amount": "500"}).content.decode()
    assert "Your own limit is 200 EUR: First line." in beyond
    assert "Team lead may decide it, up to 1\u202f000 EUR." in beyond
