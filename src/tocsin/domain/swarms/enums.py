from django.db import models


class SwarmState(models.TextChoices):
    OPEN = "open", "Open"
    ENDED = "ended", "Ended"


class InvitationState(models.TextChoices):
    """One status; allowed moves stand in logic/answering.py."""

    INVITED = "invited", "Asked"
    ACCEPTED = "accepted", "Helps"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Did not answer"
    WITHDRAWN = "withdrawn", "Not needed any more"
    LEFT = "left", "Has left"


class Through(models.TextChoices):
    """Why this person was asked."""

    PERSON = "person", "by name"
    TEAM = "team", "for a team"
    SKILL = "skill", "for a skill"
    OWN = "own", "of their own accord"


class CommandState(models.TextChoices):
    """How far a major escalation has come. People set it; nothing follows from it by itself."""

    INVESTIGATING = "investigating", "Investigating"
    IDENTIFIED = "identified", "Identified"
    MITIGATED = "mitigated", "Mitigated"
    RESOLVED = "resolved", "Resolved"


class Role(models.TextChoices):
    """Each has one holder, but for experts, of whom there are as many as help."""

    OWNER = "owner", "Owner"
    COMMUNICATOR = "communicator", "Communicator"
    SCRIBE = "scribe", "Scribe"
    EXPERT = "expert", "Expert"


class TaskState(models.TextChoices):
    OPEN = "open", "Open"
    DONE = "done", "Done"
    DROPPED = "dropped", "Dropped"


class NoteKind(models.TextChoices):
    PIN = "pin", "Pinned event"
    FACT = "fact", "Fact"
    DECISION = "decision", "Decision"
