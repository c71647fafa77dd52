"""Tests and drills: the real way, marked everywhere, counted nowhere, over by themselves."""

from datetime import time, timedelta

import pytest

from tests.domain.escalation.conftest import Company, Outbox
from tests.domain.escalation.test_by_channel import press, sent
from tocsin.domain.escalation import actions, drills, queries
from tocsin.domain.escalation.actions import canary, drill_ends, drill_plans, drilling
from tocsin.domain.escalation.enums import DrillState
from tocsin.domain.escalation.logic.said import Verb
from tocsin.domain.escalation.models import Drill, Escalation, Run, Watch
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify.models import ContactMethod, Delivery, Page, QuietHours
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.sla.models import Clock
from tocsin.domain.tickets.models import Handover, Ticket
from tocsin.domain.tickets.queries import visible_to
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed


def plan(company: Company, **given: object) -> object:
    """A weekly drill of the network team on Wednesdays from 9 to 12, UTC; the story begins on a Wednesday at 9."""
    values = {
        "name": "Network", "team": company.network, "cadence": "weekly", "weekday": 2, "starts": time(9),
        "ends": time(12), "zone": "UTC", "announced": False, "by": company["lead"], "now": company.now,
    }  # fmt: skip
    return drill_plans.plan_drill(**{**values, **given})  # type: ignore[arg-type]


def fired(company: Company) -> Drill:
    """Let the engine fire the planned drill at the instant it is planned for."""
    at = drills.plans()[0].planned_at
    assert at is not None
    assert drill_plans.fire_due_plans(now=at, limit=5) == 1
    return Drill.objects.latest("started_at")


def ack(drill: Drill, name: str, company: Company, seconds: float) -> None:
    assert drill.escalation is not None
    run = Run.objects.get(escalation=drill.escalation)
    at = drill.started_at + timedelta(seconds=seconds)
    actions.acknowledge(run_id=run.pk, by=company[name], now=at, via="sms")


@pytest.mark.django_db
def test_a_test_of_a_person_goes_by_their_own_sequence_and_says_so_everywhere(company: Company) -> None:
    drill = drilling.test_person(person=company["ana"], by=company["ana"], now=company.now)
    page = Page.objects.get(user=company["ana"])
    assert page.subject.startswith("[TEST]")
    assert page.body.startswith("THIS IS A TEST.")
    assert (page.purpose, page.urgency, page.data["test"]) == ("drill", "high", True)
    (parcel,) = sent(company)
    message = parcel.message(company.now)
    assert message.subject.startswith("[TEST]")
    assert message.code
    assert message.answer_url or not message.link
    said = press(Delivery.objects.get(page=page), Verb.ACKNOWLEDGE, company)
    assert "This was a test" in said
    drill.refresh_from_db()
    assert (drill.state, drill.to_human) == ("ended", 60.0)
    assert drill.people == [
        {
            "id": str(company["ana"].pk), "name": "Ana", "by": drill.people[0]["by"], "via": "email",
            "outcome": "answered", "seconds": 60.0, "tried": ["email"],
        }
    ]  # fmt: skip
    assert drill.people[0]["by"]


@pytest.mark.django_db
def test_a_test_touches_no_clock_no_list_no_figure_and_no_ownership(ladder: Company) -> None:
    before = (Watch.objects.count(), Clock.objects.count())
    drill = drilling.test_policy(slug="ladder", by=ladder["lead"], now=ladder.now, team=ladder.desk)
    assert drill.escalation is not None
    ack(drill, "ana", ladder, 30)
    assert (Watch.objects.count(), Clock.objects.count()) == before
    assert not Handover.objects.exists()
    assert not visible_to(ladder["ana"]).exists()
    assert queries.open_escalations() == 0
    assert Ticket.objects.get().owner is None
    assert not Entry.objects.filter(kind__startswith="alarm").exists()
    assert Escalation.objects.get().state == "resolved"


