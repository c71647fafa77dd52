"""A course is written, asked for, passed; the skill is there, and it expires. Through the pages and the engine's sources."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.knowledge import actions as knowledge
from tocsin.domain.notify.models import Page
from tocsin.domain.people import actions as people
from tocsin.domain.people.models import Skill
from tocsin.domain.people.queries import skilled_in
from tocsin.domain.training import actions, queries
from tocsin.domain.training.models import Attempt, Completion, Course, Grant
from tocsin.engine.sources import SOURCES
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed

QUESTIONS = (
    "? Which light is red\n* The gateway's\n- The printer's\n> It blinks while it restarts.\n\n? Restart\n* Yes\n- No"
)
DAY = timedelta(days=1)


def course(desk: Desk, **more: Any) -> Course:
    """A published course with one article that grants the skill VPN."""
    article = knowledge.save_article(title="Gateways", body="Look at the lights.", by=desk.lead, now=desk.now)
    knowledge.publish(article_id=article.pk, by=desk.lead, now=desk.now)
    made = actions.save_course(
        title="VPN basics", articles=[article], questions=QUESTIONS, skills=["VPN"], by=desk.lead, now=desk.now,
        **{"pass_mark": 100, **more},
    )  # fmt: skip
    return actions.publish_course(course_id=made.pk, by=desk.lead, now=desk.now)


def passed(desk: Desk, made: Course, **more: Any) -> Attempt:
    return actions.answer_course(
        course_id=made.pk, version=made.live or 0, answers=[[0], [0]], **{"by": desk.agent, "now": desk.now, **more}
    )


def names(skill: str) -> list[str]:
    return [one.name for one in skilled_in(skill)]


def courses_source() -> Any:
    return next(one for one in SOURCES if one.name == "courses")


def test_a_course_is_passed_the_skill_is_there_and_it_expires(desk: Desk) -> None:
    made = course(desk)
    actions.require(course=made, line="L1", service=desk.service, by=desk.lead, now=desk.now)
    agent = desk.client(desk.agent)
    assert "VPN basics" in agent.get(reverse("training")).content.decode()
    asked = agent.get(reverse("course_take", args=[made.pk])).content.decode()
    assert "It blinks while it restarts." not in asked  # explained afterwards only
    wrong = agent.post(
        reverse("course_take", args=[made.pk]), {"version": "1", "question_0": "1", "question_1": "0"}, follow=True
    ).content.decode()
    assert "Not passed yet" in wrong
    assert "It blinks while it restarts." in wrong
    assert names("VPN") == []
    right = agent.post(
        reverse("course_take", args=[made.pk]), {"version": "1", "question_0": "0", "question_1": "0"}, follow=True
    ).content.decode()
    assert "with it you have: VPN" in right
    assert names("VPN") == ["Agent"]
    found = desk.client(desk.lead).get(reverse("who_knows"), {"q": "vpn"}).content.decode()
    assert "passed VPN basics" in found
    assert "on call now" in found  # the agent has duty this week

    source, completion = courses_source(), Completion.objects.get()
    until = completion.valid_until
    assert until is not None
    told = Page.objects.filter(user=desk.agent).count()
    assert source.next_due() == until - 30 * DAY
    assert source.claim(now=until - 31 * DAY, limit=10) == 0
    assert source.claim(now=until - 30 * DAY, limit=10) == 1  # reminded ahead
    assert (Page.objects.filter(user=desk.agent).count(), names("VPN")) == (told + 1, ["Agent"])
    assert source.claim(now=until - timedelta(seconds=1), limit=10) == 0
    assert source.claim(now=until, limit=10) == 1
    assert names("VPN") == []
    assert Page.objects.filter(user=desk.agent).count() == told + 2
    assert source.next_due() is None
    assert [one.standing.what for one in queries.duties_of(desk.agent, until)] == ["overdue"]


def test_after_downtime_it_ends_without_a_reminder(desk: Desk) -> None:
    made = course(desk)
    passed(desk, made)
    until = Completion.objects.get().valid_until
    assert until is not None
    told = Page.objects.filter(user=desk.agent).count()
    assert courses_source().claim(now=until + DAY, limit=10) == 1
    assert Page.objects.filter(user=desk.agent).count() == told + 1
    assert courses_source().claim(now=until + DAY, limit=10) == 0


def test_a_skill_entered_by_hand_stays_when_the_course_runs_out(desk: Desk) -> None:
    people.set_skills(user=desk.agent, names=["VPN"], by=None, now=desk.now)
    made = course(desk)
    passed(desk, made)
    until = Completion.objects.get().valid_until
    assert until is not None
    courses_source().claim(now=until, limit=10)
    assert names("VPN") == ["Agent"]


def test_a_skill_that_two_courses_grant_goes_with_the_last(desk: Desk) -> None:
    made = course(desk, valid_months=1)
    other = actions.save_course(
        title="VPN deep", questions=QUESTIONS, skills=["vpn"], valid_months=2, by=desk.lead, now=desk.now
    )
    other = actions.publish_course(course_id=other.pk, by=desk.lead, now=desk.now)
    passed(desk, made)
    passed(desk, other)
    assert Skill.objects.filter(name__iexact="vpn").count() == 1
    first, last = sorted(one.valid_until for one in Completion.objects.all() if one.valid_until)
    courses_source().claim(now=first, limit=10)
    assert names("VPN") == ["Agent"]
    courses_source().claim(now=last, limit=10)
    assert names("VPN") == []


def test_passing_again_renews_and_the_skill_is_never_gone_in_between(desk: Desk) -> None:
    made = course(desk)
    passed(desk, made)
    passed(desk, made, now=desk.now + 300 * DAY)
    assert Completion.objects.filter(state="valid").count() == 1
    assert courses_source().claim(now=desk.now + 400 * DAY, limit=10) == 0
    assert names("VPN") == ["Agent"]
    assert Grant.objects.filter(ended_at=None).count() == 1


def test_a_lead_signs_off_before_it_counts(desk: Desk) -> None:
    made = course(desk, needs_sign_off=True)
    told = Page.objects.filter(user=desk.lead).count()
    passed(desk, made)
    assert (names("VPN"), Page.objects.filter(user=desk.lead).count()) == ([], told + 1)
    completion = Completion.objects.get()
    where = reverse("completion_sign", args=[completion.pk])
    assert desk.client(desk.agent).post(where, {"answer": "yes"}).status_code == 404  # never for oneself
    assert desk.client(desk.expert).post(where, {"answer": "yes"}).status_code == 404
    lead = desk.client(desk.lead)
    assert lead.post(where, {"answer": "no", "word": ""}).status_code == 422  # no wants a word
    lead.post(where, {"answer": "yes"})
    assert names("VPN") == ["Agent"]
    with pytest.raises(Conflict, match="answered already"):
        actions.sign_off(completion_id=completion.pk, yes=True, by=desk.lead, now=desk.now)


def test_a_changed_course_asks_for_renewal_by_choice(desk: Desk) -> None:
    made = course(desk)
    actions.require(course=made, line="L1", by=desk.lead, now=desk.now)
    passed(desk, made)
    changed = {"title": "VPN basics", "questions": QUESTIONS + "\n- Maybe", "skills": ["VPN"], "by": desk.lead}
    actions.save_course(course_id=made.pk, now=desk.now, **changed)
    actions.publish_course(course_id=made.pk, by=desk.lead, now=desk.now)
    assert [one.standing.what for one in queries.duties_of(desk.agent, desk.now)] == ["done"]
    actions.save_course(course_id=made.pk, now=desk.now, **{**changed, "about": "New."})
    actions.publish_course(course_id=made.pk, by=desk.lead, now=desk.now, ask_renewal=True)
    assert [one.standing.what for one in queries.duties_of(desk.agent, desk.now)] == ["renew"]
    assert names("VPN") == ["Agent"]
    assert [one.standing.what for one in queries.duties_of(desk.agent, desk.now + 30 * DAY)] == ["overdue"]


def test_nobody_sees_others_wrong_answers_but_their_lead(desk: Desk) -> None:
    made = course(desk)
    attempt = actions.answer_course(course_id=made.pk, version=1, answers=[[1], [1]], by=desk.agent, now=desk.now)
    where = reverse("attempt", args=[attempt.pk])
    seen = {who: desk.client(getattr(desk, who)).get(where).status_code for who in ("agent", "lead", "expert", "admin")}
    assert seen == {"agent": 200, "lead": 200, "expert": 404, "admin": 404}


def test_answers_to_an_older_version_or_to_half_of_it_are_refused(desk: Desk) -> None:
    made = course(desk)
    with pytest.raises(Conflict, match="changed meanwhile"):
        actions.answer_course(course_id=made.pk, version=9, answers=[[0], [0]], by=desk.agent, now=desk.now)
    with pytest.raises(InvalidInput, match="1 of 2 questions"):
        actions.answer_course(course_id=made.pk, version=1, answers=[[0]], by=desk.agent, now=desk.now)
    page = desk.client(desk.agent).post(reverse("course_take", args=[made.pk]), {"version": "1", "question_0": "1"})
    assert page.status_code == 422
    assert page.content.decode().count(" checked>") == 1  # nothing that was chosen is lost
    assert not Attempt.objects.exists()


def test_a_leads_word_puts_a_skill_into_the_register_and_strikes_it_out(desk: Desk) -> None:
    lead = desk.client(desk.lead)
    lead.post(reverse("skill_vouch"), {"person": str(desk.expert.pk), "skill": "Oracle", "word": "ran it for years"})
    assert names("oracle") == ["Expert"]
    assert "Lead says so: ran it for years" in lead.get(reverse("who_knows"), {"q": "oracl"}).content.decode()
    skill = Skill.objects.get(name="Oracle")
    with pytest.raises(NotAllowed, match="nobody says it of themselves"):
        actions.vouch(person=desk.lead, skill="Oracle", by=desk.lead, now=desk.now)
    with pytest.raises(NotAllowed):
        actions.vouch(person=desk.expert, skill="Go", by=desk.agent, now=desk.now)
    lead.post(reverse("skill_strike", args=[desk.expert.pk, skill.pk]))
    assert names("Oracle") == []


def test_the_team_page_shows_what_only_one_knows_and_the_remedy(desk: Desk) -> None:
    made = course(desk)
    actions.require(course=made, line="L1", service=desk.service, by=desk.lead, now=desk.now)
    passed(desk, made)
    found = queries.coverage(desk.team, desk.now)
    assert [(one.name if one else "", knowing, of) for one, knowing, of in found.services] == [("Payroll", 1, 2)]
    assert {(gap.what, gap.only and gap.only.name) for gap in found.gaps} == {("Payroll", "Agent"), ("VPN", "Agent")}
    lead = desk.client(desk.lead)
    part = lead.get(reverse("team_coverage", args=["first-line"]), headers={"hx-request": "true"}).content.decode()
    assert "only Agent knows it" in part
    told = Page.objects.filter(user=desk.lead).count()
    asking = {"course": str(made.pk), "people": [str(desk.lead.pk)], "word": "Two should know it."}
    lead.post(reverse("team_ask_to_learn", args=["first-line"]), asking)
    assert Page.objects.filter(user=desk.lead).count() == told + 1


def test_agents_write_no_courses(desk: Desk) -> None:
    made = course(desk)
    agent = desk.client(desk.agent)
    assert agent.get(reverse("course_new")).status_code == 403
    assert agent.post(reverse("course_act", args=[made.pk]), {"act": "retire"}).status_code == 403
    assert "Which light is red" not in agent.get(reverse("course", args=[made.pk])).content.decode()


def test_a_lead_writes_a_course_in_pages(desk: Desk) -> None:
    lead = desk.client(desk.lead)
    fields = {
        "title": "Mail",
        "questions": "? Q\n- A\n- B",
        "pass_mark": "80",
        "valid_months": "0",
        "skills": "Mail, SMTP",
    }
    refused = lead.post(reverse("course_new"), fields)
    assert refused.status_code == 422
    assert "has no right choice" in refused.content.decode()
    lead.post(reverse("course_new"), fields | {"questions": "? Q\n* A\n- B"})
    made = Course.objects.get()
    assert sorted(one.name for one in made.skills.all()) == ["Mail", "SMTP"]
    lead.post(reverse("course_act", args=[made.pk]), {"act": "publish"})
    stale = lead.post(reverse("course_edit", args=[made.pk]), fields | {"questions": "? Q\n* A\n- C", "version": "7"})
    assert stale.status_code == 422
    again = fields | {"questions": "? Q\n* A\n- C", "version": "1"}
    lead.post(reverse("course_edit", args=[made.pk]), again)
    made.refresh_from_db()
    assert (made.live, made.version) == (1, 2)


def test_coverage_takes_a_constant_number_of_queries(desk: Desk, django_assert_max_num_queries: Any) -> None:
    made = course(desk)
    for line in ("L1", "L2", "L3"):
        actions.require(course=made, line=line, by=desk.lead, now=desk.now)
    with django_assert_max_num_queries(13):
        queries.coverage(desk.team, desk.now)
