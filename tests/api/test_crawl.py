"""Every operation, walked by people of another customer with the ids of this one: nothing is seen, nothing is changed.

SECURITY 14 for programs, with the words and walkers of tests/web/test_crawler.py. A new operation is walked by itself;
one that changes something must be given a body here that its form accepts.
"""

from datetime import timedelta
from typing import Any

import pytest

from tests.web.test_crawler import leaks, state, walkers
from tocsin.api.described import described
from tocsin.domain.frontline import actions as frontline
from tocsin.domain.frontline.queries import held_by
from tocsin.domain.knowledge import actions as knowledge
from tocsin.domain.people import actions as people
from tocsin.domain.people.enums import Role
from tocsin.domain.problems import actions as problems
from tocsin.domain.reviews import actions as reviews
from tocsin.domain.stakeholders import actions as stakeholders
from tocsin.domain.swarms import actions as swarms
from tocsin.domain.swarms.actions.inviting import Guests
from tocsin.domain.tickets import actions as tickets
from tocsin.kernel.ids import new_id

__all__ = ["walkers"]
# What asking itself writes: counts, the token's last use, answers by key.
BOOKKEEPING = {"api_spent", "api_answered", "people_apitoken"}
# These act on things of the walker's own alone.
OWN = {"open_ticket"}


def swarm_things(desk: Any) -> dict[str, Any]:
    """A swarm and a command of Acme's ticket."""
    swarm = swarms.open_swarm(
        ticket_id=desk.ticket.pk,
        question="Quagmire?",
        guests=Guests(persons=[desk.expert]),
        by=desk.agent,
        now=desk.now,
    )
    command = swarms.open_command(escalation_id=desk.escalated.pk, by=desk.agent, now=desk.now)
    task = swarms.add_task(command_id=command.pk, title="Quagmire", by=desk.agent, now=desk.now)
    note = swarms.note(command_id=command.pk, kind="fact", body="Quagmire", by=desk.agent, now=desk.now)
    return {
        "swarm_id": swarm.pk, "invitation_id": swarm.invitations.get().pk, "task_id": task.pk, "note_id": note.pk,
    }  # fmt: skip


@pytest.fixture
def things(desk: Any, walkers: Any) -> dict[str, Any]:
    """Ids of Acme's, by the name of the path's parameter."""
    offer = tickets.offer_handover(
        ticket_id=desk.ticket.pk, to_user=desk.expert, brief="Quagmire", by=desk.agent, now=desk.now
    )
    article = knowledge.save_article(title="Quagmire", body="Zymurgy", by=desk.lead, now=desk.now)
    knowledge.publish(article_id=article.pk, by=desk.lead, now=desk.now)
    tickets.take(ticket_id=desk.queued.pk, by=desk.expert, now=desk.now)
    bundle = frontline.offer_bundle(
        held=held_by(desk.expert, desk.now), giver=desk.expert, to_user=desk.agent, by=desk.expert, now=desk.now
    )
    promise = stakeholders.make_promise(
        ticket_id=desk.ticket.pk, what="Zymurgy", due_at=desk.now + timedelta(hours=1), by=desk.agent, now=desk.now
    )
    problem = problems.open_problem(title="Zymurgy stops", by=desk.lead, now=desk.now, tickets=[desk.ticket.pk])
    review = reviews.open_review(
        escalation_ids=[desk.escalated.pk], title="Quixotic", by=desk.lead, now=desk.now, facilitator=desk.lead
    )
    return {
        "review_number": review.number, "action_id": new_id(),
        "number": desk.ticket.number, "escalation_id": desk.escalated.pk, "handover_id": offer.pk, "slug": "first-line",
        "person_id": desk.requester.pk, "organisation_id": desk.customer.pk, "clock_id": new_id(), "offer_id": new_id(),
        "request_id": new_id(),
        **swarm_things(desk),
        "article_number": article.number, "bundle_id": bundle.pk,
        "ask_id": new_id(), "recovery_id": new_id(),
        "incident_id": new_id(), "component_id": new_id(),
        "concern_id": new_id(), "signal_id": new_id(),
        "override_id": new_id(), "promise_id": promise.pk, "proposal_id": new_id(), "problem_number": problem.number,
        "outcome": "breach", "backtest_id": new_id(), "shadow_id": new_id(), "target_id": new_id(),
        "report_id": new_id(),
        "key": "escalation_rate", "dimension": "team",
    }  # fmt: skip


