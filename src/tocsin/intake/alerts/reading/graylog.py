"""Graylog: event notifications, and alarm callbacks of releases before 3.1."""

from collections.abc import Mapping
from typing import Any

from tocsin.intake.alerts.reading.alert import (
    Alert,
    AlertState,
    Severity,
    Unreadable,
    first,
    in_words,
    listed,
    make,
    moment,
    section,
)

_PRIORITIES = {"1": Severity.LOW, "2": Severity.MODERATE, "3": Severity.HIGH, "4": Severity.CRITICAL}


def read(payload: Mapping[str, Any]) -> list[Alert]:
    event = section(payload, "event")
    if event:
        return [_event(payload, event)]
    result = section(payload, "check_result")
    if not result:
        raise Unreadable("It holds neither an event nor a check_result.")
    condition, stream = section(result, "triggered_condition"), section(payload, "stream")
    messages = [(first(one, "source"), first(one, "message")) for one in listed(result, "matching_messages")[:20]]
    return [
        make(
            key=f"stream {first(stream, 'id')} {first(condition, 'id') or first(condition, 'type')}",
            state=AlertState.FIRING if result.get("triggered", True) else AlertState.RESOLVED,
            title=": ".join(part for part in (first(stream, "title"), first(condition, "title", "type")) if part),
            text="\n\n".join(p for p in (first(result, "result_description"), in_words(messages)) if p),
            at=moment(first(result, "triggered_at")),
            facts={"stream": first(stream, "title"), "condition": first(condition, "description")},
        )
    ]  # fmt: skip


def _event(payload: Mapping[str, Any], event: Mapping[str, Any]) -> Alert:
    definition = first(payload, "event_definition_id") or first(event, "event_definition_id")
    messages = [(first(one, "source"), first(one, "message")) for one in listed(payload, "backlog")[:20]]
    return make(
        key=f"definition {definition} {first(event, 'key')}".strip(), state=AlertState.FIRING,
        title=first(payload, "event_definition_title") or first(event, "message"),
        text="\n\n".join(p for p in (first(event, "message"), in_words(messages)) if p),
        severity=_PRIORITIES.get(first(event, "priority")), at=moment(first(event, "timestamp")), sent_as=first(event, "id"),
        facts={"source": first(event, "source"), **section(event, "fields")},
    )  # fmt: skip
