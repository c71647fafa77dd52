from django.db import models


class SwapState(models.TextChoices):
    """An offered swap ends in one of the others and stays there."""

    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class CoverState(models.TextChoices):
    """Whether somebody covers an absence. Only an accepted cover is on call."""

    NONE = "none", "Nobody proposed"
    PROPOSED = "proposed", "Proposed"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
