"""Sentry: issue and metric alerts of an integration, and the older webhook plug-in."""

from collections.abc import Mapping
from typing import Any

from tocsin.intake.alerts.reading.alert import Alert, AlertState, Unreadable, first, make, moment, section, severity_of

_ACTIONS = {
    "resolved": AlertState.RESOLVED, "created": AlertState.FIRING, "triggered": AlertState.FIRING, "critical": AlertState.FIRING,
    "warning": AlertState.FIRING, "unresolved": AlertState.FIRING, "assigned": AlertState.NEWS, "ignored": AlertState.NEWS,
    "archived": AlertState.NEWS, "open": AlertState.FIRING,
}  # fmt: skip


def read(payload: Mapping[str, Any]) -> list[Alert]:
    data = section(payload, "data")
    if section(data, "metric_alert") or section(data, "description_text"):
        return [_metric(payload, data)]
    issue = section(data, "issue")
    event = section(data, "event") or section(payload, "event") or section(data, "error")
    if issue or event:
        return [_issue(payload, issue or payload, event)]
    raise Unreadable("It holds no issue, event or metric alert.")


def _issue(payload: Mapping[str, Any], issue: Mapping[str, Any], event: Mapping[str, Any]) -> Alert:
    number = first(issue, "id") if issue is not payload else ""
    key = number or first(event, "issue_id", "groupID") or first(payload, "id") or first(event, "event_id")
    level = first(event, "level") or first(issue, "level")
    project = (
        first(issue, "project_slug", "project_name")
        or first(section(issue, "project"), "slug")
        or first(payload, "project")
    )
    said = section(event, "logentry")
    return make(
        key=f"issue {key}" if key else "", state=_ACTIONS.get(first(payload, "action"), AlertState.FIRING),
        title=first(event, "title") or first(issue, "title", "message", "culprit"),
        text="\n\n".join(p for p in (first(payload, "message") or first(said, "formatted"), first(issue, "culprit")) if p),
        severity=severity_of(level), at=moment(event.get("timestamp") or first(event, "datetime")),
        sent_as=f"{first(payload, 'action')} {first(event, 'event_id', 'id')}".strip() if event else "",
        link=first(event, "web_url") or first(issue, "web_url", "permalink", "url"),
        facts={"project": project, "level": level, "environment": first(event, "environment"), "logger": first(payload, "logger")},
    )  # fmt: skip


def _metric(payload: Mapping[str, Any], data: Mapping[str, Any]) -> Alert:
    rule = section(data, "metric_alert", "alert_rule")
    action = first(payload, "action")
    number = first(section(data, "metric_alert"), "id", "identifier")
    return make(
        key=f"metric {first(rule, 'id') or number}", state=_ACTIONS.get(action, AlertState.NEWS),
        title=first(data, "description_title") or first(rule, "name"), text=first(data, "description_text"),
        severity=severity_of(action), at=moment(first(section(data, "metric_alert"), "date_started")),
        sent_as=f"{action} {number}", link=first(data, "web_url"), facts={"project": first(rule, "name")},
    )  # fmt: skip
