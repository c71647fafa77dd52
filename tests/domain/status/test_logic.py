"""The pure rules of status pages, accounts and briefings (SEMANTICS 1, 7)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tocsin.domain.status.logic import briefing, clock, health, incidents, wording
from tocsin.domain.status.logic.uptime import uptime

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("kind", "state", "following"),
    [
        ("incident", "investigating", ("investigating", "identified", "monitoring", "resolved")),
        ("incident", "monitoring", ("investigating", "identified", "monitoring", "resolved")),
        ("incident", "resolved", ()),
        ("maintenance", "scheduled", ("scheduled", "under_way", "cancelled")),
        ("maintenance", "under_way", ("under_way", "completed")),
        ("maintenance", "completed", ()),
        ("maintenance", "cancelled", ()),
    ],
)
def test_an_incident_moves_until_its_end(kind: str, state: str, following: tuple[str, ...]) -> None:
    assert incidents.next_states(kind, state) == following


@pytest.mark.parametrize(
    ("own", "open_on_it", "seen"),
    [
        ("operational", [], "operational"),
        ("degraded", [], "degraded"),
        ("operational", [("investigating", "partial"), ("monitoring", "degraded")], "partial"),
        ("major", [("identified", "degraded")], "major"),
        ("operational", [("resolved", "major"), ("scheduled", "maintenance")], "operational"),
        ("operational", [("under_way", "maintenance")], "maintenance"),
    ],
)
def test_a_component_shows_the_worst_that_is_open_on_it(own: str, open_on_it: list[tuple[str, str]], seen: str) -> None:
    assert incidents.shown(own, open_on_it) == seen


@pytest.mark.parametrize(
    ("state", "at", "after"),
    [
        ("scheduled", NOW - HOUR, "scheduled"),
        ("scheduled", NOW, "under_way"),
        ("under_way", NOW + HOUR, "under_way"),
        ("under_way", NOW + 2 * HOUR, "completed"),
        ("scheduled", NOW + 3 * HOUR, "completed"),
        ("cancelled", NOW, "cancelled"),
    ],
)
def test_a_maintenance_switches_at_its_times_and_catches_up(state: str, at: datetime, after: str) -> None:
    assert incidents.switch(state, NOW, NOW + 2 * HOUR, at) == after


def test_days_hold_the_worst_and_count_only_outages_as_down() -> None:
    changes = [
        (NOW - timedelta(days=1, hours=6), "major"),
        (NOW - timedelta(days=1, hours=5), "degraded"),
        (NOW - timedelta(days=1, hours=3), "operational"),
    ]
    found = uptime(changes, began=NOW - timedelta(days=3), now=NOW, zone="UTC", days=4)
    assert [day.on for day in found.days] == [date(2026, 3, one) for one in (1, 2, 3, 4)]
    assert [day.worst for day in found.days] == ["operational", "operational", "major", "operational"]
    yesterday = found.days[2]
    assert (yesterday.down, yesterday.seconds["degraded"], yesterday.measured) == (3600, 7200, 86400)
    assert found.share == pytest.approx(1 - 1 / 72)


def test_an_outage_that_spans_midnight_counts_on_both_days_of_the_pages_zone() -> None:
    changes = [(datetime(2026, 3, 3, 22, tzinfo=UTC), "partial"), (datetime(2026, 3, 4, 1, tzinfo=UTC), "operational")]
    found = uptime(changes, began=NOW - timedelta(days=9), now=NOW, zone="Europe/Berlin", days=2)
    assert [day.down for day in found.days] == [3600, 7200]


def test_the_day_of_a_change_of_clocks_has_its_own_length() -> None:
    now = datetime(2026, 3, 30, 12, tzinfo=UTC)
    found = uptime([], began=now - timedelta(days=9), now=now, zone="Europe/Berlin", days=2)
    assert found.days[0].measured == 23 * 3600


def test_before_it_was_there_nothing_is_known_and_a_hundred_is_not_rounded_up_to() -> None:
    fresh = uptime([], began=NOW - HOUR, now=NOW, zone="UTC", days=3)
    assert [day.measured for day in fresh.days] == [0, 0, 3600]
    blink = [(NOW - HOUR, "major"), (NOW - HOUR + timedelta(seconds=1), "operational")]
    assert uptime(blink, began=NOW - timedelta(days=99), now=NOW, zone="UTC").percent == "99.99"
    assert uptime([], began=NOW, now=NOW, zone="UTC").percent == ""


def test_what_is_ours_alone_is_pointed_out_in_order_and_once() -> None:
    text = "T-1234: Ask Ada Quill (ada@house.example) about 10.0.0.7, T-1234 and db-prod-01.corp.internal."
    found = [(one.piece, one.why) for one in wording.findings(text, ["Ada Quill", "Al"])]
    assert [piece for piece, _ in found] == [
        "T-1234", "Ada Quill", "ada@house.example", "10.0.0.7", "db-prod-01.corp.internal",
    ]  # fmt: skip
    assert wording.findings("The printers of the second floor print again since 10:15.") == []


def test_health_is_a_sum_whose_every_part_has_words() -> None:
    well = health.health(health.Signs(open_tickets=40, ratings=2, good=0))
    assert (well.points, well.parts, well.band) == (100, (), "well")
    bad = health.health(
        health.Signs(
            breached=2, escalated=1, repeats=1, ratings=10, good=5, account_escalation=True, overdue_account=True
        )
    )
    assert bad.points == 100 - sum(part.points for part in bad.parts)
    assert [part.key for part in bad.parts] == ["breached", "ratings", "account", "overdue", "escalated", "repeats"]
    assert bad.parts[0].words == "2 tickets have a broken promise"
    assert bad.band == "troubled"


def test_no_part_of_health_grows_beyond_its_bound() -> None:
    worst = health.health(health.Signs(breached=99, escalated=99, repeats=99, waiting=99, grave=99, reopened=99))
    assert {part.key: part.points for part in worst.parts} == {
        "breached": 24, "escalated": 24, "repeats": 15, "waiting": 12, "grave": 12, "reopened": 9,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("course", "word", "because"),
    [
        (briefing.Course(raised_at=NOW - HOUR, told_at=NOW), "worse", "It was found to be graver"),
        (briefing.Course(breached_at=NOW - HOUR, told_at=NOW), "worse", "A promised time has passed"),
        (briefing.Course(answered=False), "worse", "Nobody has taken charge yet"),
        (briefing.Course(told_at=NOW - HOUR), "better", "The customer has been told how it goes on"),
        (briefing.Course(raised_at=NOW - 30 * HOUR), "steady", "Nothing new in the last day"),
    ],
)
def test_the_trend_says_because_of_what(course: briefing.Course, word: str, because: str) -> None:
    assert briefing.trend(course, NOW) == briefing.Trend(word, because)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((0, 0, 0, 0), "Nothing is escalated."),
        ((0, 3, 0, 0), "Nothing is escalated. A week ago it was 3."),
        ((1, 1, 0, 0), "1 escalation is open. Each has an owner, no promised time has passed."),
        ((4, 2, 1, 2), "4 escalations are open. One has no owner. 2 are behind a promised time. A week ago it was 2."),
    ],
)
def test_the_headline_says_how_things_stand(numbers: tuple[int, int, int, int], said: str) -> None:
    assert " ".join(briefing.headline(*numbers)) == said


def test_open_at_an_instant_counts_what_had_begun_and_not_ended() -> None:
    spans = [(NOW - 5 * HOUR, NOW - 3 * HOUR), (NOW - 4 * HOUR, None)]
    assert briefing.daily_open(spans, [NOW - 6 * HOUR, NOW - 4 * HOUR, NOW - 3 * HOUR, NOW]) == [0, 2, 1, 1]


def test_the_clock_tells_each_missed_time_once() -> None:
    fresh = clock.Standing(target_at=NOW + HOUR, target_missed_at=None, next_update_at=NOW, update_missed_at=None)
    assert (clock.due(fresh), clock.missed(fresh, NOW - HOUR)) == (NOW, [])
    assert clock.missed(fresh, NOW) == ["update"]
    assert clock.missed(fresh, NOW + HOUR) == ["target", "update"]
    told = clock.Standing(target_at=NOW, target_missed_at=NOW, next_update_at=NOW, update_missed_at=NOW)
    assert (clock.due(told), clock.missed(told, NOW + HOUR)) == (None, [])
