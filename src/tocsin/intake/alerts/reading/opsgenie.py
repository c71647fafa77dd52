"""Opsgenie: its outgoing webhooks, and the alert API that senders speak to it."""

from collections.abc import Mapping
from typing import Any

from tocsin.intake.alerts.reading.alert import Alert, AlertState, Unreadable, first, make, moment, section, severity_of

_ENDS = {"close", "delete", "resolve"}
_BEGINS = {"", "create", "unacknowledge"}


def read(payload: Mapping[str, Any]) -> list[Alert]:
    alert = section(payload, "alert") or payload
    key = first(alert, "alias") or first(alert, "alertId", "id", "tinyId")
    if not key and not first(alert, "message"):
        raise Unreadable("It names no alert (alias, alertId) and no message.")
    action = first(payload, "action").lower()
    state = AlertState.RESOLVED if action in _ENDS else AlertState.FIRING if action in _BEGINS else AlertState.NEWS
    at = moment(alert.get("updatedAt") or alert.get("createdAt"))
    stamp = first(alert, "updatedAt", "createdAt")
    told = section(alert, "details")
    return [
        make(
            key=key or first(alert, "message"), state=state, title=first(alert, "message") or f"Alert {key[:60]}",
            text="\n\n".join(p for p in (first(alert, "description"), first(alert, "note")) if p),
            severity=severity_of(first(alert, "priority")), at=at,
            sent_as=f"{first(alert, 'alertId')} {action} {stamp}" if first(alert, "alertId") and stamp else "",
            link=first(alert, "link") or first(alert, "source"),
            facts={"entity": first(alert, "entity"), "source": first(alert, "source"), "action": action, **told},
        )
    ]  # fmt: skip
