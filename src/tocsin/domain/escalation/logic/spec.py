"""Policies as YAML: reading with every error at once, and writing back (SEMANTICS 3, 4).

`load(dump(policy)) == policy` for every policy that `load` can return.
"""

from collections.abc import Mapping
from datetime import timedelta
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from tocsin.domain.escalation.logic import document
from tocsin.domain.escalation.logic.document import DocumentError, Node
from tocsin.domain.escalation.logic.policy import (
    ROUND_ROBINS,
    WITHOUT_SOURCE,
    AckMode,
    Approval,
    Level,
    LevelCondition,
    OnApprovalTimeout,
    OnReassign,
    Policy,
    Repeat,
    Target,
    Terminal,
    Trigger,
    TriggerKind,
)
from tocsin.domain.escalation.logic.spec_errors import PolicyError, PolicyErrors
from tocsin.domain.escalation.logic.spec_json import digest, from_json, to_json, written
from tocsin.domain.escalation.logic.spec_reading import (
    EMAIL,
    KEY,
    SLUG,
    Read,
    Reading,
    Wrong,
    condition,
    duration,
    enumerated,
    join,
    one_of,
    percent,
    shaped,
    target,
    text,
    truth,
    whole,
)

__all__ = [
    "PolicyError",
    "PolicyErrors",
    "digest",
    "dump",
    "from_json",
    "load",
    "load_with_lines",
    "to_json",
    "written",
]

# The values of enums that stand beside models, which this pure module may not import; tests hold them equal.
TYPES = ("technical", "customer", "internal")
REASONS = (
    "complexity",
    "missing_expertise",
    "expectation_missed",
    "sla_at_risk",
    "sla_breached",
    "capacity_or_policy",
    "other",
)
DIRECTIONS = ("functional", "hierarchical")
CLOCKS = ("first_response", "next_response", "next_update", "resolution", "internal")
LINES = ("L1", "L2", "L3", "management")
GATE = ("tried", "impact", "wanted")
SAME = {
    TriggerKind.REPEAT_ESCALATION: ("organisation", "service", "configuration_item"),
    TriggerKind.LINKED_TICKETS: ("problem", "service"),
    TriggerKind.PROMISE_MISSED: ("promise", "update"),
}

SHORTEST = timedelta(seconds=10)  # of whatever repeats or reminds, so that nobody is paged in a storm
MAX_LEVELS, MAX_TARGETS, MAX_TRIGGERS, MAX_KEYWORDS = 20, 50, 50, 50

# What each kind of trigger needs, and what it may have beside key, kind and when.
PARAMETERS: dict[TriggerKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    TriggerKind.CLOCK_AT: (("clock", "percent"), ()),
    TriggerKind.CLOCK_BREACHED: (("clock",), ()),
    TriggerKind.CLOCK_OVERDUE_BY: (("clock", "after"), ()),
    TriggerKind.UNASSIGNED_FOR: (("after",), ()),
    TriggerKind.NO_PUBLIC_UPDATE_FOR: (("after",), ()),
    TriggerKind.OWNER_SILENT_FOR: (("after",), ()),
    TriggerKind.WAITING_AT_LINE_FOR: (("after", "line"), ()),
    TriggerKind.HANDOVERS: (("count",), ()),
    TriggerKind.REOPENED: ((), ("count",)),
    TriggerKind.PRIORITY_RAISED: ((), ()),
    TriggerKind.LINKED_TICKETS: (("count", "same"), ()),
    TriggerKind.CUSTOMER_ASKS: ((), ("keywords",)),
    TriggerKind.REPEAT_ESCALATION: (("within", "same"), ()),
    TriggerKind.AGENT_JUDGEMENT: ((), ()),
    TriggerKind.TICKET_OPENED: ((), ()),
    TriggerKind.RATING_AT_MOST: (("count",), ()),
    TriggerKind.PROMISE_MISSED: ((), ("count", "same")),
    TriggerKind.NEGATIVE_MESSAGE: (("when",), ("count",)),
    TriggerKind.ALERT_COUNT: (("count", "within"), ()),
}
USUAL_COUNT = {
    TriggerKind.REOPENED: 1,
    TriggerKind.PROMISE_MISSED: 1,
    TriggerKind.NEGATIVE_MESSAGE: 2,
}  # negative_message: strong
EXAMPLES = {
    "clock": "clock: resolution",
    "percent": "percent: 75%",
    "after": "after: 30m",
    "line": "line: L2",
    "count": "count: 3",
    "same": "same: service",
    "within": "within: 7d",
    "keywords": "keywords: [speak to a manager]",
    "when": "when: ticket.priority <= 2",
}
SOURCES = {
    TriggerKind.RISK_AT_LEAST: "a risk model is trained (escalation risk)",
}


# Keep the place of what could not be read, so that later findings name the right element.
UNREAD_LEVEL = Level(name="")
UNREAD_TRIGGER = Trigger(key="", kind=TriggerKind.AGENT_JUDGEMENT)


def load(source: str, *, filename: str = "") -> Policy:
    """Return the policy that the YAML in `source` describes. Raises PolicyErrors with everything that is wrong."""
    return load_with_lines(source, filename=filename)[0]


