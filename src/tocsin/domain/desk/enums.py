from django.db import models


class Doing(models.TextChoices):
    """What somebody does on a ticket's page at this moment."""

    VIEWING = "viewing", "is looking"
    REPLYING = "replying", "is replying"


class FieldKind(models.TextChoices):
    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    DATE = "date", "Date"
    CHOICE = "choice", "Choice"
    YES_NO = "yes_no", "Yes or no"


class Criticality(models.IntegerChoices):
    """How much depends on a thing; 1 is the most."""

    VITAL = 1, "Vital"
    IMPORTANT = 2, "Important"
    NORMAL = 3, "Normal"
    MINOR = 4, "Minor"


class Density(models.TextChoices):
    """Height of the queue's rows."""

    COMPACT = "compact", "Compact"
    COMFORTABLE = "comfortable", "Comfortable"
