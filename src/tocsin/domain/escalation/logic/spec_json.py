"""A policy as JSON: what a version stores, what its digest is taken of, and what is written out as YAML.

The stored form spells out every value, defaults included, so that a version never changes its
meaning when a later release changes a default. The written form leaves defaults out.
"""

import dataclasses
import enum
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tocsin.domain.escalation.logic.durations import format_duration, format_percent, parse_duration, parse_percent
from tocsin.domain.escalation.logic.policy import (
    AckMode,
    Approval,
    Level,
    LevelCondition,
    OnApprovalTimeout,
    OnReassign,
    Policy,
    Repeat,
    Target,
    TargetKind,
    Terminal,
    Trigger,
    TriggerKind,
)


def to_json(policy: Policy) -> dict[str, Any]:
    """Return the whole policy as JSON values; durations as `15m`, targets as `owner` or {team: network}."""
    return {field.name: _plain(field.name, getattr(policy, field.name)) for field in dataclasses.fields(policy)}


def written(policy: Policy) -> dict[str, Any]:
    """Return the policy as a person would write it: without what is default anyway."""
    return _without_defaults(policy)


def digest(policy: Policy) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal: equal exactly for policies that say the same."""
    body = json.dumps(to_json(policy), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(body.encode(errors="surrogatepass")).hexdigest()


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, Target):
        return {value.kind.value: value.ref} if value.ref else value.kind.value
    if isinstance(value, tuple):
        return [_plain(name, item) for item in value]
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)}
    return format_percent(value) if name == "percent" else value


def _without_defaults(thing: Any) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for field in dataclasses.fields(thing):
        value = getattr(thing, field.name)
        default = field.default_factory() if callable(field.default_factory) else field.default
        if default is not dataclasses.MISSING and value == default:
            continue
        if isinstance(value, tuple) and value and isinstance(value[0], Level | Trigger):
            result[field.name] = [_without_defaults(item) for item in value]
        elif isinstance(value, Repeat | Approval):
            result[field.name] = _without_defaults(value)
        else:
            result[field.name] = _plain(field.name, value)
    return result


def from_json(data: Mapping[str, Any]) -> Policy:
    """Return the policy that `to_json` wrote, also by an earlier release: what it lacks takes its default.

    Nothing is checked again. A stored version must stay readable even when later rules would refuse it.
    """
    values = dict(data)
    values["levels"] = tuple(_level(level) for level in values["levels"])
    values["triggers"] = tuple(_trigger(trigger) for trigger in values.get("triggers", ()))
    values["approval"] = _approval(values["approval"]) if values.get("approval") else None
    if "repeat" in values:
        values["repeat"] = _repeat(values["repeat"])
    if "on_reassign" in values:
        values["on_reassign"] = OnReassign(values["on_reassign"])
    _durations(values, "ack_timeout", "snooze_cap", "reopen_window")
    return Policy(**values)


def _durations(values: dict[str, Any], *names: str) -> None:
    for name in names:
        if name in values:
            parsed = parse_duration(values[name])
            if parsed is None:
                raise ValueError(f"{values[name]!r} is not a stored duration")
            values[name] = parsed


def _target(data: str | Mapping[str, str]) -> Target:
    if isinstance(data, str):
        return Target(TargetKind(data))
    ((kind, ref),) = data.items()
    return Target(TargetKind(kind), ref)


def _level(data: Mapping[str, Any]) -> Level:
    values = dict(data)
    values["targets"] = tuple(_target(target) for target in values.get("targets", ()))
    values["gate"] = tuple(values.get("gate", ()))
    values["ack"] = AckMode(values.get("ack", AckMode.ANY))
    values["condition"] = LevelCondition(values.get("condition", LevelCondition.NOT_ACKNOWLEDGED))
    _durations(values, "delay")
    return Level(**values)


def _trigger(data: Mapping[str, Any]) -> Trigger:
    values = dict(data)
    values["kind"] = TriggerKind(values["kind"])
    values["keywords"] = tuple(values.get("keywords", ()))
    values["percent"] = parse_percent(values["percent"]) if "percent" in values else 0
    _durations(values, "after", "within")
    return Trigger(**values)


def _approval(data: Mapping[str, Any]) -> Approval:
    values = dict(data)
    values["approvers"] = tuple(_target(target) for target in values["approvers"])
    if "on_timeout" in values:
        values["on_timeout"] = OnApprovalTimeout(values["on_timeout"])
    _durations(values, "timeout")
    return Approval(**values)


def _repeat(data: Mapping[str, Any]) -> Repeat:
    values = dict(data)
    if "terminal" in values:
        values["terminal"] = Terminal(values["terminal"])
    _durations(values, "after", "every")
    return Repeat(**values)