@pytest.mark.django_db
def test_a_test_counts_as_no_repetition(ladder: Company) -> None:
    ladder.publish(
        "slug: again\nname: Again\ntype: internal\nreason: complexity\ndirection: functional\n"
        "triggers: [{key: r, kind: repeat_escalation, same: service, within: 7d}]\n"
        "levels: [{name: One, targets: [catch_all]}]\n"
    )
    drilling.test_policy(slug="ladder", by=ladder["lead"], now=ladder.now, team=ladder.desk, service=ladder.service)
    ladder.escalate(ladder.ticket(), at=1)
    assert not Escalation.objects.filter(policy__slug="again").exists()


@pytest.mark.django_db
def test_a_whole_policy_climbs_as_ever_and_ends_by_itself(ladder: Company, outbox: Outbox) -> None:
    drill = drilling.test_policy(slug="ladder", by=ladder["lead"], now=ladder.now, team=ladder.desk)
    run = Run.objects.get()
    ladder.tick(10)
    assert outbox.paged(run, purpose="drill") == [(1, 1, "Ana"), (1, 2, "Kai"), (1, 2, "Nora")]
    ladder.tick(25)
    drilling.end_due_drills(now=drill.ends_at, limit=5)
    drill.refresh_from_db()
    assert (drill.state, drill.to_human) == ("ended", None)
    assert {row["outcome"] for row in drill.people} == {"silent"}
    assert outbox.waiting(run) == 0
    assert Run.objects.get().status == "cancelled"


@pytest.mark.django_db
def test_one_level_is_tested_alone_and_at_once(ladder: Company, outbox: Outbox) -> None:
    drilling.test_policy(slug="ladder", level=2, by=ladder["lead"], now=ladder.now, team=ladder.desk)
    assert outbox.paged(Run.objects.get(), purpose="drill") == [(1, 1, "Kai"), (1, 1, "Nora")]
    with pytest.raises(InvalidInput):
        drilling.test_policy(slug="ladder", level=9, by=ladder["lead"], now=ladder.now)


@pytest.mark.django_db
def test_the_ladders_of_tests_are_in_no_list_and_are_made_once(ladder: Company) -> None:
    first = drilling.test_person(person=ladder["ana"], by=ladder["ana"], now=ladder.now)
    second = drilling.test_person(person=ladder["ana"], by=ladder["ana"], now=ladder.after(1))
    assert first.escalation and second.escalation
    assert first.escalation.run.version_id == second.escalation.run.version_id
    assert [policy.slug for policy in queries.all_policies()] == ["ladder"]


@pytest.mark.django_db
def test_others_are_tested_by_those_who_lead_and_not_in_their_quiet_hours(company: Company) -> None:
    with pytest.raises(NotAllowed):
        drilling.test_person(person=company["ben"], by=company["ana"], now=company.now)
    QuietHours.objects.create(user=company["ben"], starts=time(0), ends=time(23, 59))
    with pytest.raises(Conflict):
        drilling.test_person(person=company["ben"], by=company["lead"], now=company.now)
    drilling.test_person(person=company["ben"], by=company["lead"], now=company.now, in_quiet_hours=True)
    ContactMethod.objects.filter(user=company["ben"]).update(verified_at=None)
    with pytest.raises(InvalidInput):
        drilling.test_person(person=company["ben"], by=company["lead"], now=company.now)


@pytest.mark.django_db
def test_tests_are_bounded(company: Company) -> None:
    for minute in range(drilling.MOST_AN_HOUR):
        drilling.test_person(person=company["ana"], by=company["ana"], now=company.after(minute / 10))
    with pytest.raises(Conflict):
        drilling.test_person(person=company["ana"], by=company["ana"], now=company.after(30))


