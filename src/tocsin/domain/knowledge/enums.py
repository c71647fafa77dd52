from django.db import models


class Kind(models.TextChoices):
    """What an article is for."""

    ARTICLE = "article", "Article"
    KNOWN_ERROR = "known_error", "Known error"
    RUNBOOK = "runbook", "Runbook"


class State(models.TextChoices):
    """An article's one status; moves stand in logic/editing.py."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class Audience(models.TextChoices):
    """Who reads it once it is published."""

    INTERNAL = "internal", "Staff only"
    CUSTOMERS = "customers", "All customers"
    ORGANISATION = "organisation", "One customer"


class Result(models.TextChoices):
    """What came of a runbook's step on a ticket."""

    DONE = "done", "Done"
    NO_HELP = "no_help", "Did not help"
    SKIPPED = "skipped", "Skipped"


class Suggested(models.TextChoices):
    """What can be suggested for a ticket."""

    ARTICLE = "article", "Article"
    TICKET = "ticket", "Similar ticket"
