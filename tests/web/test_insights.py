"""Insights: pages, files and answers say the same; every mark leads to its rows."""

import csv
import json
import re
from contextlib import suppress
from datetime import datetime, timedelta
from io import StringIO
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import REPOSITORY
from tests.web.conftest import Desk
from tests.web.conftest import desk as small_desk
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.insights import actions, queries
from tocsin.domain.insights.logic.metrics import METRICS
from tocsin.domain.insights.logic.metrics_words import percent
from tocsin.domain.insights.models import MetricTarget
from tocsin.domain.people import actions as people
from tocsin.domain.people.enums import Scope
from tocsin.domain.tickets import actions as tickets
from tocsin.kernel.errors import TocsinError
from tocsin.web.insights import metrics_charts


def lived(desk: Desk, count: int = 6) -> None:
    """Some tickets of the last days, solved and rated."""
    for number in range(count):
        at = desk.now - timedelta(days=number % 20 + 2, hours=number % 7)
        made = tickets.open_ticket(
            subject=f"Mail {number}", requester=desk.requester, team=desk.team, service=desk.service, by=None, now=at
        )
        tickets.resolve(ticket_id=made.pk, by=desk.agent, now=at + timedelta(hours=1 + number % 30))
        tickets.rate(ticket_id=made.pk, score=number % 5 + 1, by=desk.requester, now=at + timedelta(hours=40))
    actions.refresh()


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def rows(answer: HttpResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(answer.content.decode().removeprefix("\ufeff"))))


def test_with_nothing_it_says_so(desk: Desk) -> None:
    page = text(desk.client(desk.lead).get(reverse("insights")))
    assert "Nothing is counted yet" in page


def test_with_few_and_with_many_tickets_every_page_draws(desk: Desk) -> None:
    client = desk.client(desk.lead)
    for count in (0, 1, 50):
        lived(desk, count)
        assert "No ticket was opened" not in text(client.get(reverse("insights"), {"period": "30"}))
        for key in METRICS:
            text(client.get(reverse("insights_metric", args=[key]), {"period": "30", "by": "line"}))
        text(client.get(reverse("insights_wall")))


def test_page_file_and_answer_say_the_same(desk: Desk) -> None:
    lived(desk)
    client = desk.client(desk.lead)
    token, _ = people.make_token(
        owner=desk.lead, name="figures", scopes=[Scope.TICKETS_READ], expires_at=None, by=desk.lead, now=desk.now
    )
    day = desk.now.date()
    asked = {"from": (day - timedelta(days=30)).isoformat(), "to": (day + timedelta(days=1)).isoformat()}
    shown = client.get(reverse("insights"), asked).context
    on_page = {one.metric.key: one.figure for _, figures in shown["groups"] for one in figures}
    in_file = {line["metric"]: line for line in rows(client.get(reverse("insights_csv"), asked))}
    where = shown["asked"].where
    period = {"start": where.start.isoformat(), "until": where.end.isoformat()}
    answer = desk.client(None).get("/api/v1/metrics", period, headers={"authorization": f"Bearer {token}"})
    answered = {one["metric"]: one for one in json.loads(answer.content)["items"]}
    assert set(on_page) == set(in_file) == set(answered) == set(METRICS)
    for key, figure in on_page.items():
        assert (answered[key]["n"], answered[key]["value"], answered[key]["p90"]) == (
            figure.n,
            figure.value,
            figure.p90,
        )
        assert int(in_file[key]["n"]) == figure.n
        assert in_file[key]["value"] == ("" if figure.value is None else repr(round(figure.value, 6)))


ACTS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["take", "move", "back", "reply", "resolve", "reopen", "rate", "escalate", "count"]),
    ),
    max_size=12,
)


@settings(max_examples=8)
@given(acts=ACTS, team=st.sampled_from(["", "first-line", "experts"]), clock=st.sampled_from(["", "elapsed"]))
@pytest.mark.django_db
def test_whatever_happened_page_files_answers_and_a_rebuild_agree(
    acts: list[tuple[int, str]], team: str, clock: str
) -> None:
    with transaction.atomic():
        small = small_desk.__wrapped__(None)  # type: ignore[attr-defined]  # the fixture's own function
        made = [
            tickets.open_ticket(
                subject=f"Mail {n}", requester=small.requester, team=small.team, service=small.service, by=None,
                now=small.now - timedelta(days=3, hours=n),
            )
            for n in range(4)
        ]  # fmt: skip
        for step, (place, act) in enumerate(acts):
            _act(small, made[place].pk, act, small.now - timedelta(days=2) + timedelta(hours=step))
        actions.refresh()
        kept = _everywhere(small, {"team": team, "clock": clock})
        actions.rebuild()
        assert _everywhere(small, {"team": team, "clock": clock}) == kept
        transaction.set_rollback(True)


