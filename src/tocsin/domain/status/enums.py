from django.db import models


class Audience(models.TextChoices):
    """Who reads a status page."""

    PUBLIC = "public", "Everybody"
    ORGANISATION = "organisation", "One customer, signed in"
    LINK = "link", "Whoever has its secret link"


class ComponentState(models.TextChoices):
    """How a component does."""

    OPERATIONAL = "operational", "Operational"
    MAINTENANCE = "maintenance", "Under maintenance"
    DEGRADED = "degraded", "Degraded"
    PARTIAL = "partial", "Partial outage"
    MAJOR = "major", "Major outage"


class IncidentKind(models.TextChoices):
    INCIDENT = "incident", "Incident"
    MAINTENANCE = "maintenance", "Scheduled maintenance"


class IncidentState(models.TextChoices):
    """An incident's (or a maintenance's) one status; moves stand in logic/incidents.py."""

    INVESTIGATING = "investigating", "Investigating"
    IDENTIFIED = "identified", "Identified"
    MONITORING = "monitoring", "Monitoring"
    RESOLVED = "resolved", "Resolved"
    SCHEDULED = "scheduled", "Scheduled"
    UNDER_WAY = "under_way", "Under way"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Called off"


class Subscription(models.TextChoices):
    """Where a subscription by mail stands. Only a confirmed one is written to."""

    ASKED = "asked", "Asked"
    CONFIRMED = "confirmed", "Confirmed"
    LEFT = "left", "Left"


class AccountState(models.TextChoices):
    OPEN = "open", "Open"
    ENDED = "ended", "Ended"


class Outcome(models.TextChoices):
    """How an account escalation ended, in the customer's eyes."""

    RECOVERED = "recovered", "The customer is content again"
    PARTLY = "partly", "Partly put right"
    NOT = "not", "Not put right"
    WITHDRAWN = "withdrawn", "The customer took it back"


class Held(models.TextChoices):
    """Whether a ticket still belongs to an account escalation."""

    IN = "in", "In"
    OUT = "out", "Taken out"
