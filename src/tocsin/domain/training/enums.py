from django.db import models


class State(models.TextChoices):
    """A course's one status."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class Proof(models.TextChoices):
    """What having passed a course is worth now."""

    WAITING = "waiting", "Waits for sign-off"
    VALID = "valid", "Valid"
    EXPIRED = "expired", "Run out"
    REFUSED = "refused", "Not signed off"
    REPLACED = "replaced", "Replaced by a newer one"
