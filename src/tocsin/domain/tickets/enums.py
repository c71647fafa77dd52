from django.db import models


class Status(models.TextChoices):
    """A ticket's one status; allowed moves stand in logic/lifecycle.py."""

    NEW = "new", "New"
    OPEN = "open", "Open"
    WAITING_CUSTOMER = "waiting_customer", "Waiting for customer"
    WAITING_VENDOR = "waiting_vendor", "Waiting for vendor"
    WAITING_CHANGE = "waiting_change", "Waiting for change"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"
    REOPENED = "reopened", "Reopened"


class Level3(models.IntegerChoices):
    """Impact and urgency: 1 is the gravest."""

    HIGH = 1, "High"
    MEDIUM = 2, "Medium"
    LOW = 3, "Low"


class Priority(models.IntegerChoices):
    """1 is the gravest (Sev1)."""

    CRITICAL = 1, "Critical"
    HIGH = 2, "High"
    MODERATE = 3, "Moderate"
    LOW = 4, "Low"


class MessageKind(models.TextChoices):
    """A reply is seen by the customer; a note never is."""

    CUSTOMER = "customer", "Customer's message"
    REPLY = "reply", "Public reply"
    NOTE = "note", "Internal note"


class HandoverState(models.TextChoices):
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Expired"
    WITHDRAWN = "withdrawn", "Withdrawn"


class LinkKind(models.TextChoices):
    RELATED = "related", "Related"
    DUPLICATE = "duplicate", "Duplicate of"
    CHILD = "child", "Child of"
    PROBLEM = "problem", "Caused by problem"