@pytest.mark.django_db
def test_a_running_test_is_called_off(company: Company) -> None:
    drill = drilling.test_person(person=company["ana"], by=company["lead"], now=company.now)
    with pytest.raises(NotAllowed):
        drill_ends.cancel_drill(drill_id=drill.pk, by=company["ben"], now=company.after(1))
    drill_ends.cancel_drill(drill_id=drill.pk, by=company["lead"], now=company.after(1))
    drill.refresh_from_db()
    assert drill.state == DrillState.CANCELLED
    assert not Delivery.objects.filter(state="pending").exists()
    with pytest.raises(Conflict):
        drill_ends.cancel_drill(drill_id=drill.pk, by=company["lead"], now=company.after(2))


@pytest.mark.django_db
def test_a_drill_measures_the_time_to_a_human_and_names_the_silent(company: Company) -> None:
    plan(company)
    drill = fired(company)
    ack(drill, "nora", company, 42)
    drill.refresh_from_db()
    assert drill.state == "running", "Kai was asked too"
    assert {row["name"]: row["outcome"] for row in drills.people_of(drill)} == {"Kai": "waiting", "Nora": "answered"}
    drilling.end_due_drills(now=drill.ends_at, limit=5)
    drill.refresh_from_db()
    assert drill.to_human == 42
    told = {row["name"]: (row["outcome"], row["via"]) for row in drill.people}
    assert told == {"Kai": ("silent", ""), "Nora": ("answered", "sms")}
    (trend,) = drills.trends()
    assert (trend.team, trend.median_seconds, trend.answered, trend.asked) == ("Network", 42, 1, 2)
    note = Page.objects.get(user=company["lead"], purpose="notice")
    assert "1 of 2 answered" in note.subject
    assert "- Kai: silent" in note.body
    assert Entry.objects.get(stream=f"drill:{drill.pk}", kind="drill.ended").data["to_human"] == 42


@pytest.mark.django_db
def test_a_drill_ends_when_everybody_has_answered(company: Company) -> None:
    plan(company)
    drill = fired(company)
    ack(drill, "nora", company, 42)
    ack(drill, "kai", company, 90)
    drill.refresh_from_db()
    assert (drill.state, drill.to_human) == ("ended", 42)
    assert Run.objects.get().status == "resolved"


@pytest.mark.django_db
def test_a_drill_comes_again_next_week_within_its_window(company: Company) -> None:
    made = plan(company)
    first = made.planned_at  # type: ignore[attr-defined]
    fired(company)
    second = drills.plans()[0].planned_at
    assert second is not None
    assert second.date() == (first + timedelta(days=7)).date()
    assert time(9) <= second.time() < time(12)


@pytest.mark.django_db
def test_a_drill_waits_for_quiet_hours_and_leaves_out_who_has_them(company: Company) -> None:
    QuietHours.objects.create(user=company["kai"], starts=time(0), ends=time(23, 59))
    plan(company)
    drill = fired(company)
    assert set(Page.objects.filter(purpose="drill").values_list("user__name", flat=True)) == {"Nora"}
    assert [row["outcome"] for row in drill.people] == ["left_out"]
    ack(drill, "nora", company, 10)
    drill.refresh_from_db()
    assert drill.state == "ended"


@pytest.mark.django_db
def test_a_drill_disturbs_nobody_where_everybody_rests(company: Company) -> None:
    for name in ("kai", "nora"):
        QuietHours.objects.create(user=company[name], starts=time(0), ends=time(23, 59))
    plan(company)
    at = drills.plans()[0].planned_at
    assert at is not None
    for half_hour in range(8):
        drill_plans.fire_due_plans(now=at + timedelta(minutes=30 * half_hour), limit=5)
    assert not Page.objects.filter(purpose="drill").exists()
    assert Drill.objects.get().people[0]["outcome"] == "left_out"


@pytest.mark.django_db
def test_quiet_hours_are_disturbed_only_where_that_is_set(company: Company) -> None:
    QuietHours.objects.create(user=company["kai"], starts=time(0), ends=time(23, 59))
    plan(company, in_quiet_hours=True)
    fired(company)
    assert Page.objects.filter(purpose="drill", user=company["kai"]).exists()


