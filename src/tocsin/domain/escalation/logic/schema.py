"""The published JSON Schema of policies (draft 2020-12), generated from the dataclasses and enums.

Editors use it to complete and mark while typing. `spec.load` remains the judge: it also checks
conditions, durations in range, unique keys, and what depends on other fields.
"""

import dataclasses
import enum
import json
import types
import typing
from datetime import timedelta
from typing import Any

from tocsin.domain.escalation.logic import durations, spec, spec_reading
from tocsin.domain.escalation.logic.policy import (
    WITHOUT_SOURCE,
    Approval,
    Level,
    Policy,
    Repeat,
    Target,
    TargetKind,
    Trigger,
    TriggerKind,
)

DURATION = {"pattern": "^(0|(?=.)(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?)$", "examples": ["15m", "4h", "1h30m"]}
ZERO = {"const": 0}

MEANINGS: dict[str, str] = {
    "Policy.slug": "The policy's name for programs: small letters, digits and -. It never changes.",
    "Policy.name": "The policy's name for people.",
    "Policy.type": "What kind of escalation this policy makes.",
    "Policy.reason": "The reason recorded when a trigger does not imply one.",
    "Policy.direction": "functional: to those who know more; hierarchical: to those who may decide more.",
    "Policy.levels": "The ladder, from the first rung to the last.",
    "Policy.description": "What the policy is for, in your words.",
    "Policy.owner": "E-mail address of who is warned when a level reaches nobody.",
    "Policy.match": "Condition (CEL) that a ticket must meet for this policy to watch it; empty: every ticket.",
    "Policy.triggers": "What starts the ladder. An agent's own judgement always can.",
    "Policy.repeat": "What happens after the last level.",
    "Policy.ack_timeout": "After an acknowledgement without progress: a reminder, then the climb resumes.",
    "Policy.snooze_cap": "The longest snooze.",
    "Policy.reopen_window": "A trigger within this time after the end reopens the escalation in a new cycle.",
    "Policy.on_reassign": "What becomes of a run when its ticket gets another owner or team.",
    "Policy.approval": "Who must agree before the first level opens. Priority 1 never waits.",
    "Level.name": "The rung's name on the ladder.",
    "Level.targets": "Who is paged: roles, resolved when the level opens.",
    "Level.delay": "Counts from the opening of the level before; of the first level, from the start.",
    "Level.ack": "any: one answer is enough; all: everyone on the level has to answer.",
    "Level.condition": "not_acknowledged: opens unless somebody acknowledged; not_resolved: unless it is resolved.",
    "Level.when": "Condition (CEL) over the ticket; false skips the level, with an entry in the journal.",
    "Level.urgent": "Which of a person's contact sequences is used; urgent ignores personal quiet hours.",
    "Level.policy": "Slug of a policy that starts as a child when this level opens.",
    "Level.gate": "What an agent must fill in to escalate to this level by hand.",
    "Trigger.key": "The trigger's name in the journal; its kind when left out. Unique in the policy.",
    "Trigger.kind": "What to wait for.",
    "Trigger.clock": "Which promise: first_response, next_response, next_update, resolution or internal.",
    "Trigger.percent": "Share of the clock's target that is consumed; may lie beyond 100%.",
    "Trigger.after": "How long it lasts before the trigger fires.",
    "Trigger.count": "How many it takes.",
    "Trigger.line": "The support line at which the ticket waits.",
    "Trigger.within": "How far back an earlier escalation, or an alert, counts.",
    "Trigger.same": "What the tickets have in common.",
    "Trigger.keywords": "Phrases in a customer's message that count as asking; the button always does.",
    "Trigger.when": "Condition (CEL) over the ticket; false keeps the trigger from firing, with an entry.",
    "Repeat.times": "Further passes through the ladder, 0 to 10.",
    "Repeat.after": "Time from the opening of the last level to the next pass, or to the terminal action.",
    "Repeat.terminal": "What happens when all passes are over and nobody answered.",
    "Repeat.every": "keep_paging: how often the last level is paged again.",
    "Approval.approvers": "Who is asked: roles, as in targets.",
    "Approval.timeout": "How long to wait for them.",
    "Approval.on_timeout": "What happens when nobody decides in time.",
}

