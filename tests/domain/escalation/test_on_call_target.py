"""A level that names a schedule pages whoever is on call when it opens, and the record says why."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.logic.spec_errors import PolicyErrors
from tocsin.domain.escalation.models import Firing
from tocsin.domain.escalation.targets import Directory
from tocsin.domain.oncall import actions as oncall
from tocsin.domain.oncall.logic.schedule import Layer, Rotation, RotationKind
from tocsin.domain.oncall.models import Schedule
from tocsin.domain.people.models import Deputy

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
DUTY = """
slug: duty
name: Duty
type: technical
reason: complexity
direction: functional
owner: polly@example.org
levels:
  - name: On call
    targets: [{on_call: network}]
  - name: Backup
    delay: 10m
    targets: [{on_call: network}, {team_lead: network}]
"""


@pytest.fixture
def duty(company):
    """Nora and Kai take weeks in turns; the story begins in Nora's."""
    crews = tuple((str(company[name].pk),) for name in ("nora", "kai"))
    rotation = Rotation(RotationKind.WEEKLY, crews, MONDAY, handover=time(8))
    oncall.create_schedule(
        name="Network primary", slug="network", zone="Europe/Berlin", by=None, now=MONDAY,
        layers=[Layer("Weeks", (rotation,))],
    )  # fmt: skip
    company.publish(DUTY)
    return company


def evidence(run, level=1):
    return Firing.objects.get(run=run, level=level, cycle=1).evidence


def test_a_level_pages_the_person_on_call_with_the_evidence(duty, outbox):
    run = duty.escalate(duty.ticket(), "duty")
    assert outbox.paged(run) == [(1, 1, "Nora")]
    (told,) = evidence(run)
    assert told["target"] == "whoever is on call in network"
    assert [person["by"] for person in told["people"]] == [
        ["on call in Network primary: weekly rotation until 2026-03-09 08:00 CET"]
    ]


def test_an_override_made_after_the_run_began_counts_when_the_level_opens(duty, outbox):
    run = duty.escalate(duty.ticket(), "duty")
    oncall.add_override(
        schedule_id=Schedule.objects.get().pk, person=duty["amy"], starts_at=duty.now, ends_at=duty.now + timedelta(hours=4),
        by=duty["lead"], now=duty.after(5), reason="Nora is ill",
    )  # fmt: skip
    duty.tick(10)
    assert outbox.paged(run) == [(1, 1, "Nora"), (1, 2, "Amy"), (1, 2, "Lead")]
    assert evidence(run, 2)[0]["people"][0]["by"] == [
        "on call in Network primary: override by Lead until 2026-03-04 14:00 CET (Nora is ill)"
    ]


def test_a_deputy_answers_for_the_person_on_call(duty, outbox):
    Deputy.objects.create(user=duty["nora"], deputy=duty["amy"], starts_at=duty.now)
    run = duty.escalate(duty.ticket(), "duty")
    assert outbox.paged(run) == [(1, 1, "Amy")]
    assert evidence(run)[0]["people"][0]["by"][1] == "Amy answers for Nora"


def test_a_level_without_anybody_on_call_is_skipped_and_says_so(duty, outbox):
    oncall.set_layers(schedule_id=Schedule.objects.get().pk, layers=[], by=None, now=duty.now)
    ticket = duty.ticket()
    run = duty.escalate(ticket, "duty")
    assert outbox.paged(run) == [(1, 2, "Lead")]
    assert "nobody is on call in Network primary at this time" in str(outbox.entry(ticket, "run.level_empty"))


def test_a_policy_that_names_an_unknown_schedule_is_refused_with_the_nearest(duty):
    with pytest.raises(PolicyErrors) as refused:
        publishing.publish_source(text=DUTY.replace("on_call: network", "on_call: netwrok"), by="test", now=duty.now)
    assert "There is no on-call schedule netwrok." in str(refused.value)
    assert "Did you mean network?" in str(refused.value)


def test_a_schedule_is_read_once_however_many_levels_name_it(duty, django_assert_max_num_queries):
    ticket = duty.ticket()
    directory = Directory([ticket], duty.now)
    targets = publishing.spec.load(DUTY).levels[0].targets
    first = directory.resolve(targets, ticket, None)
    with django_assert_max_num_queries(0):
        assert directory.resolve(targets, ticket, None) == first
