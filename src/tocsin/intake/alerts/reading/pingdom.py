"""Pingdom (SolarWinds): checks go down and up."""

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
    section,
    severity_of,
)

_UP = {"UP", "SUCCESS"}
_DOWN = {"DOWN", "FAILING", "UNCONFIRMED_DOWN"}


def read(payload: Mapping[str, Any]) -> list[Alert]:
    check, state = first(payload, "check_id"), first(payload, "current_state").upper()
    if not check or not state:
        raise Unreadable("It names no check (check_id) or no state (current_state).")
    params = section(payload, "check_params")
    changed = first(payload, "state_changed_timestamp")
    return [
        make(
            key=f"check {check}",
            state=AlertState.RESOLVED if state in _UP else AlertState.FIRING if state in _DOWN else AlertState.NEWS,
            title=f"{first(payload, 'check_name') or check} is {state.lower()}",
            text="\n\n".join(part for part in (first(payload, "description"), first(payload, "long_description")) if part),
            severity=severity_of(first(payload, "importance_level")) or Severity.HIGH, at=moment(changed),
            sent_as=f"{check} {state} {changed}" if changed else "", link=first(params, "full_url", "url"),
            facts={
                "check": first(payload, "check_type"), "host": first(params, "hostname"),
                "seen from": first(section(payload, "first_probe"), "location"),
            },
        )
    ]  # fmt: skip