def load_with_lines(source: str, *, filename: str = "") -> tuple[Policy, dict[str, int]]:
    """Return the policy and the line of each field by path, for checks that come after (do people exist?)."""
    reading = Reading(filename)
    try:
        root = document.parse(source)
    except DocumentError as error:
        raise PolicyErrors([PolicyError(filename, error.line, "", error.message, error.remedy)]) from None
    policy, good = reading.value(root, "", _policy)
    if reading.errors or not good:
        raise PolicyErrors(reading.errors)
    return policy, reading.lines


def dump(policy: Policy) -> str:
    """Return canonical YAML: fields in their fixed order, defaults left out."""
    yaml = YAML()
    yaml.width = 4_096
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    data = written(policy)
    yaml.dump(_blocks({name: data[name] for name in POLICY if name in data}), out)
    return out.getvalue()


def _blocks(value: Any) -> Any:
    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString(value)
    if isinstance(value, Mapping):
        return {key: _blocks(item) for key, item in value.items()}
    return [_blocks(item) for item in value] if isinstance(value, list) else value


def _targets(reading: Reading, node: Node, path: str) -> tuple[Any, ...]:
    return reading.each(node, path, target, MAX_TARGETS)


def _words(limit: int, count: int) -> Read:
    read = text(limit)

    def word(reading: Reading, node: Node, path: str) -> str:
        value: str = read(reading, node, path)
        if not value:
            raise Wrong("A keyword is empty.", "Write a word or a phrase, or remove the line.")
        return value

    return lambda reading, node, path: reading.each(node, path, word, count)


def _gate(reading: Reading, node: Node, path: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reading.each(node, path, one_of(GATE), 10)))


def _same(_reading: Reading, node: Node, path: str) -> str:
    known = tuple(dict.fromkeys(name for names in SAME.values() for name in names))
    return str(one_of(known)(_reading, node, path))


def _kind(reading: Reading, node: Node, path: str) -> TriggerKind:
    kind: TriggerKind = enumerated(TriggerKind)(reading, node, path)
    if kind in WITHOUT_SOURCE:
        raise Wrong(
            f"{kind.value} cannot fire yet: it will when {SOURCES[kind]}.",
            "Remove this trigger until then; a policy must not promise what nothing can trigger.",
        )
    return kind


LEVEL: dict[str, Read] = {
    "name": text(120),
    "targets": _targets,
    "delay": duration(most=timedelta(days=60)),
    "ack": enumerated(AckMode),
    "condition": enumerated(LevelCondition),
    "when": condition,
    "urgent": truth,
    "policy": shaped(SLUG, "a policy's slug", "policy: major-incident"),
    "gate": _gate,
}
TRIGGER: dict[str, Read] = {
    "key": shaped(KEY, "a key (small letters, digits, - and _)", "key: resolution-75"),
    "kind": _kind,
    "clock": one_of(CLOCKS),
    "percent": percent,
    "after": duration(least=timedelta(seconds=1)),
    "count": whole(1, 1_000),
    "line": one_of(LINES),
    "within": duration(least=timedelta(minutes=1)),
    "same": _same,
    "keywords": _words(120, MAX_KEYWORDS),
    "when": condition,
}
REPEAT: dict[str, Read] = {
    "times": whole(0, 10),
    "after": duration(least=SHORTEST, most=timedelta(days=60)),
    "terminal": enumerated(Terminal),
    "every": duration(least=SHORTEST, most=timedelta(days=7)),
}
APPROVAL: dict[str, Read] = {
    "approvers": _targets,
    "timeout": duration(least=SHORTEST, most=timedelta(days=7)),
    "on_timeout": enumerated(OnApprovalTimeout),
}


def _level(reading: Reading, node: Node, path: str) -> Level:
    values, present = reading.fields(node, path, LEVEL, {}, "A level")
    if not values.get("targets") and "policy" not in present:
        place = join(path, "targets")
        if not any(error.field.startswith(place) for error in reading.errors):
            reading.refuse(
                node.line,
                place,
                "The level pages nobody.",
                "Give it targets (`- owner`), or a policy to start as a child.",
            )
    number = int(path.rpartition("[")[2].rstrip("]")) + 1
    values["name"] = values.get("name") or f"Level {number}"
    return Level(**values)


def _trigger(reading: Reading, node: Node, path: str) -> Trigger:
    values, present = reading.fields(node, path, TRIGGER, {"kind": "kind: clock_breached"}, "A trigger")
    kind = values.get("kind")
    if kind is None:
        return UNREAD_TRIGGER
    needed, optional = PARAMETERS[kind]
    for name in needed:
        if name not in present:
            reading.refuse(node.line, join(path, name), f"{kind.value} needs {name}.", f"Add `{EXAMPLES[name]}`.")
    for name in sorted(present - {"key", "kind", "when", *needed, *optional}):
        takes = ", ".join(dict.fromkeys((*needed, *optional, "when")))
        place = join(path, name)
        reading.refuse(reading.lines[place], place, f"{kind.value} does not take {name}.", f"It takes {takes}.")
    if "same" in values and kind in SAME and values["same"] not in SAME[kind]:
        place = join(path, "same")
        known = ", ".join(SAME[kind])
        reading.refuse(
            reading.lines[place], place, f"{kind.value} cannot compare by {values['same']}.", f"Known: {known}."
        )
    if kind in USUAL_COUNT:
        values.setdefault("count", USUAL_COUNT[kind])
    values.setdefault("key", kind.value)
    return Trigger(**values)


