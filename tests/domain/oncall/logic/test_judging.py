"""Findings, load, quality, words and the calendar feed."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from tests.domain.oncall.logic.schedules import DAY, HOUR
from tests.domain.oncall.logic.test_roster import MONDAY, daily, local, schedule, weekly
from tocsin.domain.oncall.logic import feed
from tocsin.domain.oncall.logic.definition import check_layers, rotation_from_json, rotation_to_json
from tocsin.domain.oncall.logic.findings import Finding, FindingKind, double_bookings, findings
from tocsin.domain.oncall.logic.load import Load, load
from tocsin.domain.oncall.logic.quality import quality
from tocsin.domain.oncall.logic.roster import final_view, who_is_on
from tocsin.domain.oncall.logic.schedule import Absence, Layer, Override, Restriction, Rotation, RotationKind, Shift
from tocsin.domain.oncall.logic.words import in_words
from tocsin.kernel.errors import InvalidInput

BERLIN = ZoneInfo("Europe/Berlin")
NAMES = {"ana": "Ana", "ben": "Ben", "cyd": "Cyd", "mara": "Mara"}
WEEK = (MONDAY, MONDAY + 7 * DAY)


def kinds(found: list[Finding]) -> list[tuple[FindingKind, tuple[str, ...]]]:
    return [(one.kind, one.people) for one in found]


def test_a_gap_is_found_with_its_ends() -> None:
    said = schedule(daily(("ana",), ends=MONDAY + 2 * DAY), slug="net")
    assert findings(said, *WEEK) == [Finding(FindingKind.GAP, MONDAY + 2 * DAY, WEEK[1], (), ("net",))]


def test_competing_overrides_are_an_overlap() -> None:
    made = (Override(MONDAY, MONDAY + 2 * HOUR, "cyd"), Override(MONDAY + HOUR, MONDAY + 3 * HOUR, "ben"))
    (found,) = findings(schedule(daily(("ana",)), overrides=made), *WEEK)
    assert (found.kind, found.people) == (FindingKind.OVERLAP, ("cyd", "ben"))
    assert (found.start, found.end) == (MONDAY + HOUR, MONDAY + 2 * HOUR)


def test_overrides_of_different_layers_do_not_compete() -> None:
    made = (Override(*WEEK, "cyd", "layer 1"), Override(*WEEK, "ben", "layer 2"))
    assert findings(schedule(daily(("ana",)), daily(("ana",)), overrides=made), *WEEK) == []


def test_the_unreachable_are_found_where_they_are_on() -> None:
    found = findings(schedule(daily()), MONDAY, MONDAY + 3 * DAY, {"ben", "cyd"})
    assert [(one.kind, one.start, one.end) for one in found] == [
        (FindingKind.UNREACHABLE, MONDAY + DAY, MONDAY + 2 * DAY)
    ]


def test_somebody_away_whom_nobody_covers_is_found() -> None:
    said = schedule(daily(("ana",)), absences=(Absence(MONDAY, MONDAY + HOUR, "ana"),))
    assert kinds(findings(said, *WEEK)) == [(FindingKind.AWAY, ("ana",))]


def test_a_person_in_two_schedules_at_once_is_double_booked() -> None:
    views = {
        "db": final_view(schedule(daily()), *WEEK),
        "net": final_view(schedule(daily(("cyd",)), shifts=()), *WEEK),
        "web": final_view(schedule(shifts=(Shift(MONDAY + HOUR, MONDAY + 2 * HOUR, "ana"),)), *WEEK),
    }
    assert double_bookings(views) == [
        Finding(FindingKind.DOUBLE_BOOKED, MONDAY + HOUR, MONDAY + 2 * HOUR, ("ana",), ("db", "web"))
    ]


def test_load_counts_hours_nights_and_weekends_by_the_schedules_clock() -> None:
    view = final_view(schedule(weekly()), MONDAY, MONDAY + 14 * DAY)
    assert load(view, BERLIN) == {
        person: Load(168, night_hours=56, weekend_hours=48, shifts=1, nights=7, weekends=1, longest_hours=168)
        for person in ("ana", "ben")
    }


def test_a_night_of_the_change_is_as_long_as_it_was() -> None:
    start, end = local("2026-10-24 12:00"), local("2026-10-25 12:00")
    assert load(final_view(schedule(daily(("ana",))), start, end), BERLIN)["ana"].night_hours == 9


def test_a_good_schedule_loses_nothing() -> None:
    view = final_view(schedule(weekly(("ana",), ("ben",), ("cyd",))), MONDAY, MONDAY + 28 * DAY)
    assert (quality(schedule(), view).score, quality(schedule(), view).losses) == (100, ())


def test_every_lost_point_has_its_reason() -> None:
    said = schedule(daily(("ana",), ends=MONDAY + 6 * DAY))
    judged = quality(said, final_view(said, *WEEK), {"ana"})
    assert [(loss.points, loss.reason) for loss in judged.losses] == [
        (23, "14.3% of the time nobody is on call (24 h)"),
        (20, "85.7% of the time somebody on call cannot be reached (144 h)"),
        (10, "one person carries 100% of the covered time"),
    ]
    assert judged.score == 47


def test_rests_that_are_too_short_cost_points() -> None:
    rotation = Rotation(RotationKind.HOURLY, (("ana",), ("ben",)), MONDAY, every=8)
    said = schedule(rotation)
    judged = quality(said, final_view(said, MONDAY, MONDAY + 3 * DAY))
    assert [(loss.points, loss.reason) for loss in judged.losses] == [
        (7, "rests of less than 11 hours between two stretches: 7")
    ]


def test_weeks_without_a_break_cost_points() -> None:
    said = schedule(weekly(("ana",), ("ben",), every=2))
    judged = quality(said, final_view(said, MONDAY, MONDAY + 28 * DAY))
    assert [(loss.points, loss.reason) for loss in judged.losses] == [
        (4, "stretches longer than a week: 2, the longest 14 days")
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "on call in Network: weekly rotation until 2026-03-09 09:00 CET"),
        (
            {"overrides": (Override(MONDAY, MONDAY + HOUR, "cyd", reason="training", by="mara"),)},
            "on call in Network: override by Mara until 2026-03-02 10:00 CET (training)",
        ),
        (
            {"overrides": (Override(MONDAY, MONDAY + HOUR, "cyd", instead_of="ana"),)},
            "on call in Network: weekly rotation until 2026-03-09 09:00 CET; "
            "swap: Cyd instead of Ana until 2026-03-02 10:00 CET",
        ),
        (
            {"absences": (Absence(MONDAY, MONDAY + HOUR, "ana", "ben", "holiday"),)},
            "on call in Network: weekly rotation until 2026-03-09 09:00 CET; "
            "Ben covers for Ana until 2026-03-02 10:00 CET (holiday)",
        ),
        (
            {"absences": (Absence(MONDAY, MONDAY + HOUR, "ana"),)},
            "on call in Network: weekly rotation until 2026-03-09 09:00 CET; "
            "away until 2026-03-02 10:00 CET, but nobody covers and nobody else is on",
        ),
    ],
)
def test_evidence_in_words_tells_the_way_to_the_person(change: dict[str, object], words: str) -> None:
    said = schedule(weekly(), name="Network", **change)
    assert [in_words(one, said, NAMES) for one in who_is_on(said, MONDAY).evidence] == [words]


def test_a_feed_is_a_calendar_that_others_can_read() -> None:
    said = schedule(weekly(), slug="net", name="Network; primary, first")
    views = {"net": final_view(said, MONDAY, MONDAY + 14 * DAY)}
    text = feed.text("On call", feed.entries({"net": said}, views, NAMES, None), MONDAY)
    assert "\r\n" in text
    events = Calendar.from_ical(text).walk("VEVENT")
    assert [(str(e["SUMMARY"]), e.decoded("DTSTART"), e.decoded("DTEND")) for e in events] == [
        ("Ana: Network; primary, first", MONDAY, MONDAY + 7 * DAY),
        ("Ben: Network; primary, first", MONDAY + 7 * DAY, MONDAY + 14 * DAY),
    ]
    again = feed.text("On call", feed.entries({"net": said}, views, NAMES, None), MONDAY)
    assert again == text


def test_a_persons_feed_holds_only_their_duty() -> None:
    said = schedule(weekly(), slug="net", name="Network")
    views = {"net": final_view(said, MONDAY, MONDAY + 14 * DAY)}
    assert [one.summary for one in feed.entries({"net": said}, views, NAMES, "ben")] == ["On call: Network"]


def test_a_stored_rotation_says_what_it_said() -> None:
    window = Restriction(frozenset({0, 4}), MONDAY.time().replace(hour=18), MONDAY.time().replace(hour=8), 3)
    rotation = Rotation(
        RotationKind.CUSTOM, (("ana", "ben"), ("cyd",)), MONDAY, MONDAY + DAY, MONDAY.time().replace(hour=7),
        3, 2, timedelta(hours=36), (window,),
    )  # fmt: skip
    assert rotation_from_json(rotation_to_json(rotation)) == rotation


@pytest.mark.parametrize(
    ("layers", "field"),
    [
        ((Layer("", (daily(),)),), "layers[0].name"),
        ((Layer("a", (daily(),)), Layer("A", (daily(),))), "layers[0].name"),
        ((Layer("a", ()),), "layers[0].rotations"),
        ((Layer("a", (daily(),), "Mars/Base"),), "layers[0].zone"),
        ((Layer("a", (daily(("ana", "ana")),)),), "layers[0].rotations[0].crews"),
        ((Layer("a", (daily(ends=MONDAY),)),), "layers[0].rotations[0].ends"),
        ((Layer("a", (daily(every=0),)),), "layers[0].rotations[0].every"),
        ((Layer("a", (Rotation(RotationKind.CUSTOM, (("a",),), MONDAY),)),), "layers[0].rotations[0].every"),
        ((Layer("a", (daily(weekday=7),)),), "layers[0].rotations[0].weekday"),
        (
            (Layer("a", (daily(restrictions=(Restriction(frozenset(), MONDAY.time(), MONDAY.time()),)),)),),
            "layers[0].rotations[0].restrictions[0].weekdays",
        ),
    ],
)
def test_layers_that_cannot_be_are_refused_by_field(layers: tuple[Layer, ...], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_layers(layers)
    assert list(refused.value.fields) == [field]
