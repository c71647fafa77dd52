"""The hot board as a page."""

from datetime import timedelta
from typing import Any

from django.urls import reverse

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.frontline.queries import hot_board
from tocsin.domain.swarms.models import Invitation
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket


def test_the_board_names_the_ticket_its_reason_and_how_to_intervene(desk: Any, signed_in: Any) -> None:
    html = signed_in("lead").get(reverse("board")).content.decode()
    assert desk.ticket.subject in html
    assert reverse("board_reassign", args=[desk.ticket.number]) in html
    assert "Resolved in 24 hours" in html


def test_the_moving_part_keeps_the_team_of_the_address(desk: Any, signed_in: Any) -> None:
    browser = signed_in("lead")
    assert (
        f"{reverse('board_live')}?team=experts" in browser.get(reverse("board"), {"team": "experts"}).content.decode()
    )
    assert desk.ticket.subject not in browser.get(reverse("board_live"), {"team": "experts"}).content.decode()


def test_customers_and_stakeholders_do_not_see_it(desk: Any, signed_in: Any) -> None:
    assert [signed_in(who).get(reverse("board")).status_code for who in ("requester", "stakeholder")] == [403, 403]


def test_a_swarm_is_asked_for_from_the_board_and_leads_back_to_it(desk: Any, signed_in: Any) -> None:
    lead = signed_in("lead")
    where = f"{reverse('ticket_swarm', args=[desk.ticket.number])}?back=board"
    assert where in lead.get(reverse("board")).content.decode()
    asked = {
        "question": "Who knows printers?", "people": [str(desk.expert.pk)], "urgency": "high", "answer_within": "30",
    }  # fmt: skip
    assert lead.post(where, asked)["Location"] == reverse("board")
    assert Invitation.objects.get().person == desk.expert
    assert "swarm</span>" in lead.get(reverse("board")).content.decode()


def test_what_a_customer_asked_for_is_requested_until_an_escalation_has_answered_it(desk: Any) -> None:
    escalation.resolve_escalation(escalation_id=desk.escalated.pk, by=desk.agent, outcome="Out.", now=desk.now)
    Ticket.objects.filter(pk=desk.ticket.pk).update(priority=2)
    escalation.ask(ticket_id=desk.ticket.pk, reason="It burns.", by=desk.requester, now=desk.now + timedelta(minutes=1))
    board = hot_board(desk.lead, desk.now + timedelta(minutes=2))
    assert [one.ticket for one in board.requested] == [desk.ticket]
    assert "the customer asked for an escalation" in board.requested[0].heat.reasons
    assert desk.ticket not in [one.ticket for one in board.likely]
    at = desk.now + timedelta(minutes=3)
    again = escalation.escalate(ticket_id=desk.ticket.pk, policy="quick", by=desk.agent, now=at, tried="Sand.")
    escalation.resolve_escalation(escalation_id=again.pk, by=desk.agent, outcome="Out for good.", now=at)
    assert hot_board(desk.lead, at + timedelta(minutes=1)).requested == []


def test_the_load_of_two_people_of_one_name_is_not_added_up(desk: Any) -> None:
    desk.expert.name = desk.agent.name
    desk.expert.save()
    tickets.take(ticket_id=desk.queued.pk, by=desk.expert, now=desk.now)
    board = hot_board(desk.lead, desk.now)
    assert sorted((one.name, one.tickets) for one in board.people) == [("Agent", 1), ("Agent", 1)]
    assert {one.person for one in board.people} == {desk.agent.pk, desk.expert.pk}
