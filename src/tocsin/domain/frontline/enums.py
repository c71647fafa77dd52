from django.db import models


class BundleState(models.TextChoices):
    """What became of a shift handover."""

    OFFERED = "offered", "Offered"
    ANSWERED = "answered", "Answered"
    WITHDRAWN = "withdrawn", "Taken back"
    EXPIRED = "expired", "Run out"


class ItemState(models.TextChoices):
    """What became of one promise in it."""

    OFFERED = "offered", "Waits for an answer"
    TAKEN = "taken", "Taken over"
    KEPT = "kept", "Stays with the giver"
