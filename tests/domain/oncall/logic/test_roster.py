"""Who is on call, case by case; each name tells the rule (SEMANTICS 11)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.domain.oncall.logic.schedules import HOUR, MINUTE, TURNS, plainly_on
from tocsin.domain.oncall.logic.roster import Span, final_view, who_is_on
from tocsin.domain.oncall.logic.schedule import (
    Absence,
    Layer,
    Override,
    Restriction,
    Rotation,
    RotationKind,
    Schedule,
    Shift,
)
from tocsin.domain.oncall.logic.turns import Source

BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS = frozenset(range(5))
ANA_BEN = (("ana",), ("ben",))


def local(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


MONDAY = local("2026-03-02 09:00")


def weekly(*crews: tuple[str, ...], starts: datetime = MONDAY, **given: object) -> Rotation:
    return Rotation(RotationKind.WEEKLY, crews or ANA_BEN, starts, **given)  # type: ignore[arg-type]


def daily(*crews: tuple[str, ...], starts: datetime = MONDAY, **given: object) -> Rotation:
    return Rotation(RotationKind.DAILY, crews or ANA_BEN, starts, **given)  # type: ignore[arg-type]


def schedule(*rotations: Rotation, **given: object) -> Schedule:
    """One layer for each rotation, in order of priority."""
    layers = tuple(Layer(f"layer {n}", (rotation,)) for n, rotation in enumerate(rotations, 1))
    return Schedule("Europe/Berlin", layers, **given)  # type: ignore[arg-type]


def people(said: Schedule, text: str, zone: str = "Europe/Berlin", fold: int = 0) -> tuple[str, ...]:
    return who_is_on(said, local(text, zone, fold)).people


def edges(spans: list[Span], zone: str = "Europe/Berlin") -> list[tuple[str, str]]:
    return [(f"{span.start.astimezone(ZoneInfo(zone)):%d %H:%M}", "+".join(span.people)) for span in spans]


# Turns


def test_a_weekly_rotation_hands_over_at_its_time_on_its_weekday() -> None:
    said = schedule(weekly(handover=time(8), weekday=2))
    assert people(said, "2026-03-04 07:59") == ("ana",)
    assert people(said, "2026-03-04 08:00") == ("ben",)
    assert people(said, "2026-03-11 08:00") == ("ana",)


def test_the_first_crew_has_the_turn_in_which_the_rotation_starts() -> None:
    said = schedule(daily(starts=local("2026-03-02 21:00"), handover=time(9)))
    assert people(said, "2026-03-02 20:59") == ()
    assert people(said, "2026-03-03 08:59") == ("ana",)
    assert people(said, "2026-03-03 09:00") == ("ben",)


def test_a_crew_of_several_is_on_together_in_its_order() -> None:
    assert people(schedule(daily(("cyd", "ana"), ("ben",))), "2026-03-02 12:00") == ("cyd", "ana")


def test_a_turn_may_last_several_days() -> None:
    said = schedule(daily(every=3))
    assert [people(said, f"2026-03-{day:02} 12:00")[0] for day in range(2, 9)] == ["ana"] * 3 + ["ben"] * 3 + ["ana"]


def test_turns_of_custom_length_count_from_the_first_hand_over() -> None:
    rotation = Rotation(RotationKind.CUSTOM, ANA_BEN, MONDAY, handover=time(9), length=timedelta(hours=36))
    assert edges(final_view(schedule(rotation), MONDAY, MONDAY + timedelta(hours=100))) == [
        ("02 09:00", "ana"), ("03 21:00", "ben"), ("05 09:00", "ana"),
    ]  # fmt: skip


def test_a_rotation_ends_at_its_end() -> None:
    said = schedule(daily(("ana",), ends=MONDAY + HOUR))
    assert people(said, "2026-03-02 09:59") == ("ana",)
    assert people(said, "2026-03-02 10:00") == ()


def test_rotations_of_one_layer_are_on_together() -> None:
    said = Schedule("Europe/Berlin", (Layer("a", (daily(("ana",)), weekly(("ben",), ("cyd",)))),))
    assert people(said, "2026-03-02 12:00") == ("ana", "ben")


def test_a_layer_that_was_replaced_stays_true_for_its_past() -> None:
    change = MONDAY + timedelta(days=2)
    layers = (
        Layer("a", (daily(("ana",)),), valid_until=change),
        Layer("a", (daily(("ben",)),), valid_from=change),
    )
    said = Schedule("Europe/Berlin", layers)
    assert edges(final_view(said, MONDAY, MONDAY + timedelta(days=3)))[::2][0] == ("02 09:00", "ana")
    assert who_is_on(said, change - MINUTE).people == ("ana",)
    assert who_is_on(said, change).people == ("ben",)


# Restrictions and layers


def test_restrictions_leave_the_rest_to_the_next_layer() -> None:
    office = Restriction(WEEKDAYS, time(9), time(17))
    said = schedule(daily(("ana",), restrictions=(office,)), daily(("ben",)))
    assert people(said, "2026-03-03 09:00") == ("ana",)
    assert people(said, "2026-03-03 17:00") == ("ben",)
    assert people(said, "2026-03-07 12:00") == ("ben",)


def test_a_restriction_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    friday_night = Restriction(frozenset({4}), time(18), time(8))
    said = schedule(daily(("ana",), restrictions=(friday_night,)))
    assert people(said, "2026-03-07 07:59") == ("ana",)
    assert people(said, "2026-03-07 08:00") == ()
    assert people(said, "2026-03-06 07:00") == ()


def test_a_restriction_may_run_from_friday_evening_to_monday_morning() -> None:
    weekend = Restriction(frozenset({4}), time(18), time(8), days=3)
    said = schedule(weekly(("ana",), restrictions=(weekend,)))
    spans = final_view(said, local("2026-03-05 00:00"), local("2026-03-10 00:00"))
    assert edges(spans) == [("05 00:00", ""), ("06 18:00", "ana"), ("09 08:00", "")]


def test_windows_that_touch_are_one_and_keep_their_ends_whatever_is_asked() -> None:
    whole_days = Restriction(WEEKDAYS, time(0), time(0))
    said = schedule(weekly(("ana",), restrictions=(whole_days,), weekday=3, every=52))
    (evidence,) = who_is_on(said, local("2026-03-04 12:00")).evidence
    (reason,) = evidence.reasons
    assert (reason.start, reason.end) == (MONDAY, local("2026-03-07 00:00"))


def test_restrictions_that_leave_nothing_out_are_none() -> None:
    always = Restriction(frozenset(range(7)), time(6), time(6))
    said, plain = (schedule(weekly(restrictions=given)) for given in ((always,), ()))
    at = local("2026-03-04 12:00")
    assert who_is_on(said, at) == who_is_on(plain, at)


def test_follow_the_sun_hands_over_from_zone_to_zone() -> None:
    day = Restriction(frozenset(range(7)), time(8), time(16))
    zones = (("ben", "Europe/Berlin"), ("nia", "America/New_York"), ("syd", "Australia/Sydney"))
    said = Schedule("UTC", tuple(Layer(n, (daily((n,), restrictions=(day,)),), zone) for n, zone in zones))
    assert people(said, "2026-03-03 08:00", "UTC") == ("ben",)
    assert people(said, "2026-03-03 16:00", "UTC") == ("nia",)
    assert people(said, "2026-03-03 23:00", "UTC") == ("syd",)
    assert people(said, "2026-03-04 06:30", "UTC") == ()


# Clocks that are turned


def test_an_hour_that_comes_twice_has_both_on_call_never_nobody() -> None:
    said = schedule(daily(starts=local("2026-10-20 02:30"), handover=time(2, 30)))
    spans = final_view(said, local("2026-10-25 00:00"), local("2026-10-25 12:00"))
    assert [(span.start, span.people) for span in spans] == [
        (local("2026-10-25 00:00"), ("ana",)),
        (local("2026-10-25 02:30"), ("ana", "ben")),
        (local("2026-10-25 02:30", fold=1), ("ben",)),
    ]


def test_an_hour_that_never_comes_hands_over_at_the_jump() -> None:
    said = schedule(daily(starts=local("2026-03-24 02:30"), handover=time(2, 30)))
    spans = final_view(said, local("2026-03-29 00:00"), local("2026-03-29 12:00"))
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert [(span.start, span.people) for span in spans] == [(local("2026-03-29 00:00"), ("ana",)), (jump, ("ben",))]


def test_a_rotation_by_hours_aligns_to_the_wall_clock() -> None:
    rotation = Rotation(RotationKind.HOURLY, ANA_BEN, local("2026-03-28 08:00"), handover=time(8), every=12)
    spans = final_view(schedule(rotation), local("2026-03-28 08:00"), local("2026-03-30 08:00"))
    assert edges(spans) == [("28 08:00", "ana"), ("28 20:00", "ben"), ("29 08:00", "ana"), ("29 20:00", "ben")]
    assert spans[1].end - spans[1].start == timedelta(hours=11)


def test_a_window_within_the_hour_that_never_comes_is_empty() -> None:
    window = Restriction(frozenset(range(7)), time(2), time(3))
    said = schedule(daily(("ana",), starts=local("2026-03-20 00:00"), restrictions=(window,)))
    spans = final_view(said, local("2026-03-29 00:00"), local("2026-03-30 00:00"))
    assert [span.people for span in spans] == [()]


def test_half_an_hour_of_change_is_half_an_hour_of_overlap() -> None:
    zone = "Australia/Lord_Howe"
    rotation = daily(starts=local("2026-04-01 01:45", zone), handover=time(1, 45))
    spans = final_view(
        Schedule(zone, (Layer("a", (rotation,)),)), *(local(f"2026-04-05 {h}:00", zone) for h in ("00", "12"))
    )
    assert [len(span.people) for span in spans] == [1, 2, 1]
    assert spans[1].end - spans[1].start == timedelta(minutes=30)


def test_turns_that_a_rotations_start_makes_begin_together_keep_their_order() -> None:
    starts = local("2026-10-25 02:00", fold=1)
    said = schedule(Rotation(RotationKind.HOURLY, ANA_BEN, starts, handover=time(0, 15)))
    (span,) = final_view(said, starts, starts + MINUTE)
    point = who_is_on(said, starts)
    assert (span.people, span.evidence) == (point.people, point.evidence)
    assert point.people == ("ana", "ben")


@pytest.mark.parametrize(("zone", "turn"), [(zone, at) for zone, turns in TURNS.items() for at in turns])
def test_every_hand_over_near_a_change_agrees_with_the_clock_on_the_wall(zone: str, turn: datetime) -> None:
    for quarter in range(4, 14):
        rotation = daily(starts=turn - timedelta(days=3), handover=time(quarter // 4, quarter % 4 * 15))
        said = Schedule(zone, (Layer("a", (rotation,)),))
        for step in range(-9, 10):
            at = turn + step * 15 * MINUTE
            assert who_is_on(said, at).people == plainly_on(said, at), (quarter, at)


# What changes the rotations


def test_an_override_replaces_everybody() -> None:
    made = (Override(MONDAY, MONDAY + HOUR, "cyd", by="mara"),)
    said = schedule(daily(("ana", "ben")), overrides=made)
    found = who_is_on(said, MONDAY)
    assert found.people == ("cyd",)
    assert [(reason.source, reason.other) for reason in found.evidence[0].reasons] == [(Source.OVERRIDE, "mara")]
    assert who_is_on(said, MONDAY + HOUR).people == ("ana", "ben")


def test_of_two_overrides_the_one_made_last_counts() -> None:
    made = (Override(MONDAY, MONDAY + 3 * HOUR, "cyd"), Override(MONDAY + HOUR, MONDAY + 2 * HOUR, "dora"))
    said = schedule(daily(("ana",)), overrides=made)
    assert edges(final_view(said, MONDAY, MONDAY + 4 * HOUR)) == [
        ("02 09:00", "cyd"), ("02 10:00", "dora"), ("02 11:00", "cyd"), ("02 12:00", "ana"),
    ]  # fmt: skip


def test_an_override_of_a_layer_counts_where_the_layer_has_somebody() -> None:
    office = Restriction(WEEKDAYS, time(9), time(17))
    made = (Override(MONDAY, MONDAY + timedelta(days=1), "cyd", layer="layer 1"),)
    said = schedule(daily(("ana",), restrictions=(office,)), daily(("ben",)), overrides=made)
    assert people(said, "2026-03-02 16:59") == ("cyd",)
    assert people(said, "2026-03-02 17:00") == ("ben",)


def test_a_swap_replaces_one_person_where_they_are_on() -> None:
    made = (Override(MONDAY, MONDAY + timedelta(days=7), "cyd", instead_of="ana"),)
    said = schedule(daily(("ana", "ben"), ("dora",)), overrides=made)
    assert people(said, "2026-03-02 12:00") == ("cyd", "ben")
    assert people(said, "2026-03-03 12:00") == ("dora",)


def test_swaps_follow_on_swaps() -> None:
    week = (MONDAY, MONDAY + timedelta(days=7))
    made = (Override(*week, "ben", instead_of="ana"), Override(*week, "cyd", instead_of="ben"))
    found = who_is_on(schedule(daily(("ana",)), overrides=made), MONDAY)
    assert found.people == ("cyd",)
    assert [reason.source for reason in found.evidence[0].reasons] == [Source.ROTATION, Source.SWAP, Source.SWAP]


def test_a_one_off_shift_adds_to_whoever_is_on() -> None:
    said = schedule(daily(("ana",)), shifts=(Shift(MONDAY, MONDAY + HOUR, "cyd", "release"),))
    assert who_is_on(said, MONDAY).people == ("ana", "cyd")
    assert who_is_on(said, MONDAY + HOUR).people == ("ana",)


def test_a_schedule_may_consist_of_shifts_alone() -> None:
    said = Schedule("UTC", shifts=(Shift(MONDAY, MONDAY + HOUR, "ana"),))
    assert who_is_on(said, MONDAY).people == ("ana",)


def test_a_person_by_several_ways_is_on_once_with_all_the_evidence() -> None:
    found = who_is_on(schedule(daily(("ana",)), shifts=(Shift(MONDAY, MONDAY + HOUR, "ana"),)), MONDAY)
    assert found.people == ("ana",)
    assert [reason.source for reason in found.evidence[0].reasons] == [Source.ROTATION, Source.SHIFT]


def test_an_agreed_cover_stands_in_for_the_absent() -> None:
    said = schedule(daily(("ana",)), absences=(Absence(MONDAY, MONDAY + HOUR, "ana", "ben"),))
    found = who_is_on(said, MONDAY)
    assert found.people == ("ben",)
    assert [(reason.source, reason.other) for reason in found.evidence[0].reasons][1] == (Source.COVER, "ana")


def test_covers_are_followed_and_end_in_no_circle() -> None:
    away = (Absence(MONDAY, MONDAY + HOUR, "ana", "ben"), Absence(MONDAY, MONDAY + HOUR, "ben", "cyd"))
    assert who_is_on(schedule(daily(("ana",)), absences=away), MONDAY).people == ("cyd",)
    circle = (Absence(MONDAY, MONDAY + HOUR, "ana", "ben"), Absence(MONDAY, MONDAY + HOUR, "ben", "ana"))
    found = who_is_on(schedule(daily(("ana",)), daily(("dora",)), absences=circle), MONDAY)
    assert found.people == ("dora",)


def test_the_absent_without_cover_are_passed_over_while_anybody_else_is_on() -> None:
    away = (Absence(MONDAY, MONDAY + HOUR, "ana"),)
    assert who_is_on(schedule(daily(("ana", "ben")), absences=away), MONDAY).people == ("ben",)
    assert who_is_on(schedule(daily(("ana",)), daily(("cyd",)), absences=away), MONDAY).people == ("cyd",)


def test_the_absent_stay_on_call_when_there_is_nobody_else() -> None:
    found = who_is_on(schedule(daily(("ana",)), absences=(Absence(MONDAY, MONDAY + HOUR, "ana"),)), MONDAY)
    assert found.people == ("ana",)
    assert found.evidence[0].reasons[-1].source is Source.ABSENT


def test_an_empty_schedule_has_nobody_and_says_so() -> None:
    spans = final_view(Schedule("UTC"), MONDAY, MONDAY + HOUR)
    assert spans == [Span(MONDAY, MONDAY + HOUR, (), ())]


def test_a_view_of_no_time_has_no_spans() -> None:
    assert final_view(schedule(daily()), MONDAY, MONDAY) == []
