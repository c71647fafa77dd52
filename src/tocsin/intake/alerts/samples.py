"""One small event of each kind: for the test button and the sample command."""

from datetime import datetime
from typing import Any

from tocsin.intake.alerts.enums import Kind

TITLE = "Test event from Tocsin"
TEXT = "Somebody tries the integration out. Nothing is wrong."


def sample(kind: str, now: datetime) -> dict[str, Any]:
    """Return an event as this sender would write it, of the lowest severity that it knows."""
    at, seconds = now.isoformat(), int(now.timestamp())
    alert = {
        "status": "firing",
        "labels": {"alertname": TITLE, "severity": "info", "instance": "test"},
        "annotations": {"description": TEXT},
        "startsAt": at,
    }
    samples: dict[str, dict[str, Any]] = {
        Kind.GENERIC: {"key": "test", "title": TITLE, "text": TEXT, "severity": "low", "state": "firing"},
        Kind.ALERTMANAGER: {"version": "4", "status": "firing", "alerts": [alert]},
        Kind.GRAFANA: {"status": "firing", "alerts": [alert]},
        Kind.CLOUDWATCH: {"AlarmName": TITLE, "NewStateValue": "ALARM", "NewStateReason": TEXT, "StateChangeTime": at},
        Kind.DATADOG: {"title": TITLE, "monitor_id": "test", "alert_transition": "Triggered", "priority": "P4", "body": TEXT},
        Kind.SENTRY: {
            "action": "created",
            "data": {"event": {"issue_id": "test", "title": TITLE, "level": "info", "timestamp": seconds}},
        },
        Kind.PINGDOM: {"check_id": 1, "check_name": TITLE, "current_state": "DOWN", "importance_level": "LOW"},
        Kind.PAGERDUTY: {
            "event_action": "trigger", "dedup_key": "test",
            "payload": {"summary": TITLE, "source": "test", "severity": "info", "timestamp": at},
        },
        Kind.OPSGENIE: {"action": "Create", "alert": {"alias": "test", "message": TITLE, "priority": "P5"}},
        Kind.NEW_RELIC: {"current_state": "open", "issueId": "test", "title": TITLE, "priority": "LOW"},
        Kind.CHECKMK: {"host": "test", "service": TITLE, "status": "WARN", "output": TEXT, "what": "SERVICE"},
        Kind.GRAYLOG: {
            "event_definition_id": "test", "event_definition_title": TITLE, "event": {"message": TEXT, "priority": 1},
        },
    }  # fmt: skip
    return samples[kind]
