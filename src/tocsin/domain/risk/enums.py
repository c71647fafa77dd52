from django.db import models


class Outcome(models.TextChoices):
    """What may come of an open ticket. When each has come true is said in docs/risk.md and logic/outcomes.py."""

    ESCALATION = "escalation", "Escalates"
    BREACH = "breach", "Breaches its promise"
    BOUNCE = "bounce", "Bounces back"


class Opinion(models.TextChoices):
    """What somebody said about a score. Kept as a label."""

    AGREE = "agree", "Agree"
    SNOOZE = "snooze", "Snooze"
    DISAGREE = "disagree", "Disagree"


class TrainingState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    TOO_LITTLE = "too_little", "Too little history"
