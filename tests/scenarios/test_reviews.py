"""Stories of learning: an escalation is reviewed until it does not come again; an action that is late climbs."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.feedback import actions as feedback
from tocsin.domain.feedback.models import Ask
from tocsin.domain.feedback.queries import questions_now
from tocsin.domain.notify.models import Page
from tocsin.domain.problems import actions as problems
from tocsin.domain.problems.models import Measure
from tocsin.domain.reviews import actions, queries
from tocsin.domain.reviews.models import CauseCategory, CorrectiveAction, Review
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.webhooks import actions as webhooks
from tocsin.domain.webhooks.models import Delivery
from tocsin.kernel.clock import database_now


@pytest.fixture(autouse=True)
def mail_leaves(settings: Any) -> None:
    settings.SMTP_HOST, settings.BASE_URL = "127.0.0.1", "https://desk.example"


def told(subject: str, person: Any) -> int:
    return Page.objects.filter(user=person, subject__startswith=subject).count()


def eight(day: datetime) -> datetime:
    return day.replace(hour=8, minute=0, second=1, microsecond=0)


def test_from_an_escalation_to_a_measure(desk: Desk) -> None:
    """A Sev1 ends, its review drafts itself, parties see it differently, causes lead to actions, one becomes a measure."""
    now = desk.now
    values = {"asks_ratings": True, "asks_parties": True, "delay_minutes": 60, "remind_hours": 72, "expire_days": 14}
    feedback.save_setting(values=values, by=desk.manager, now=now)
    tickets.set_impact_urgency(ticket_id=desk.ticket.pk, by=desk.agent, now=now, impact=1, urgency=1)
    escalation.resolve_escalation(escalation_id=desk.escalated.pk, by=desk.agent, outcome="A new fuse.", now=now)
    # The rule "Every Sev1" began it; the engine drafts it when it comes by.
    found = Review.objects.get()
    assert (found.why, found.facilitator) == ("Every Sev1", desk.manager)
    assert queries.next_draft_due() == now
    assert actions.draft_due(now=now) == 1
    assert queries.next_draft_due() is None
    found.refresh_from_db()
    assert "A new fuse." in found.summary
    # It was closed in a minute.
    actions.fill_closing(
        escalation_id=desk.escalated.pk, done="A new fuse.", category=CauseCategory.objects.get(name="Hardware").pk,
        avoidable_by="monitoring", by=desk.agent, now=now,
    )  # fmt: skip
    # 360 degrees: the customer sees it otherwise than the expert, and the review marks it.
    later = now + timedelta(hours=3)
    feedback.ask_due(now=later)
    answered("customer", 1, later)
    answered("manager", 5, later)
    seen = queries.feedback_of(desk.escalated.pk)
    assert len(seen.parties) == 2
    assert any(differ for _, _, differ in seen.rows)
    assert seen.differences[0].startswith("On ")
    # Why? Until it can be changed.
    top = actions.save_cause(review_id=found.pk, words="The fuse blew", by=desk.agent, now=now, bone="tools")
    why = actions.save_cause(
        review_id=found.pk, words="Nobody measures the load", by=desk.agent, now=now, parent_id=top.pk, bone="process",
        contributing=True,
    )  # fmt: skip
    actions.meet(review_id=found.pk, by=desk.manager, now=now)
    one = actions.add_action(
        review_id=found.pk, title="Measure the load", kind="detect", owner=desk.expert, cause=why, by=desk.manager, now=now,
        due_on=(now + timedelta(days=5)).date(),
    )  # fmt: skip
    actions.finish_meeting(review_id=found.pk, by=desk.manager, now=now)
    actions.sign_off(review_id=found.pk, by=desk.manager, now=now)
    # The action becomes a measure: from now on it is counted whether it helps.
    problem = problems.open_from_escalation(
        escalation_id=desk.escalated.pk, title="Fuses blow", by=desk.manager, now=now, cause=why.text
    )
    made = actions.make_measure(
        review_id=found.pk, action_id=one.pk, problem_id=problem.pk, kind="fix", series="tickets&service=payroll",
        starts_on=now.date(), by=desk.manager, now=now,
    )  # fmt: skip
    assert Measure.objects.get() == made
    # Done needs something to look at; also after the sign-off.
    actions.end_action(review_id=found.pk, action_id=one.pk, evidence="The meter shows it.", by=desk.expert, now=now)
    client = desk.client(desk.manager)
    html = client.get(reverse("review", args=[found.number])).content.decode()
    for words in ("Signed off.", "Nobody measures the load", "The meter shows it.", f"measured in {problem.reference}"):
        assert words in html


def answered(party: str, score: int, at: datetime) -> None:
    ask = Ask.objects.get(party=party)
    given = {one.key: str(score) if one.kind == "scale" else "" for one in questions_now(party)}
    feedback.answer(ask_id=ask.pk, given=given, via="link", now=at)


def test_an_action_that_is_late_climbs(desk: Desk) -> None:
    """Owner reminded, owner told, lead told, escalation manager told; then a ladder climbs for a ticket of its own."""
    now = desk.now
    escalation.resolve_escalation(escalation_id=desk.escalated.pk, by=desk.agent, outcome="A new fuse.", now=now)
    found = actions.open_review(escalation_ids=[desk.escalated.pk], by=desk.lead, now=now)
    actions.change_setting(
        remind_days=2, lead_days=3, manager_days=6, policy="quick", link_days=30, by=desk.manager, now=now
    )
    due = now + timedelta(days=10)
    one = actions.add_action(
        review_id=found.pk, title="Measure the load", kind="prevent", owner=desk.agent, due_on=due.date(), by=desk.lead,
        now=now,
    )  # fmt: skip
    assert actions.act_on_due(now=now) == 0
    assert actions.act_on_due(now=eight(due - timedelta(days=2))) == 1
    assert told("Coming up", desk.agent) == 1
    assert actions.act_on_due(now=eight(due)) == 0  # its day is in time until it is over
    assert actions.act_on_due(now=eight(due + timedelta(days=1))) == 1
    assert (told("Overdue", desk.agent), told("Overdue", desk.lead)) == (1, 0)
    assert actions.act_on_due(now=eight(due + timedelta(days=3))) == 1
    assert (told("Overdue", desk.agent), told("Overdue", desk.lead), told("Overdue", desk.manager)) == (2, 1, 0)
    before = Ticket.objects.count()
    assert actions.act_on_due(now=eight(due + timedelta(days=6))) == 1
    assert told("Overdue", desk.manager) == 1
    climbing = Ticket.objects.order_by("-number")[0]
    assert (Ticket.objects.count(), climbing.escalations.get().policy.slug) == (before + 1, "quick")
    assert climbing.subject == "Overdue corrective action: Measure the load"
    # Nothing comes twice, and nothing comes after it is done.
    assert actions.act_on_due(now=eight(due + timedelta(days=30))) == 0
    one.refresh_from_db()
    assert (one.stage, one.next_at) == (4, None)
    actions.end_action(
        review_id=found.pk, action_id=one.pk, evidence="Done.", by=desk.agent, now=due + timedelta(days=31)
    )


def test_another_day_begins_the_reminders_anew(desk: Desk) -> None:
    now = desk.now
    escalation.resolve_escalation(escalation_id=desk.escalated.pk, by=desk.agent, outcome="A new fuse.", now=now)
    found = actions.open_review(escalation_ids=[desk.escalated.pk], by=desk.lead, now=now)
    given = {"title": "Measure", "kind": "prevent", "owner": desk.agent, "by": desk.agent}
    one = actions.add_action(review_id=found.pk, due_on=now.date(), now=now, **given)
    later = eight(now + timedelta(days=1))
    assert actions.act_on_due(now=later) == 1
    actions.change_action(
        review_id=found.pk, action_id=one.pk, due_on=(later + timedelta(days=20)).date(), now=later, **given
    )
    one.refresh_from_db()
    assert (one.stage, CorrectiveAction.objects.filter(next_at__gt=later).count()) == (0, 1)


def test_a_bad_rating_starts_the_review(desk: Desk) -> None:
    escalation.resolve_escalation(escalation_id=desk.escalated.pk, by=desk.agent, outcome="Done.", now=desk.now)
    tickets.resolve(ticket_id=desk.ticket.pk, by=desk.agent, note="Done", now=desk.now)
    Review.objects.all().delete()  # one in twenty is reviewed anyhow
    tickets.rate(ticket_id=desk.ticket.pk, score=1, comment="Never again", by=desk.requester, now=desk.now)
    assert Review.objects.get().why == "Rated 1 of 5"


def test_other_trackers_are_told_of_corrective_actions_by_webhook(desk: Desk) -> None:
    """A subscriber to review.* gets each action that is taken and done, on the escalation's ticket, with its tracker's link."""
    now = desk.now
    escalation.resolve_escalation(escalation_id=desk.escalated.pk, by=desk.agent, outcome="A new fuse.", now=now)
    found = actions.open_review(escalation_ids=[desk.escalated.pk], by=desk.lead, now=now)
    webhooks.save_subscription(name="tracker", url="https://tracker.example/in", kinds="review.*", by=None, now=now)
    Delivery.objects.all().delete()
    one = actions.add_action(
        review_id=found.pk, title="Measure the load", kind="detect", owner=desk.expert, due_on=now.date(), by=desk.lead,
        tracker_url="https://tracker.example/42", now=now,
    )  # fmt: skip
    actions.end_action(review_id=found.pk, action_id=one.pk, evidence="The meter shows it.", by=desk.expert, now=now)
    sent = webhooks.lease(now=database_now(connection) + timedelta(seconds=1), limit=100, each=100)
    told = {json.loads(one.body)["type"]: one.body for one in sent if f"ticket:{desk.ticket.pk}" in str(one.body)}
    assert set(told) == {"review.action_added", "review.action_done"}
    assert "https://tracker.example/42" in str(told["review.action_added"])
    assert "The meter shows it." in str(told["review.action_done"])