def _act(desk: Desk, ticket: UUID, act: str, at: datetime) -> None:
    with suppress(TocsinError):
        if act == "take":
            tickets.take(ticket_id=ticket, by=desk.lead, now=at)
        elif act in ("move", "back"):
            team = desk.experts if act == "move" else desk.team
            tickets.assign(ticket_id=ticket, owner=None, team=team, by=desk.manager, now=at)
        elif act == "reply":
            tickets.add_message(ticket_id=ticket, kind="reply", body="Hello", by=desk.agent, now=at)
        elif act == "resolve":
            tickets.resolve(ticket_id=ticket, by=desk.lead, now=at)
        elif act == "reopen":
            tickets.reopen(ticket_id=ticket, by=desk.lead, now=at)
        elif act == "rate":
            tickets.rate(ticket_id=ticket, score=2, by=desk.requester, now=at)
        elif act == "escalate":
            escalation.escalate(ticket_id=ticket, policy="quick", by=desk.agent, now=at, tried="x")
        else:
            actions.refresh()


def _everywhere(desk: Desk, where: dict[str, str]) -> dict[str, tuple[int, str, str]]:
    """Return {metric: (n, value, p90)} after having seen that page, file and answer say the same."""
    client, day = desk.client(desk.lead), desk.now.date()
    asked = {"from": f"{day - timedelta(days=30)}", "to": f"{day + timedelta(days=1)}", **where}
    shown = client.get(reverse("insights"), asked).context
    figures = {one.metric.key: one.figure for _, group in shown["groups"] for one in group}
    on_page = {key: (f.n, _six(f.value), _six(f.p90)) for key, f in figures.items()}
    lines = rows(client.get(reverse("insights_csv"), asked))
    assert {line["metric"]: (int(line["n"]), line["value"], line["p90"]) for line in lines} == on_page
    token, _ = people.make_token(
        owner=desk.lead, name="x", scopes=[Scope.TICKETS_READ], expires_at=None, by=desk.lead, now=desk.now
    )
    start, end = shown["asked"].where.start, shown["asked"].where.end
    period = {"start": start.isoformat(), "until": end.isoformat(), "team": where["team"]}
    period["clock"] = where["clock"] or "business"
    answer = desk.client(None).get("/api/v1/metrics", period, headers={"authorization": f"Bearer {token}"})
    items = json.loads(answer.content)["items"]
    assert {one["metric"]: (one["n"], _six(one["value"]), _six(one["p90"])) for one in items} == on_page
    return on_page


def _six(value: float | None) -> str:
    return "" if value is None else repr(round(value, 6))


def test_groups_are_the_same_on_page_in_file_and_by_the_api(desk: Desk) -> None:
    lived(desk)
    client = desk.client(desk.lead)
    page = client.get(reverse("insights_metric", args=["csat"]), {"period": "30", "by": "team"})
    address = reverse("insights_groups_csv", args=["csat", "team"])
    assert address in text(page)
    (line,) = rows(client.get(address, {"period": "30"}))
    (_, _, _, _, _, figure, _) = page.context["lines"][0]
    assert (line["team"], int(line["n"]), line["value"]) == ("first-line", figure.n, _six(figure.value))
    for wrong in (("csat", "reason"), ("csat", "mood"), ("never-was", "team")):
        assert client.get(reverse("insights_groups_csv", args=wrong)).status_code == 404


def test_a_target_says_how_its_figure_stands_within_its_filter(desk: Desk) -> None:
    lived(desk)
    for metric, scope, goal in (
        ("csat", {"team": "first-line"}, 0.9),
        ("csat", {"team": "experts"}, 0.9),
        ("backlog", {}, 0),
    ):
        actions.set_target(metric=metric, scope=scope, goal=goal, owner=desk.lead, by=desk.lead, now=desk.now)
    answer = desk.client(desk.lead).get(reverse("insights_targets"))
    found = {(row.metric.key, row.where): (row.value, row.n, row.missed) for row in answer.context["rows"]}
    assert found["csat", "Team: First line"] == ("33 %", 6, True)
    assert found["csat", "Team: Experts"][1:] == (0, False)
    assert "counted as it is now" in text(answer)  # the backlog has no weeks to watch


