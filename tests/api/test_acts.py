"""What programs can do: the pages' own actions, by the same rules."""

from datetime import timedelta
from typing import Any

import pytest

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.journal.models import Entry
from tocsin.domain.oncall.queries import who_is_on_now
from tocsin.domain.people import actions as people
from tocsin.domain.tickets.models import Message, Ticket


def at(moment: Any) -> str:
    return str(moment.isoformat())


def test_a_ticket_is_opened_for_somebody_with_its_clocks_and_by_the_api(desk: Any, program: Any) -> None:
    made = program("agent")(
        "POST", "/tickets",
        {"subject": "Payroll", "requester": desk.requester.email, "service": "payroll", "impact": 1, "urgency": 1},
    )  # fmt: skip
    body = made.json()
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/v1/tickets/{body['number']}")
    assert (body["priority"], body["channel"], body["internal"]["team"]["slug"]) == (1, "api", "experts")
    assert body["organisation"]["name"] == "Acme"
    assert Entry.objects.filter(stream=f"ticket:{body['id']}", kind="ticket.opened").exists()


def test_customers_open_tickets_for_themselves_and_leave_the_rest_to_the_desk(desk: Any, program: Any) -> None:
    caller = program("requester")
    assert caller("POST", "/tickets", {"subject": "Mine"}).json()["requester"]["id"] == str(desk.requester.pk)
    for more in (
        {"team": "experts"},
        {"owner": desk.requester.email},
        {"opened_at": at(desk.now - timedelta(hours=1))},
    ):
        assert caller("POST", "/tickets", {"subject": "x", **more}).status_code == 403
    assert caller("POST", "/tickets", {"subject": "x", "service": "payroll"}).status_code in (201, 400)


def test_whether_an_address_is_known_is_not_said_to_customers(desk: Any, program: Any) -> None:
    caller = program("requester")
    answers = [
        caller("POST", "/tickets", {"subject": "x", "requester": word})
        for word in (desk.agent.email, "nobody@nowhere.example", str(desk.agent.pk))
    ]
    assert {one.status_code for one in answers} == {403}
    assert len({one.json()["message"] for one in answers}) == 1


def test_a_ticket_goes_through_its_life(desk: Any, program: Any) -> None:
    caller, where = program("agent"), f"/tickets/{desk.queued.number}"
    assert caller("POST", f"{where}/take").json()["owner"]["id"] == str(desk.agent.pk)
    changed = caller(
        "PATCH", where, {"subject": "Mouse", "service": "payroll", "impact": 1, "tags": ["Big One"]}
    ).json()
    assert (changed["subject"], changed["service"]["slug"], changed["impact"]) == ("Mouse", "payroll", 1)
    assert changed["internal"]["tags"] == ["big-one"]
    assert caller("PATCH", where, {"service": None}).json()["service"] is None
    assert caller("POST", f"{where}/status", {"status": "resolved", "note": "done"}).json()["status"] == "resolved"
    assert caller("POST", f"{where}/status", {"status": "closed"}).json()["status"] == "closed"
    refused = caller("POST", f"{where}/status", {"status": "waiting_vendor"})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_status")


def test_a_ticket_is_given_to_a_person_a_team_or_back(desk: Any, program: Any) -> None:
    caller, where = program("lead"), f"/tickets/{desk.queued.number}/assignment"
    given = caller("POST", where, {"owner": desk.expert.email, "team": "experts"}).json()
    assert (given["owner"]["name"], given["internal"]["team"]["slug"]) == ("Expert", "experts")
    assert caller("POST", where, {}).json()["owner"] is None
    refused = caller("POST", where, {"owner": desk.requester.email})
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_owner")


def test_messages_are_of_their_writers_kind(desk: Any, program: Any) -> None:
    where = f"/tickets/{desk.ticket.number}/messages"
    assert program("agent")("POST", where, {"body": "We are on it."}).json()["kind"] == "reply"
    assert program("agent")("POST", where, {"body": "Hm.", "kind": "note"}).json()["via"] == "api"
    assert program("requester")("POST", where, {"body": "Thanks."}).json()["kind"] == "customer"
    assert program("requester")("POST", where, {"body": "x", "kind": "note"}).status_code == 403
    seen = [one["kind"] for one in program("requester")("GET", where).json()["items"]]
    assert seen == ["customer", "reply", "customer"]
    assert Message.objects.filter(ticket=desk.ticket, via="api").count() == 3


