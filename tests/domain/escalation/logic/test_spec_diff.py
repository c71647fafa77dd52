from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings

from tests.domain.escalation.logic.policies import policies
from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.policy import Level, OnReassign, Policy, Target, TargetKind, Trigger, TriggerKind
from tocsin.domain.escalation.logic.spec_diff import differences

OLD = Policy(
    slug="network",
    name="Network",
    type="technical",
    reason="sla_at_risk",
    direction="functional",
    levels=(
        Level("Owner", (Target(TargetKind.OWNER),)),
        Level("Lead", (Target(TargetKind.TEAM_LEAD),), timedelta(minutes=15)),
    ),
    triggers=(
        Trigger("risk", TriggerKind.CLOCK_AT, clock="resolution", percent=75),
        Trigger("reopened", TriggerKind.REOPENED, count=2),
    ),
)


def test_changed_values_are_said_with_path_before_and_after() -> None:
    levels = (OLD.levels[0], replace(OLD.levels[1], delay=timedelta(minutes=10), when="ticket.priority == 1"))
    triggers = (replace(OLD.triggers[0], percent=80), OLD.triggers[1])
    new = replace(OLD, levels=levels, triggers=triggers, on_reassign=OnReassign.REBIND)
    assert differences(OLD, new) == (
        "levels[1].delay: 15m -> 10m",
        "levels[1].when: (nothing) -> ticket.priority == 1",
        "triggers[0].percent: 75% -> 80%",
        "on_reassign: ask -> rebind",
    )


def test_an_inserted_level_is_one_line() -> None:
    new = replace(OLD, levels=(OLD.levels[0], Level("Team", (Target(TargetKind.TICKET_TEAM),)), OLD.levels[1]))
    assert differences(OLD, new) == ("levels[1] added: Team",)
    assert differences(new, OLD) == ("levels[1] removed: Team",)


def test_targets_are_said_as_they_are_written() -> None:
    targets = (Target(TargetKind.OWNER), Target(TargetKind.TEAM, "network"))
    new = replace(OLD, levels=(replace(OLD.levels[0], targets=targets), OLD.levels[1]))
    assert differences(OLD, new) == ("levels[0].targets: [owner] -> [owner, team: network]",)


def test_a_changed_order_of_levels_is_said() -> None:
    new = replace(OLD, levels=OLD.levels[::-1])
    assert differences(OLD, new) == ("levels reordered: Lead, Owner",)


@settings(max_examples=10)
@given(policies(), policies())
def test_there_are_differences_exactly_where_policies_differ(one: Policy, other: Policy) -> None:
    assert not differences(one, one)
    assert bool(differences(one, other)) == (spec.to_json(one) != spec.to_json(other))