def test_rarer_reasons_are_counted_though_they_are_not_drawn(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    lived(desk)
    monkeypatch.setattr(metrics_charts, "MOST_GROUPS", 1)
    for number, reason in enumerate(("complexity", "complexity", "sla_at_risk", "missing_expertise")):
        one = tickets.open_ticket(
            subject="x", requester=desk.requester, team=desk.team, by=None, now=desk.now - timedelta(hours=9 + number)
        )
        escalation.escalate(
            ticket_id=one.pk, policy="quick", reason=reason, by=desk.agent, now=desk.now - timedelta(hours=1), tried="x"
        )
    actions.refresh()
    context = desk.client(desk.lead).get(reverse("insights"), {"period": "30"}).context
    chart, total = context["pareto"], queries.figures(context["asked"].where)["escalations"].n
    drawn = int(chart.lines[0].cells[0])
    assert chart.lines[0].cells[1] == percent(drawn / total) != "100 %"
    assert chart.note.endswith(f"they stand behind {total - drawn} more escalations.")


def test_marks_lead_to_their_rows(desk: Desk) -> None:
    lived(desk)
    client = desk.client(desk.lead)
    context = client.get(reverse("insights"), {"period": "30"}).context
    for chart in (context["trend"], context["spread"], context["ages"], context["pareto"], context["resolve"]):
        for line in chart.lines:
            if line.href:
                assert client.get(line.href).context["total"] > 0, line.href
    cells = [cell for _, day in context["grid"] for cell in day if cell.href]
    assert sum(cell.count for cell in cells) == queries.figures(context["asked"].where)["opened"].n
    assert all(client.get(cell.href).context["total"] == cell.count for cell in cells)
    bar = next(line for line in context["spread"].lines if line.href)
    assert client.get(bar.href).context["total"] == int(bar.cells[0])


def test_charts_and_tables_hold_the_same_numbers(desk: Desk) -> None:
    lived(desk)
    context = desk.client(desk.lead).get(reverse("insights"), {"period": "30"}).context
    for name in ("trend", "resolve", "spread", "ages", "pareto"):
        chart = context[name]
        for place, line in enumerate(chart.lines):
            assert line.name == chart.data["labels"][place]
            assert chart.data["series"][0]["texts"][place] == line.cells[0]


def test_filters_stand_in_the_address(desk: Desk) -> None:
    lived(desk)
    client = desk.client(desk.lead)
    page = client.get(reverse("insights"), {"team": "first-line", "clock": "elapsed", "period": "30"})
    assert "team=first-line" in page.context["strip"][0].href
    assert "clock=elapsed" in page.context["strip"][0].href
    none = client.get(reverse("insights"), {"team": "no-such-team", "priority": "x", "from": "never"})
    assert none.context["strip"][0].figure.n == 0


def test_a_target_is_set_shown_and_taken_away(desk: Desk) -> None:
    lived(desk)
    address = reverse("insights_target_edit", args=["csat"]) + "?team=first-line"
    assert desk.client(desk.agent).get(address).status_code == 403
    client = desk.client(desk.lead)
    assert "Percent" not in text(client.get(address))
    bad = client.post(address, {"goal": "140", "owner": str(desk.lead.pk)})
    assert bad.status_code == 422
    assert "Give a share from 0 to 100 %." in bad.content.decode()
    assert client.post(address, {"goal": "90", "owner": str(desk.agent.pk)}).status_code == 302
    target = MetricTarget.objects.get()
    assert (target.goal, target.scope, target.owner) == (0.9, {"team": "first-line"}, desk.agent)
    page = client.get(reverse("insights_metric", args=["csat"]), {"team": "first-line"})
    assert page.context["one"].missed
    assert "90 %" in text(client.get(reverse("insights_targets")))
    client.post(reverse("insights_target_clear", args=[target.pk]))
    assert not MetricTarget.objects.exists()


def test_customers_see_no_figures(desk: Desk) -> None:
    for name in ("insights", "insights_csv", "insights_tickets", "insights_targets", "insights_wall"):
        assert desk.client(desk.requester).get(reverse(name)).status_code == 403
    assert desk.client(desk.stakeholder).get(reverse("insights")).status_code == 200


def test_what_is_unknown_is_not_found(desk: Desk) -> None:
    client = desk.client(desk.lead)
    assert client.get(reverse("insights_metric", args=["never-was"])).status_code == 404
    assert client.get(reverse("insights_tickets"), {"metric": "never"}).status_code == 404


def test_subjects_that_a_spreadsheet_would_run_are_disarmed(desk: Desk) -> None:
    tickets.open_ticket(subject="=HYPERLINK(1)", requester=desk.requester, by=None, now=desk.now - timedelta(hours=1))
    actions.refresh()
    found = rows(desk.client(desk.lead).get(reverse("insights_tickets_csv"), {"metric": "opened"}))
    assert "'=HYPERLINK(1)" in [line["subject"] for line in found]


def test_the_heat_map_reads_without_colour() -> None:
    """Each shade is further from the page than the one before: more accent, then accent with more ink. Cells hold numbers."""
    style = (REPOSITORY / "frontend" / "styles" / "insights.css").read_text()
    shades = re.findall(
        r"\.heat-[1-6] \{ background: color-mix\(in srgb, var\(--accent\) (\d+)%, var\(--(canvas|ink)\)\)", style
    )
    light = [int(share) for share, other in shades if other == "canvas"]
    dark = [100 - int(share) for share, other in shades if other == "ink"]
    assert [other for _, other in shades] == ["canvas"] * 4 + ["ink"] * 2
    assert all(after >= before * 1.4 for row in (light, dark) for before, after in pairwise(row))
    page = (REPOSITORY / "src" / "tocsin" / "web" / "templates" / "insights" / "overview.html").read_text()
    assert 'title="{{ cell.words }}">{{ cell.shown }}</a>' in page
