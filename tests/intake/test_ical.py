"""Calendar files become shifts: rules, exceptions, moved occurrences, whole days, clocks that are turned."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tocsin.domain.oncall import actions, queries
from tocsin.domain.oncall.models import Schedule, Shift
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.intake.ical import CalendarShift, import_shifts, read_shifts
from tocsin.kernel.errors import InvalidInput, NotAllowed

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 20, tzinfo=UTC)
END = datetime(2026, 4, 20, tzinfo=UTC)


def calendar(*events: str) -> str:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{body}END:VCALENDAR\n".replace("\n", "\r\n")


NIGHTS = """
UID:nights
DTSTART;TZID=Europe/Berlin:20260323T180000
DTEND;TZID=Europe/Berlin:20260324T080000
RRULE:FREQ=WEEKLY;BYDAY=MO,SA;COUNT=5
EXDATE;TZID=Europe/Berlin:20260330T180000
SUMMARY:Nights
ATTENDEE;CN=Ana:mailto:Ana@example.org
"""
MOVED = """
UID:nights
RECURRENCE-ID;TZID=Europe/Berlin:20260404T180000
DTSTART;TZID=Europe/Berlin:20260405T180000
DTEND;TZID=Europe/Berlin:20260406T080000
SUMMARY:Nights, moved
ATTENDEE;CN=Ben:mailto:ben@example.org
"""


def read(*events: str, start: datetime = START, end: datetime = END) -> list[CalendarShift]:
    return read_shifts(calendar(*events), start=start, end=end, zone=BERLIN)


def test_rules_exceptions_and_moved_occurrences_are_unfolded() -> None:
    found = [
        (shift.start.astimezone(BERLIN).strftime("%d.%m. %H:%M"), shift.addresses) for shift in read(NIGHTS, MOVED)
    ]
    assert found == [
        ("23.03. 18:00", ("ana@example.org",)),
        ("28.03. 18:00", ("ana@example.org",)),
        ("05.04. 18:00", ("ben@example.org",)),
        ("06.04. 18:00", ("ana@example.org",)),
    ]


def test_a_night_over_the_change_of_the_clock_is_an_hour_shorter() -> None:
    lengths = [shift.end - shift.start for shift in read(NIGHTS, MOVED)]
    assert lengths == [timedelta(hours=hours) for hours in (14, 13, 14, 14)]


def test_whole_days_and_times_without_a_zone_are_the_schedules() -> None:
    whole = "UID:a\nDTSTART;VALUE=DATE:20260329\nDTEND;VALUE=DATE:20260330\nSUMMARY:Ana"
    floating = "UID:b\nDTSTART:20260401T090000\nDURATION:PT8H\nSUMMARY:Ben"
    assert [(shift.start, shift.end) for shift in read(whole, floating)] == [
        (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (datetime(2026, 4, 1, 7, tzinfo=UTC), datetime(2026, 4, 1, 15, tzinfo=UTC)),
    ]


def test_cancelled_events_are_left_out() -> None:
    assert read("UID:a\nDTSTART:20260401T090000Z\nDTEND:20260401T100000Z\nSTATUS:CANCELLED\nSUMMARY:Ana") == []


def test_occurrences_of_one_event_are_told_apart_and_keep_their_names() -> None:
    names = [shift.uid for shift in read(NIGHTS, MOVED)]
    assert len(set(names)) == len(names)
    assert names == [shift.uid for shift in read(NIGHTS, MOVED)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no calendar",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:never\nEND:VEVENT\nEND:VCALENDAR",
        calendar("UID:a\nDTSTART:20260401T090000Z\nRRULE:FREQ=SECONDLY\nSUMMARY:a"),
        calendar("UID:a\nDTSTART:20200401T090000Z\nRRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5,6,7,8;BYMINUTE=1,2,3,4,5,6,7,8,9,0"
                 ",11,12,13,14,15,16,17,18\nSUMMARY:a"),
        calendar(*["UID:a\nDTSTART:20260401T090000Z\nRRULE:FREQ=YEARLY\nSUMMARY:a"] * 201),
        "BEGIN:VCALENDAR\n" + "X" * 1_100_000,
    ],
    ids=["empty", "text", "bad date", "every second", "expanding", "many rules", "large"],
)  # fmt: skip
def test_files_that_cannot_be_read_or_would_never_end_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_shifts(text, start=START, end=END, zone=BERLIN)
    assert refused.value.code == "bad_calendar"


@pytest.fixture
def people(db: None) -> dict[str, User]:
    return {
        name: User.objects.create(email=f"{name}@example.org", name=f"{name.title()} Example", role=role)
        for name, role in (("ana", Role.AGENT), ("ben", Role.AGENT), ("polly", Role.ADMINISTRATOR))
    }


@pytest.fixture
def schedule(people: dict[str, User]) -> Schedule:
    return actions.create_schedule(name="Network", slug="network", zone="Europe/Berlin", by=None, now=START)


def test_imported_shifts_are_on_call(people: dict[str, User], schedule: Schedule) -> None:
    named = "UID:c\nDTSTART:20260410T090000Z\nDTEND:20260410T170000Z\nSUMMARY:On call: Ben Example (late)"
    other = "UID:d\nDTSTART:20260411T090000Z\nDTEND:20260411T170000Z\nSUMMARY:Nobody we know"
    text = calendar(NIGHTS, MOVED, named, other)
    done = import_shifts(schedule_id=schedule.pk, text=text, source="team", by=people["polly"], now=START)
    assert (done.shifts, done.unknown) == (5, ("Nobody we know",))
    now = queries.who_is_on_now(["network"], datetime(2026, 4, 10, 12, tzinfo=UTC))["network"]
    assert [pk for pk, _ in now.people] == [people["ben"].pk]
    assert (
        now.people[0][1]
        == "on call in Network: one-off shift until 2026-04-10 19:00 CEST (On call: Ben Example (late))"
    )


def test_importing_again_replaces_what_has_not_begun(people: dict[str, User], schedule: Schedule) -> None:
    given = {"schedule_id": schedule.pk, "source": "team", "by": people["polly"]}
    import_shifts(text=calendar(NIGHTS), now=START, **given)
    before = sorted(Shift.objects.values_list("starts_at", "person"))
    import_shifts(text=calendar(NIGHTS), now=START, **given)
    assert sorted(Shift.objects.values_list("starts_at", "person")) == before
    later = datetime(2026, 3, 24, 0, tzinfo=UTC)  # the first night has begun
    import_shifts(text=calendar(NIGHTS, MOVED), now=later, **given)
    assert Shift.objects.filter(starts_at__lt=later).count() == 1
    assert Shift.objects.filter(person=people["ben"]).count() == 1
    assert import_shifts(text=calendar(), now=later, **given).shifts == 0
    assert Shift.objects.count() == 1


def test_only_those_who_run_the_schedule_import_into_it(people: dict[str, User], schedule: Schedule) -> None:
    with pytest.raises(NotAllowed):
        import_shifts(schedule_id=schedule.pk, text=calendar(NIGHTS), source="team", by=people["ana"], now=START)
