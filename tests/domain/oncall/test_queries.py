"""Named reads of schedules."""

from datetime import timedelta

import pytest
from django.db import transaction

from tests.domain.oncall.conftest import MONDAY, Desk
from tocsin.domain.oncall import actions, queries
from tocsin.domain.oncall.logic.findings import FindingKind
from tocsin.kernel.errors import InvalidInput, NotFound

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_an_unchanged_schedule_is_read_once(desk: Desk, django_assert_num_queries) -> None:
    first = queries.schedule_of("network")
    with django_assert_num_queries(1):
        assert queries.schedule_of("network") is first
    actions.add_shift(
        schedule_id=desk.schedule.pk, person=desk["cyd"], starts_at=MONDAY, ends_at=MONDAY + DAY, by=None, now=MONDAY
    )
    with django_assert_num_queries(5):
        assert queries.schedule_of("network").shifts


def test_a_change_that_is_rolled_back_is_forgotten(desk: Desk) -> None:
    span = {"starts_at": MONDAY, "ends_at": MONDAY + DAY, "by": None, "now": MONDAY}
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.add_override(schedule_id=desk.schedule.pk, person=desk["cyd"], **span)
        assert desk.on(MONDAY) == ["cyd"]
        raise ZeroDivisionError
    assert desk.on(MONDAY) == ["ana"]


def test_who_is_on_in_many_schedules_costs_no_more_queries(desk: Desk, django_assert_num_queries) -> None:
    for number in range(5):
        actions.create_schedule(
            name=f"Other {number}", slug=f"other-{number}", zone="UTC", by=None, now=MONDAY, layers=[desk.weekly("cyd")]
        )
    slugs = ["network", "nowhere", *(f"other-{number}" for number in range(5))]
    queries.who_is_on_now(slugs, MONDAY)
    with django_assert_num_queries(2):
        found = queries.who_is_on_now(slugs, MONDAY)
    assert sorted(found) == sorted(set(slugs) - {"nowhere"})
    assert [pk for pk, _ in found["other-0"].people] == [desk["cyd"].pk]


def test_a_schedule_that_is_not_there_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        queries.schedule_of("nowhere")
    with pytest.raises(NotFound):
        queries.access_schedule(desk["rita"], "network")
    assert queries.access_schedule(desk["stan"], "network") == desk.schedule


def test_a_view_of_many_years_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        queries.final_view("network", MONDAY, MONDAY + 401 * DAY)
    with pytest.raises(InvalidInput):
        queries.final_view("network", MONDAY, MONDAY)


def test_findings_ahead_see_all_schedules(desk: Desk) -> None:
    actions.create_schedule(
        name="Other", slug="other", zone="UTC", by=None, now=MONDAY,
        layers=[desk.weekly("ana", "cyd", ends=MONDAY + 10 * DAY)],
    )  # fmt: skip
    found = queries.findings_ahead(MONDAY, MONDAY + 14 * DAY, unreachable=[desk["ben"].pk])
    assert [(one.kind, one.schedules) for one in found] == [
        (FindingKind.DOUBLE_BOOKED, ("network", "other")),
        (FindingKind.UNREACHABLE, ("network",)),
        (FindingKind.GAP, ("other",)),
    ]
    assert [one.kind for one in queries.findings_of("other", MONDAY, MONDAY + 14 * DAY)] == [
        FindingKind.DOUBLE_BOOKED, FindingKind.GAP,
    ]  # fmt: skip


def test_load_and_shifts_of_a_person(desk: Desk) -> None:
    carried = queries.load("network", MONDAY, MONDAY + 14 * DAY)
    assert {pk: one.hours for pk, one in carried.items()} == {desk["ana"].pk: 168, desk["ben"].pk: 168}
    ((slug, stretch),) = queries.shifts_of(desk["ben"].pk, MONDAY, MONDAY + 14 * DAY)
    assert (slug, stretch.start, stretch.end) == ("network", MONDAY + 7 * DAY, MONDAY + 14 * DAY)


def test_quality_is_judged_for_the_span(desk: Desk) -> None:
    assert queries.quality("network", MONDAY, MONDAY + 28 * DAY).score == 100
    assert queries.quality("network", MONDAY - 28 * DAY, MONDAY).score < 100


def test_uncovered_schedules_are_named(desk: Desk) -> None:
    assert queries.uncovered(MONDAY) == []
    assert queries.uncovered(MONDAY - 60 * DAY) == ["network"]


def test_participants_are_those_of_the_rotations_in_force_each_once(desk: Desk) -> None:
    layers = [desk.weekly("ana", "ben"), desk.weekly("ben", "cyd", name="Backup")]
    actions.set_layers(schedule_id=desk.schedule.pk, layers=layers, by=None, now=MONDAY)
    found = queries.participants("network", MONDAY)
    assert found == ("Network primary", tuple(desk[name].pk for name in ("ana", "ben", "cyd")))
    assert queries.participants("network", MONDAY - 60 * DAY) == ("Network primary", ())
    assert queries.participants("nowhere", MONDAY) is None


def test_who_is_away_is_told_with_the_latest_end(desk: Desk) -> None:
    for days in (1, 3):
        actions.report_absence(person=desk["ana"], starts_at=MONDAY, ends_at=MONDAY + days * DAY, by=None, now=MONDAY)
    assert queries.away_at(MONDAY + HOUR) == {desk["ana"].pk: MONDAY + 3 * DAY}
    assert queries.away_at(MONDAY + 4 * DAY) == {}
