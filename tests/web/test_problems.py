"""Problems in pages: opened, explained, worked round, published, measured; what the detector proposes is decided."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.domain.problems.history import live_through
from tocsin.domain.desk.models import Draft, Held
from tocsin.domain.knowledge.models import Article
from tocsin.domain.notify.models import Page
from tocsin.domain.problems import actions
from tocsin.domain.problems.models import Affected, Digest, Hypothesis, Measure, Problem, Proposal, Push
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id


@pytest.fixture
def found(desk: Any) -> Problem:
    """A problem with both tickets of the desk."""
    return actions.open_problem(
        title="Printers burn",
        by=desk.lead,
        now=desk.now,
        tickets=[desk.ticket.pk, desk.queued.pk],
        service=desk.service,
    )


def page(client: Any, found: Problem) -> str:
    return str(client.get(reverse("problem", args=[found.number])).content.decode())


def test_an_agent_opens_a_candidate_and_a_lead_takes_it_up(desk: Any, signed_in: Any) -> None:
    agent = signed_in("agent")
    given = {"title": "Printers burn", "tickets": f"T-{desk.ticket.number}, {desk.queued.number}"}
    assert agent.post(reverse("problem_new"), given).status_code == 302
    found = Problem.objects.get()
    assert (found.state, Affected.objects.count()) == ("candidate", 2)
    where = reverse("problem_act", args=[found.number])
    assert agent.post(where, {"act": "accept"}).status_code == 403
    signed_in("lead").post(where, {"act": "accept"})
    found.refresh_from_db()
    assert found.state == "open"
    assert "Printers burn" in agent.get(reverse("problems")).content.decode()


def test_bad_tickets_come_back_beside_the_field_with_what_was_typed(desk: Any, signed_in: Any) -> None:
    shown = signed_in("agent").post(reverse("problem_new"), {"title": "Printers burn", "tickets": "T-1 and fire"})
    assert shown.status_code == 422
    html = shown.content.decode()
    assert "and is no ticket" in html
    assert "Printers burn" in html
    assert signed_in("agent").post(reverse("problem_new"), {"title": "x", "tickets": "999999"}).status_code == 422


def test_nothing_is_claimed_before_it_is_written(desk: Any, signed_in: Any, found: Problem) -> None:
    lead = signed_in("lead")
    shown = lead.post(reverse("problem_act", args=[found.number]), {"act": "find_cause"})
    assert shown.status_code == 400
    assert "Write down the cause first." in shown.content.decode()
    found.refresh_from_db()
    assert found.state == "open"
    # So the button is not offered before; the edit sheet is.
    assert "The cause is known" not in page(lead, found)
    actions.change_problem(problem_id=found.pk, by=desk.lead, now=desk.now, cause="A fuse.")
    assert "The cause is known" in page(lead, found)


def test_a_known_error_is_written_and_published_in_one_act(desk: Any, signed_in: Any, found: Problem) -> None:
    lead = signed_in("lead")
    lead.post(reverse("problem_edit", args=[found.number]), {
        "title": found.title, "description": "They smoke.", "cause": "A fuse.", "workaround": "Use the other one.",
        "updated": found.updated_at.isoformat(),
    })  # fmt: skip
    stale = lead.post(
        reverse("problem_edit", args=[found.number]), {"title": "Other", "updated": found.updated_at.isoformat()}
    )
    assert "was changed while you were writing" in stale.content.decode()
    assert "Use the other one." in lead.get(reverse("problem_publish", args=[found.number])).content.decode()
    lead.post(reverse("problem_publish", args=[found.number]), {"audience": "internal"})
    article = Article.objects.get()
    found.refresh_from_db()
    assert (article.kind, article.state, found.state, found.article) == (
        "known_error",
        "published",
        "known_error",
        article,
    )
    assert "A fuse." in article.body
    lead.post(reverse("problem_publish", args=[found.number]), {"audience": "internal"})
    assert Article.objects.count() == 1


def test_the_workaround_goes_to_every_open_ticket_once_and_can_be_taken_back(
    desk: Any, signed_in: Any, found: Problem
) -> None:
    Draft.objects.create(ticket=desk.ticket, user=desk.lead, kind="reply", body="half a thought", updated_at=desk.now)
    lead, where = signed_in("lead"), reverse("problem_workaround", args=[found.number])
    assert "2 open tickets of 1 customers" in lead.get(where).content.decode()
    assert signed_in("agent").post(where, {"body": "Unplug it.", "count": "2"}).status_code in (403, 422)
    assert lead.post(where, {"body": "Unplug it.", "count": "7"}).status_code == 422  # not what the preview showed
    lead.post(where, {"body": "Hello {name}, unplug it.", "count": "2"})
    assert sorted(Held.objects.values_list("body", flat=True)) == ["Hello Ana, unplug it."] * 2
    assert Draft.objects.filter(body="half a thought").exists()
    push = Push.objects.get()
    assert "Take back" in page(lead, found)
    lead.post(reverse("push_take_back", args=[found.number, push.pk]))
    assert not Held.objects.exists()
    lead.post(where, {"body": "Hello {name}, unplug it.", "count": "2"})
    assert "Everybody has it already." in lead.post(where, {"body": "Hello {name}, unplug it."}).content.decode()


def test_hypotheses_are_tested_and_the_one_that_stood_is_the_cause(desk: Any, signed_in: Any, found: Problem) -> None:
    agent = signed_in("agent")
    agent.post(reverse("hypothesis_new", args=[found.number]), {"text": "It is the heat"})
    agent.post(reverse("hypothesis_new", args=[found.number]), {"text": "It is the fuse"})
    heat, fuse = Hypothesis.objects.order_by("at")
    agent.post(
        reverse("hypothesis_judge", args=[found.number, heat.pk]), {"state": "rejected", "test": "Cold ones burn"}
    )
    agent.post(reverse("hypothesis_judge", args=[found.number, fuse.pk]), {"state": "confirmed", "test": "Swapped it"})
    found.refresh_from_db()
    assert found.cause == "It is the fuse"
    html = page(agent, found)
    assert "Cold ones burn" in html
    assert "Agent tested an explanation: rejected" in html


def test_two_problems_become_one(desk: Any, signed_in: Any, found: Problem) -> None:
    other = actions.open_problem(title="Fire", by=desk.lead, now=desk.now)
    signed_in("lead").post(reverse("problem_merge", args=[found.number]), {"into": str(other.pk)})
    found.refresh_from_db()
    assert (found.state, found.merged_into) == ("closed", other)
    assert Affected.objects.filter(problem=other).count() == 2
    assert "It is the same as" in page(signed_in("agent"), found)
    refused = signed_in("lead").post(reverse("problem_end", args=[found.number, "reopen"]), {"word": "x"})
    assert "Work on that one." in refused.content.decode()


def test_closing_and_reopening_say_why(desk: Any, signed_in: Any, found: Problem) -> None:
    lead = signed_in("lead")
    assert lead.post(reverse("problem_end", args=[found.number, "close"]), {"word": ""}).status_code == 422
    lead.post(reverse("problem_end", args=[found.number, "close"]), {"word": "Nobody prints any more."})
    assert "Nobody prints any more." in page(lead, found)
    lead.post(reverse("problem_end", args=[found.number, "reopen"]), {"word": "They do."})
    found.refresh_from_db()
    assert (found.state, found.closed_at) == ("open", None)


def test_a_ticket_shows_its_problem_and_joins_one_that_is_alike(desk: Any, signed_in: Any, found: Problem) -> None:
    agent = signed_in("agent")
    actions.change_problem(problem_id=found.pk, by=desk.lead, now=desk.now, workaround="Unplug it.", category="fire")
    panel = agent.get(reverse("ticket_problems", args=[desk.ticket.number])).content.decode()
    assert "Unplug it." in panel
    like = live_through(desk, weeks=1, lately=1, category="fire")[0]
    assert "It is this one" in agent.get(reverse("ticket_problems", args=[like.number])).content.decode()
    agent.post(reverse("ticket_problem_belongs", args=[like.number, found.number]))
    assert Affected.objects.filter(ticket=like, problem=found).exists()
    agent.post(reverse("problem_unlink", args=[found.number, like.number]))
    assert not Affected.objects.filter(ticket=like).exists()
    story = agent.get(reverse("ticket", args=[like.number])).content.decode()
    assert f"Agent linked it to problem {found.reference} Printers burn" in story
    fresh = live_through(desk, weeks=1, lately=1)[0]
    agent.post(reverse("ticket_problem_add", args=[fresh.number]), {"problem": "", "title": "VPN"})
    assert Affected.objects.get(ticket=fresh).problem.title == "VPN"
    assert agent.post(reverse("ticket_problem_add", args=[fresh.number]), {"title": ""}).status_code == 422


def test_proposals_are_shown_with_series_and_evidence_and_decided(desk: Any, signed_in: Any) -> None:
    live_through(desk)
    actions.detect(now=desk.now)
    one, lead = Proposal.objects.get(), signed_in("lead")
    listed = lead.get(reverse("proposals")).content.decode()
    assert "36 in the last 4 weeks, where 8 are usual" in listed
    assert "pm-bars" in listed
    shown = lead.get(reverse("proposal", args=[one.pk])).content.decode()
    assert shown.count("VPN drops") >= 36
    assert "less than 1 in 10,000" in shown
    assert signed_in("agent").post(reverse("proposal_accept", args=[one.pk]), {"title": "VPN"}).status_code in (
        403,
        422,
    )
    lead.post(reverse("proposal_accept", args=[one.pk]), {"title": "VPN breaks off"})
    assert Problem.objects.get().title == "VPN breaks off"
    assert (
        "accepted"
        in lead.post(reverse("proposal_reject", args=[one.pk]), {"reason": "x", "factor": "2"}).content.decode()
    )


def test_a_measure_is_taken_shown_and_withdrawn(desk: Any, signed_in: Any) -> None:
    live_through(desk, weeks=20, usual=8, lately=1, last=8)
    actions.tally(now=desk.now)
    made = actions.open_problem(title="VPN", by=desk.lead, now=desk.now)
    lead, where = signed_in("lead"), reverse("measure_new", args=[made.number])
    assert "Tickets: Payroll, vpn" in lead.get(where).content.decode()
    start = (desk.now - timedelta(days=57)).date()
    given = {"title": "New gateway", "kind": "fix", "series": "tickets&service=payroll", "starts_on": start.isoformat(),
             "expected": "50", "horizon": "8"}  # fmt: skip
    assert lead.post(where, given | {"series": ""}).status_code == 422
    lead.post(where, given)
    measure = Measure.objects.get()
    assert measure.verdict == "worked"
    html = page(lead, made)
    assert "Worked: 8" in html
    assert "pm-dots" in html
    assert "New gateway" in lead.get(reverse("measures")).content.decode()
    lead.post(reverse("measure_withdraw", args=[made.number, measure.pk]))
    assert "Withdrawn" in page(lead, made)


def test_customers_and_their_executives_see_no_problems(desk: Any, signed_in: Any, found: Problem) -> None:
    for name in ("requester",):
        assert signed_in(name).get(reverse("problems")).status_code == 403
    assert signed_in("stakeholder").get(reverse("problem", args=[found.number])).status_code == 200
    assert signed_in("stakeholder").post(reverse("problem_new"), {"title": "x"}).status_code == 403


def test_a_digest_tells_a_teams_month(desk: Any, signed_in: Any) -> None:
    found = actions.open_problem(title="Printers burn", by=desk.lead, now=desk.now, tickets=[desk.ticket.pk])
    assert actions.make_digests(now=desk.now, month=desk.now.date()) == 1
    assert actions.make_digests(now=desk.now, month=desk.now.date()) == 0
    month = f"{desk.now:%Y-%m}"
    html = signed_in("agent").get(reverse("digest", args=[desk.team.slug, month])).content.decode()
    assert "1 escalation (0 the month before), on 50 % of 2 tickets." in html
    assert f"{found.reference} Printers burn: open" in html
    assert f"Find a workaround for {found.reference}" in html
    assert desk.team.name in signed_in("agent").get(reverse("digests")).content.decode()
    assert signed_in("agent").get(reverse("digest", args=[desk.team.slug, "soon"])).status_code == 404


def test_a_digest_speaks_each_readers_language(desk: Any, signed_in: Any) -> None:
    desk.lead.language = "de"
    desk.lead.save()
    actions.open_problem(title="Printers burn", by=desk.lead, now=desk.now, tickets=[desk.ticket.pk])
    actions.make_digests(now=desk.now, month=desk.now.date())
    where = reverse("digest", args=[desk.team.slug, f"{desk.now:%Y-%m}"])
    html = signed_in("lead").get(where).content.decode()
    assert "1 Eskalation (im Monat davor 0), bei 50 % von 2 Tickets." in html
    assert "Was als Nächstes zu tun ist" in html
    assert "What to do next" in signed_in("agent").get(where).content.decode()
    told = Page.objects.filter(subject__startswith=desk.team.name)
    german, english = (told.get(user=one) for one in (desk.lead, desk.manager))
    assert german.subject.startswith(f"{desk.team.name} im ")
    assert german.body.startswith("1 Eskalation (im Monat davor 0)")
    assert english.body.startswith("1 escalation (0 the month before)")
    # Digests of earlier releases hold other facts: they stay as they were written.
    Digest.objects.update(facts={"escalations": 1}, text="1 escalation.\n\nWhy\n- Complexity: 1")
    assert "Complexity: 1" in signed_in("lead").get(where).content.decode()


def test_proposals_and_measures_speak_the_readers_language(desk: Any, signed_in: Any, found: Problem) -> None:
    desk.lead.language = "de"
    desk.lead.save()
    day = desk.now.date()
    row = Proposal.objects.create(
        id=new_id(), series="escalations&service=payroll&reason=sla_breached", names=["Payroll", "sla breached"],
        sentence="Escalations: ...", found_at=desk.now, looked_at=desk.now, last_day=day, weeks=4, recent=18, usual=1.5,
        ratio=3.0, p=0.0001, adjusted=0.01, scatter=1.0, changed_on=day, changed_from=1.5, changed_to=4.5,
        also=[{"series": "escalations&item=DB-1", "names": ["DB-1"]}, "of an earlier release"],
    )  # fmt: skip
    actions.add_measure(
        problem_id=found.pk, kind="fix", title="A new fuse", series="tickets&service=payroll", starts_on=day, by=desk.lead,
        now=desk.now,
    )  # fmt: skip
    lead = signed_in("lead")
    for where in (reverse("proposals"), reverse("proposal", args=[row.pk])):
        html = lead.get(where).content.decode()
        assert "Eskalationen: Payroll, Eskalationsgrund SLA verletzt. 18 in den letzten 4 Wochen, üblich sind 6" in html
        assert "verdreifacht." in html
        assert "an DB-1; of an earlier release" in html
    for where in (reverse("measures"), reverse("problem", args=[found.number])):
        assert "Zu früh: Seit dem Beginn" in lead.get(where).content.decode()
    assert "Too early: no whole week" in signed_in("agent").get(reverse("measures")).content.decode()
    made = actions.accept(proposal_id=row.pk, by=desk.lead, now=desk.now)
    assert made.description.startswith("Eskalationen: Payroll")


def test_empty_pages_say_what_to_do(desk: Any, signed_in: Any) -> None:
    agent = signed_in("agent")
    assert "No problem is known" in agent.get(reverse("problems")).content.decode()
    assert "The first look is taken tonight." in agent.get(reverse("proposals")).content.decode()
    assert "No measure is taken yet" in agent.get(reverse("measures")).content.decode()
    assert "No digest yet" in agent.get(reverse("digests")).content.decode()
    actions.open_problem(title="x", by=desk.lead, now=desk.now)
    assert "No problem is like that" in agent.get(reverse("problems"), {"q": "zebra"}).content.decode()
    assert Ticket.objects.count() == 2
