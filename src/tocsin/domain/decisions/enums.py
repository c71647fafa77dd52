from django.db import models


class Unit(models.TextChoices):
    """What the size of a decision is counted in."""

    NONE = "none", "Nothing: it is a yes or a no"
    AMOUNT = "amount", "An amount of money"
    COUNT = "count", "A number of things"


class Holder(models.TextChoices):
    """What a right hangs on."""

    LINE = "line", "A line"
    ROLE = "role", "A role"
    SKILL = "skill", "A skill"
    TEAM = "team", "A team"


class RequestState(models.TextChoices):
    """What became of a decision that was beyond the asker's limit."""

    ASKED = "asked", "Waits for an answer"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    EXPIRED = "expired", "Ran out unanswered"
    WITHDRAWN = "withdrawn", "Withdrawn"
