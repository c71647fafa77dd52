from django.db import models


class TargetKind(models.TextChoices):
    """What is promised (SEMANTICS 2)."""

    FIRST_RESPONSE = "first_response", "First response"
    NEXT_RESPONSE = "next_response", "Next response"
    NEXT_UPDATE = "next_update", "Next update"
    RESOLUTION = "resolution", "Resolution"
    INTERNAL = "internal", "Internal (OLA)"


class ClockState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    MET = "met", "Met"
    BREACHED = "breached", "Breached"
    CANCELLED = "cancelled", "Cancelled"


class OnChange(models.TextChoices):
    """What a changed priority or agreement does to consumed time."""

    KEEP = "keep", "Keep consumed time"
    RESTART = "restart", "Restart"
