"""Closings, reviews and corrective actions in pages."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.problems import actions as problems
from tocsin.domain.problems.models import Cause, Measure
from tocsin.domain.reviews import actions, links, queries
from tocsin.domain.reviews.models import (
    CauseCategory,
    CauseNode,
    Closing,
    CorrectiveAction,
    Moment,
    Review,
    Share,
    SignOff,
    StartRule,
)
from tocsin.domain.tickets import actions as tickets


@pytest.fixture
def found(desk: Any) -> Review:
    """The review of the desk's escalation, drafted."""
    tickets.add_message(
        ticket_id=desk.ticket.pk, kind="note", body="SECRET internal thought", by=desk.expert, now=desk.now
    )
    tickets.add_message(
        ticket_id=desk.ticket.pk, kind="reply", body="We changed the fuse.", by=desk.expert, now=desk.now
    )
    escalation.resolve_escalation(
        escalation_id=desk.escalated.pk, by=desk.agent, outcome="Fuse changed by Expert.", now=desk.now
    )
    return actions.open_review(escalation_ids=[desk.escalated.pk], by=desk.lead, now=desk.now, facilitator=desk.lead)


def page(client: Any, found: Review) -> str:
    answer = client.get(reverse("review", args=[found.number]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def cause(desk: Any, found: Review, words: str, **more: Any) -> CauseNode:
    return actions.save_cause(review_id=found.pk, words=words, by=desk.agent, now=desk.now, **more)


def test_ending_an_escalation_is_followed_by_its_closing_prefilled_from_the_journal(desk: Any, signed_in: Any) -> None:
    tickets.add_message(ticket_id=desk.ticket.pk, kind="note", body="It was the fuse.", by=desk.expert, now=desk.now)
    agent = signed_in("agent")
    ended = agent.post(
        reverse("escalation_end", args=[desk.escalated.pk]), {"how": "resolve", "outcome": "The fuse was changed."}
    )
    where = reverse("escalation_closing", args=[desk.escalated.pk])
    assert ended["Location"] == where
    html = agent.get(where).content.decode()
    assert "The fuse was changed." in html
    assert "Expert: It was the fuse." in html
    assert "To close" in agent.get(reverse("closings")).content.decode()
    assert f"T-{desk.ticket.number}" in agent.get(reverse("closings")).content.decode()
    chosen = CauseCategory.objects.get(name="Hardware")
    missing = agent.post(where, {"done": "The fuse was changed."})
    assert missing.status_code == 422
    agent.post(where, {
        "done": "The fuse was changed.", "category": chosen.pk, "avoidable_by": "monitoring", "article_missing": "Fuses",
    })  # fmt: skip
    closing = Closing.objects.get()
    assert (closing.category, closing.avoidable_by, closing.filled_by) == (chosen, "monitoring", desk.agent)
    assert Cause.objects.get().category == "Fault: Hardware"  # the detector of repeats counts it
    assert queries.to_close_count(desk.agent) == 0
    counted = queries.counts_by_cause(start=desk.now - timedelta(days=1), end=desk.now + timedelta(days=1))
    assert [(one.name, one.count) for one in counted] == [("Fault: Hardware", 1)]


def test_without_any_category_of_causes_a_closing_says_who_adds_one(desk: Any, signed_in: Any) -> None:
    CauseCategory.objects.all().delete()
    escalation.resolve_escalation(escalation_id=desk.escalated.pk, by=desk.agent, outcome="Done.", now=desk.now)
    where = reverse("escalation_closing", args=[desk.escalated.pk])
    agent = signed_in("agent")
    assert "Problem managers add them" in agent.get(where).content.decode()
    refused = agent.post(where, {"done": "A new fuse.", "avoidable_by": "no"})
    assert refused.status_code == 422
    assert "A new fuse." in refused.content.decode()
    manager = signed_in("manager")
    assert manager.get(reverse("reviews_setting")).status_code == 200
    manager.post(reverse("cause_category_new"), {"name": "Hardware"})
    agent.post(where, {"done": "A new fuse.", "category": CauseCategory.objects.get().pk, "avoidable_by": "no"})
    assert Closing.objects.get().filled_by == desk.agent


def test_what_ends_by_the_ticket_waits_in_the_list_and_on_the_ticket(desk: Any, signed_in: Any) -> None:
    tickets.resolve(ticket_id=desk.ticket.pk, by=desk.agent, note="Done", now=desk.now)
    assert Closing.objects.get().filled_at is None
    panel = signed_in("agent").get(reverse("ticket_reviews", args=[desk.ticket.number])).content.decode()
    assert "Say what it came from" in panel


def test_a_draft_knows_what_happened_who_was_there_and_how_long_it_took(
    desk: Any, signed_in: Any, found: Review
) -> None:
    html = page(signed_in("agent"), found)
    assert "Printer is on fire" in found.summary
    assert "Fuse changed" in html
    assert "We changed the fuse." in html
    assert "Until it was escalated" in html
    assert set(found.participants.values_list("pk", flat=True)) >= {desk.agent.pk}
    assert Moment.objects.filter(review=found, picked=True, text__contains="opened the ticket").exists()
    notes = Moment.objects.filter(review=found, text__contains="SECRET")
    assert {(one.picked, one.internal) for one in notes} == {(False, True)}


def test_moments_are_picked_left_out_worded_and_added(desk: Any, signed_in: Any, found: Review) -> None:
    agent = signed_in("agent")
    one = Moment.objects.filter(review=found, picked=True).first()
    assert one is not None
    agent.post(reverse("moment_pick", args=[found.number, one.pk]), {"picked": "no"})
    one.refresh_from_db()
    assert not one.picked
    line = agent.post(reverse("moment_pick", args=[found.number, one.pk]), {"picked": "yes"}, HTTP_HX_REQUEST="true")
    assert "Leave out" in line.content.decode()
    at = (desk.now - timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M")
    agent.post(
        reverse("moment_new", args=[found.number]), {"at": at, "words": "The supplier called back", "internal": "on"}
    )
    own = Moment.objects.get(text="The supplier called back")
    later = (desk.now + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    refused = agent.post(reverse("moment_new", args=[found.number]), {"at": later, "words": "x"})
    assert "in the past" in refused.content.decode()
    agent.post(reverse("moment_edit", args=[found.number, own.pk]), {"at": at, "words": "The supplier called"})
    own.refresh_from_db()
    assert (own.text, own.internal) == ("The supplier called", False)
    assert agent.post(reverse("moment_remove", args=[found.number, one.pk])).status_code == 409
    agent.post(reverse("moment_remove", args=[found.number, own.pk]))
    assert not Moment.objects.filter(pk=own.pk).exists()


def test_the_tree_of_causes_is_asked_moved_and_drawn(desk: Any, signed_in: Any, found: Review) -> None:
    agent = signed_in("agent")
    where = reverse("cause_new", args=[found.number])
    agent.post(where, {"words": "The fuse blew", "bone": "tools"})
    top = CauseNode.objects.get()
    agent.post(where, {
        "words": "Nobody measured the load", "bone": "process", "contributing": "on", "below": top.pk,
        "evidence": "the meter https://meter.example/7",
    })  # fmt: skip
    below = CauseNode.objects.get(parent=top)
    assert below.evidence == [{"label": "the meter", "url": "https://meter.example/7"}]
    refused = agent.post(where, {"words": "x", "evidence": "javascript:alert(1)"})
    assert refused.status_code == 422
    second = cause(desk, found, "The alarm was off")
    html = page(agent, found)
    assert "1.1" in html
    assert "<svg viewBox" in html
    assert "Nobody measured the load" in html
    agent.post(reverse("cause_move", args=[found.number, second.pk]), {"to": "up"})
    assert [one.node.text for one in queries.causes_of(found) if not one.depth] == [
        "The alarm was off",
        "The fuse blew",
    ]
    agent.post(reverse("cause_move", args=[found.number, top.pk]), {"to": "in"})
    top.refresh_from_db()
    assert top.parent == second
    agent.post(reverse("cause_move", args=[found.number, below.pk]), {"to": "out"})
    below.refresh_from_db()
    assert below.parent == second
    agent.post(reverse("cause_remove", args=[found.number, second.pk]))
    assert not CauseNode.objects.exists()


def test_wording_that_blames_gets_a_hint_and_is_kept(desk: Any, signed_in: Any, found: Review) -> None:
    cause(desk, found, "Expert should have seen it")
    html = page(signed_in("agent"), found)
    assert "What was known then" in html
    assert "Expert should have seen it" in html


def test_notes_are_saved_as_typed_and_two_writers_do_not_overwrite_each_other(
    desk: Any, signed_in: Any, found: Review
) -> None:
    agent, where = signed_in("agent"), reverse("review_notes", args=[found.number])
    saved = agent.post(where, {"notes": "first", "before": ""}, HTTP_ACCEPT="application/json")
    assert (saved.status_code, saved.json()["said"]) == (200, "Saved.")
    stale = signed_in("lead").post(where, {"notes": "other", "before": ""}, HTTP_ACCEPT="application/json")
    assert stale.status_code == 409
    found.refresh_from_db()
    assert found.notes == "first"


def form_of(client: Any, where: str) -> dict[str, str]:
    """What the edit sheet offers, as a browser would send it back."""
    shown = client.get(where).context["form"].initial
    return {
        "title": shown["title"], "summary": shown["summary"].replace("\n", "\r\n"), "went_well": shown["went_well"],
        "agenda": shown["agenda"].replace("\n", "\r\n"), "facilitator": str(shown["facilitator"] or ""),
        "participants": shown["participants"], "seen": json.dumps(shown["seen"]),
    }  # fmt: skip


def test_two_who_edit_different_fields_both_keep_theirs(desk: Any, signed_in: Any, found: Review) -> None:
    agent, lead, where = signed_in("agent"), signed_in("lead"), reverse("review_edit", args=[found.number])
    mine, theirs = form_of(agent, where), form_of(lead, where)
    assert lead.post(where, {**theirs, "summary": "The fuse blew."}).status_code == 302
    assert agent.post(where, {**mine, "title": "Fire in the copy room"}).status_code == 302
    found.refresh_from_db()
    assert (found.title, found.summary) == ("Fire in the copy room", "The fuse blew.")
    # A form sent back as it came changes nothing, and says so to nobody.
    at = found.updated_at
    assert agent.post(where, form_of(agent, where)).status_code == 302
    found.refresh_from_db()
    assert found.updated_at == at


def test_two_who_edit_the_same_field_see_both_texts_and_lose_nothing(desk: Any, signed_in: Any, found: Review) -> None:
    agent, lead, where = signed_in("agent"), signed_in("lead"), reverse("review_edit", args=[found.number])
    mine, theirs = form_of(agent, where), form_of(lead, where)
    lead.post(where, {**theirs, "summary": "Lead: the fuse blew."})
    refused = agent.post(where, {**mine, "summary": "Agent: it was the load.", "title": "Fire"})
    assert refused.status_code == 422
    html = refused.content.decode()
    for words in ("Two have written this", "Lead: the fuse blew.", "Agent: it was the load."):
        assert words in html
    found.refresh_from_db()
    assert (found.title, found.summary) == ("Printer is on fire", "Lead: the fuse blew.")
    # Both put together, saved again from what the sheet now holds.
    again = {
        **mine,
        "seen": refused.context["form"].data["seen"],
        "title": "Fire",
        "summary": "The load blew the fuse.",
    }
    assert agent.post(where, again).status_code == 302
    found.refresh_from_db()
    assert (found.title, found.summary) == ("Fire", "The load blew the fuse.")


def test_notes_of_two_are_both_shown_also_without_script(desk: Any, signed_in: Any, found: Review) -> None:
    agent, lead, where = signed_in("agent"), signed_in("lead"), reverse("review_notes", args=[found.number])
    lead.post(where, {"notes": "Lead's notes", "before": ""})
    told = agent.post(where, {"notes": "Agent's notes", "before": ""}, HTTP_ACCEPT="application/json")
    assert told.json()["theirs"] == "Lead's notes"
    refused = agent.post(where, {"notes": "Agent's notes", "before": ""})
    assert refused.status_code == 422
    assert (refused.context["theirs"][0][1], refused.context["form"]["notes"].value()) == (
        "Lead's notes",
        "Agent's notes",
    )
    assert agent.post(where, {"notes": "Both", "before": refused.context["form"]["before"].value()}).status_code == 302
    found.refresh_from_db()
    assert found.notes == "Both"


def test_who_else_writes_on_a_review_is_shown_until_they_leave(desk: Any, signed_in: Any, found: Review) -> None:
    agent, lead, where = signed_in("agent"), signed_in("lead"), reverse("review_watching", args=[found.number])
    assert agent.post(where, {"part": "notes"}).content.decode().strip() == ""
    seen = lead.post(where, {"part": ""}).content.decode()
    assert "Agent writes the notes" in " ".join(seen.split())
    assert "Lead is reading" in " ".join(agent.post(where, {"part": "text"}).content.decode().split())
    assert agent.post(where, {"part": "nothing"}).status_code == 400
    agent.post(where, {"part": "gone"})
    assert lead.post(where, {"part": ""}).content.decode().strip() == ""


@pytest.mark.parametrize(("at", "again"), [("", "true"), ("/edit", None)])
def test_a_sheet_over_the_review_loads_the_page_anew(
    desk: Any, signed_in: Any, found: Review, at: str, again: str
) -> None:
    """To another part of the page that it is on, a browser would only scroll."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"https://desk.example/reviews/{found.number}{at}#causes"}
    answer = signed_in("agent").post(
        reverse("cause_new", args=[found.number]), {"words": "The fuse blew"}, headers=headers
    )
    assert answer["HX-Redirect"] == f"/reviews/{found.number}#cause-{CauseNode.objects.get().pk}"
    assert answer.get("HX-Refresh") == again


def test_a_corrective_action_is_taken_done_with_evidence_and_listed(desk: Any, signed_in: Any, found: Review) -> None:
    agent = signed_in("agent")
    due = (desk.now + timedelta(days=10)).date()
    given = {"title": "Measure the load", "kind": "prevent", "effort": "small", "owner": desk.agent.pk, "due_on": due}
    agent.post(reverse("corrective_action_new", args=[found.number]), given)
    one = CorrectiveAction.objects.get()
    assert "Measure the load" in agent.get(reverse("corrective_actions")).content.decode()
    where = reverse("corrective_action_done", args=[found.number, one.pk])
    assert agent.post(where, {"evidence": " "}).status_code == 422
    assert signed_in("expert").post(where, {"evidence": "x"}).status_code == 422  # not theirs: refused beside the form
    agent.post(where, {"evidence": "https://meter.example/8 shows half the load"})
    one.refresh_from_db()
    assert (one.state, one.next_at, one.ended_by) == ("done", None, desk.agent)
    past = agent.post(
        reverse("corrective_action_new", args=[found.number]),
        {**given, "due_on": (desk.now - timedelta(days=9)).date()},
    )
    assert "from today on" in past.content.decode()


def test_an_action_becomes_a_measure_of_a_problem_and_an_article(desk: Any, signed_in: Any, found: Review) -> None:
    problem = problems.open_problem(title="Fuses", by=desk.lead, now=desk.now, tickets=[desk.ticket.pk])
    one = actions.add_action(
        review_id=found.pk, title="Stronger fuses", kind="prevent", owner=desk.agent,
        due_on=(desk.now + timedelta(days=3)).date(), by=desk.agent, now=desk.now,
    )  # fmt: skip
    made = actions.make_measure(
        review_id=found.pk, action_id=one.pk, problem_id=problem.pk, kind="fix", series="tickets&service=payroll",
        starts_on=desk.now.date(), by=desk.lead, now=desk.now,
    )  # fmt: skip
    assert Measure.objects.get() == made
    agent = signed_in("agent")
    answer = agent.post(reverse("corrective_action_article", args=[found.number, one.pk]))
    one.refresh_from_db()
    assert one.article is not None
    assert answer["Location"] == reverse("article_edit", args=[one.article.number])
    html = page(agent, found)
    assert f"measured in {problem.reference}" in html
    assert one.article.reference in html


def test_sign_off_wants_a_cause_keeps_the_version_and_a_change_makes_a_new_one(
    desk: Any, signed_in: Any, found: Review
) -> None:
    lead, agent = signed_in("lead"), signed_in("agent")
    where = reverse("review_sign", args=[found.number])
    assert "contributing cause" in lead.post(where, {"word": ""}).content.decode()
    cause(desk, found, "Nobody measured the load", contributing=True)
    assert agent.post(where, {"word": ""}).status_code == 422
    lead.post(where, {"word": "Well done"})
    signed = SignOff.objects.get()
    assert (signed.version, signed.by, signed.document["causes"][0]["text"]) == (
        1,
        desk.lead,
        "Nobody measured the load",
    )
    assert agent.post(reverse("cause_new", args=[found.number]), {"words": "Late"}).status_code == 422
    lead.post(reverse("review_move", args=[found.number]), {"act": "revise"})
    cause(desk, found, "The alarm was off", contributing=True)
    lead.post(where, {"word": ""})
    assert [one.version for one in queries.versions_of(found)] == [2, 1]
    html = lead.get(reverse("review_versions", args=[found.number])).content.decode()
    assert "+ 2 The alarm was off" in html
    old = lead.get(reverse("review_pdf", args=[found.number]), {"version": "1"})
    assert old.content.startswith(b"%PDF")
    assert lead.get(reverse("review_pdf", args=[found.number]), {"version": "9"}).status_code == 404


def test_what_customers_get_holds_nothing_internal(desk: Any, signed_in: Any, found: Review) -> None:
    cause(
        desk,
        found,
        "Expert measured nothing, see expert@desk.example and https://wiki.desk.example/1",
        contributing=True,
    )
    cause(desk, found, "A hidden step")
    actions.write(review_id=found.pk, by=desk.lead, now=desk.now, summary="Agent and Lead worked all night for Acme.")
    actions.add_action(
        review_id=found.pk, title="Lead buys fuses", kind="prevent", owner=desk.agent, tracker_url="https://jira.example/1",
        due_on=(desk.now + timedelta(days=3)).date(), by=desk.agent, now=desk.now,
    )  # fmt: skip
    lead = signed_in("lead")
    shown = lead.get(reverse("review_share", args=[found.number])).content.decode()
    assert "[staff]" in shown
    lead.post(
        reverse("review_share", args=[found.number]),
        {"parts": ["summary", "timeline", "causes", "actions", "durations"]},
    )
    share = Share.objects.get()
    visitor = desk.client(None)
    token = links.share_token(share)
    html = visitor.get(reverse("shared_review", args=[token])).content.decode()
    assert "worked all night for Acme" in html
    assert "Please hurry." in html
    text = str(share.document) + html
    for word in ("SECRET", "Expert", "Agent", "Lead", "desk.example", "jira", "hidden step", "paged", "quick"):
        assert word not in text, word
    pdf = visitor.get(reverse("shared_review_pdf", args=[token]))
    assert pdf.content.startswith(b"%PDF")
    assert visitor.post(reverse("shared_review", args=[token])).status_code == 405
    assert visitor.get(reverse("shared_review", args=[token[:-2] + "xx"])).status_code == 404
    lead.post(reverse("review_share_revoke", args=[found.number, share.pk]))
    gone = visitor.get(reverse("shared_review", args=[token]))
    assert gone.status_code == 404
    assert "not shared any more" in gone.content.decode()


def test_who_may_not_run_a_review_cannot_share_or_move_it(desk: Any, signed_in: Any, found: Review) -> None:
    agent = signed_in("agent")
    assert agent.get(reverse("review_share", args=[found.number])).status_code == 403
    assert agent.post(reverse("review_move", args=[found.number]), {"act": "meet"}).status_code == 403
    assert agent.get(reverse("review_new")).status_code == 403
    assert signed_in("requester").get(reverse("review", args=[found.number])).status_code == 403
    stakeholder = page(signed_in("stakeholder"), found)
    assert "Word it" not in stakeholder


def test_several_escalations_are_reviewed_together_by_hand(desk: Any, signed_in: Any) -> None:
    lead = signed_in("lead")
    escalation.escalate(ticket_id=desk.queued.pk, policy="quick", by=desk.agent, now=desk.now, tried="A click.")
    where = reverse("review_new")
    given = {"tickets": f"T-{desk.ticket.number} T-{desk.queued.number}", "title": "Two at once"}
    assert "is no ticket" in lead.post(where, {"tickets": "fire"}).content.decode()
    lead.post(where, given)
    found = Review.objects.get()
    assert found.escalations.count() == 2
    assert "Two at once" in lead.get(reverse("reviews")).content.decode()


def test_rules_and_causes_are_the_organisations_own(desk: Any, signed_in: Any) -> None:
    manager = signed_in("manager")
    manager.post(reverse("review_rule_new"), {
        "name": "All", "types": ["technical"], "least_severity": "3", "share": "50", "rating_at_most": "", "enabled": "on",
    })  # fmt: skip
    rule = StartRule.objects.get(name="All")
    assert (rule.types, rule.least_severity, rule.share, rule.rating_at_most) == (["technical"], 3, 50, None)
    manager.post(reverse("review_rule_remove", args=[rule.pk]))
    manager.post(reverse("cause_category_new"), {"name": "Weather", "parent": ""})
    weather = CauseCategory.objects.get(name="Weather")
    assert manager.post(reverse("cause_category_new"), {"name": "Weather", "parent": ""}).status_code == 422
    manager.post(reverse("cause_category_retire", args=[weather.pk]), {"retired": "yes"})
    assert str(weather.pk) not in dict(queries.category_choices())
    shown = manager.get(reverse("reviews_setting")).content.decode()
    assert "Every Sev1" in shown
    bad = manager.post(reverse("reviews_setting_edit"), {
        "remind_days": 2, "lead_days": 5, "manager_days": 3, "policy": "", "link_days": 30,
    })  # fmt: skip
    assert "Not before the lead" in bad.content.decode()
    assert signed_in("agent").get(reverse("reviews_setting")).status_code == 403