def test_an_escalation_is_begun_answered_and_ended(desk: Any, program: Any) -> None:
    agent, lead = program("agent"), program("lead")
    where = f"/tickets/{desk.queued.number}/escalations"
    gate = agent("POST", where, {"policy": "quick"})
    assert (gate.status_code, set(gate.json()["fields"])) == (400, {"tried"})
    begun = agent("POST", where, {"policy": "quick", "tried": "Another mouse."})
    assert begun.status_code == 201
    escalation = begun.json()["id"]
    again = agent("POST", where, {"policy": "quick", "tried": "Another mouse."})
    assert (again.status_code, again.json()["code"]) == (409, "already_escalated")
    assert escalation in [one["escalation"] for one in lead("GET", "/me/pages").json()["items"]]
    said = lead("POST", f"/escalations/{escalation}/answers", {"verb": "acknowledge"}).json()
    assert (said["changed"], said["status"]) == (True, "acknowledged")
    assert lead("POST", f"/escalations/{escalation}/answers", {"verb": "acknowledge"}).json()["changed"] is False
    ladder = lead("GET", f"/tickets/{desk.queued.number}/ladders").json()["items"][0]
    assert ladder["acknowledged_by"] == "Lead"
    proof = lead("GET", f"/escalations/{escalation}/proof").json()
    assert [one["said"] for one in proof["answers"]] or proof["answers"]
    ended = lead("POST", f"/escalations/{escalation}/end", {"how": "resolve", "outcome": "New mouse."}).json()
    assert (ended["state"], ended["outcome"]) == ("resolved", "New mouse.")
    assert lead("POST", f"/escalations/{escalation}/end", {"how": "cancel", "outcome": "x"}).status_code == 409


def test_every_answer_is_journalled_with_the_way_it_came(desk: Any, program: Any) -> None:
    where = f"/escalations/{desk.escalated.pk}/answers"
    assert program("lead")("POST", where, {"verb": "decline"}).json()["code"] == "reason_missing"
    assert program("lead")("POST", where, {"verb": "decline", "reason": "On a plane"}).json()["changed"]
    entry = Entry.objects.get(stream=f"ticket:{desk.ticket.pk}", kind="run.declined")
    assert entry.data["via"] == "api"


def test_an_answer_of_an_earlier_cycle_changes_nothing(desk: Any, program: Any) -> None:
    where = f"/escalations/{desk.escalated.pk}/answers"
    assert program("lead")("POST", where, {"verb": "acknowledge", "cycle": 9}).json()["changed"] is False


def test_a_customer_asks_for_an_escalation_and_is_not_told_who_is_paged(desk: Any, program: Any) -> None:
    caller = program("requester")
    asked = caller("POST", f"/tickets/{desk.ticket.number}/escalation-wishes", {"reason": "Three days now"})
    assert (asked.status_code, asked.json()) == (201, {"escalations": []})
    assert Entry.objects.filter(stream=f"ticket:{desk.ticket.pk}", kind="escalation.asked_for").exists()
    for path in ("", "/proof"):
        assert caller("GET", f"/escalations/{desk.escalated.pk}{path}").status_code == 404


def test_a_handover_is_offered_and_accepted(desk: Any, program: Any) -> None:
    offered = program("agent")(
        "POST", f"/tickets/{desk.ticket.number}/handovers", {"to_user": desk.expert.email, "brief": "It burns."}
    )
    assert (offered.status_code, offered.json()["state"]) == (201, "offered")
    expert, handover = program("expert"), offered.json()["id"]
    assert [one["id"] for one in expert("GET", "/me/handovers").json()["items"]] == [handover]
    assert program("lead")("POST", f"/handovers/{handover}/accept", {}).status_code == 403
    assert expert("POST", f"/handovers/{handover}/accept", {"answer": "Mine"}).json()["state"] == "accepted"
    assert Ticket.objects.get(pk=desk.ticket.pk).owner_id == desk.expert.pk
    assert expert("POST", f"/handovers/{handover}/decline", {}).status_code == 409


def test_a_handover_is_declined_or_taken_back(desk: Any, program: Any) -> None:
    agent, where = program("agent"), f"/tickets/{desk.ticket.number}/handovers"
    first = agent("POST", where, {"to_team": "experts", "brief": "It burns."}).json()["id"]
    assert agent("POST", f"/handovers/{first}/withdraw", {"answer": "Solved"}).json()["state"] == "withdrawn"
    second = agent("POST", where, {"to_team": "experts", "brief": "It burns again."}).json()["id"]
    assert program("expert")("POST", f"/handovers/{second}/decline", {"answer": "No"}).json()["answer"] == "No"
    assert [one["state"] for one in agent("GET", where).json()["items"]] == ["withdrawn", "declined"]


def test_an_escalation_is_given_back_to_a_named_person(desk: Any, program: Any) -> None:
    offered = program("lead")(
        "POST", f"/escalations/{desk.escalated.pk}/de-escalations", {"acceptor": desk.expert.email, "reason": "Known"}
    )
    assert offered.status_code == 201
    where = f"/de-escalations/{offered.json()['id']}"
    assert program("agent")("POST", f"{where}/accept").status_code == 403
    assert program("expert")("POST", f"{where}/accept").json()["state"] == "accepted"
    assert Escalation.objects.get(pk=desk.escalated.pk).state == "de_escalated"


