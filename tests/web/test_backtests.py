"""The pages of back-tests, thresholds and shadows."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from tests.web.conftest import Desk
from tests.web.constants import LADDER
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Policy
from tocsin.domain.insights.backtests import asking, shadowing, working
from tocsin.domain.insights.logic.advisor import Point
from tocsin.domain.insights.models import BackTest, Shadow
from tocsin.domain.people.models import User
from tocsin.intake.demo import tested
from tocsin.web.insights.backtest_charts import LABEL_HEIGHT, LABEL_WIDTH, trade_off_of

WATCH = """
slug: watch
name: Watch
type: technical
reason: sla_at_risk
direction: functional
triggers: [{key: waits, kind: unassigned_for, after: WAIT}]
levels: [{targets: [team_lead]}, {delay: 30m, targets: [team_manager]}]
"""


ASKED = {"before": "1", "after": "draft", "days": "9", "whose": "own", "answers": "work"}


@pytest.fixture
def watched(desk: Desk) -> Desk:
    publishing.apply(documents=[("watch.yaml", WATCH.replace("WAIT", "60m"))], by="system", now=desk.now)
    return desk


def ask(desk: Desk) -> BackTest:
    made = asking.compare(
        before=asking.published("watch"), after=asking.draft(WATCH.replace("WAIT", "15m"), "watch"),
        starts_at=desk.now - timedelta(days=9), ends_at=desk.now, by=desk.manager, now=desk.now,
    )  # fmt: skip
    working.work_on(backtest_id=made.pk)
    return made


def test_from_the_policy_to_who_is_paged_differently(watched):
    client = watched.client(watched.manager)
    assert "/backtests/new?policy=watch" in client.get("/policies/watch").content.decode()
    form = client.get("/backtests/new?policy=watch")
    assert "Nobody is told anything" in form.content.decode()
    given = {**ASKED, "text": WATCH.replace("WAIT", "15m")}
    sent = client.post("/backtests/new?policy=watch", given)
    made = BackTest.objects.get()
    assert sent.url == f"/backtests/{made.pk}"
    assert "tickets walked" in client.get(sent.url).content.decode()
    assert client.get(f"{sent.url}/progress").status_code == 200
    working.work_on(backtest_id=made.pk)
    assert client.get(f"{sent.url}/progress")["HX-Refresh"] == "true"
    page = client.get(sent.url).content.decode()
    assert "Who is paged differently" in page
    assert watched.lead.name in page
    assert "Publish the draft" in page
    row = client.get(f"/backtests/{made.pk}/tickets/{watched.queued.number}").content.decode()
    assert "Both runs on one line of time" in row
    assert watched.lead.name in row


def test_a_draft_that_is_wrong_loses_nothing(watched):
    client = watched.client(watched.manager)
    given = {**ASKED, "text": "slug: watch\nname: ''"}
    refused = client.post("/backtests/new?policy=watch", given)
    assert refused.status_code == 422
    assert "to mend" in refused.content.decode()
    assert "slug: watch" in refused.content.decode()


def test_whoever_works_here_may_look_but_not_ask(watched):
    made = ask(watched)
    agent = watched.client(watched.agent)
    assert agent.get(f"/backtests/{made.pk}").status_code == 200
    assert agent.get("/backtests/new?policy=watch").status_code == 403
    assert agent.post(f"/backtests/{made.pk}/cancel").status_code == 403
    assert watched.client(watched.requester).get(f"/backtests/{made.pk}").status_code == 403


def test_a_running_one_can_be_cancelled(watched):
    made = asking.compare(
        before=asking.published("watch"), after=asking.published("watch"), starts_at=watched.now - timedelta(days=9),
        ends_at=watched.now, by=watched.manager, now=watched.now,
    )  # fmt: skip
    client = watched.client(watched.manager)
    assert client.post(f"/backtests/{made.pk}/cancel").status_code == 302
    assert "Cancelled." in client.get(f"/backtests/{made.pk}").content.decode()


def test_the_advisor_opens_the_editor_with_the_chosen_value(watched):
    client = watched.client(watched.manager)
    sent = client.post(
        "/policies/watch/threshold", {"trigger": "waits", "days": "9", "whose": "own", "answers": "work"}
    )
    made = BackTest.objects.get()
    working.work_on(backtest_id=made.pk)
    page = client.get(sent.url).content.decode()
    assert "at present" in page
    assert 'action="/policies/watch/edit"' in page
    assert "after: 15m" in page
    plan = client.post(
        "/policies/watch/edit", {"text": WATCH.replace("WAIT", "15m"), "based_on": "1", "act": "plan"}
    ).content.decode()
    assert "What publishing changes" in plan


def test_a_draft_goes_into_the_shadow_and_comes_out_again(watched):
    client = watched.client(watched.manager)
    draft = WATCH.replace("WAIT", "15m")
    brought = client.post("/policies/watch/shadow", {"text": draft, "act": "bring"})
    assert "after: 15m" in brought.content.decode()
    sent = client.post("/policies/watch/shadow", {"text": draft})
    found = Shadow.objects.get()
    assert sent.url == f"/shadows/{found.pk}"
    shadowing.look_due(now=watched.now)
    assert "in the shadow" in client.get(sent.url).content.decode()
    assert client.post(f"/shadows/{found.pk}/stop").status_code == 302
    assert "stopped" in client.get("/shadows").content.decode()


def test_the_lists_say_what_to_do_when_there_is_nothing(desk):
    client = desk.client(desk.manager)
    assert "Nothing was asked yet" in client.get("/backtests").content.decode()
    assert "No draft runs in the shadow" in client.get("/shadows").content.decode()
    assert LADDER
    assert "no threshold to try" in client.get("/policies/quick/threshold").content.decode()


def test_the_demonstration_asks_of_its_own_tickets(watched):
    Policy.objects.filter(slug="watch").update(is_demo=True)
    User.objects.filter(pk=watched.manager.pk).update(is_demo=True)
    tested.create(watched.now)
    assert list(BackTest.objects.order_by("kind").values_list("kind", "state")) == [
        ("compare", "done"),
        ("sweep", "done"),
    ]
    assert Shadow.objects.get().is_demo


def test_labels_of_the_trade_off_never_lie_on_each_other_and_those_that_matter_stand():
    points = [
        Point(label=f"{n} %", is_present=n == 75, fired=9, warned=1, breaches=3, lead_minutes=5, pages_a_week=208 + n / 20,
              nights_a_week=1.0, noise=3)
        for n in (25, 40, 50, 60, 70, 75, 80, 90)
    ]  # fmt: skip
    chart = trade_off_of(points)
    shown = [dot for dot in chart.dots if dot.label_y is not None]
    assert "75 %" in {dot.label for dot in shown}
    assert all(
        abs(a.x - b.x) > LABEL_WIDTH or abs(a.label_y - b.label_y) > LABEL_HEIGHT for a, b in combinations(shown, 2)
    )
    assert chart.dots[-1].x - chart.dots[0].x > chart.width / 2  # the line begins at the cheapest
    assert (chart.least_pages, chart.most_pages) == (209.2, 212.5)
    alike = trade_off_of([replace(points[0], pages_a_week=3.0)] * 2)
    assert alike.least_pages == 0
