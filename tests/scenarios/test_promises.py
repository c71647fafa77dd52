"""Stories of promises and of communication plans, moved by the engine's own claims."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.desk import actions as writing
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.notify.models import Page
from tocsin.domain.stakeholders import actions, queries
from tocsin.domain.stakeholders.models import Promise, Update
from tocsin.domain.tickets import actions as tickets
from tocsin.engine.sources import SOURCES

MINUTE = timedelta(minutes=1)
KEEP_WORD = """
slug: keep-word
name: Keep our word
type: customer
reason: expectation_missed
direction: hierarchical
triggers:
  - {key: word, kind: promise_missed}
levels:
  - targets: [{team_lead: first-line}]
"""
CLAIMS = {source.name: source.claim for source in SOURCES}


@pytest.fixture
def watched(desk: Desk) -> Desk:
    publishing.publish_source(text=KEEP_WORD, by="test", now=desk.now)
    return desk


def test_a_promise_made_in_a_reply_is_renegotiated_then_missed_and_escalates(watched: Desk) -> None:
    desk, at = watched, watched.now
    client = desk.client(desk.agent)
    said = "I will call you within one hour."
    offered = client.post(reverse("ticket_promise_offers", args=[desk.ticket.number]), {"body": said})
    value = offered.context["offers"][0]["value"]
    sent = {"kind": "reply", "body": said, "seen": "", "anyway": "1", "promise": value}
    client.post(reverse("ticket_message", args=[desk.ticket.number]), sent)
    assert not Promise.objects.exists()  # it can still be taken back
    writing.send_due(now=at + MINUTE)
    made = Promise.objects.get()
    assert (made.state, made.what, made.by) == ("open", "call Ana", desk.agent)

    new = actions.renegotiate_promise(
        promise_id=made.pk, due_at=at + 180 * MINUTE, reason="She is in a meeting", by=desk.agent, now=at + 30 * MINUTE
    )
    CLAIMS["promises"](now=at + 70 * MINUTE)  # the first time passes, and nothing is broken
    assert [one.state for one in Promise.objects.order_by("made_at")] == ["renegotiated", "open"]
    CLAIMS["promises"](now=at + 150 * MINUTE)
    assert Page.objects.filter(user=desk.agent, subject__startswith="Promise due in").count() == 1
    CLAIMS["promises"](now=at + 180 * MINUTE)
    new.refresh_from_db()
    assert new.state == "broken"
    begun = Escalation.objects.get(policy__slug="keep-word")
    assert begun.reason_text == "promise missed: call Ana"
    assert Page.objects.filter(user=desk.lead, run=begun.run.pk).exists()
    told = client.get(reverse("ticket", args=[desk.ticket.number]) + "?all=1").content.decode()
    assert "Promise to Ana broken: call Ana" in told
    assert "agreed on another time" in told


def test_a_plan_with_three_updates_one_of_them_missed(watched: Desk) -> None:
    desk, at = watched, watched.now
    tickets.set_impact_urgency(ticket_id=desk.ticket.pk, impact=1, urgency=1, by=desk.agent, now=at)
    actions.subscribe(user=desk.stakeholder, ways=["mail"], by=desk.stakeholder, now=at, escalation=desk.escalated)

    def say(words: str, minute: int) -> Update:
        return actions.send_update(
            ticket_id=desk.ticket.pk, outward=words, inward=f"Inside: {words}", by=desk.agent, now=at + minute * MINUTE
        )

    say("We look for the cause.", 20)
    CLAIMS["updates"](now=at + 79 * MINUTE)
    assert not Escalation.objects.filter(policy__slug="keep-word").exists()
    CLAIMS["updates"](now=at + 80 * MINUTE)  # an hour after the first update nothing has come
    begun = Escalation.objects.get(policy__slug="keep-word")
    assert begun.reason_text.startswith("update missed")
    assert queries.next_updates([desk.escalated.pk])[desk.escalated.pk].missed
    say("We have the cause: a fan.", 90)
    assert not queries.next_updates([desk.escalated.pk])[desk.escalated.pk].missed
    tickets.resolve(ticket_id=desk.ticket.pk, by=desk.agent, now=at + 120 * MINUTE)
    last = say("The fan is new, and all is well.", 125)
    assert (last.number, last.closing) == (3, True)
    told = Page.objects.filter(user=desk.stakeholder, data__has_key="update")
    assert told.count() == 3
    assert CLAIMS["updates"](now=at + 3000 * MINUTE) == 0
    portal = desk.client(desk.requester).get(reverse("portal_ticket", args=[desk.ticket.number])).content.decode()
    assert "all is well" in portal
    assert "Inside:" not in portal