def _repeat(reading: Reading, node: Node, path: str) -> Repeat:
    values, _ = reading.fields(node, path, REPEAT, {}, "repeat")
    return Repeat(**values)


def _approval(reading: Reading, node: Node, path: str) -> Approval:
    values, _ = reading.fields(node, path, APPROVAL, {"approvers": "approvers: [account_manager]"}, "approval")
    if values.get("approvers") == () and not any(e.field.startswith(join(path, "approvers")) for e in reading.errors):
        reading.refuse(node.line, join(path, "approvers"), "Nobody is asked to approve.", "Name at least one role.")
    return Approval(values.pop("approvers", ()), **values)


POLICY: dict[str, Read] = {
    "slug": shaped(SLUG, "a slug (small letters, digits and -)", "slug: network-outage"),
    "name": text(120),
    "type": one_of(TYPES),
    "reason": one_of(REASONS),
    "direction": one_of(DIRECTIONS),
    "description": text(4_000, lines=True),
    "owner": shaped(EMAIL, "an e-mail address", "owner: ana@example.org"),
    "match": condition,
    "triggers": lambda reading, node, path: reading.each(node, path, _trigger, MAX_TRIGGERS, UNREAD_TRIGGER),
    "levels": lambda reading, node, path: reading.each(node, path, _level, MAX_LEVELS, UNREAD_LEVEL),
    "repeat": _repeat,
    "ack_timeout": duration(least=SHORTEST, most=timedelta(days=7)),
    "snooze_cap": duration(least=timedelta(minutes=1), most=timedelta(days=7)),
    "reopen_window": duration(most=timedelta(days=90)),
    "on_reassign": enumerated(OnReassign),
    "approval": _approval,
}
REQUIRED = {
    "slug": "slug: network-outage",
    "name": "name: Network outage",
    "type": "type: technical",
    "reason": "reason: sla_at_risk",
    "direction": "direction: functional",
    "levels": "levels: [{targets: [owner]}]",
}


def _check_turns(reading: Reading, approvers: tuple[Target, ...]) -> None:
    """Turns are given when a level opens; an approval asks everybody whom it names."""
    for index, one in enumerate(approvers):
        if one is not None and one.kind in ROUND_ROBINS:
            path = f"approval.approvers[{index}]"
            reading.refuse(
                reading.lines[path], path, f"{one.kind.value} is for levels; an approval asks those it names.",
                "Name a person or a role, for example `team_lead`.",
            )  # fmt: skip


def _policy(reading: Reading, node: Node, path: str) -> Policy | None:
    values, _ = reading.fields(node, path, POLICY, REQUIRED, "A policy")
    if "name" in values and not values["name"]:
        reading.refuse(reading.lines["name"], "name", "The policy needs a name.", "For example `name: Network outage`.")
    _check_levels(reading, values)
    _check_triggers(reading, values.get("triggers", ()))
    _check_approval(reading, values)
    _check_turns(reading, values["approval"].approvers if values.get("approval") else ())
    return None if reading.errors else Policy(**values)


def _check_levels(reading: Reading, values: Mapping[str, Any]) -> None:
    levels: tuple[Level, ...] = values.get("levels", ())
    if values.get("levels") == ():
        reading.refuse(
            reading.lines["levels"], "levels", "A policy needs at least one level.", "Add `- targets: [owner]`."
        )
    for index, level in enumerate(levels):
        if level.policy and level.policy == values.get("slug"):
            path = f"levels[{index}].policy"
            reading.refuse(
                reading.lines[path],
                path,
                "The policy would start itself, without end.",
                "Name another one, or use repeat.",
            )


def _check_triggers(reading: Reading, triggers: tuple[Trigger, ...]) -> None:
    seen: set[str] = set()
    for index, trigger in enumerate(triggers):
        if trigger.key and trigger.key in seen:
            path = f"triggers[{index}].key"
            reading.refuse(
                reading.lines.get(path, reading.lines[f"triggers[{index}]"]),
                path,
                f"Another trigger has the key {trigger.key}; the key names the trigger in the journal.",
                f"Give it a key of its own, for example `key: {trigger.key}-{index + 1}`.",
            )
        seen.add(trigger.key)


def _check_approval(reading: Reading, values: Mapping[str, Any]) -> None:
    functional = values.get("direction") == "functional" and values.get("type") in ("technical", "internal")
    if values.get("approval") and values["approval"].approvers and functional:
        reading.refuse(
            reading.lines["approval"],
            "approval",
            "Approval is for hierarchical and customer escalations; it would only delay this one.",
            "Remove approval, or set `direction: hierarchical`.",
        )
