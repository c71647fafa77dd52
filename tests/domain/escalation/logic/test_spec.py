"""Policy as code: what is wrong is named with file, line, field and remedy, all at once."""

import dataclasses
import json
from datetime import timedelta

import pytest
from hypothesis import given, settings

from tests.domain.escalation.logic.policies import policies
from tocsin.domain.escalation.enums import Direction, EscalationType, Reason
from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.policy import (
    Approval,
    Level,
    Policy,
    Repeat,
    Target,
    TargetKind,
    Trigger,
    TriggerKind,
)
from tocsin.domain.escalation.logic.spec import PolicyErrors
from tocsin.domain.people.enums import Line
from tocsin.domain.sla.enums import TargetKind as ClockKind

HEAD = """\
slug: network
name: Network
type: technical
reason: sla_at_risk
direction: functional
"""
LEVELS = """\
levels:
  - targets: [owner]
"""


def test_a_short_policy_gets_the_documented_defaults() -> None:
    policy = spec.load(HEAD + LEVELS)
    assert policy == Policy(
        slug="network",
        name="Network",
        type="technical",
        reason="sla_at_risk",
        direction="functional",
        levels=(Level("Level 1", (Target(TargetKind.OWNER),)),),
    )
    assert policy.ack_timeout == timedelta(minutes=30)
    assert policy.snooze_cap == timedelta(hours=4)


def test_targets_are_roles_with_a_name_where_they_take_one() -> None:
    text = HEAD + (
        "levels:\n  - targets:\n      - owner\n      - team: network\n      - team_lead\n      - team_lead: network\n"
        "      - user: ana@example.org\n      - skill: Oracle RAC\n      - team_manager:\n"
    )
    assert spec.load(text).levels[0].targets == (
        Target(TargetKind.OWNER),
        Target(TargetKind.TEAM, "network"),
        Target(TargetKind.TEAM_LEAD),
        Target(TargetKind.TEAM_LEAD, "network"),
        Target(TargetKind.USER, "ana@example.org"),
        Target(TargetKind.SKILL, "Oracle RAC"),
        Target(TargetKind.TEAM_MANAGER),
    )


def test_a_trigger_without_key_is_named_by_its_kind() -> None:
    (trigger,) = spec.load(HEAD + LEVELS + "triggers: [{kind: reopened}]").triggers
    assert trigger == Trigger(key="reopened", kind=TriggerKind.REOPENED, count=1)


