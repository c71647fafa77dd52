"""New Relic: issues of workflows, and incidents of the older channels."""

from collections.abc import Mapping
from typing import Any

from tocsin.intake.alerts.reading.alert import Alert, AlertState, Unreadable, first, listed, make, moment, severity_of

_STATES = {
    "open": AlertState.FIRING, "activated": AlertState.FIRING, "created": AlertState.FIRING, "closed": AlertState.RESOLVED,
    "acknowledged": AlertState.NEWS, "test": AlertState.FIRING,
}  # fmt: skip


def read(payload: Mapping[str, Any]) -> list[Alert]:
    state = first(payload, "current_state", "state").lower()
    issue = first(payload, "issueId", "issue_id", "id")
    number = first(payload, "incident_id")
    if state not in _STATES or not (issue or number or first(payload, "condition_id")):
        raise Unreadable("It names no incident or issue, or no state that is known (open, closed, activated ...).")
    names = [first(one, "name") for one in listed(payload, "targets")]
    rule = f"policy {first(payload, 'policy_name')} condition {first(payload, 'condition_name')}"
    key = f"issue {issue}" if issue else f"incident {number}" if number not in ("", "0") else rule
    return [
        make(
            key=key, state=_STATES[state],
            title=first(payload, "title", "condition_name", "policy_name") or key,
            text=first(payload, "details", "annotations"), severity=severity_of(first(payload, "severity", "priority")),
            at=moment(payload.get("timestamp") or payload.get("updatedAt") or payload.get("createdAt")),
            sent_as=f"{key} {state} {first(payload, 'timestamp')}" if first(payload, "timestamp") else "",
            link=first(payload, "incident_url", "issueUrl", "violation_callback_url"),
            facts={
                "policy": first(payload, "policy_name"), "condition": first(payload, "condition_name"),
                "account": first(payload, "account_name"), "targets": ", ".join(name for name in names if name),
                "runbook": first(payload, "runbook_url"),
            },
        )
    ]  # fmt: skip
