"""What differs between two versions of a policy, in lines such as `levels[1].delay: 15m -> 10m`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tocsin.domain.escalation.logic.policy import Policy
from tocsin.domain.escalation.logic.spec_json import to_json

NAMED_BY = {"levels": "name", "triggers": "key"}


def differences(old: Policy, new: Policy) -> tuple[str, ...]:
    """Return one line for each value that differs, empty when the policies say the same.

    Triggers are compared by key and levels by name (by position where names repeat), so that an
    inserted level is one line and not a change of all that follow. Indices are those of `new`.
    """
    before, after = to_json(old), to_json(new)
    lines: list[str] = []
    for name in after:
        if name in NAMED_BY:
            lines.extend(_elements(name, before[name], after[name]))
        else:
            lines.extend(_values(name, before[name], after[name]))
    return tuple(lines)


def _elements(field: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    name = NAMED_BY[field]
    old_names, new_names = [item[name] for item in before], [item[name] for item in after]
    if (
        len(set(old_names)) < len(old_names)
        or len(set(new_names)) < len(new_names)
        or not set(old_names) & set(new_names)
    ):
        old_names, new_names = list(range(len(before))), list(range(len(after)))
    old = dict(zip(old_names, before, strict=True))
    for index, (key, item) in enumerate(zip(new_names, after, strict=True)):
        if key in old:
            yield from _values(f"{field}[{index}]", old[key], item)
        else:
            yield f"{field}[{index}] added: {item[name]}"
    for index, (key, item) in enumerate(zip(old_names, before, strict=True)):
        if key not in new_names:
            yield f"{field}[{index}] removed: {item[name]}"
    kept = [key for key in new_names if key in old]
    if kept != [key for key in old_names if key in new_names]:
        yield f"{field} reordered: {', '.join(str(key) for key in new_names)}"


def _values(path: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping) and before.keys() == after.keys():
        for name in after:
            yield from _values(f"{path}.{name}", before[name], after[name])
    else:
        yield f"{path}: {_said(before)} -> {_said(after)}"


def _said(value: Any) -> str:
    """Return a value as a policy would write it, cut to a readable length."""
    if value in ("", None, []):
        return "(nothing)"
    if isinstance(value, list):
        return "[" + ", ".join(_said(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_said(item)}" for name, item in value.items())
    said = value if isinstance(value, str) else json.dumps(value)
    said = said.replace("\n", " / ")
    return said if len(said) <= 120 else said[:117] + "..."
