"""The examples work in any company and teach by their comments."""

import pytest

from tocsin.domain.escalation import examples
from tocsin.domain.escalation.logic.policy import OnApprovalTimeout, TargetKind, Terminal, TriggerKind
from tocsin.domain.escalation.logic.spec_reading import NEEDS_REF

NAMES = ["customer", "internal", "major-incident", "technical"]


def test_there_are_four_and_each_is_named_like_its_file() -> None:
    policies = examples.load_all()
    assert list(policies) == NAMES
    assert [policy.slug for policy in policies.values()] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_they_name_roles_only(name: str) -> None:
    policy = examples.load_all()[name]
    targets = [target for level in policy.levels for target in level.targets]
    targets += policy.approval.approvers if policy.approval else ()
    assert all(not target.ref and target.kind not in NEEDS_REF for target in targets)
    assert policy.owner == ""


@pytest.mark.parametrize("name", NAMES)
def test_every_sixth_of_their_lines_explains_at_least(name: str) -> None:
    lines = examples.sources()[name].splitlines()
    assert sum("#" in line for line in lines) >= len(lines) / 6


def test_technical_climbs_from_the_owner_over_the_next_line_to_those_who_decide() -> None:
    levels = examples.load_all()["technical"].levels
    assert [[target.kind for target in level.targets] for level in levels] == [
        [TargetKind.OWNER, TargetKind.TICKET_TEAM],
        [TargetKind.NEXT_LINE_TEAM],
        [TargetKind.TEAM_LEAD, TargetKind.MANAGER_OF_OWNER],
        [TargetKind.TEAM_MANAGER],
    ]


def test_customer_asks_for_approval_that_cannot_hold_it_up() -> None:
    approval = examples.load_all()["customer"].approval
    assert approval is not None
    assert approval.on_timeout is OnApprovalTimeout.START


def test_internal_finds_tickets_that_nobody_owns() -> None:
    kinds = {trigger.kind for trigger in examples.load_all()["internal"].triggers}
    assert {TriggerKind.UNASSIGNED_FOR, TriggerKind.OWNER_SILENT_FOR} <= kinds


def test_major_incident_never_falls_silent() -> None:
    policy = examples.load_all()["major-incident"]
    assert policy.repeat.terminal is Terminal.KEEP_PAGING
    assert TriggerKind.TICKET_OPENED in {trigger.kind for trigger in policy.triggers}
