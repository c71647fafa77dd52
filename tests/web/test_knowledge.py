"""Knowledge in pages: written, published, found, judged, followed on a ticket, and given to the composer."""

from typing import Any

import pytest
from django.urls import reverse

from tocsin.domain.knowledge import actions, queries
from tocsin.domain.knowledge.models import Article, Miss, Opinion, Tick, Use, Verdict
from tocsin.domain.search import actions as search
from tocsin.engine.indexer import LOADERS

FIELDS = {
    "title": "The printer is on fire", "kind": "article", "body": "Take the **extinguisher**.", "audience": "internal",
    "language": "en", "verify_days": "90",
}  # fmt: skip


def written(desk: Any, *, published: bool = True, **more: Any) -> Article:
    made = actions.save_article(
        title="The printer is on fire", body="Take the extinguisher.", by=desk.lead, now=desk.now, **more
    )
    if published:
        made = actions.publish(article_id=made.pk, by=desk.lead, now=desk.now)
    while search.refresh(loaders=LOADERS):
        pass
    return made


def test_an_agent_writes_and_a_lead_publishes(desk: Any, signed_in: Any) -> None:
    agent = signed_in("agent")
    assert agent.post(reverse("article_new"), FIELDS).status_code == 302
    found = Article.objects.get()
    where = reverse("article_act", args=[found.number])
    assert agent.post(where, {"act": "publish"}).status_code == 403
    agent.post(where, {"act": "submit"})
    signed_in("lead").post(where, {"act": "publish"})
    found.refresh_from_db()
    assert (found.state, found.live, found.owner) == ("published", 1, desk.agent)
    assert "<strong>extinguisher</strong>" in agent.get(reverse("article", args=[found.number])).content.decode()


def test_bad_input_comes_back_beside_its_field(desk: Any, signed_in: Any) -> None:
    shown = signed_in("agent").post(reverse("article_new"), FIELDS | {"kind": "runbook", "steps": ""})
    assert shown.status_code == 422
    assert "Write at least one step." in shown.content.decode()
    shown = signed_in("agent").post(reverse("article_new"), FIELDS | {"audience": "organisation"})
    assert "Choose the customer who reads it." in shown.content.decode()


def test_readers_get_the_published_text_while_a_newer_one_waits(desk: Any, signed_in: Any) -> None:
    found = written(desk)
    edited = FIELDS | {"body": "Leave the building.", "version": "1"}
    signed_in("agent").post(reverse("article_edit", args=[found.number]), edited)
    html = signed_in("agent").get(reverse("article", args=[found.number])).content.decode()
    assert "Take the extinguisher." in html
    assert "Version 2 waits to be published." in html
    again = signed_in("agent").post(reverse("article_edit", args=[found.number]), edited)
    assert again.status_code == 422  # somebody wrote a newer version meanwhile
    compared = signed_in("agent").get(reverse("article_versions", args=[found.number])).content.decode()
    assert "<del>- Take the extinguisher.</del>" in compared
    signed_in("agent").post(reverse("article_restore", args=[found.number, 1]))
    assert Article.objects.get().version == 3


def test_it_is_found_by_words_and_a_vain_search_can_be_noted(desk: Any, signed_in: Any) -> None:
    found = written(desk)
    agent = signed_in("agent")
    assert found.title in agent.get(reverse("knowledge"), {"q": "extinguishers"}).content.decode()
    assert "Nothing is known" in agent.get(reverse("knowledge"), {"q": "zebra"}).content.decode()
    assert not Miss.objects.exists()
    agent.post(reverse("knowledge_missed"), {"q": "zebra"})
    assert "zebra" in agent.get(reverse("knowledge_gaps")).content.decode()