def bodies(desk: Any) -> dict[str, Any]:
    """Return a body that its form accepts for each operation that changes something."""
    start, end = desk.now.isoformat(), (desk.now + timedelta(hours=2)).isoformat()
    nothing: dict[str, Any] = {}
    return {
        "answer_question": {"answers": {"outcome": "5"}}, "rate_ticket": {"score": 5},
        "end_recovery": {"reached": False, "regained": False},
        "change_ticket": {"subject": "x", "tags": ["x"]}, "take_ticket": None, "assign_ticket": {"team": "experts"},
        "move_ticket": {"status": "resolved"}, "write_message": {"body": "x", "kind": "customer"},
        "ask_arbiter": {"to_team": "experts", "brief": "x"},
        "link_tickets": {"to": desk.queued.number}, "offer_handover": {"to_team": "experts", "brief": "x"},
        "accept_handover": nothing, "decline_handover": nothing, "withdraw_handover": nothing,
        "escalate_ticket": {"policy": "quick", "tried": "x"}, "ask_for_escalation": {"reason": "x"},
        "end_escalation": {"how": "cancel", "outcome": "x"}, "complete_escalation": {"tried": "x"},
        "answer_escalation": {"verb": "acknowledge"}, "decide_after_reassign": {"choice": "cancel"},
        "offer_de_escalation": {"acceptor": desk.agent.email, "reason": "x"}, "accept_de_escalation": None,
        "write_listening_record": {"concerns": [{"words": "x"}]}, "play_back_record": None, "answer_concern": {"message": None},
        "judge_signal": {"verdict": "wrong"}, "advise_draft": {"text": "x", "ticket": desk.ticket.number},
        "decline_de_escalation": None, "try_policies": {"documents": [{"text": "slug: x"}]},
        "publish_policies": {"documents": [{"text": "slug: x"}]}, "preview_policy": {"ticket": desk.ticket.number},
        "open_status_incident": {"title": "x", "body": "x"}, "tell_status_update": {"state": "resolved", "body": "x"},
        "plan_status_maintenance": {"title": "x", "body": "x", "components": [], "starts_at": start, "ends_at": end},
        "set_status_component": {"state": "major"}, "update_account_escalation": {"body": "x"},
        "escalate_account": {"title": "x", "concern": "x", "tickets": [desk.ticket.number], "target_at": end},
        "open_review": {"tickets": [desk.ticket.number]}, "end_corrective_action": {"state": "done", "evidence": "x"},
        "add_corrective_action": {"title": "x", "kind": "prevent", "owner": str(desk.agent.pk), "due_on": start[:10]},
        "fill_closing": {"done": "x", "category": str(new_id()), "avoidable_by": "no"},
        "open_problem": {"title": "x"}, "change_problem": {"title": "x"}, "move_problem": {"act": "fix"},
        "train_risk_model": nothing, "switch_risk_model": {"on": False}, "answer_risk": {"outcome": "breach", "opinion": "agree"},
        "link_problem_tickets": {"tickets": [desk.queued.number]}, "accept_proposal": nothing, "reject_proposal": {"reason": "x"},
        "add_measure": {
            "kind": "fix", "title": "x", "series": "tickets&service=payroll", "starts_on": start[:10],
        },
        "switch_policy": {"enabled": False}, "end_override": None,
        "take_decision": {"decision": "refund", "reason": "x"}, "withdraw_decision_request": None,
        "answer_decision_request": {"approve": False, "answer": "x"},
        "open_swarm": {"question": "x", "teams": ["experts"]}, "invite_to_swarm": {"people": [desk.expert.email]},
        "join_swarm": None, "leave_swarm": None, "answer_swarm": {"body": "x"}, "end_swarm": {"outcome": "x"},
        "answer_invitation": {"accept": True}, "open_command": None, "change_command": {"state": "identified"},
        "give_command_role": {"role": "scribe", "person": desk.agent.email},
        "end_command_role": {"role": "scribe", "person": desk.agent.email}, "add_command_task": {"title": "x"},
        "change_command_task": {"state": "done"}, "add_command_line": {"text": "x"}, "take_off_command_line": None,
        "write_article": {"title": "x", "body": "x"}, "publish_article": None,
        "write_version": {"title": "x", "body": "x", "expected_version": 1}, "offer_shift": {"to_user": desk.agent.email},
        "answer_shift": nothing, "withdraw_shift": None,
        "ask_backtest": {"policy": "quick"}, "cancel_backtest": None, "start_shadow": {"policy": "quick", "draft": "x"},
        "stop_shadow": None, "clear_metric_target": None, "remove_figure_report": None, "leave_figure_report": None,
        "set_up_figure_report": {"name": "x", "readers": [desk.lead.email]},
        "change_figure_report": {"name": "x", "readers": [desk.lead.email]},
        "set_metric_target": {"metric": "escalation_rate", "goal": 5, "owner": desk.lead.email},
        "make_promise": {"what": "x", "due_at": end}, "keep_promise": None, "cancel_promise": {"reason": "x"},
        "renegotiate_promise": {"due_at": end, "reason": "x"}, "send_update": {"outward": "x"},
        "add_override": {"person": desk.agent.email, "starts_at": start, "ends_at": end},
    }  # fmt: skip


