"""Prometheus Alertmanager (webhook versions 3 and 4), and Grafana's unified alerting, which sends the same."""

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

# Labels that tell how grave it is or who hears of it, not what it is about.
NOT_OF_THE_KEY = frozenset({"severity", "priority", "timeout", "receiver"})


def read(payload: Mapping[str, Any]) -> list[Alert]:
    """Return one alert for each entry of `alerts`; a lone alert without that list is taken too."""
    entries = listed(payload, "alerts")
    if not entries and section(payload, "labels"):
        entries = [payload]
    if not entries:
        raise Unreadable("There is no list of alerts in it. An Alertmanager webhook has `alerts`.")
    return [_one(entry, payload) for entry in entries]


def _one(entry: Mapping[str, Any], payload: Mapping[str, Any]) -> Alert:
    labels = {**section(payload, "commonLabels"), **section(entry, "labels")}
    notes = {**section(payload, "commonAnnotations"), **section(entry, "annotations")}
    status = first(entry, "status") or first(payload, "status") or "firing"
    begun = first(entry, "startsAt")
    key = first(entry, "fingerprint") or _key(labels) or first(entry, "summary")
    name = first(labels, "alertname", "rulename", "__name__")
    summary = first(notes, "summary", "title", "message") or first(entry, "summary")
    text = "\n\n".join(
        part for part in (summary if name else "", first(notes, "description"), first(entry, "valueString")) if part
    )
    resolved = status == "resolved"
    return make(
        key=key, state=AlertState.RESOLVED if resolved else AlertState.FIRING,
        title=": ".join(part for part in (name, first(labels, "instance", "host", "pod", "service")) if part) or summary,
        text=text, severity=severity_of(first(labels, "severity", "priority")),
        at=moment(first(entry, "endsAt") if resolved else begun), facts=labels,
        link=first(notes, "runbook_url") or first(entry, "generatorURL", "panelURL", "silenceURL"),
    )  # fmt: skip


def _key(labels: Mapping[str, Any]) -> str:
    """Return the labels in one writing, as Alertmanager itself tells alerts apart."""
    return ",".join(f"{name}={labels[name]}" for name in sorted(labels) if name not in NOT_OF_THE_KEY)