@pytest.mark.parametrize(("audience", "seen"), [("internal", 404), ("customers", 200)])
def test_a_customer_reads_only_what_is_for_customers(desk: Any, signed_in: Any, audience: str, seen: int) -> None:
    found = written(desk, audience=audience)
    customer = signed_in("requester")
    assert customer.get(reverse("portal_article", args=[found.number])).status_code == seen
    listed = found.title in customer.get(reverse("portal_knowledge"), {"q": "extinguisher"}).content.decode()
    assert listed is (seen == 200)


def test_an_opinion_is_given_once_and_counts_last(desk: Any, signed_in: Any) -> None:
    found = written(desk, audience="customers")
    customer, where = signed_in("requester"), reverse("article_opinion", args=[found.number])
    for _ in range(3):
        assert customer.get(where).status_code == 200
    assert not Opinion.objects.exists()
    customer.post(where, {"helpful": "yes"})
    customer.post(where, {"helpful": "no", "comment": "Which one?"})
    found.refresh_from_db()
    assert (found.helpful, found.unhelpful) == (0, 1)
    assert "Which one?" in signed_in("agent").get(reverse("article", args=[found.number])).content.decode()


def test_a_ticket_shows_what_may_help_and_a_rejected_one_goes(desk: Any, signed_in: Any) -> None:
    found = written(desk, service=desk.service)
    agent, where = signed_in("agent"), reverse("ticket_help", args=[desk.ticket.number])
    html = agent.get(where).content.decode()
    assert found.title in html
    assert "same service" in html
    said = {"kind": "article", "id": str(found.pk), "accepted": "no"}
    agent.post(reverse("ticket_help_judge", args=[desk.ticket.number]), said)
    assert found.title not in agent.get(where).content.decode()
    assert Verdict.objects.get().accepted is False


def test_a_runbook_is_followed_and_becomes_what_was_tried(desk: Any, signed_in: Any) -> None:
    found = written(desk, kind="runbook", steps="1. Pull the plug\n2. Open a window")
    agent, number = signed_in("agent"), desk.ticket.number
    agent.post(reverse("ticket_article_follow", args=[number, found.number]))
    agent.post(reverse("ticket_step", args=[number, found.number, 1]), {"result": "no_help", "word": "still burns"})
    agent.post(reverse("ticket_step", args=[number, found.number, 2]), {"result": "skipped"})
    assert queries.tried_on(desk.ticket.pk) == "The printer is on fire:\n- Pull the plug: did not help (still burns)"
    brief = agent.get(reverse("ticket_hand_over", args=[number])).content.decode()
    assert "Pull the plug: did not help" in brief
    agent.post(reverse("ticket_step", args=[number, found.number, 1]), {"result": ""})
    assert Tick.objects.count() == 1
    assert agent.post(reverse("ticket_step", args=[number, found.number, 9]), {"result": "done"}).status_code == 400


def test_the_composer_gets_a_public_text_as_reply_and_an_internal_one_as_note(desk: Any, signed_in: Any) -> None:
    agent, number = signed_in("agent"), desk.ticket.number
    inside, outside = written(desk), written(desk, audience="customers")
    assert agent.post(reverse("ticket_article_insert", args=[number, inside.number])).json()["kind"] == "note"
    given = agent.post(reverse("ticket_article_insert", args=[number, outside.number])).json()
    assert given["kind"] == "reply"
    assert "Take the extinguisher." in given["body"]
    assert Use.objects.count() == 2


def test_an_article_is_drafted_from_how_a_ticket_was_resolved(desk: Any, signed_in: Any) -> None:
    signed_in("agent").post(reverse("ticket_to_article", args=[desk.ticket.number]))
    made = Article.objects.get()
    assert (made.title, made.from_ticket, made.state) == (desk.ticket.subject, desk.ticket, "draft")
    assert "It *burns*." in made.body


def test_a_new_ticket_is_met_with_what_may_help(desk: Any, signed_in: Any) -> None:
    found = written(desk)
    asked = {"subject": "printer burns, fire everywhere", "description": ""}
    assert found.title in signed_in("agent").get(reverse("suggestions"), asked).content.decode()
