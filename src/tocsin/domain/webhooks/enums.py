from django.db import models


class DeliveryState(models.TextChoices):
    """What became of one event for one receiver."""

    PENDING = "pending", "To be sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Given up"
