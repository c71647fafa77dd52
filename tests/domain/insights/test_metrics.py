"""Each definition over a handful of tickets that were counted by hand; and that increments equal a rebuild."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.conftest import Desk
from tests.web.conftest import desk as fixture
from tocsin.domain.calendars.actions import save_calendar
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.insights import actions, queries
from tocsin.domain.insights.actions import metrics
from tocsin.domain.insights.logic.metrics import DIMENSIONS, METRICS, groups_for, is_rate_by
from tocsin.domain.insights.models import ClockFact, EscalationFact, HopFact, MetricTarget, TicketFact
from tocsin.domain.insights.queries import Figure, Marks, Selection
from tocsin.domain.notify.models import Page
from tocsin.domain.sla import actions as sla
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput, NotAllowed, TocsinError

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FACTS = (TicketFact, EscalationFact, ClockFact, HopFact)


def select(desk: Desk, days: int = 60, **more: Any) -> Selection:
    return Selection(start=desk.now - days * DAY, end=desk.now + HOUR, now=desk.now, **more)


def opened(desk: Desk, at: datetime, **more: Any) -> Ticket:
    given: dict[str, Any] = {
        "subject": "Mail is slow",
        "requester": desk.requester,
        "team": desk.team,
        "channel": "email",
    }
    return tickets.open_ticket(**(given | more), by=None, now=at)


def solved(desk: Desk, at: datetime, *, after: timedelta = 2 * HOUR, replies: int = 1, **more: Any) -> Ticket:
    made = opened(desk, at, **more)
    tickets.take(ticket_id=made.pk, by=desk.agent, now=at + timedelta(minutes=5))
    for number in range(replies):
        said = at + timedelta(minutes=30 + number)
        tickets.add_message(ticket_id=made.pk, kind="reply", body=f"Try {number}.", by=desk.agent, now=said)
    tickets.resolve(ticket_id=made.pk, by=desk.agent, now=at + after)
    return made


def figures(desk: Desk, **more: Any) -> dict[str, Figure]:
    actions.refresh()
    return queries.figures(select(desk, **more))


def shares(found: dict[str, Figure], *keys: str) -> list[tuple[int, int]]:
    return [(found[key].hits, found[key].n) for key in keys]


def test_the_small_desk_is_counted_without_a_rebuild(desk: Desk) -> None:
    found = figures(desk)
    assert shares(found, "opened", "escalation_rate", "resolved", "backlog") == [(2, 2), (1, 2), (0, 0), (2, 2)]
    assert found["csat"].value is None


def test_first_contact_resolution_strict_and_broad(desk: Desk) -> None:
    """SEMANTICS 9: no handover, no escalation, no reopening within seven days; strictly, in one exchange."""
    start = desk.now - 40 * DAY
    solved(desk, start)  # both
    solved(desk, start, replies=3)  # broad only
    back = solved(desk, start)  # neither: reopened on the third day
    tickets.reopen(ticket_id=back.pk, by=desk.agent, now=start + 3 * DAY)
    late = solved(desk, start)  # both: came back on the ninth day
    tickets.reopen(ticket_id=late.pk, by=desk.agent, now=start + 9 * DAY)
    up = opened(desk, start)  # neither: escalated
    escalation.escalate(ticket_id=up.pk, policy="quick", by=desk.agent, now=start + HOUR, tried="x")
    tickets.resolve(ticket_id=up.pk, by=desk.agent, now=start + 2 * HOUR)
    moved = opened(desk, start)  # neither: handed over
    tickets.assign(ticket_id=moved.pk, owner=desk.expert, team=desk.experts, by=desk.lead, now=start + HOUR)
    tickets.resolve(ticket_id=moved.pk, by=desk.expert, now=start + 2 * HOUR)
    found = figures(desk)
    assert shares(found, "fcr_strict", "fcr_broad", "reopened") == [(2, 6), (3, 6), (2, 8)]


def test_lines_moves_and_ping_pong(desk: Desk) -> None:
    start = desk.now - 20 * DAY
    one = opened(desk, start)
    for hours, team in enumerate((desk.experts, desk.team, desk.experts), start=1):
        tickets.assign(ticket_id=one.pk, owner=None, team=team, by=desk.manager, now=start + hours * HOUR)
    found = figures(desk)
    assert shares(found, "ping_pong", "ping_pong_line", "came_back", "left_first_line") == [
        (1, 3),
        (0, 3),
        (1, 3),
        (1, 3),
    ]
    assert found["moves"].value == 3
    assert found["team_handovers"].value == 1  # three moves over three tickets
    listed = [(a.key, b.key, many) for a, b, many in queries.flow(select(desk))]
    assert listed == [("first-line", "experts", 2), ("experts", "first-line", 1)]
    total, rows = queries.listed(select(desk), "moves", Marks(moved=("first-line", "experts")))
    assert (total, {row.number for row in rows}) == (2, {one.number})


def test_medians_and_ninetieth_percentiles(desk: Desk) -> None:
    """Of 1, 2, 3, 4 and 10 hours: half within 3, nine of ten within 4 + 0.6 x 6 = 7.6 (linear between)."""
    start = desk.now - 10 * DAY
    for hours in (1, 2, 3, 4, 10):
        solved(desk, start, after=hours * HOUR)
    found = figures(desk)["time_resolve"]
    assert (found.n, found.value) == (5, 3 * 3_600)
    assert found.p90 == pytest.approx(7.6 * 3_600)
    bars = {bar.name: bar.count for bar in queries.histogram(select(desk), "time_resolve") if bar.count}
    assert bars == {"1 to 4 h": 3, "4 to 8 h": 1, "8 to 24 h": 1}
    assert figures(desk)["time_response"].value == 30 * 60


def test_business_time_is_of_the_tickets_calendar(desk: Desk) -> None:
    week = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendar = save_calendar(name="Office", zone="UTC", weekly=week, actor="test", now=desk.now)
    lines = [("resolution", priority, None, 8 * 3_600) for priority in (1, 2, 3, 4)]
    sla.save_agreement(slug="office", name="Office", calendar=calendar, targets=lines, actor="test", now=desk.now)
    friday = datetime(2026, 1, 9, 16, 0, tzinfo=UTC)  # to Monday 10:00: one hour on Friday, one on Monday
    made = solved(desk, friday, after=66 * HOUR, service=desk.service)
    actions.refresh()
    fact = TicketFact.objects.get(pk=made.pk)
    assert (fact.resolve_elapsed, fact.resolve_business) == (66 * 3_600, 2 * 3_600)
    assert ClockFact.objects.filter(ticket=made, kind="resolution", met=True).count() == 1


def test_acknowledgement_is_counted_from_the_opening_of_the_escalation(desk: Desk) -> None:
    escalation.acknowledge(
        run_id=desk.escalated.run.pk, by=desk.agent, now=desk.escalated.opened_at + timedelta(seconds=40)
    )
    found = figures(desk, days=60)["time_acknowledge"]
    assert (found.n, found.value) == (1, 40)


def test_satisfaction_counts_four_and_five(desk: Desk) -> None:
    for number, score in enumerate((5, 4, 3, 1)):
        one = solved(desk, desk.now - (number + 2) * DAY)
        tickets.rate(ticket_id=one.pk, score=score, by=desk.requester, now=desk.now - (number + 1) * DAY)
    found = figures(desk)
    assert (found["csat"].hits, found["csat"].n, found["csat"].value) == (2, 4, 0.5)
    ((group, counts),) = queries.satisfaction(select(desk))
    assert (group.key, counts) == ("first-line", (1, 0, 1, 1, 1))


def test_a_repeat_is_within_thirty_days_of_the_same_customer_and_service(desk: Desk) -> None:
    for days in (100, 80, 20):
        one = opened(desk, desk.now - days * DAY, service=desk.service)
        escalation.escalate(
            ticket_id=one.pk, policy="quick", by=desk.agent, now=desk.now - days * DAY + HOUR, tried="x"
        )
    found = figures(desk, days=365)["repeats"]
    assert (found.hits, found.n) == (2, 4)  # the one 80 days ago, and the desk's own after the one 20 days ago


def test_the_escalation_rate_by_reason_is_a_share_of_all_tickets(desk: Desk) -> None:
    for number, reason in enumerate(("complexity", "complexity", "sla_at_risk", "")):
        at = desk.now - 5 * DAY + number * HOUR
        one = opened(desk, at, service=desk.service)
        if reason:
            escalation.escalate(
                ticket_id=one.pk, policy="quick", reason=reason, by=desk.agent, now=at + HOUR, tried="x"
            )
    actions.refresh()
    where, whole = select(desk), figures(desk)["escalation_rate"]
    found = {group.key: group.figure for group in queries.groups(where, "escalation_rate", "reason")}
    assert all(figure.n == whole.n for figure in found.values())
    for reason, figure in found.items():
        narrow = select(desk, where={"reason": reason})
        assert queries.listed(narrow, "escalation_rate", Marks(only="hit"))[0] == figure.hits
    assert found["sla_at_risk"].hits == 1
    assert found["complexity"].hits >= 2
    assert max(f.hits for f in found.values()) <= whole.hits <= sum(f.hits for f in found.values())


def test_every_figure_leads_to_as_many_rows_as_it_says(desk: Desk) -> None:
    start = desk.now - 15 * DAY
    for number in range(4):
        one = solved(desk, start + number * HOUR, service=desk.service)
        tickets.rate(ticket_id=one.pk, score=number + 1, by=desk.requester, now=start + DAY)
    for key, figure in figures(desk).items():
        total, rows = queries.listed(select(desk), key)
        assert (total, len(rows)) == (figure.n, figure.n), key
        if METRICS[key].kind == "share":
            assert queries.listed(select(desk), key, Marks(only="hit"))[0] == figure.hits, key
        for dimension in groups_for(METRICS[key]):
            if is_rate_by(METRICS[key], dimension):
                continue
            groups = queries.groups(select(desk), key, dimension)
            assert sum(group.figure.n for group in groups) == figure.n, (key, dimension)
            for group in groups:
                where = select(desk, where={dimension: group.key})
                assert queries.figures(where, [key])[key] == group.figure, (key, dimension)
        whole, points = queries.trends(select(desk), [key])[key]
        assert whole == figure
        assert sum(point.figure.n for point in points) == (0 if key == "backlog" else figure.n), key


def test_filters_by_what_nothing_has_find_nothing(desk: Desk) -> None:
    actions.refresh()
    for dimension in DIMENSIONS:
        found = queries.figures(select(desk, where={dimension: "never-was"}))
        assert found["opened"].n == 0, dimension


def _facts() -> list[list[Any]]:
    return [
        sorted(
            model.objects.values_list(*[f.attname for f in model._meta.fields if f.attname not in ("id", "seen")]),
            key=repr,
        )
        for model in FACTS
    ]


ACTS = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(["take", "move", "back", "reply", "resolve", "reopen", "escalate", "count"])
    ),
    max_size=14,
)


@settings(max_examples=12)
@given(acts=ACTS)
@pytest.mark.django_db
def test_increments_equal_a_rebuild(acts: list[tuple[int, str]]) -> None:
    """Whatever happens, in whatever order it is counted: the facts are those that a rebuild makes."""
    with transaction.atomic():
        small = fixture.__wrapped__(None)  # type: ignore[attr-defined]  # the fixture's own function
        made = [opened(small, small.now - 2 * DAY) for _ in range(4)]
        for step, (place, act) in enumerate(acts):
            _act(small, made[place], act, small.now - DAY + step * HOUR)
        actions.refresh_recent()
        assert actions.refresh() == 0  # a quick round has passed nothing over
        kept = _facts()
        actions.rebuild()
        assert _facts() == kept
        transaction.set_rollback(True)


def _act(desk: Desk, one: Ticket, act: str, at: datetime) -> None:
    with suppress(TocsinError):
        if act == "take":
            tickets.take(ticket_id=one.pk, by=desk.lead, now=at)
        elif act in ("move", "back"):
            team = desk.experts if act == "move" else desk.team
            tickets.assign(ticket_id=one.pk, owner=None, team=team, by=desk.manager, now=at)
        elif act == "reply":
            tickets.add_message(ticket_id=one.pk, kind="reply", body="Hello", by=desk.agent, now=at)
        elif act == "resolve":
            tickets.resolve(ticket_id=one.pk, by=desk.lead, now=at)
        elif act == "reopen":
            tickets.reopen(ticket_id=one.pk, by=desk.lead, now=at)
        elif act == "escalate":
            escalation.escalate(ticket_id=one.pk, policy="quick", by=desk.agent, now=at, tried="x")
        else:
            actions.refresh_recent()


def test_much_at_once_is_counted_though_a_quick_round_looks_at_the_newest_only(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "NEWEST", 12)
    monkeypatch.setattr(metrics, "BATCH", 3)
    for _ in range(20):
        opened(desk, desk.now - DAY)
    assert actions.refresh_recent() == 22
    assert actions.refresh() == 0


def test_removed_tickets_leave_no_facts(desk: Desk) -> None:
    actions.refresh()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_ticket SET is_drill = true WHERE id = %s", [desk.queued.pk])
    actions.refresh()
    assert not TicketFact.objects.filter(pk=desk.queued.pk).exists()


def test_a_target_is_set_by_leads_and_told_once_for_each_departure(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        actions.set_target(metric="reopened", scope={}, goal=0.1, owner=desk.lead, by=desk.agent, now=desk.now)
    with pytest.raises(InvalidInput):
        actions.set_target(metric="reopened", scope={}, goal=10, owner=desk.lead, by=desk.lead, now=desk.now)
    with pytest.raises(InvalidInput):
        actions.set_target(metric="opened", scope={}, goal=10, owner=desk.lead, by=desk.lead, now=desk.now)
    monday = (desk.now - timedelta(days=desk.now.weekday())).replace(hour=9)
    for week in range(12, 0, -1):
        for number in range(6):
            one = solved(desk, monday - timedelta(weeks=week) + number * HOUR)
            if week == 1:
                tickets.reopen(ticket_id=one.pk, by=desk.agent, now=one.opened_at + 5 * HOUR)
    actions.refresh()
    actions.set_target(metric="reopened", scope={}, goal=0.1, owner=desk.lead, by=desk.lead, now=desk.now)
    assert [actions.watch_bands(now=desk.now) for _ in range(2)] == [1, 0]
    target = MetricTarget.objects.get()
    assert target.departure.startswith("Reopened: 100 % last week. Usual is 0 %")
    assert Page.objects.filter(user=desk.lead, subject="Reopened has left its band").count() == 1
    # Nothing happened since: it has not come back. Two good weeks later it has, and the next departure is told again.
    assert actions.watch_bands(now=desk.now + 7 * DAY) == 0
    target.refresh_from_db()
    assert target.departed_at is not None
    for week in (0, 1, 2):
        for number in range(6):
            one = solved(desk, monday + timedelta(weeks=week) + number * HOUR)
            if week == 2:
                tickets.reopen(ticket_id=one.pk, by=desk.agent, now=one.opened_at + 5 * HOUR)
    actions.refresh()
    assert actions.watch_bands(now=monday + timedelta(weeks=2, hours=1)) == 0
    target.refresh_from_db()
    assert target.departed_at is None
    assert actions.watch_bands(now=monday + timedelta(weeks=3, hours=1)) == 1
