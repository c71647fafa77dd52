"""PagerDuty: webhooks of version 3, the older list of messages, and the Events API (v2) that senders speak to it."""

from collections.abc import Mapping
from typing import Any

from tocsin.intake.alerts.reading.alert import (
    Alert,
    AlertState,
    Unreadable,
    first,
    listed,
    make,
    moment,
    section,
    severity_of,
)

_ENDS = {"resolve", "resolved"}
_BEGINS = {"trigger", "triggered", "reopened", "unacknowledge", "unacknowledged", "escalate", "escalated"}


def read(payload: Mapping[str, Any]) -> list[Alert]:
    if section(payload, "event"):
        return [_third(section(payload, "event"))]
    if listed(payload, "messages"):
        return [_message(one) for one in listed(payload, "messages")]
    if first(payload, "event_action"):
        return [_sent_to_it(payload)]
    problem = first(payload, "message")
    raise Unreadable(f"It is no event of PagerDuty{f' but an answer: {problem}' if problem else ''}.")


def _state(word: str) -> AlertState:
    return AlertState.RESOLVED if word in _ENDS else AlertState.FIRING if word in _BEGINS else AlertState.NEWS


def _third(event: Mapping[str, Any]) -> Alert:
    incident = section(event, "data")
    urgency = first(incident, "urgency")
    priority = first(section(incident, "priority"), "summary", "name")
    return make(
        key=f"incident {first(incident, 'id', 'incident_key') or first(event, 'id')}",
        state=_state(first(event, "event_type").rpartition(".")[2]),
        title=first(incident, "title", "summary") or first(event, "event_type"),
        severity=severity_of(priority) or severity_of(urgency), at=moment(first(event, "occurred_at")),
        sent_as=first(event, "id"), link=first(incident, "html_url"),
        facts={"service": first(section(incident, "service"), "summary"), "event": first(event, "event_type"), "urgency": urgency},
    )  # fmt: skip


def _message(message: Mapping[str, Any]) -> Alert:
    incident = section(message, "data", "incident") or section(message, "incident")
    kind = first(message, "type", "event")
    summary = section(incident, "trigger_summary_data")
    number = first(incident, "id", "incident_number")
    return make(
        key=f"incident {number}" if number else "", state=_state(kind.rpartition(".")[2]),
        title=first(incident, "title") or first(summary, "subject", "description") or f"Incident {number}",
        severity=severity_of(first(incident, "urgency")), at=moment(first(message, "created_on")),
        sent_as=first(message, "id"), link=first(incident, "html_url"),
        facts={
            "service": first(section(incident, "service"), "name", "summary"), "event": kind,
            "assigned to": first(section(incident, "assigned_to_user"), "name"),
        },
    )  # fmt: skip


def _sent_to_it(payload: Mapping[str, Any]) -> Alert:
    told, action = section(payload, "payload"), first(payload, "event_action")
    return make(
        key=first(payload, "dedup_key") or f"{first(told, 'source')} {first(told, 'summary')}", state=_state(action),
        title=first(told, "summary") or action, severity=severity_of(first(told, "severity")),
        at=moment(first(told, "timestamp")), link=first(payload, "client_url"),
        facts={
            "source": first(told, "source"), "component": first(told, "component"), "group": first(told, "group"),
            "class": first(told, "class"), **section(told, "custom_details"),
        },
    )  # fmt: skip
