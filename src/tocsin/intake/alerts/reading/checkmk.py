"""Checkmk: notifications of hosts and services, by the script of docs/alerts.md or Keep's."""

from collections.abc import Mapping
from typing import Any

from tocsin.intake.alerts.reading.alert import Alert, AlertState, Severity, Unreadable, first, make, moment

_SEVERITIES = {
    "DOWN": Severity.CRITICAL, "CRITICAL": Severity.CRITICAL, "CRIT": Severity.CRITICAL, "UNREACHABLE": Severity.HIGH,
    "WARNING": Severity.MODERATE, "WARN": Severity.MODERATE, "UNKNOWN": Severity.MODERATE, "OK": Severity.LOW, "UP": Severity.LOW,
}  # fmt: skip
_WELL = {"UP", "OK"}


def read(payload: Mapping[str, Any]) -> list[Alert]:
    told = {str(name).removeprefix("NOTIFY_").lower(): value for name, value in payload.items()}
    host = first(told, "host", "hostname")
    if not host:
        raise Unreadable("It names no host.")
    service = first(told, "service", "servicedesc")
    state = first(told, "status", "servicestate", "hoststate", "state").upper()
    kind = first(told, "notification_type", "notificationtype", "what").upper()
    begins = kind in ("PROBLEM", "HOST", "SERVICE", "") and state not in _WELL
    state_is = (
        AlertState.RESOLVED
        if kind == "RECOVERY" or state in _WELL
        else AlertState.FIRING
        if begins
        else AlertState.NEWS
    )
    return [
        make(
            key=" ".join(part for part in (first(told, "site", "omd_site"), host, service) if part), state=state_is,
            title=": ".join(part for part in (host, service) if part) + (f" is {state.lower()}" if state else ""),
            text="\n\n".join(p for p in (first(told, "output", "serviceoutput", "hostoutput"), first(told, "long_output")) if p),
            severity=_SEVERITIES.get(state), at=moment(first(told, "short_date_time", "shortdatetime").replace(" ", "T")),
            link=first(told, "url"),
            facts={
                "event": first(told, "event"), "address": first(told, "address", "hostaddress"), "check": first(told, "check_command"),
                "site": first(told, "site", "omd_site"), "kind": kind,
            },
        )
    ]  # fmt: skip
