"""A week ahead: what is wrong with schedules is told once, to who can mend it, and stands in the journal."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tocsin.config.checks_stored import stored_findings
from tocsin.domain.escalation.actions.duty_warnings import next_warning_due, warn_ahead
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify.models import ContactMethod, Page
from tocsin.domain.oncall import actions
from tocsin.domain.oncall.logic.schedule import Layer, Restriction, Rotation, RotationKind
from tocsin.domain.oncall.models import Lookout, WarnedFinding

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
WORKING = frozenset(range(5))


def layer(company, *names: str, days=frozenset(range(7)), name: str = "Primary") -> Layer:
    crews = tuple((str(company[one].pk),) for one in names)
    every_day = Restriction(days, time(0), time(0))
    weeks = Rotation(RotationKind.WEEKLY, crews, MONDAY - 28 * DAY, handover=time(8), restrictions=(every_day,))
    return Layer(name, (weeks,))


@pytest.fixture
def schedule(company):
    """Nora and Kai in turns on working days only: every weekend is a gap."""
    return actions.create_schedule(
        name="Network primary", slug="primary", zone="UTC", team=company.network, by=None, now=MONDAY,
        layers=[layer(company, "nora", "kai", days=WORKING)],
    )  # fmt: skip


def told(company, name: str) -> list[str]:
    rows = Page.objects.filter(user=company[name], purpose="notice").order_by("created_at", "pk")
    return [f"{page.subject}\n{page.body}" for page in rows]


def warned() -> list[list[str]]:
    rows = Entry.objects.filter(kind="schedule.warned").order_by("position")
    return [[finding["kind"] for finding in row.data["findings"]] for row in rows]


def test_a_gap_of_the_coming_week_is_told_to_the_lead_in_their_zone(company, schedule):
    company["lead"].zone = "Europe/Berlin"
    company["lead"].save()
    assert warn_ahead(now=company.now) == 1
    (said,) = told(company, "lead")
    assert said.startswith("On call next week: 1 thing to mend in Network primary\n")
    assert "- Nobody is on call: 2026-03-07 01:00 CET to 2026-03-09 01:00 CET" in said
    assert "/schedules/primary" in said
    assert warned() == [["gap"]]


def test_each_finding_is_told_once_and_each_new_one_again(company, schedule):
    warn_ahead(now=company.now)
    assert warn_ahead(now=company.now + timedelta(hours=1)) == 0  # once a day
    for day in range(1, 3):
        assert warn_ahead(now=company.now + day * DAY) == 1
    assert len(told(company, "lead")) == 1
    for day in range(3, 8):
        warn_ahead(now=company.now + day * DAY)
    assert len(told(company, "lead")) == 2  # the next weekend has come into sight


def test_a_gap_for_good_is_told_once_though_its_end_moves_every_day(company, schedule):
    actions.set_layers(schedule_id=schedule.pk, layers=[], by=None, now=MONDAY)
    for day in range(5):
        warn_ahead(now=company.now + day * DAY)
    assert len(told(company, "lead")) == 1
    assert WarnedFinding.objects.count() == 1


def test_what_was_mended_and_comes_back_is_told_again(company, schedule):
    warn_ahead(now=company.now)
    override = actions.add_override(
        schedule_id=schedule.pk, person=company["amy"], starts_at=MONDAY + 5 * DAY, ends_at=MONDAY + 7 * DAY, by=None,
        now=company.now,
    )  # fmt: skip
    warn_ahead(now=company.now + DAY)
    assert WarnedFinding.objects.count() == 0
    actions.end_override(override_id=override.pk, by=None, now=company.now + DAY)
    warn_ahead(now=company.now + 2 * DAY)
    assert len(told(company, "lead")) == 2


def test_a_change_brings_the_next_look_forward(company, schedule):
    warn_ahead(now=company.now)
    assert next_warning_due() == company.now + DAY
    actions.set_layers(schedule_id=schedule.pk, layers=[], by=None, now=company.after(10))
    assert next_warning_due() == company.after(40)


def test_double_bookings_are_told_to_both_leads_and_to_the_person(company, schedule):
    company.desk.lead = company["mara"]
    company.desk.save()
    actions.create_schedule(
        name="Desk", slug="desk", zone="UTC", team=company.desk, by=None, now=MONDAY, layers=[layer(company, "nora")]
    )
    warn_ahead(now=company.now)
    words = "On call in two schedules at once (Nora) in Desk and Network primary"
    for name in ("lead", "mara", "nora"):
        assert words in "".join(told(company, name)), name


def test_whoever_cannot_be_reached_is_told_to_the_lead(company, schedule):
    ContactMethod.objects.filter(user=company["nora"]).delete()
    warn_ahead(now=company.now)
    assert "On call without a verified address (Nora)" in told(company, "lead")[0]


def test_an_absence_that_nobody_covers_and_competing_overrides_are_told(company, schedule):
    actions.report_absence(
        person=company["kai"], starts_at=MONDAY + 3 * DAY, ends_at=MONDAY + 4 * DAY, by=None, now=company.now
    )
    for name in ("amy", "ana"):
        actions.add_override(
            schedule_id=schedule.pk, person=company[name], starts_at=MONDAY + 5 * DAY, ends_at=MONDAY + 7 * DAY, by=None,
            now=company.now,
        )  # fmt: skip
    warn_ahead(now=company.now)
    (said,) = told(company, "lead")
    assert "On call but away, and nobody covers (Kai)" in said
    assert "Two overrides want the same place; the later made one counts (Amy, Ana)" in said


def test_a_lead_who_cannot_be_reached_is_passed_over_for_the_next(company, schedule):
    ContactMethod.objects.filter(user=company["lead"]).delete()
    warn_ahead(now=company.now)
    assert told(company, "lead") == []
    assert len(told(company, "carl")) == 1  # no escalation manager in this team: the catch-all


def test_with_nobody_to_tell_it_stands_in_the_journal(company, schedule):
    ContactMethod.objects.all().delete()
    warn_ahead(now=company.now)
    (entry,) = Entry.objects.filter(kind="schedule.warned")
    assert entry.data["told"] == ""


def test_without_schedules_there_is_nothing_to_look_at(company):
    assert next_warning_due() is None
    assert warn_ahead(now=company.now) == 0
    assert not Lookout.objects.exists()


def test_the_first_look_is_due_as_soon_as_there_is_a_schedule(company, schedule):
    assert next_warning_due() is not None


def test_check_warns_of_the_coming_week(company, schedule):
    found = [one for one in stored_findings(company.now) if one.code.startswith("schedule_")]
    assert [(one.code, one.severity) for one in found] == [("schedule_gap", "warning")]
    assert "Network primary: Nobody is on call: 2026-03-07 00:00 UTC to 2026-03-09 00:00 UTC" in found[0].message
