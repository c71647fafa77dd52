"""Stories of the front line, through the pages that people use."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.knowledge import actions as knowledge
from tocsin.domain.knowledge.models import Article, Verdict
from tocsin.domain.search import actions as search
from tocsin.domain.tickets import actions as tickets
from tocsin.engine.indexer import LOADERS
from tocsin.kernel.errors import NotAllowed


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


def test_a_bouncing_ticket_stands_on_the_hot_board_with_its_reason(desk: Desk) -> None:
    at, ticket = desk.now, desk.queued.pk
    tickets.take(ticket_id=ticket, by=desk.agent, now=at)
    for minute, (owner, team) in enumerate([(desk.expert, desk.experts), (desk.agent, desk.team)], start=1):
        tickets.assign(ticket_id=ticket, owner=owner, team=team, by=desk.lead, now=at + timedelta(minutes=minute))
    board: Any = desk.client(desk.lead).get(reverse("board")).content.decode()
    assert "went to and fro once" in board
