"""What senders of alerts mean: bytes in, alerts out. Pure, bounded, and never an exception but Unreadable."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from tocsin.intake.alerts.reading import (
    alertmanager,
    checkmk,
    cloudwatch,
    datadog,
    generic,
    grafana,
    graylog,
    new_relic,
    opsgenie,
    pagerduty,
    pingdom,
    sentry,
)
from tocsin.intake.alerts.reading.alert import Alert, AlertState, Severity, Unreadable

__all__ = ["READERS", "Alert", "AlertState", "Severity", "Unreadable", "decode", "read"]

MOST_ALERTS = 1_000  # in one message

READERS: dict[str, Callable[[Mapping[str, Any]], list[Alert]]] = {
    "alertmanager": alertmanager.read,
    "grafana": grafana.read,
    "cloudwatch": cloudwatch.read,
    "datadog": datadog.read,
    "sentry": sentry.read,
    "pingdom": pingdom.read,
    "pagerduty": pagerduty.read,
    "opsgenie": opsgenie.read,
    "new_relic": new_relic.read,
    "checkmk": checkmk.read,
    "graylog": graylog.read,
    "generic": generic.read,
}


def decode(body: bytes, content_type: str = "") -> Mapping[str, Any]:
    """Return the object in what was sent: JSON, or a form (its fields, or JSON in the field `payload`).

    Raises Unreadable.
    """
    try:
        text = body.decode("utf-8-sig")
        if content_type.lower().startswith("application/x-www-form-urlencoded"):
            fields = {name: values[-1] for name, values in parse_qs(text, max_num_fields=200).items()}
            found: Any = json.loads(fields["payload"]) if "payload" in fields else fields
        else:
            found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"It is no JSON: {str(error)[:200]}.") from None
    if isinstance(found, list):
        found = {"alerts": found}
    if not isinstance(found, Mapping):
        raise Unreadable("It is JSON, but no object.")
    return found


def read(source: str, payload: Mapping[str, Any], mapping: Mapping[str, str] | None = None) -> list[Alert]:
    """Return the alerts that `source` (a key of READERS) means by `payload`, in its order. Raises Unreadable."""
    try:
        found = generic.read(payload, mapping) if source == "generic" else READERS[source](payload)
    except RecursionError:
        raise Unreadable("It is nested too deeply.") from None
    if not found:
        raise Unreadable("There is no alert in it.")
    if len(found) > MOST_ALERTS:
        raise Unreadable(f"It holds {len(found)} alerts; {MOST_ALERTS} are taken at once.")
    return found
