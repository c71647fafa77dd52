"""Stories of the front line, through the pages that people use."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tests.web.constants import LADDER
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.frontline import actions as frontline
from tocsin.domain.frontline.queries import arbiters_of
from tocsin.domain.knowledge import actions as knowledge
from tocsin.domain.knowledge.models import Article, Verdict
from tocsin.domain.notify.models import Page
from tocsin.domain.search import actions as search
from tocsin.domain.tickets import actions as tickets
from tocsin.engine.indexer import LOADERS
from tocsin.kernel.errors import Conflict, NotAllowed


def runbook(desk: Desk) -> Article:
    """Write down, publish and index what to do about slow mice."""
    made = knowledge.save_article(
        title="A mouse is slow", body="The pointer lags behind.", kind="runbook", steps="Change the battery\nPair it anew",
        by=desk.lead, now=desk.now,
    )  # fmt: skip
    knowledge.publish(article_id=made.pk, by=desk.lead, now=desk.now)
    while search.refresh(loaders=LOADERS):
        pass
    return made


def test_l1_solves_alone_by_a_suggested_runbook(desk: Desk) -> None:
    book, agent, number = runbook(desk), desk.client(desk.agent), desk.queued.number
    agent.post(reverse("ticket_take", args=[number]))
    help_shown = agent.get(reverse("ticket_help", args=[number])).content.decode()
    assert "A mouse is slow" in help_shown
    assert "Follow it" in help_shown
    chosen = {"kind": "article", "id": str(book.pk), "accepted": "yes"}
    agent.post(reverse("ticket_help_judge", args=[number]), chosen)
    agent.post(reverse("ticket_step", args=[number, book.number, 1]), {"result": "done"})
    agent.post(
        reverse("ticket_message", args=[number]),
        {"kind": "reply", "body": "A new battery was all it took.", "status": "resolved", "seen": ""},
    )
    desk.queued.refresh_from_db()
    book.refresh_from_db()
    assert (desk.queued.handovers, Escalation.objects.filter(ticket=desk.queued).count()) == (0, 0)
    assert (book.uses, Verdict.objects.get().accepted) == (1, True)


def test_what_l1_tried_by_the_runbook_stands_in_the_escalation(desk: Desk) -> None:
    book, agent, number = runbook(desk), desk.client(desk.agent), desk.queued.number
    agent.post(reverse("ticket_take", args=[number]))
    agent.post(reverse("ticket_step", args=[number, book.number, 1]), {"result": "no_help"})
    agent.post(reverse("ticket_step", args=[number, book.number, 2]), {"result": "skipped"})
    sheet = agent.get(reverse("ticket_escalate", args=[number])).content.decode()
    assert "Change the battery: did not help" in sheet
    assert "Pair it anew" not in sheet


def test_a_ticket_bounces_a_b_a_and_the_third_hop_lands_at_the_arbiter(desk: Desk) -> None:
    at, ticket = desk.now, desk.queued.pk
    tickets.take(ticket_id=ticket, by=desk.agent, now=at)
    for minute, (owner, team) in enumerate([(desk.expert, desk.experts), (desk.agent, desk.team)], start=1):
        tickets.assign(ticket_id=ticket, owner=owner, team=team, by=desk.lead, now=at + timedelta(minutes=minute))
    desk.queued.refresh_from_db()
    assert (desk.queued.handovers, desk.queued.ping_pongs) == (2, 1)
    page = desk.client(desk.agent).get(reverse("ticket", args=[desk.queued.number])).content.decode()
    assert "The next move needs the escalation manager" in page
    third = {"ticket_id": ticket, "owner": desk.expert, "team": desk.experts, "now": at + timedelta(minutes=3)}
    with pytest.raises(NotAllowed, match="Ask the escalation manager"):
        tickets.assign(by=desk.lead, **third)
    tickets.assign(by=desk.manager, **third)
    desk.queued.refresh_from_db()
    assert desk.queued.owner == desk.expert


def bounced(desk: Desk) -> None:
    """Pass the queued ticket from the agent to the expert and back, whereby its hop budget is used up."""
    at, ticket = desk.now, desk.queued.pk
    tickets.take(ticket_id=ticket, by=desk.agent, now=at)
    for minute, (owner, team) in enumerate([(desk.expert, desk.experts), (desk.agent, desk.team)], start=1):
        tickets.assign(ticket_id=ticket, owner=owner, team=team, by=desk.lead, now=at + timedelta(minutes=minute))


def test_what_l1_hands_over_beyond_the_budget_goes_to_the_arbiter_who_names_the_owner(desk: Desk) -> None:
    bounced(desk)
    agent, manager, number = desk.client(desk.agent), desk.client(desk.manager), desk.queued.number
    sheet = agent.get(reverse("ticket_hand_over", args=[number])).content.decode()
    assert "It was passed on 2 times." in sheet
    assert "Ask Manager" in sheet
    told = Page.objects.filter(user=desk.manager, purpose="notice").count()
    agent.post(
        reverse("ticket_hand_over", args=[number]),
        {"to_user": str(desk.expert.pk), "to_team": "", "brief": "It is theirs."},
    )
    desk.queued.refresh_from_db()
    assert desk.queued.owner == desk.agent  # nothing moves until the arbiter says so
    assert Page.objects.filter(user=desk.manager, purpose="notice").count() == told + 1
    page = agent.get(reverse("ticket", args=[number])).content.decode()
    assert "Agent asked Manager to name the owner. Proposed: Expert." in page
    assert "Name the owner" not in page
    again = agent.post(
        reverse("ticket_hand_over", args=[number]), {"to_user": "", "to_team": "", "brief": "Once more."}
    )
    assert "Manager was asked already." in again.content.decode()

    assert "Name the owner" in manager.get(reverse("ticket", args=[number])).content.decode()
    named = {"to": f"person:{desk.expert.pk}", "back": "ticket"}
    shown = manager.get(reverse("board_reassign", args=[number]), named).content.decode()
    assert "Assign to Expert" in shown
    done = manager.post(reverse("board_reassign", args=[number]), named)
    assert done["Location"] == reverse("ticket", args=[number])
    desk.queued.refresh_from_db()
    assert desk.queued.owner == desk.expert
    assert (
        "asked Manager to name the owner. Proposed" not in agent.get(reverse("ticket", args=[number])).content.decode()
    )  # it is answered


def test_the_arbiter_is_not_asked_while_it_may_still_be_handed_over(desk: Desk) -> None:
    with pytest.raises(Conflict, match="may still be handed over"):
        frontline.ask_arbiter(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now, word="Please.")


def test_whom_to_ask_where_the_team_has_no_escalation_manager(desk: Desk) -> None:
    desk.queued.team = desk.experts
    assert arbiters_of(desk.queued) == [desk.manager]  # by role
    desk.manager.is_active = False
    desk.manager.save()
    assert arbiters_of(desk.queued) == [desk.admin]


def test_the_next_levels_gate_leads_to_the_brief_which_is_then_completed(desk: Desk) -> None:
    gated = LADDER.replace("slug: quick", "slug: gated").replace("delay: 15m", "delay: 15m\n    gate: [wanted]")
    publishing.apply(documents=[("gated.yaml", gated)], by="system", now=desk.now)
    made = escalation.escalate(ticket_id=desk.queued.pk, policy="gated", by=desk.agent, now=desk.now, tried="Water.")
    agent, brief = desk.client(desk.agent), reverse("escalation_complete", args=[made.pk])
    refused = agent.post(reverse("run_call_next", args=[made.run.pk]))
    assert refused["Location"] == brief
    assert "Level 2 asks for: wanted." in agent.get(brief).content.decode()
    agent.post(brief, {"tried": "Water.", "impact": "", "wanted": "Somebody with sand."})
    made.refresh_from_db()
    assert (made.tried, made.wanted) == ("Water.", "Somebody with sand.")
    agent.post(reverse("run_call_next", args=[made.run.pk]))
    made.run.refresh_from_db()
    assert made.run.level == 2


def test_a_bouncing_ticket_stands_on_the_hot_board_with_its_reason(desk: Desk) -> None:
    at, ticket = desk.now, desk.queued.pk
    tickets.take(ticket_id=ticket, by=desk.agent, now=at)
    for minute, (owner, team) in enumerate([(desk.expert, desk.experts), (desk.agent, desk.team)], start=1):
        tickets.assign(ticket_id=ticket, owner=owner, team=team, by=desk.lead, now=at + timedelta(minutes=minute))
    board: Any = desk.client(desk.lead).get(reverse("board")).content.decode()
    assert "went to and fro once" in board
