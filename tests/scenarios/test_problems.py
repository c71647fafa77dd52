"""Stories of what came again and again, through the acts and pages that people use."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from tests.domain.problems.history import escalate, live_through
from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.desk import actions as desk_actions
from tocsin.domain.knowledge.models import Article
from tocsin.domain.notify.models import Page
from tocsin.domain.problems import actions
from tocsin.domain.problems.models import Affected, Measure, Problem, Proposal
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Message

WEEK = timedelta(weeks=1)


def goes_on(desk: Desk, weeks: int, many: int, until: datetime) -> None:
    """Let so many come in each of the weeks up to a time."""
    live_through(desk, weeks=weeks, usual=many, lately=many, until=until)


def test_what_repeats_becomes_a_problem_a_known_error_and_a_measure_that_worked(desk: Desk) -> None:
    past = live_through(desk, weeks=14, usual=1, lately=7)
    escalate(desk, past[-14:])
    actions.detect(now=desk.now)
    proposal = Proposal.objects.get(state="proposed")
    lead = desk.client(desk.lead)
    lead.post(reverse("proposal_accept", args=[proposal.pk]), {"title": "VPN drops", "owner": str(desk.agent.pk)})
    problem = Problem.objects.get()
    assert problem.owner == desk.agent

    # Its owner explains it, writes the workaround down, and everybody who waits is told.
    now = desk.now
    one = actions.add_hypothesis(problem_id=problem.pk, words="The gateway drops idle tunnels", by=desk.agent, now=now)
    actions.judge_hypothesis(
        hypothesis_id=one.pk, state="confirmed", test="Keep-alive off: drops.", by=desk.agent, now=now
    )
    actions.change_problem(
        problem_id=problem.pk, by=desk.agent, now=now, workaround="Turn keep-alive on.", change="CHG-7"
    )
    waiting = Affected.objects.filter(problem=problem, ticket__resolved_at__isnull=True).count()
    actions.push_workaround(
        problem_id=problem.pk, body="Hello {name}, turn keep-alive on.", by=desk.agent, now=now, expected_count=waiting
    )
    while desk_actions.send_due(now=now + timedelta(minutes=2)):
        pass
    assert Message.objects.filter(kind="reply", body="Hello Ana, turn keep-alive on.").count() == waiting
    actions.publish_known_error(problem_id=problem.pk, by=desk.lead, now=now)
    assert Article.objects.get().state == "published"

    # The fix is a measure; it is too early to say, then it worked, and the fix is verified.
    measure = actions.add_measure(
        problem_id=problem.pk, kind="fix", title="Keep-alive by default", series="tickets&service=payroll&category=vpn",
        starts_on=now.date(), by=desk.agent, now=now, expected=0.5, horizon=4,
    )  # fmt: skip
    assert measure.verdict == "too_early"
    actions.move(problem_id=problem.pk, act="fix", by=desk.agent, now=now)
    later = now + 5 * WEEK
    goes_on(desk, 5, 1, later)
    actions.tally(now=later)
    assert actions.judge_measures(now=later) == 1
    measure.refresh_from_db()
    assert measure.verdict == "worked"
    assert measure.sentence.startswith("Worked: 7 a week before, 1 a week since")
    moved = actions.move(problem_id=problem.pk, act="verify", by=desk.agent, now=later)
    assert moved.state == "verified"


def test_a_measure_without_effect_opens_its_problem_again_and_tells_its_owner(desk: Desk) -> None:
    live_through(desk, weeks=14, usual=6, lately=6)
    actions.tally(now=desk.now)
    problem = actions.open_problem(title="VPN drops", by=desk.lead, now=desk.now, owner=desk.agent)
    measure = actions.add_measure(
        problem_id=problem.pk, kind="training", title="Hour on tunnels", series="tickets&service=payroll&category=vpn",
        starts_on=desk.now.date(), by=desk.lead, now=desk.now, expected=0.5, horizon=6,
    )  # fmt: skip
    actions.move(problem_id=problem.pk, act="fix", by=desk.lead, now=desk.now)
    told = Page.objects.filter(user=desk.agent, purpose="notice").count()

    early = desk.now + 3 * WEEK
    goes_on(desk, 3, 6, early)
    actions.tally(now=early)
    assert actions.judge_measures(now=early) == 0
    due = desk.now + 7 * WEEK
    goes_on(desk, 4, 6, due)
    actions.tally(now=due)
    assert actions.judge_measures(now=due) == 1
    problem.refresh_from_db()
    assert (problem.state, Measure.objects.get().verdict) == ("open", "no_effect")
    assert Page.objects.filter(user=desk.agent, purpose="notice").count() == told + 1
    html = desk.client(desk.agent).get(reverse("problem", args=[problem.number])).content.decode()
    assert "It is open again: Hour on tunnels shows no effect" in html
    assert actions.judge_measures(now=due + timedelta(days=1)) == 0
    assert measure.pk == Measure.objects.get().pk


def test_an_escalation_shows_a_problem_and_what_it_caused_follows(desk: Desk) -> None:
    found = actions.open_from_escalation(
        escalation_id=desk.escalated.pk, title="Printers burn", by=desk.agent, now=desk.now, cause="A fuse"
    )
    assert (found.state, found.cause) == ("candidate", "A fuse")
    again = actions.open_from_escalation(escalation_id=desk.escalated.pk, title="Fire", by=desk.agent, now=desk.now)
    assert again == found
    tickets.link(from_id=desk.queued.pk, to_id=desk.ticket.pk, kind="problem", by=desk.agent, now=desk.now)
    on: Any = Affected.objects.filter(problem=found).values_list("ticket_id", flat=True)
    assert set(on) == {desk.ticket.pk, desk.queued.pk}