@pytest.mark.parametrize(
    ("text", "line", "field", "message", "remedy"),
    [
        # names and shapes
        ("slug: Net work\n", 1, "slug", "Net work is not a slug", "slug: network-outage"),
        ("owner: ana\n", 1, "owner", "ana is not an e-mail address", "ana@example.org"),
        ("name: ''\n", 1, "name", "needs a name", "name: Network"),
        ("name: [a]\n", 1, "name", "must be a single value", "For example"),
        ("name: 'a\n\n  b'\n", 1, "name", "line break", "one line"),
        (f"name: {'x' * 121}\n", 1, "name", "121 characters", "Shorten"),
        ("nmae: x\n", 1, "nmae", "has no field nmae", "Did you mean name?"),
        ("colour: red\n", 1, "colour", "has no field colour", "Known: slug, name"),
        ("match: 'true'\nmatch: 'false'\n", 2, "match", "written twice; first on line 1", "Keep one"),
        # enums
        ("type: techncal\n", 1, "type", "techncal is not known", "Did you mean technical?"),
        ("reason: weather\n", 1, "reason", "weather is not known", "Known: complexity"),
        ("direction: upwards\n", 1, "direction", "upwards is not known", "Known: functional, hierarchical"),
        ("on_reassign: forget\n", 1, "on_reassign", "forget is not known", "Known: ask"),
        # times and counts
        ("ack_timeout: 15\n", 1, "ack_timeout", "15 is not a duration", "90s, 15m, 4h, 1d"),
        ("ack_timeout: 0\n", 1, "ack_timeout", "0 is out of range", "10s and 7d"),
        ("snooze_cap: 30d\n", 1, "snooze_cap", "30d is out of range", "1m and 7d"),
        ("repeat: {times: 11}\n", 1, "repeat.times", "11 is not a whole number from 0 to 10", "0"),
        ("repeat:\n  times: 2\n  terminal: shout\n", 3, "repeat.terminal", "shout is not known", "page_catch_all"),
        ("repeat:\n  every: 1s\n", 2, "repeat.every", "out of range", "10s"),
        ("repeat: often\n", 1, "repeat", "must be a list of fields", "times, after"),
        # conditions
        ("match: ticket.priorty == 1\n", 1, "match", "no field priorty", "ticket.priority"),
        ("match: |\n  true\n  && ticket.servce == ''\n", 3, "match", "no field servce", "ticket.service"),
        ('match: ticket.priority == "high"\n', 1, "match", "column 17 of the condition", "like with like"),
        # approval
        ("approval: {timeout: 5m}\n", 1, "approval.approvers", "approval needs approvers", "account_manager"),
        (
            "direction: hierarchical\napproval: {approvers: [round_robin_team]}\n",
            2,
            "approval.approvers[0]",
            "is for levels",
            "team_lead",
        ),
        ("approval: {approvers: []}\n", 1, "approval.approvers", "Nobody is asked", "role"),
        ("approval:\n  approvers: [team_lead]\n", 1, "approval", "would only delay", "direction: hierarchical"),
        # triggers
        ("triggers: reopened\n", 1, "triggers", "must be a list", "- "),
        ("triggers:\n  - reopened\n", 2, "triggers[0]", "list of fields", "key, kind"),
        ("triggers:\n  - key: x\n", 2, "triggers[0].kind", "needs kind", "kind: clock_breached"),
        ("triggers:\n  - kind: breached\n", 2, "triggers[0].kind", "breached is not known", "clock_breached"),
        ("triggers:\n  - kind: clock_at\n    clock: resolution\n", 2, "triggers[0].percent", "needs percent", "75%"),
        ("triggers: [{kind: clock_breached, clock: lunch}]\n", 1, "triggers[0].clock", "lunch", "first_response"),
        ("triggers: [{kind: clock_at, clock: resolution, percent: 0}]\n", 1, "triggers[0].percent", "0", "75%"),
        ("triggers: [{kind: clock_at, clock: resolution, percent: 2000%}]\n", 1, "triggers[0].percent", "2000%", "75%"),
        ("triggers: [{kind: handovers}]\n", 1, "triggers[0].count", "handovers needs count", "count: 3"),
        ("triggers: [{kind: handovers, count: 0}]\n", 1, "triggers[0].count", "0 is not a whole number", "1"),
        ("triggers: [{kind: priority_raised, count: 2}]\n", 1, "triggers[0].count", "does not take count", "when"),
        ("triggers: [{kind: waiting_at_line_for, after: 1h, line: L4}]\n", 1, "triggers[0].line", "L4", "L1"),
        (
            "triggers: [{kind: linked_tickets, count: 3, same: organisation}]\n",
            1,
            "triggers[0].same",
            "organisation",
            "problem",
        ),
        ("triggers: [{kind: customer_asks, keywords: ['']}]\n", 1, "triggers[0].keywords[0]", "empty", "phrase"),
        ("triggers: [{kind: reopened}, {kind: reopened}]\n", 1, "triggers[1].key", "Another trigger", "reopened-2"),
        ("triggers: [{kind: reopened, key: A B}]\n", 1, "triggers[0].key", "A B is not a key", "resolution-75"),
        # levels
        ("levels: []\n", 1, "levels", "at least one level", "targets: [owner]"),
        ("levels:\n  - name: x\n", 2, "levels[0].targets", "pages nobody", "owner"),
        ("levels:\n  - targets: []\n", 2, "levels[0].targets", "pages nobody", "owner"),
        ("levels:\n  - targets: [ower]\n", 2, "levels[0].targets[0]", "ower is not a role", "Did you mean owner?"),
        (
            "levels:\n  - targets:\n      - owner\n      - team\n",
            4,
            "levels[0].targets[1]",
            "a team's slug",
            "team: network",
        ),
        ("levels:\n  - targets: [{owner: ana}]\n", 2, "levels[0].targets[0]", "takes no name", "- owner"),
        ("levels:\n  - targets: [{user: ana}]\n", 2, "levels[0].targets[0]", "not an e-mail", "user: ana@example.org"),
        ("levels:\n  - targets: [{team_lead: The team}]\n", 2, "levels[0].targets[0]", "not a team's slug", "slug"),
        ("levels:\n  - targets: [{team: a, user: b}]\n", 2, "levels[0].targets[0]", "one role", "team: network"),
        ("levels:\n  - targets: [owner]\n    delay: soon\n", 3, "levels[0].delay", "soon is not a duration", "15m"),
        ("levels:\n  - targets: [owner]\n    urgent: yes\n", 3, "levels[0].urgent", "neither true nor false", "true"),
        ("levels:\n  - targets: [owner]\n    gate: [brief]\n", 3, "levels[0].gate[0]", "brief", "tried"),
        ("levels:\n  - policy: network\n", 2, "levels[0].policy", "start itself", "repeat"),
        ("levels:\n  - targets: [owner]\n    ack: most\n", 3, "levels[0].ack", "most is not known", "any"),
    ],
)
def test_errors_name_file_line_field_and_remedy(text: str, line: int, field: str, message: str, remedy: str) -> None:
    name = text.split(":", maxsplit=1)[0]
    head = "".join(row + "\n" for row in HEAD.splitlines() if not row.startswith(f"{name}:"))
    rest = head + ("" if name == "levels" else LEVELS)
    with pytest.raises(PolicyErrors) as refused:
        spec.load(text + rest, filename="network.yaml")
    (error,) = refused.value.errors
    assert (error.file, error.line, error.field) == ("network.yaml", line, field)
    assert message in error.message
    assert remedy in error.remedy
    assert str(error).startswith(f"network.yaml:{line}: {field}: ")


