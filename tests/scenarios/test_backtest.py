"""Stories of a lead who wants to know what a change of policy would do before anybody is paged by it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation, Policy
from tocsin.domain.insights.backtests import queries, working
from tocsin.domain.insights.models import BackTest
from tocsin.domain.notify.models import Page
from tocsin.domain.tickets import actions as tickets

WATCH = """
slug: watch
name: Watch
type: technical
reason: sla_at_risk
direction: functional
triggers: [{key: waits, kind: unassigned_for, after: WAIT}]
levels: [{targets: [team_lead]}, {delay: 30m, targets: [team_manager]}]
"""


@pytest.fixture
def watched(desk: Desk) -> Desk:
    """The small desk with a watching policy, and tickets of the last days that waited for 20, 40 and 100 minutes."""
    publishing.apply(documents=[("watch.yaml", WATCH.replace("WAIT", "60m"))], by="system", now=desk.now)
    for number, waited in enumerate((20, 40, 100), start=1):
        at = desk.now - timedelta(days=number)
        made = tickets.open_ticket(subject=f"Slow {waited}", requester=desk.requester, team=desk.team, by=None, now=at)
        tickets.take(ticket_id=made.pk, by=desk.agent, now=at + timedelta(minutes=waited))
        tickets.resolve(ticket_id=made.pk, by=desk.agent, now=at + timedelta(minutes=waited + 5))
    return desk


def ask(desk: Desk, wait: str) -> tuple[str, BackTest]:
    """Compare version 1 with a draft through the page; return the address of the answer."""
    given = {
        "before": "1",
        "after": "draft",
        "days": "9",
        "whose": "own",
        "answers": "work",
        "text": WATCH.replace("WAIT", wait),
    }
    sent = desk.client(desk.manager).post("/backtests/new?policy=watch", given)
    assert sent.status_code == 302, sent.content.decode()
    made = BackTest.objects.order_by("-created_at").first()
    assert made is not None
    working.work_on(backtest_id=made.pk)
    return sent.url, made


def test_a_shorter_wait_names_the_ticket_the_people_and_the_time(watched: Desk) -> None:
    where, made = ask(watched, "30m")
    by_subject = {row.ticket.subject: row for row in queries.rows_of(made, change="different", person="", noise=False)}
    assert {"Slow 40", "Slow 100"} <= by_subject.keys()
    assert "Slow 20" not in by_subject
    added = by_subject["Slow 40"]
    assert (added.change, added.added, added.avoided) == ("added", 1, 0)
    assert by_subject["Slow 100"].change == "changed"
    agent = watched.client(watched.agent)  # whoever works here may open the address that was sent to them
    page = agent.get(where).content.decode()
    assert watched.lead.name in page
    number = added.ticket.number
    lines = agent.get(f"{where}/tickets/{number}").content.decode()
    assert "Both runs on one line of time" in lines
    assert watched.lead.name in lines
    assert watched.client(watched.requester).get(where).status_code in (403, 404)


def test_the_very_same_policy_differs_in_nothing(watched: Desk) -> None:
    _, made = ask(watched, "60m")
    told = queries.result_of(queries.access_backtest(watched.manager, made.pk)).figures
    assert told.fired_before == told.fired_after > 0
    assert (told.different, told.added, told.avoided) == (0, 0, 0)


def test_asking_tells_nobody_and_writes_on_no_ticket(watched: Desk) -> None:
    before = (Page.objects.count(), Escalation.objects.count())
    ask(watched, "5m")
    assert (Page.objects.count(), Escalation.objects.count()) == before


def test_the_threshold_that_stands_out_is_published_and_rules_from_then_on(watched: Desk) -> None:
    client = watched.client(watched.manager)
    asked = {"trigger": "waits", "days": "9", "whose": "own", "answers": "work"}
    sent = client.post("/policies/watch/threshold", asked)
    made = BackTest.objects.get()
    working.work_on(backtest_id=made.pk)
    chosen: dict[str, Any] = client.get(sent.url).context
    point, text = next((point, text) for point, text in chosen["points"] if point.label == "30m")
    assert point.fired >= 2
    assert not point.is_present
    given = {"text": text, "based_on": chosen["based_on"], "act": "plan"}
    assert "What publishing changes" in client.post("/policies/watch/edit", given).content.decode()
    assert client.post("/policies/watch/edit", {**given, "act": "publish"}).status_code == 302
    policy = Policy.objects.select_related("current").get(slug="watch")
    assert policy.current is not None
    assert policy.current.number == 2
    assert "30m" in policy.current.source
