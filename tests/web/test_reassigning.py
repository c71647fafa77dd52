"""Reassigning from the hot board in two steps."""

from typing import Any

from django.urls import reverse

from tocsin.domain.tickets import actions as tickets


def test_choose_by_load_then_confirm(desk: Any, signed_in: Any) -> None:
    lead = signed_in("lead")
    board = lead.get(reverse("board"), {"team": "first-line"}).content.decode()
    where = reverse("board_reassign", args=[desk.ticket.number])
    assert f"{where}?team=first-line" in board
    chosen = lead.get(where, {"team": "first-line"}).content.decode()
    assert "1 open, 1 escalated" in chosen  # what the agent carries
    assert "on call" in chosen
    confirm = lead.get(where, {"to": f"person:{desk.expert.pk}", "team": "first-line"}).content.decode()
    assert "Assign to Expert" in confirm
    desk.ticket.refresh_from_db()
    assert desk.ticket.owner == desk.agent  # a look changes nothing
    done = lead.post(where, {"to": f"person:{desk.expert.pk}", "team": "first-line"})
    assert done["Location"] == f"{reverse('board')}?team=first-line"
    desk.ticket.refresh_from_db()
    assert desk.ticket.owner == desk.expert


def test_into_a_teams_queue(desk: Any, signed_in: Any) -> None:
    signed_in("lead").post(reverse("board_reassign", args=[desk.ticket.number]), {"to": "team:experts"})
    desk.ticket.refresh_from_db()
    assert (desk.ticket.owner, desk.ticket.team) == (None, desk.experts)


def test_an_agent_is_told_who_may(desk: Any, signed_in: Any) -> None:
    where = reverse("board_reassign", args=[desk.ticket.number])
    refused = signed_in("expert").post(where, {"to": f"person:{desk.expert.pk}"})
    assert refused.status_code == 422
    assert "Agent owns" in refused.content.decode()


def test_a_used_up_hop_budget_is_said_before_confirming(desk: Any, signed_in: Any) -> None:
    for owner, team in ((desk.expert, desk.experts), (desk.agent, desk.team)):
        tickets.assign(ticket_id=desk.ticket.pk, owner=owner, team=team, by=desk.lead, now=desk.now)
    where = reverse("board_reassign", args=[desk.ticket.number])
    assert "only an escalation manager may name the next owner" in signed_in("lead").get(where).content.decode()
    refused = signed_in("lead").post(where, {"to": f"person:{desk.expert.pk}"})
    assert "Ask the escalation manager" in refused.content.decode()