@pytest.mark.django_db
def test_an_announced_drill_is_told_a_day_ahead(company: Company) -> None:
    made = plan(company, announced=True, weekday=4)
    assert made.due_at == made.planned_at - timedelta(days=1)  # type: ignore[attr-defined]
    drill_plans.fire_due_plans(now=made.due_at, limit=5)  # type: ignore[attr-defined]
    assert set(Page.objects.values_list("user__name", flat=True)) == {"Kai", "Nora", "Lead"}
    assert not Drill.objects.exists()
    fired(company)


@pytest.mark.django_db
def test_a_missed_drill_does_not_come_out_of_hours(company: Company) -> None:
    made = plan(company)
    late = made.planned_at + timedelta(hours=12)  # type: ignore[attr-defined]
    drill_plans.fire_due_plans(now=late, limit=5)
    assert not Drill.objects.exists()
    again = drills.plans()[0].planned_at
    assert again is not None
    assert again > late


@pytest.mark.django_db
def test_a_suspended_drill_does_not_come(company: Company) -> None:
    made = plan(company)
    drill_plans.switch_plan(plan_id=made.pk, enabled=False, by=company["lead"], now=company.now)  # type: ignore[attr-defined]
    assert drills.next_drill_due() is None
    drill_plans.switch_plan(plan_id=made.pk, enabled=True, by=company["lead"], now=company.now)  # type: ignore[attr-defined]
    assert drills.next_drill_due() is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"zone": "Mars/Base"}, {"ends": time(8)}, {"weekday": 9}, {"schedule": "none"}, {"answer_within": 5}, {"name": ""}]
)  # fmt: skip
def test_a_drill_that_cannot_be_is_refused_with_the_field(company: Company, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        plan(company, **wrong)
    assert set(refused.value.fields) == set(wrong)


def _canary(company: Company, minutes: float) -> None:
    canary.look_after_canary(every=timedelta(minutes=10), now=company.after(minutes))


@pytest.mark.django_db
def test_a_canary_goes_the_whole_way_and_wakes_nobody(company: Company) -> None:
    _canary(company, 0)
    assert set(Delivery.objects.values_list("channel", "address")) == {("console", "canary")}
    sent(company, 0.1, channel="console")
    _canary(company, 0.2)
    health = drills.canary_health(every=timedelta(minutes=10), within=canary.WITHIN, now=company.after(0.2))
    assert (health.state, round(health.took_seconds or 0)) == ("ok", 6)
    _canary(company, 5)
    assert Drill.objects.count() == 1
    _canary(company, 10)
    assert Drill.objects.count() == 2
    assert Ticket.objects.count() == 1, "one ticket carries them all"
    assert canary.ADDRESS not in set(people.people().values_list("email", flat=True))
    assert drills.recent() == []


@pytest.mark.django_db
def test_a_canary_that_does_not_come_through_is_noticed(company: Company) -> None:
    _canary(company, 0)
    _canary(company, 3)
    assert Drill.objects.get().state == DrillState.FAILED
    assert Entry.objects.filter(stream="system", kind="alarm.canary").count() == 1
    health = drills.canary_health(every=timedelta(minutes=10), within=canary.WITHIN, now=company.after(3))
    assert health.state == "none"


@pytest.mark.django_db
def test_old_canaries_leave_no_rows_and_their_journal_stays(company: Company) -> None:
    _canary(company, 0)
    sent(company, 0.1, channel="console")
    _canary(company, 1)
    entries = Entry.objects.count()
    _canary(company, 3 * 24 * 60)
    assert Drill.objects.count() == 1
    assert Escalation.objects.count() == 1
    assert Entry.objects.count() > entries
    assert User.objects.filter(email=canary.ADDRESS).count() == 1
