"""Decision rights for programs: what the caller may decide, deciding, and answering what is beyond a limit."""

from decimal import Decimal
from typing import Any

import pytest

from tocsin.domain.decisions import actions
from tocsin.domain.decisions.actions import Granted
from tocsin.domain.decisions.models import Decision, ForDecision, Taken
from tocsin.domain.tickets.models import Message


@pytest.fixture
def refund(desk: Any) -> Decision:
    return actions.save_decision(
        name="Refund", purpose="", unit="amount", unit_name="EUR", condition="", fields=["Invoice"], by=desk.manager,
        starts_on=desk.now.date(), now=desk.now,
        grants=[Granted(holder="line", key="L1", limit=Decimal(200)), Granted(holder="role", key="lead")],
    )  # fmt: skip


def body(amount: str = "200", **more: Any) -> dict[str, Any]:
    return {"decision": "refund", "amount": amount, "reason": "Sorry.", "fields": {"Invoice": "7"}, **more}


def test_a_program_sees_how_far_its_person_may_go(desk: Any, program: Any, refund: Decision) -> None:
    where = f"/tickets/{desk.queued.number}/decision-rights"
    (agent,), (expert,) = (program(who)("GET", where).json()["items"] for who in ("agent", "expert"))
    assert (agent["decision"], agent["allowed"], agent["limit"], agent["unit_name"]) == (
        "refund",
        True,
        "200.00",
        "EUR",
    )
    assert (expert["allowed"], expert["limit"], expert["who_else"]) == (
        False,
        None,
        "First line may decide it, up to 200 EUR.",
    )


def test_deciding_within_the_limit_is_one_act_with_its_record(desk: Any, program: Any, refund: Decision) -> None:
    where = f"/tickets/{desk.queued.number}/decisions"
    made = program("agent")("POST", where, body())
    assert made.status_code == 201
    taken = made.json()["taken"]
    assert (taken["amount"], taken["fields"], taken["by"]["name"]) == ("200", {"Invoice": "7"}, "Agent")
    assert made.json()["asked"] is None
    listed = program("lead")("GET", where).json()["items"]
    assert [one["id"] for one in listed] == [taken["id"]]


def test_beyond_the_limit_somebody_is_asked_and_approves(desk: Any, program: Any, refund: Decision) -> None:
    made = program("agent")("POST", f"/tickets/{desk.queued.number}/decisions", body("201")).json()
    asked = made["asked"]
    assert (made["taken"], asked["state"], asked["asked_of"][0]["name"]) == (None, "asked", "Lead")
    lead = program("lead")
    assert [one["id"] for one in lead("GET", "/me/decision-requests").json()["items"]] == [asked["id"]]
    where = f"/decision-requests/{asked['id']}/answer"
    assert program("agent")("POST", where, {"approve": True}).status_code == 403
    assert lead("POST", where, {"approve": False}).status_code == 400
    answered = lead("POST", where, {"approve": True}).json()
    assert (answered["state"], answered["due_at"], Taken.objects.get().approved_by) == ("approved", None, desk.lead)
    assert program("agent")("POST", f"/decision-requests/{asked['id']}/withdraw").status_code == 409


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"amount": None}, "amount"), ({"fields": {}}, "Invoice"), ({"decision": "no-such"}, "decision")],
)
def test_what_is_missing_is_named(desk: Any, program: Any, refund: Decision, wrong: Any, field: str) -> None:
    answer = program("agent")("POST", f"/tickets/{desk.queued.number}/decisions", body() | wrong)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


def test_customers_neither_see_nor_take_decisions(desk: Any, program: Any, refund: Decision) -> None:
    caller, where = program("requester"), f"/tickets/{desk.ticket.number}"
    for method, path, sent in (
        ("GET", "/decision-rights", None), ("GET", "/decisions", None), ("POST", "/decisions", body()),
    ):  # fmt: skip
        assert caller(method, where + path, sent).status_code == 403


def test_an_escalation_for_a_decision_is_marked_and_carries_the_brief(
    desk: Any, program: Any, refund: Decision
) -> None:
    sent = {"policy": "quick", "tried": "x", "happened": "It is slow.", "decision": "refund", "amount": "50"}
    assert program("agent")("POST", f"/tickets/{desk.queued.number}/escalations", sent).status_code == 201
    assert ForDecision.objects.get().sufficed is True
    assert "It is slow." in Message.objects.get(ticket=desk.queued).body
