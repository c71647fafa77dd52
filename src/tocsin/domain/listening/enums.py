from django.db import models


class State(models.TextChoices):
    """A listening record's one status; moves stand in logic/confirming.py."""

    NOTED = "noted", "Written down"
    WAITING = "waiting", "Waits for the customer"
    CONFIRMED = "confirmed", "Confirmed"
    CORRECTED = "corrected", "Not quite"


class Via(models.TextChoices):
    """How a customer answered what was played back."""

    LINK = "link", "By the link in the mail"
    PORTAL = "portal", "In the portal"
    REPLY = "reply", "By a reply"
    CALL = "call", "On the phone"


class Feeling(models.IntegerChoices):
    """How the contact sounds to whoever speaks with them."""

    FURIOUS = 1, "Furious"
    UPSET = 2, "Upset"
    WORRIED = 3, "Worried"
    CALM = 4, "Calm"
    CONTENT = 5, "Content"


class Judged(models.TextChoices):
    """What somebody says of a signal; the values are those of logic/correcting.py."""

    RIGHT = "right", "Right"
    TOO_STRONG = "too_strong", "Too strong"
    WRONG = "wrong", "Wrong"


class Wanted(models.TextChoices):
    """What the assistant is asked for."""

    SUMMARY = "summary", "Summary"
    REPLY = "reply", "Draft of a reply"
