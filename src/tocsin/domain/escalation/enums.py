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
