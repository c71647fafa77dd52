"""Datadog: monitors' webhooks, by the template of docs/alerts.md or any like it."""

from collections.abc import Mapping
from typing import Any

from tocsin.intake.alerts.reading.alert import (
    Alert,
    AlertState,
    Severity,
    Unreadable,
    first,
    make,
    moment,
    plain,
    severity_of,
)

_RESOLVED = {"recovered", "success", "ok", "no data recovered", "resolved"}
_BY_TYPE = {"error": Severity.HIGH, "warning": Severity.MODERATE, "info": Severity.LOW}


def read(payload: Mapping[str, Any]) -> list[Alert]:
    title = first(payload, "title", "event_title", "alert_title")
    monitor = first(payload, "alert_cycle_key", "monitor_id", "alert_id", "aggregation_key", "aggreg_key")
    if not title and not monitor:
        raise Unreadable("It names neither a title nor a monitor. Use the payload that docs/alerts.md shows.")
    state = (first(payload, "alert_transition", "transition", "alert_status") or first(payload, "alert_type")).lower()
    scopes = payload.get("scopes", payload.get("alert_scope", payload.get("scope", "")))
    scope = ", ".join(plain(one, 80) for one in scopes[:20]) if isinstance(scopes, list) else plain(scopes, 200)
    resolved = state in _RESOLVED or title.lower().startswith("[recovered")
    severity = severity_of(first(payload, "priority", "alert_priority")) or severity_of(first(payload, "severity"))
    cycle = first(payload, "alert_cycle_key")
    return [
        make(
            key=cycle or " ".join(part for part in (monitor or title, scope) if part),
            state=AlertState.RESOLVED if resolved else AlertState.FIRING, title=title or f"Monitor {monitor}",
            text="\n\n".join(p for p in (first(payload, "message", "body", "event_msg"), first(payload, "query", "alert_query")) if p),
            severity=severity or _BY_TYPE.get(first(payload, "alert_type").lower()),
            at=moment(first(payload, "last_updated", "date", "timestamp")), sent_as=first(payload, "event_id", "id"),
            link=first(payload, "link", "url", "alert_url"),
            facts={"host": first(payload, "hostname", "host"), "scope": scope, "tags": first(payload, "tags"), "state": state},
        )
    ]  # fmt: skip
