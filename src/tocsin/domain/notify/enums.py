from django.db import models


class Channel(models.TextChoices):
    """Kinds of contact method that this release can carry; each has its folder in `channels/`."""

    EMAIL = "email", "E-mail"
    WEBHOOK = "webhook", "Webhook"
    CONSOLE = "console", "Console"


class Urgency(models.TextChoices):
    NORMAL = "normal", "Normal"
    HIGH = "high", "High"


class PageState(models.TextChoices):
    ACTIVE = "active", "Active"
    WITHDRAWN = "withdrawn", "Withdrawn"
    UNREACHABLE = "unreachable", "Unreachable"
    DONE = "done", "Done"


class DeliveryState(models.TextChoices):
    """Moves forward only."""

    PENDING = "pending", "Pending"
    LEASED = "leased", "Being sent"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    WITHDRAWN = "withdrawn", "Withdrawn"
    BUNDLED = "bundled", "Sent within a bundle"


class AttemptOutcome(models.TextChoices):
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused"
    RETRY = "retry", "To be tried again"
    LEASE_LOST = "lease_lost", "No word from the sender before its lease ended"


# Purposes that only tell: one method that worked is enough, and an answer to the run does not take them back.
TELLING = frozenset({"warning", "notice"})
