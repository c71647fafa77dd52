"""RunState as JSON and back. A field that an older row lacks takes its default; instants are ISO 8601, UTC."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tocsin.domain.escalation.logic.run import Due, Phase, RunState, RunStatus

_INSTANTS = frozenset({"climb_at", "hold_at", "level_due_at", "acknowledged_at", "snoozed_until"})
_PEOPLE = frozenset({"paged", "acked", "declined"})
_ENUMS: Mapping[str, Any] = {"status": RunStatus, "climb": Due, "hold": Due, "phase": Phase}
_NAMES = RunState._fields


def as_json(run: RunState) -> dict[str, Any]:
    """Return the state as JSON values."""
    document: dict[str, Any] = {}
    for name in _NAMES:
        value = getattr(run, name)
        if isinstance(value, datetime):
            value = value.astimezone(UTC).isoformat()
        elif isinstance(value, tuple):
            value = list(value)
        document[name] = value
    return document


def from_json(document: Mapping[str, Any]) -> RunState:
    """Return the state that `as_json` wrote. Unknown names are ignored: a newer release may have written them."""
    values: dict[str, Any] = {}
    for name in _NAMES:
        if name not in document:
            continue
        value = document[name]
        if value is not None and name in _INSTANTS:
            value = datetime.fromisoformat(value)
        elif name in _PEOPLE:
            value = tuple(value)
        elif value is not None and name in _ENUMS:
            value = _ENUMS[name](value)
        values[name] = value
    return RunState(**values)
