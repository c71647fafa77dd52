"""Risk models, the score of each open ticket, and what people said about scores (SEMANTICS 10)."""

from django.db import models
from django.db.models import Q

from tocsin.domain.people.models import User
from tocsin.domain.risk.enums import Opinion, Outcome, TrainingState
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id


class RiskModel(models.Model):
    """A trained model with its card. The latest of each outcome is current; it scores only if `shown`.

    `content` is logic.model.dump as JSON, packed by zlib: numbers and words, nothing that could run (docs/adr/0023).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    outcome = models.CharField(max_length=12, choices=Outcome)
    current = models.BooleanField(default=True)
    shown = models.BooleanField(help_text="it beats the simple rule on later tickets")
    why = models.CharField(max_length=500, help_text="it is shown, or not")
    made_at = models.DateTimeField()
    seconds = models.FloatField(help_text="that training took")
    content = models.BinaryField()
    tickets = models.PositiveIntegerField(help_text="ended, learned from")
    came = models.PositiveIntegerField(help_text="of which ended so")
    events = models.PositiveIntegerField(help_text="learned from")
    opened_from = models.DateTimeField(help_text="of the earliest ticket")
    opened_to = models.DateTimeField(help_text="of the latest ticket")
    judged_from = models.DateTimeField(help_text="tickets opened from here on judged a model that had not seen them")
    judged = models.JSONField(help_text="logic.judging.Compared for the first, third, fifth and last event")
    fields = models.JSONField(help_text="[{field, accepted, why}] of what might be a feature")
    weights = models.JSONField(help_text="[[feature, mean absolute log odds]] of the later tickets, strongest first")
    reference = models.JSONField(help_text="distribution of scores trained on, to tell drift by")
    months = models.JSONField(help_text="logic.months.Month, with whether the model had seen them")
    watched_at = models.DateTimeField(null=True, help_text="when months were last counted")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["outcome"], name="risk_one_current_model", condition=Q(current=True))
        ]

    @property
    def works(self) -> bool:
        """Whether it may score tickets, as far as the model itself goes."""
        return self.current and self.shown


class Switch(models.Model):
    """Whether an outcome is predicted at all. Absent: on, as soon as a model is good enough."""

    outcome = models.CharField(primary_key=True, max_length=12, choices=Outcome)
    on = models.BooleanField(default=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")


class Training(models.Model):
    """One training, asked for by somebody or by the schedule, with its progress."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    outcome = models.CharField(max_length=12, choices=Outcome)
    state = models.CharField(max_length=12, choices=TrainingState, default=TrainingState.QUEUED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=120, blank=True, default="")
    done = models.FloatField(default=0, help_text="share, 0 to 1")
    message = models.CharField(max_length=500, blank=True, default="", help_text="what came of it")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outcome"], name="risk_one_training", condition=Q(state__in=["queued", "running"])
            )
        ]
        indexes = [models.Index(fields=["outcome", "-asked_at"], name="risk_training_asked")]


class Score(models.Model):
    """How likely an open ticket is to end so, as of its last event."""

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="risks")
    outcome = models.CharField(max_length=12, choices=Outcome)
    model = models.ForeignKey(RiskModel, models.CASCADE, related_name="scores")
    value = models.FloatField(help_text="probability, 0 to 1")
    first = models.FloatField(help_text="when it was first scored by any model")
    told = models.FloatField(default=0, help_text="as it was last held against the triggers")
    event = models.PositiveIntegerField(help_text="how many events the ticket had")
    at = models.DateTimeField(help_text="of the last of them")
    reasons = models.JSONField(help_text="[{feature, moved, words}], strongest first")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "outcome"], name="risk_score_once"),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=1), name="risk_score_is_a_share"),
        ]
        indexes = [models.Index(fields=["outcome", "-value"], name="risk_highest")]


class Answer(models.Model):
    """What somebody said about a score: a label, and whether it may call for attention again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="risk_answers")
    outcome = models.CharField(max_length=12, choices=Outcome)
    opinion = models.CharField(max_length=10, choices=Opinion)
    value = models.FloatField(help_text="the score that was answered")
    event = models.PositiveIntegerField()
    model = models.ForeignKey(RiskModel, models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="snooze: silent until then")
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(opinion="snooze", until__isnull=False) | (~Q(opinion="snooze") & Q(until__isnull=True)),
                name="risk_snooze_has_an_end",
            )
        ]
        indexes = [models.Index(fields=["ticket", "outcome", "-at"], name="risk_answer_last")]
