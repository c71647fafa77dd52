from django.db import models


class EscalationType(models.TextChoices):
    TECHNICAL = "technical", "Technical"
    CUSTOMER = "customer", "Customer"
    INTERNAL = "internal", "Internal"


class Reason(models.TextChoices):
    COMPLEXITY = "complexity", "Complexity"
    MISSING_EXPERTISE = "missing_expertise", "Missing expertise"
    EXPECTATION_MISSED = "expectation_missed", "Expectation missed"
    SLA_AT_RISK = "sla_at_risk", "SLA at risk"
    SLA_BREACHED = "sla_breached", "SLA breached"
    CAPACITY_OR_POLICY = "capacity_or_policy", "Capacity or policy"
    OTHER = "other", "Other"


class Direction(models.TextChoices):
    """Functional: to those who know more. Hierarchical: to those who may decide more."""

    FUNCTIONAL = "functional", "Functional"
    HIERARCHICAL = "hierarchical", "Hierarchical"


class EscalationState(models.TextChoices):
    OPEN = "open", "Open"
    RESOLVED = "resolved", "Resolved"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"
    DE_ESCALATED = "de_escalated", "De-escalated"
    REFUSED = "refused", "Approval refused"


class DeEscalationState(models.TextChoices):
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"


class DrillKind(models.TextChoices):
    """What was tested. A canary is the engine's own: it goes the whole way and wakes nobody."""

    PERSON = "person", "A person"
    LEVEL = "level", "A level"
    POLICY = "policy", "A policy"
    REACH = "reach", "Who is on call"
    CANARY = "canary", "Canary"


class DrillState(models.TextChoices):
    RUNNING = "running", "Running"
    ENDED = "ended", "Ended"
    CANCELLED = "cancelled", "Called off"
    FAILED = "failed", "Did not come through"


class Cadence(models.TextChoices):
    WEEKLY = "weekly", "Every week"
    MONTHLY = "monthly", "Every month"
