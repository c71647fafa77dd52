"""Where things stand on a timeline, over the turning of clocks, without a database."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tocsin.domain.oncall.logic.roster import Span
from tocsin.domain.oncall.logic.schedule import Restriction, Rotation, RotationKind
from tocsin.web.oncall.fields import Moment
from tocsin.web.oncall.grid import Block, block, days, stacked, window
from tocsin.web.oncall.picture import Names, between, merged
from tocsin.web.oncall.words import restriction_words, rotation_words, weekdays

BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


def test_a_week_in_which_the_clock_is_turned_is_an_hour_shorter_or_longer() -> None:
    spring, autumn = window(date(2026, 3, 23), 1, BERLIN), window(date(2026, 10, 19), 1, BERLIN)
    assert spring.end - spring.start == timedelta(days=7, hours=-1)
    assert autumn.end - autumn.start == timedelta(days=7, hours=1)
    sunday = days(spring, date(2026, 3, 29))[-1]
    assert (sunday.text, sunday.css, round(sunday.width, 2)) == (
        "Sun 29 Mar",
        "weekend today",
        round(23 / 167 * 100, 2),
    )


@pytest.mark.parametrize(("weeks", "zone"), [(1, BERLIN), (2, LORD_HOWE), (4, BERLIN), (4, LORD_HOWE)])
def test_days_touch_and_fill_the_window(weeks: int, zone: ZoneInfo) -> None:
    shown = days(window(date(2026, 3, 25), weeks, zone), date(2026, 3, 25))
    assert len(shown) == 7 * weeks
    for one, other in pairwise(shown):
        assert one.x + one.width == pytest.approx(other.x, abs=0.01)
    assert shown[-1].x + shown[-1].width == pytest.approx(100, abs=0.01)


def test_what_lies_outside_is_cut_and_names_shrink_with_the_room() -> None:
    shown = window(date(2026, 3, 2), 1, BERLIN)
    whole = block(shown, shown.start - timedelta(days=9), shown.end, full="Ana", short="A", title="t", css="c")
    assert (whole.x, whole.width, whole.text) == (0, 100, "Ana")
    hours = shown.start + timedelta(days=1)
    assert block(shown, hours, hours + timedelta(hours=4), full="Ana", short="A", title="", css="").text == "A"
    assert block(shown, hours, hours + timedelta(minutes=5), full="Ana", short="A", title="", css="").text == ""


def test_what_overlaps_is_stacked_in_as_few_rows_as_needed() -> None:
    made = [Block(x, 10, "", "", "") for x in (0, 5, 10, 20)]
    assert [one.row for one in stacked(made)] == [0, 1, 0, 0]


def test_touching_spans_of_the_same_people_are_one_block() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    hour = timedelta(hours=1)
    spans = [
        Span(at, at + hour, ("a", "b"), ()),
        Span(at + hour, at + 2 * hour, ("b", "a"), ()),
        Span(at + 2 * hour, at + 3 * hour, (), ()),
    ]
    assert [(one.start, one.end) for one in merged(spans)] == [(at, at + 2 * hour), (at + 2 * hour, at + 3 * hour)]


def test_a_span_over_the_turning_of_the_clock_names_both_zones() -> None:
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert between(start, start + timedelta(hours=12), BERLIN) == "Sun 25 Oct 00:00 CEST to 11:00 CET"
    assert between(start, start + timedelta(days=2), ZoneInfo("UTC")) == "Sat 24 Oct 22:00 to Mon 26 Oct 22:00 UTC"


def test_names_that_are_unknown_break_nothing() -> None:
    called = Names({}, {})
    assert (called.full(["x"]), called.firsts(["x"]), called.letters(["x"]), called.css(["x"])) == (
        "somebody", "?", "?", "duty c0",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "at_end", "utc"),
    [
        ("2026-10-25T02:30", False, "2026-10-25T00:30+00:00"),  # comes twice: a start is the first of them
        ("2026-10-25T02:30", True, "2026-10-25T01:30+00:00"),  # and an end the last
        ("2026-03-29T02:30", False, "2026-03-29T01:00+00:00"),  # never comes: the jump
        ("2026-03-29T02:30", True, "2026-03-29T01:00+00:00"),
        ("2026-07-01 09:00", False, "2026-07-01T07:00+00:00"),
    ],
)
def test_a_typed_time_is_read_by_the_clock_on_the_wall(text: str, at_end: bool, utc: str) -> None:
    field = Moment(at_end=at_end)
    field.zone = BERLIN
    assert field.to_python(text) == datetime.fromisoformat(utc)


@pytest.mark.parametrize(
    ("rotation", "words"),
    [
        (Rotation(RotationKind.WEEKLY, (("a",),), datetime(2026, 1, 1, tzinfo=UTC)), "every week, hand-over Monday 09:00"),
        (Rotation(RotationKind.DAILY, (("a",),), datetime(2026, 1, 1, tzinfo=UTC), every=2), "every 2 days, hand-over 09:00"),
        (Rotation(RotationKind.HOURLY, (("a",),), datetime(2026, 1, 1, tzinfo=UTC), every=12), "every 12 hours, counted from 09:00"),
        (
            Rotation(RotationKind.CUSTOM, (("a",),), datetime(2026, 1, 1, tzinfo=UTC), length=timedelta(hours=36)),
            "turns of 1 d 12 h, counted from 09:00",
        ),
    ],
)  # fmt: skip
def test_rotations_in_words(rotation: Rotation, words: str) -> None:
    assert rotation_words(rotation) == words


@pytest.mark.parametrize(
    ("restrictions", "words"),
    [
        ([], "around the clock"),
        ([Restriction(frozenset(range(7)), time(), time())], "around the clock"),
        ([Restriction(frozenset(range(5)), time(8), time(18))], "Mon to Fri 08:00 to 18:00"),
        ([Restriction(frozenset({0, 6}), time(18), time(8))], "Mon, Sun 18:00 to 08:00 the next day"),
        ([Restriction(frozenset({5}), time(), time())], "Sat all day"),
        ([Restriction(frozenset({4}), time(18), time(8), 3)], "Fri 18:00 to 08:00 3 days later"),
    ],
)
def test_restrictions_in_words(restrictions: list[Restriction], words: str) -> None:
    assert restriction_words(restrictions) == words
    assert weekdays(frozenset(range(7))) == "every day"