def operations() -> list[tuple[str, str, str]]:
    """Return (id, method, address) of every operation."""
    return [
        (one["operationId"], method.upper(), address)
        for address, methods in described()["paths"].items()
        for method, one in methods.items()
    ]


def filled(address: str, things: dict[str, Any]) -> str:
    slug = "quick" if "/policies/" in address else things["slug"]
    return address.format(**{**things, "slug": slug})


@pytest.mark.parametrize("walker", ["requester", "colleague", "stakeholder"])
def test_no_answer_shows_another_customers_anything(desk, program, walkers, things, walker) -> None:  # type: ignore[no-untyped-def]
    caller = program(walkers[walker])
    seen = {}
    for name, method, address in operations():
        if method == "GET":
            answer = caller("GET", filled(address, things))
            if leaks(answer) and not (walker == "stakeholder" and name in DIRECTORY):
                seen[name] = leaks(answer)
            assert answer.status_code < 500
            if "{number}" in address or "{escalation_id}" in address or "{handover_id}" in address:
                assert answer.status_code == 404, name
    for query in ("q=brewhouse", "q=Zymurgy", f"organisation={desk.customer.pk}", "status=all&sort=updated"):
        assert leaks(caller("GET", f"/tickets?{query}")) == []
    assert seen == {}


# About people and customers, open to every stakeholder as on the pages; never of tickets.
DIRECTORY = {"list_people", "read_person", "list_organisations", "read_organisation"}


@pytest.mark.parametrize("walker", ["requester", "colleague", "stakeholder"])
def test_no_act_changes_another_customers_anything(desk, program, walkers, things, walker) -> None:  # type: ignore[no-untyped-def]
    caller, sent, before = program(walkers[walker]), bodies(desk), state()
    answers = {}
    for name, method, address in operations():
        if method != "GET" and name not in OWN:
            answer = caller(method, filled(address, things), sent[name])
            answers[name] = answer.status_code
            assert leaks(answer) == [], name
    assert {name: code for name, code in answers.items() if code not in (403, 404)} == {}
    after = state()
    assert {table for table in after if before[table] != after[table]} <= BOOKKEEPING


@pytest.mark.parametrize("role", Role.values)
def test_every_operation_answers_every_role_without_a_fault(desk, program, things, role) -> None:  # type: ignore[no-untyped-def]
    person = {"requester": desk.requester, "agent": desk.agent, "administrator": desk.admin}.get(role)
    if person is None:
        person = people.create_person(email=f"{role}@role.example", name=role, role=role, by=None, now=desk.now)
    caller, sent = program(person), {**bodies(desk), "open_ticket": {"subject": "x"}}
    codes = {}
    for name, method, address in operations():
        codes[name] = caller(method, filled(address, things), sent.get(name)).status_code
    assert {name: code for name, code in codes.items() if code >= 500 or code in (401, 405, 415)} == {}
    house = role not in ("requester",)
    assert codes["list_people"] == (200 if house else 403)
    assert codes["read_ticket"] == 200
    assert codes["read_proof"] == (200 if house else 404)
