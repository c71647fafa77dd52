from django.db import models


class ReviewState(models.TextChoices):
    """A review's one status; moves stand in logic/lifecycle.py."""

    DRAFT = "draft", "Draft"
    MEETING = "meeting", "In meeting"
    ACTIONS_OPEN = "actions_open", "Actions open"
    SIGNED_OFF = "signed_off", "Signed off"


class AvoidableBy(models.TextChoices):
    """What would have made the escalation unnecessary."""

    NO = "no", "Nothing: it had to escalate"
    KNOWLEDGE = "knowledge", "Knowledge: an article or runbook"
    TRAINING = "training", "Training"
    DECISION_RIGHT = "decision_right", "A decision right of the front line"
    MONITORING = "monitoring", "Monitoring"
    COMMUNICATION = "communication", "Communication"
    OTHER = "other", "Something else"


class Bone(models.TextChoices):
    """The categories of the fishbone."""

    PEOPLE = "people", "People"
    PROCESS = "process", "Process"
    TOOLS = "tools", "Tools"
    SUPPLIER = "supplier", "Supplier"
    ENVIRONMENT = "environment", "Environment"
    COMMUNICATION = "communication", "Communication"


class ActionKind(models.TextChoices):
    PREVENT = "prevent", "Prevent"
    DETECT = "detect", "Detect sooner"
    RESPOND = "respond", "Respond better"


class ActionState(models.TextChoices):
    OPEN = "open", "Open"
    DONE = "done", "Done"
    DROPPED = "dropped", "Dropped"


class Effort(models.TextChoices):
    SMALL = "small", "Small: hours"
    MEDIUM = "medium", "Medium: days"
    LARGE = "large", "Large: weeks"


class WritingOn(models.TextChoices):
    """What somebody is writing on a review."""

    TEXT = "text", "writes on the review"
    NOTES = "notes", "writes the notes"
    CAUSES = "causes", "writes on the causes"
    ACTIONS = "actions", "writes an action"
    TIMELINE = "timeline", "writes on the timeline"
