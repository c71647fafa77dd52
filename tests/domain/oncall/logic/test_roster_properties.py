"""What holds for every schedule, at every instant, over every change of the clock (SEMANTICS 11)."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.domain.oncall.logic.schedules import DAY, MINUTE, TURNS, minutes, near_a_change, plainly_on
from tocsin.domain.oncall.logic.roster import final_view, who_is_on
from tocsin.domain.oncall.logic.schedule import Layer, Rotation, RotationKind, Schedule

MICROSECOND = timedelta.resolution
CHANGES = [(zone, at) for zone, turns in TURNS.items() for at in turns]


@given(near_a_change())
@settings(max_examples=300)
def test_those_are_on_whom_the_clock_on_the_wall_names(drawn: tuple[Schedule, datetime]) -> None:
    schedule, at = drawn
    assert set(who_is_on(schedule, at).people) == set(plainly_on(schedule, at))


@given(near_a_change(changed=True), minutes(0, 2_000), minutes(1, 4_000))
@settings(max_examples=200)
def test_every_instant_is_resolved_the_same_by_point_query_and_by_final_view(
    drawn: tuple[Schedule, datetime], before: timedelta, length: timedelta
) -> None:
    schedule, at = drawn
    for span in final_view(schedule, at - before, at - before + length):
        for instant in (span.start, span.start + (span.end - span.start) / 2, span.end - MICROSECOND):
            point = who_is_on(schedule, instant)
            assert (span.people, span.evidence) == (point.people, point.evidence), instant


@given(near_a_change(changed=True), minutes(1, 4_000))
def test_the_final_view_has_no_holes_and_changes_at_every_edge(
    drawn: tuple[Schedule, datetime], length: timedelta
) -> None:
    schedule, start = drawn
    spans = final_view(schedule, start, start + length)
    assert [span.start for span in spans] == [start, *(span.end for span in spans[:-1])]
    assert spans[-1].end == start + length
    for one, other in pairwise(spans):
        assert one.start < one.end
        assert (one.people, one.evidence) != (other.people, other.evidence)


@given(near_a_change(changed=True), minutes(1, 3_000), minutes(1, 3_000))
def test_a_final_view_of_two_parts_is_the_parts_of_the_whole(
    drawn: tuple[Schedule, datetime], one: timedelta, other: timedelta
) -> None:
    schedule, start = drawn
    parts = final_view(schedule, start, start + one) + final_view(schedule, start + one, start + one + other)
    whole = final_view(schedule, start, start + one + other)
    assert {span.end for span in whole} <= {span.end for span in parts}
    for part in parts:
        (holds,) = [span for span in whole if span.start <= part.start and part.end <= span.end]
        assert (holds.people, holds.evidence) == (part.people, part.evidence)


@given(near_a_change(changed=True))
def test_evidence_names_those_on_call_and_covers_the_instant(drawn: tuple[Schedule, datetime]) -> None:
    schedule, at = drawn
    found = who_is_on(schedule, at)
    assert tuple(evidence.person for evidence in found.evidence) == found.people
    assert len(set(found.people)) == len(found.people)
    for evidence in found.evidence:
        assert evidence.reasons
        assert all(reason.start <= at < reason.end for reason in evidence.reasons)


@given(st.sampled_from(CHANGES), st.sampled_from(RotationKind), st.integers(1, 7), st.times(), minutes(60, 5_000))
@example(CHANGES[0], RotationKind.HOURLY, 1, datetime.min.time(), 60 * MINUTE)
def test_a_rotation_without_restrictions_never_leaves_a_gap(
    near: tuple[str, datetime], kind: RotationKind, every: int, handover: object, length: timedelta
) -> None:
    zone, turn = near
    assert isinstance(handover, type(datetime.min.time()))
    exact = handover.replace(microsecond=0, tzinfo=None)
    rotation = Rotation(kind, (("ana",), ("ben",)), turn - 9 * DAY, handover=exact, every=every, length=length)
    schedule = Schedule(zone, (Layer("a", (rotation,)),))
    assert all(span.people for span in final_view(schedule, turn - 9 * DAY, turn + 9 * DAY))


@pytest.mark.parametrize(("zone", "turn"), CHANGES)
def test_a_year_of_hand_overs_has_no_gap_and_no_lasting_overlap(zone: str, turn: datetime) -> None:
    rotation = Rotation(RotationKind.DAILY, (("ana",), ("ben",)), turn - 200 * DAY, handover=datetime.min.time())
    spans = final_view(Schedule(zone, (Layer("a", (rotation,)),)), turn - 200 * DAY, turn + 165 * DAY)
    assert all(len(span.people) == 1 for span in spans)
    assert {span.people[0] for span in spans} == {"ana", "ben"}
