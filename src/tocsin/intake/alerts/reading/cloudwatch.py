"""Amazon CloudWatch alarms, by way of SNS. Whether SNS has signed them is judged in intake/alerts/sns.py."""

import json
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
    plain,
    section,
    severity_of,
)

_STATES = {"ALARM": AlertState.FIRING, "OK": AlertState.RESOLVED, "INSUFFICIENT_DATA": AlertState.NEWS}


def read(payload: Mapping[str, Any]) -> list[Alert]:
    if first(payload, "Type") in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
        raise Unreadable("It is about the subscription itself, not an alarm.")
    alarm = _alarm(payload)
    name = first(alarm, "AlarmName")
    if not name:
        return [_other(payload)]
    dimensions = {
        first(one, "name", "Name"): first(one, "value", "Value")
        for one in listed(section(alarm, "Trigger"), "Dimensions")
    }
    trigger = section(alarm, "Trigger")
    state = first(alarm, "NewStateValue") or "ALARM"
    place = " ".join(
        part for part in (first(alarm, "AWSAccountId"), first(alarm, "Region"), first(payload, "TopicArn")) if part
    )
    return [
        make(
            key=first(alarm, "AlarmArn") or f"{place} {name}", state=_STATES.get(state, AlertState.NEWS), title=name,
            text="\n\n".join(p for p in (first(alarm, "AlarmDescription"), first(alarm, "NewStateReason")) if p),
            severity=severity_of(first(alarm, "Priority")), at=moment(_fixed(first(alarm, "StateChangeTime"))),
            sent_as=first(payload, "MessageId"),
            facts={
                "state": state, "region": first(alarm, "Region"), "account": first(alarm, "AWSAccountId"),
                "metric": first(trigger, "MetricName") or first(alarm, "MetricName"),
                "namespace": first(trigger, "Namespace") or first(alarm, "Namespace"),
                "threshold": first(trigger, "Threshold") or first(alarm, "Threshold"), **dimensions,
            },
        )
    ]  # fmt: skip


def _alarm(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the alarm inside of SNS's envelope, or what was sent where there is no envelope."""
    inner = payload.get("Message")
    if isinstance(inner, str):
        try:
            inner = json.loads(inner)
        except (ValueError, RecursionError):
            return {}
    return inner if isinstance(inner, Mapping) else payload


def _other(payload: Mapping[str, Any]) -> Alert:
    """Something that is no alarm was published to the topic: its subject is what it is about."""
    title = first(payload, "Subject") or plain(payload.get("Message"), 120)
    if not title:
        raise Unreadable("It holds no alarm (AlarmName) and no message.")
    return make(
        key=f"{first(payload, 'TopicArn')} {title}", state=AlertState.FIRING, title=title, text=first(payload, "Message"),
        at=moment(first(payload, "Timestamp")), sent_as=first(payload, "MessageId"),
    )  # fmt: skip


def _fixed(value: str) -> str:
    """Amazon writes +0000; ISO 8601 has a colon there."""
    return f"{value[:-2]}:{value[-2:]}" if value[-5:-4] in ("+", "-") and value[-4:].isdigit() else value