def test_required_fields_are_named_one_by_one() -> None:
    with pytest.raises(PolicyErrors) as refused:
        spec.load("description: nothing else\n")
    assert sorted(error.field for error in refused.value.errors) == sorted(spec.REQUIRED)


def test_all_errors_are_collected_not_only_the_first() -> None:
    text = """\
slug: Bad Slug
type: technical
levels:
  - targets: [nobody]
    delay: soon
  - name: x
triggers:
  - kind: clock_at
repeat: {times: 99}
"""
    with pytest.raises(PolicyErrors) as refused:
        spec.load(text, filename="bad.yaml")
    assert [(error.line, error.field) for error in refused.value.errors] == [
        (1, "direction"),
        (1, "name"),
        (1, "reason"),
        (1, "slug"),
        (4, "levels[0].targets[0]"),
        (5, "levels[0].delay"),
        (6, "levels[1].targets"),
        (8, "triggers[0].clock"),
        (8, "triggers[0].percent"),
        (9, "repeat.times"),
    ]


def test_a_document_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(PolicyErrors, match="must be a list of fields"):
        spec.load("- a\n- b\n")


def test_an_empty_value_counts_as_left_out() -> None:
    assert spec.load(HEAD + LEVELS + "match:\ntriggers:\napproval: null\n") == spec.load(HEAD + LEVELS)


@settings(max_examples=25)
@given(policies())
def test_what_is_dumped_or_stored_reads_back_as_the_same_policy(policy: Policy) -> None:
    assert spec.load(spec.dump(policy)) == policy
    assert spec.from_json(json.loads(json.dumps(spec.to_json(policy)))) == policy


@settings(max_examples=10)
@given(policies(), policies())
def test_digests_are_equal_exactly_for_equal_policies(one: Policy, other: Policy) -> None:
    assert (spec.digest(one) == spec.digest(other)) == (one == other)
    assert spec.digest(one) == spec.digest(spec.load(spec.dump(one)))


def test_stored_policies_spell_out_their_defaults_so_that_later_defaults_change_nothing() -> None:
    stored = spec.to_json(spec.load(HEAD + LEVELS))
    assert stored["ack_timeout"] == "30m"
    assert stored["repeat"] == {"times": 0, "after": "15m", "terminal": "page_catch_all", "every": "15m"}
    assert set(stored) == {field.name for field in dataclasses.fields(Policy)}


def test_a_version_stored_before_a_field_existed_still_reads() -> None:
    policy = spec.load(HEAD + LEVELS)
    stored = spec.to_json(policy)
    del stored["repeat"], stored["on_reassign"], stored["approval"], stored["ack_timeout"]
    assert spec.from_json(stored) == policy


def test_what_is_written_leaves_defaults_out_and_keeps_the_order_of_the_reference() -> None:
    text = (
        HEAD + "match: ticket.is_open\n" + LEVELS.replace("targets", "name: Owner\n    targets") + "ack_timeout: 1h\n"
    )
    assert spec.dump(spec.load(text)) == (
        HEAD + "match: ticket.is_open\nlevels:\n  - name: Owner\n    targets:\n      - owner\nack_timeout: 1h\n"
    )


@pytest.mark.parametrize(
    ("names", "enum"),
    [
        (spec.TYPES, EscalationType),
        (spec.REASONS, Reason),
        (spec.DIRECTIONS, Direction),
        (spec.CLOCKS, ClockKind),
        (spec.LINES, Line),
    ],
)
def test_the_values_that_pure_logic_repeats_are_those_of_the_models(names: tuple[str, ...], enum: type) -> None:
    assert list(names) == enum.values  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (spec.POLICY, Policy),
        (spec.LEVEL, Level),
        (spec.TRIGGER, Trigger),
        (spec.REPEAT, Repeat),
        (spec.APPROVAL, Approval),
    ],
)
def test_every_field_of_a_policy_can_be_written(table: dict[str, object], kind: type) -> None:
    assert set(table) == {field.name for field in dataclasses.fields(kind)}


def test_every_kind_of_trigger_has_its_parameters() -> None:
    assert set(spec.PARAMETERS) == set(TriggerKind)
