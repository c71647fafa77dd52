"""Grafana: unified alerting (as Alertmanager), the legacy notifier (ruleId, state), and rules as its API writes them."""

from collections.abc import Mapping
from typing import Any

from tocsin.intake.alerts.reading import alertmanager
from tocsin.intake.alerts.reading.alert import (
    Alert,
    AlertState,
    Unreadable,
    first,
    in_words,
    listed,
    make,
    section,
    severity_of,
)

_STATES = {
    "alerting": AlertState.FIRING, "no_data": AlertState.FIRING, "firing": AlertState.FIRING, "ok": AlertState.RESOLVED,
    "resolved": AlertState.RESOLVED, "normal": AlertState.RESOLVED, "paused": AlertState.NEWS, "pending": AlertState.NEWS,
}  # fmt: skip


def read(payload: Mapping[str, Any]) -> list[Alert]:
    if "alerts" in payload:
        return alertmanager.read(payload)
    name = first(payload, "ruleName", "title")
    if not name:
        raise Unreadable("It is neither a list of alerts nor a rule with a name. Use a webhook contact point.")
    state = first(payload, "state").lower()
    labels, notes = section(payload, "labels"), section(payload, "annotations")
    matches = [(first(one, "metric"), first(one, "value")) for one in listed(payload, "evalMatches")]
    rule = first(payload, "ruleUID", "ruleId")
    group = first(payload, "ruleGroup")
    return [
        make(
            key=f"rule {rule}" if rule not in ("", "0") else f"rule {group} {name}".replace("  ", " "),
            state=_STATES.get(state, AlertState.FIRING if not state else AlertState.NEWS), title=name,
            text="\n\n".join(p for p in (first(payload, "message"), first(notes, "summary", "description"), in_words(matches)) if p),
            severity=severity_of(first(labels, "severity", "priority")), link=first(payload, "ruleUrl", "externalURL"),
            facts={**labels, "state": state},
        )
    ]  # fmt: skip
