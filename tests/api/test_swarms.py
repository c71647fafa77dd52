"""Swarms and the command for programs: asking, answering, crediting, and running a major escalation."""

from datetime import timedelta
from typing import Any

from tocsin.domain.tickets.models import Ticket

QUESTION = {"question": "Who restarts at 12:03?", "people": ["expert@desk.example"], "answer_within_minutes": 30}


def test_an_expert_is_asked_joins_answers_and_is_credited_while_the_owner_stays(desk: Any, program: Any) -> None:
    agent, expert = program("agent"), program("expert")
    made = agent("POST", f"/tickets/{desk.ticket.number}/swarms", QUESTION)
    assert made.status_code == 201
    swarm = made.json()["id"]
    (asked,) = expert("GET", "/me/invitations").json()["items"]
    assert expert("POST", f"/invitations/{asked['id']}/answer", {"accept": True}).json()["state"] == "accepted"
    answered = expert("POST", f"/swarms/{swarm}/answers", {"body": "The core switch."})
    assert answered.status_code == 201
    (answer,) = answered.json()["answers"]
    ended = agent("POST", f"/swarms/{swarm}/end", {"outcome": "Its timer is 180 s.", "helped": [answer["id"]]}).json()
    assert (ended["state"], ended["outcome"]) == ("ended", "Its timer is 180 s.")
    assert Ticket.objects.get(pk=desk.ticket.pk).owner == desk.agent
    late = expert("POST", f"/swarms/{swarm}/answers", {"body": "And the cable."})
    assert late.status_code == 409


def test_a_decline_names_its_reason_and_nobody_answers_for_another(desk: Any, program: Any) -> None:
    program("agent")("POST", f"/tickets/{desk.ticket.number}/swarms", QUESTION)
    expert = program("expert")
    (asked,) = expert("GET", "/me/invitations").json()["items"]
    where = f"/invitations/{asked['id']}/answer"
    assert program("lead")("POST", where, {"accept": True}).status_code in (403, 404)
    assert expert("POST", where, {"accept": False}).status_code == 422
    assert expert("POST", where, {"accept": False, "reason": "On another"}).json()["state"] == "declined"


def test_nobody_of_a_customer_sees_a_swarm(desk: Any, program: Any) -> None:
    swarm = program("agent")("POST", f"/tickets/{desk.ticket.number}/swarms", QUESTION).json()["id"]
    assert program("requester")("GET", f"/swarms/{swarm}").status_code in (403, 404)


def test_a_major_escalation_is_run_by_a_program(desk: Any, program: Any) -> None:
    agent, where = program("agent"), f"/escalations/{desk.escalated.pk}/command"
    assert agent("POST", where).status_code == 201
    changed = agent("PATCH", where, {"state": "identified", "known": "A fan."}).json()
    assert (changed["state"], changed["known"]) == ("identified", "A fan.")
    given = agent("POST", f"{where}/roles", {"role": "communicator", "person": "lead@desk.example"}).json()
    assert {one["role"]: one["person"]["name"] for one in given["roles"]}["communicator"] == "Lead"
    due = (desk.now + timedelta(hours=1)).isoformat()
    task = agent("POST", f"{where}/tasks", {"title": "Order a fan", "owner": "expert@desk.example", "due_at": due})
    assert task.status_code == 201
    done = agent("PATCH", f"/command-tasks/{task.json()['id']}", {"state": "done"}).json()
    assert (done["state"], done["title"], done["owner"]["name"]) == ("done", "Order a fan", "Expert")
    line = agent("POST", f"{where}/timeline", {"kind": "decision", "text": "We change the fan."})
    assert line.status_code == 201
    shown = agent("GET", where).json()
    assert [one["text"] for one in shown["timeline"]] == ["We change the fan."]
    assert agent("DELETE", f"/command-notes/{line.json()['id']}").status_code == 204
    assert agent("GET", where).json()["timeline"] == []
    assert Ticket.objects.get(pk=desk.ticket.pk).owner == desk.agent