def test_who_is_on_call_and_why(desk: Any, program: Any) -> None:
    caller = program("agent")
    one = caller("GET", "/schedules/first-line/on-call").json()
    assert [person["name"] for person in one["people"]] == ["Agent"]
    assert "weekly rotation" in one["people"][0]["why"]
    later = at(desk.now + timedelta(days=7)).replace("+", "%2B")
    assert caller("GET", f"/on-call?schedule=first-line&schedule=none&at={later}").json()["items"][0]["people"]
    assert caller("GET", "/schedules/none/on-call").status_code == 404
    assert caller("GET", "/schedules/first-line/on-call?at=2026-01-01T00:00:00").status_code == 422


def test_the_final_view_has_no_holes(desk: Any, program: Any) -> None:
    span = "start=2026-11-01T00:00:00Z&end=2026-12-20T00:00:00Z"
    spans = program("agent")("GET", f"/schedules/first-line/final-view?{span}").json()["spans"]
    assert [a["end"] for a in spans[:-1]] == [b["start"] for b in spans[1:]]
    too_long = "start=2026-01-01T00:00:00Z&end=2028-01-01T00:00:00Z"
    assert program("agent")("GET", f"/schedules/first-line/final-view?{too_long}").status_code == 400


def test_an_override_puts_somebody_on_call_and_ends(desk: Any, program: Any) -> None:
    where = "/schedules/first-line/overrides"
    body = {"person": desk.expert.email, "starts_at": at(desk.now), "ends_at": at(desk.now + timedelta(hours=4))}
    assert program("agent")("POST", where, body).status_code == 403  # others are put on duty by leads
    made = program("lead")("POST", where, body)
    assert (made.status_code, made.json()["person"]["name"]) == (201, "Expert")
    soon = desk.now + timedelta(hours=1)
    assert who_is_on_now(["first-line"], soon)["first-line"].names == ("Expert",)
    gone = program("lead")("DELETE", f"/overrides/{made.json()['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert who_is_on_now(["first-line"], soon)["first-line"].names != ("Expert",)
    assert program("lead")("GET", where).json()["items"] == []


LADDER = """\
slug: second
name: Second
type: technical
reason: complexity
direction: functional
levels:
  - {name: One, targets: [team_lead]}
"""


def test_policies_are_tried_published_previewed_and_switched(desk: Any, program: Any) -> None:
    manager, given = program("manager"), {"documents": [{"file": "second.yaml", "text": LADDER}]}
    assert program("agent")("POST", "/policy-dry-runs", given).status_code == 403
    tried = manager("POST", "/policy-dry-runs", given).json()
    assert (tried["changed"], tried["policies"][0]["change"]) == (True, "new")
    assert manager("GET", "/policies/second").status_code == 404
    assert manager("POST", "/policies", given | {"note": "first"}).json()["policies"][0]["version"] == 1
    assert manager("POST", "/policies", given).json()["changed"] is False
    read = manager("GET", "/policies/second").json()
    assert (read["source"], read["version"], read["versions"][0]["note"]) == (LADDER, 1, "first")
    preview = manager("POST", "/policies/second/preview", {"ticket": desk.ticket.number}).json()
    assert [one["name"] for one in preview["levels"][0]["people"]] == ["Lead"]
    assert manager("PUT", "/policies/second/enabled", {"enabled": False}).json()["enabled"] is False


def test_what_is_wrong_in_a_policy_is_named_with_its_place(desk: Any, program: Any) -> None:
    wrong = LADDER.replace("team_lead", "team_leed")
    answer = program("manager")("POST", "/policies", {"documents": [{"file": "x.yaml", "text": wrong}]})
    assert (answer.status_code, answer.json()["code"]) == (400, "policy_invalid")
    assert [place for place in answer.json()["fields"] if place.startswith("x.yaml:7:")]


def test_people_are_shown_to_those_who_work_here_and_oneself_to_everybody(desk: Any, program: Any) -> None:
    assert program("agent")("GET", f"/people/{desk.requester.pk}").json()["organisation"]["name"] == "Acme"
    caller = program("requester")
    assert caller("GET", f"/people/{desk.requester.pk}").json()["email"] == desk.requester.email
    assert caller("GET", f"/people/{desk.agent.pk}").status_code == 404
    assert caller("GET", f"/organisations/{desk.customer.pk}").status_code == 404
    assert caller("GET", "/teams/first-line").status_code == 404


def test_customers_see_the_services_that_are_offered(desk: Any, program: Any) -> None:
    people.edit_service(service_id=desk.service.pk, offered=False, by=desk.admin, now=desk.now)
    assert program("requester")("GET", "/services").json()["items"] == []
    refused = program("requester")("POST", "/tickets", {"subject": "x", "service": "payroll"})
    assert (refused.status_code, refused.json()["code"]) == (400, "service_not_found")
    assert [one["slug"] for one in program("agent")("GET", "/services").json()["items"]] == ["payroll"]


@pytest.mark.parametrize("path", ["/tickets/1", "/tickets/999999999999999", "/tickets/999999999999999/messages"])
def test_what_is_not_there_is_not_there(desk: Any, program: Any, path: str) -> None:
    assert program("agent")("GET", path).status_code == 404