# What the dataclasses do not say by themselves.
DETAILS: dict[str, dict[str, Any]] = {
    "Policy.slug": {"pattern": f"^{spec_reading.SLUG.pattern}$"},
    "Policy.name": {"minLength": 1, "maxLength": 120},
    "Policy.type": {"enum": list(spec.TYPES)},
    "Policy.reason": {"enum": list(spec.REASONS)},
    "Policy.direction": {"enum": list(spec.DIRECTIONS)},
    "Policy.description": {"maxLength": 4_000},
    "Policy.levels": {"minItems": 1, "maxItems": spec.MAX_LEVELS},
    "Policy.triggers": {"maxItems": spec.MAX_TRIGGERS},
    "Level.name": {"maxLength": 120},
    "Level.targets": {"maxItems": spec.MAX_TARGETS},
    "Level.gate": {"items": {"enum": list(spec.GATE)}},
    "Trigger.key": {"pattern": f"^{spec_reading.KEY.pattern}$"},
    "Trigger.clock": {"enum": list(spec.CLOCKS)},
    "Trigger.percent": {"anyOf": [{"type": "string", "pattern": "^\\d{1,4}(\\.\\d{1,2})?%?$"}, {"type": "number"}]},
    "Trigger.count": {"minimum": 1, "maximum": 1_000},
    "Trigger.line": {"enum": list(spec.LINES)},
    "Trigger.same": {"enum": list(dict.fromkeys(name for names in spec.SAME.values() for name in names))},
    "Trigger.keywords": {"maxItems": spec.MAX_KEYWORDS},
    "Repeat.times": {"minimum": 0, "maximum": 10},
    "Approval.approvers": {"minItems": 1},
}
REQUIRED: dict[type, tuple[str, ...]] = {
    Policy: tuple(spec.REQUIRED),
    Trigger: ("kind",),
    Approval: ("approvers",),
}
ORDER: dict[type, tuple[str, ...]] = {
    Policy: tuple(spec.POLICY),
    Level: tuple(spec.LEVEL),
    Trigger: tuple(spec.TRIGGER),
    Repeat: tuple(spec.REPEAT),
    Approval: tuple(spec.APPROVAL),
}


def policy_schema() -> dict[str, Any]:
    """Return the schema as JSON values, in a fixed order."""
    definitions = {kind.__name__.lower(): _object(kind) for kind in ORDER if kind is not Policy}
    definitions["trigger"]["allOf"] = [_parameters(kind) for kind in spec.PARAMETERS]
    definitions["level"]["anyOf"] = [
        {"required": ["targets"], "properties": {"targets": {"minItems": 1}}},
        {"required": ["policy"]},
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:tocsin:policy",
        "title": "Tocsin escalation policy",
        **_object(Policy),
        "$defs": {**definitions, "target": _target()},
    }


def schema_text() -> str:
    """Return the file that is published, byte for byte."""
    return json.dumps(policy_schema(), indent=2, ensure_ascii=False) + "\n"


def _object(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    properties = {}
    for name in ORDER[kind]:
        key = f"{kind.__name__}.{name}"
        properties[name] = {"description": MEANINGS[key], **_of(hints[name]), **DETAILS.get(key, {})}
        if key == "Trigger.kind":
            properties[name]["enum"] = [member.value for member in TriggerKind if member not in WITHOUT_SOURCE]
        if "anyOf" in DETAILS.get(key, {}):
            properties[name].pop("type", None)
        if (default := _default(kind, name)) is not None:
            properties[name]["default"] = default
    result: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if kind in REQUIRED:
        result["required"] = list(REQUIRED[kind])
    return result


def _of(hint: Any) -> dict[str, Any]:
    """Return the schema of a field's type. Raises KeyError for a type that policies do not use yet."""
    if typing.get_origin(hint) is tuple:
        return {"type": "array", "items": _of(typing.get_args(hint)[0])}
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return _of(next(part for part in typing.get_args(hint) if part is not type(None)))
    if dataclasses.is_dataclass(hint):
        return {"$ref": f"#/$defs/{typing.cast(type, hint).__name__.lower()}"}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    if hint is timedelta:
        return {"anyOf": [{"type": "string", **DURATION}, ZERO]}
    return {"type": {str: "string", bool: "boolean", int: "integer", float: "number"}[hint]}


def _default(kind: type, name: str) -> Any:
    field = next(field for field in dataclasses.fields(kind) if field.name == name)
    if field.default is dataclasses.MISSING or field.default in ("", (), None, 0):
        return None
    if isinstance(field.default, timedelta):
        return durations.format_duration(field.default) if field.default else None
    return field.default.value if isinstance(field.default, enum.Enum) else field.default


def _parameters(kind: TriggerKind) -> dict[str, Any]:
    """Return: if the trigger is of this kind, these parameters are needed and no others allowed."""
    needed, optional = spec.PARAMETERS[kind]
    allowed = list(dict.fromkeys(["key", "kind", *needed, *optional, "when"]))
    rule: dict[str, Any] = {"propertyNames": {"enum": allowed}}
    if needed:
        rule["required"] = list(needed)
    if kind in spec.SAME:
        rule["properties"] = {"same": {"enum": list(spec.SAME[kind])}}
    return {"if": {"required": ["kind"], "properties": {"kind": {"const": kind.value}}}, "then": rule}


def _target() -> dict[str, Any]:
    needing = set(spec_reading.NEEDS_REF)
    alone = [kind.value for kind in TargetKind if kind not in needing]
    named = [kind for kind in TargetKind if kind in needing | spec_reading.MAY_HAVE_REF]
    return {
        "description": f"A role ({Target.__name__}), resolved when the level opens: `owner`, or `team: network`.",
        "anyOf": [
            {"enum": alone},
            {
                "type": "object",
                "properties": {kind.value: {"type": "string", "minLength": 1, "maxLength": 120} for kind in named},
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
            },
        ],
    }
