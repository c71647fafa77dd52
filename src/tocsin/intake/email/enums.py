from django.db import models


class MailState(models.TextChoices):
    """What became of a mail. Everything that was taken in ends in one of the last four, with a reason."""

    RECEIVED = "received", "Received"  # stored, not yet looked at
    TAKEN = "taken", "Taken in"
    QUARANTINED = "quarantined", "Quarantined"  # a person decides
    REFUSED = "refused", "Refused"
    IGNORED = "ignored", "Ignored"  # nothing to do: our own mail, a bounce, somebody is out of office


class LetterKind(models.TextChoices):
    """What a mail of ours tells."""

    CONFIRMATION = "confirmation", "Confirmation"
    REPLY = "reply", "Reply"
    STATUS = "status", "Status"
    OWNER = "owner", "Customer's message, to the owner"
