"""What is stored of feedback, by name."""

from django.db import models


class Kind(models.TextChoices):
    """What somebody is asked about."""

    CSAT = "csat", "Resolution"
    ESCALATION = "escalation", "Escalation"


class Party(models.TextChoices):
    """Whose view it is (SEMANTICS 8)."""

    CUSTOMER = "customer", "Customer"
    FRONT_LINE = "front_line", "Front line"
    EXPERT = "expert", "Expert"
    MANAGER = "manager", "Manager"


class AskState(models.TextChoices):
    """The one status of a question to one person."""

    PLANNED = "planned", "Planned"
    ASKED = "asked", "Asked"
    ANSWERED = "answered", "Answered"
    EXPIRED = "expired", "Not answered"
    SKIPPED = "skipped", "Not asked"
    WITHDRAWN = "withdrawn", "Withdrawn"


class RecoveryState(models.TextChoices):
    """What became of a bad rating."""

    OPEN = "open", "To be called"
    REGAINED = "regained", "Regained"
    NOT_REGAINED = "not_regained", "Not regained"
    UNREACHED = "unreached", "Never reached"
