from django.db import models


class Kind(models.TextChoices):
    """Who sends: which reader understands it (reading.READERS)."""

    GENERIC = "generic", "Any program (JSON)"
    ALERTMANAGER = "alertmanager", "Prometheus Alertmanager"
    GRAFANA = "grafana", "Grafana"
    CLOUDWATCH = "cloudwatch", "Amazon CloudWatch (SNS)"
    DATADOG = "datadog", "Datadog"
    SENTRY = "sentry", "Sentry"
    PINGDOM = "pingdom", "Pingdom"
    PAGERDUTY = "pagerduty", "PagerDuty"
    OPSGENIE = "opsgenie", "Opsgenie"
    NEW_RELIC = "new_relic", "New Relic"
    CHECKMK = "checkmk", "Checkmk"
    GRAYLOG = "graylog", "Graylog"


class Signing(models.TextChoices):
    """What proves an event besides the token in its address."""

    NONE = "none", "Nothing more: the address is the secret"
    BODY = "body", "HMAC-SHA256 of the body in a header (Sentry, Grafana, GitHub, PagerDuty)"
    STANDARD = "standard", "Standard Webhooks: id, time and body are signed"


class OnResolved(models.TextChoices):
    """What becomes of a ticket when the last of its alerts has ended."""

    UNOWNED = "unowned", "Resolve the ticket, unless somebody owns it: then a note"
    RESOLVE = "resolve", "Resolve the ticket, whoever owns it"
    NOTE = "note", "Only a note on the ticket"


class EventState(models.TextChoices):
    """What became of a stored event. All but the first are ends, each with a reason."""

    STORED = "stored", "Stored"  # durable, not yet looked at
    TAKEN = "taken", "Taken in"
    IGNORED = "ignored", "Ignored"  # nothing to do: seen before, nothing open, paused
    UNREADABLE = "unreadable", "Not understood"  # a person corrects the sender or the integration, and retries
    FAILED = "failed", "Failed"
    DISMISSED = "dismissed", "Dismissed"  # a person said that nothing need be done


class AlertState(models.TextChoices):
    FIRING = "firing", "Firing"
    ENDED = "ended", "Ended"
