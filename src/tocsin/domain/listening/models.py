"""What customers said matters to them, how their messages sound, and how we write to them (SEMANTICS 7)."""

from django.db import models
from django.db.models import Q

from tocsin.domain.listening.enums import Feeling, Judged, State, Via, Wanted
from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.ids import new_id


class ListeningRecord(models.Model):
    """What was understood of a customer, and whether they say so. Impact and outcome are those of the newest version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="listening")
    state = models.CharField(max_length=10, choices=State, default=State.NOTED)
    version = models.IntegerField(default=1)
    impact = models.TextField(blank=True, default="", help_text="what it does to their business")
    wanted = models.TextField(blank=True, default="", help_text="the outcome they want")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    played_back_at = models.DateTimeField(null=True, blank=True)
    played_back_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_via = models.CharField(max_length=10, choices=Via, blank=True, default="")
    answer = models.TextField(blank=True, default="", help_text="what the customer said about it")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "corrected"]) | Q(answered_at__isnull=False),
                name="listening_answer_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(played_back_at__isnull=False), name="listening_waits_for_playback"
            ),
        ]


class RecordVersion(models.Model):
    """One wording of a record. Never changed."""

    record = models.ForeignKey(ListeningRecord, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    concerns = models.JSONField(default=list, help_text="[{words, message}] in order")
    impact = models.TextField(blank=True, default="")
    wanted = models.TextField(blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "number"], name="listening_version_once")]


class Concern(models.Model):
    """One thing that matters to the customer, in their words, with the message they stand in if there is one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.ForeignKey(ListeningRecord, models.CASCADE, related_name="concerns")
    position = models.IntegerField()
    words = models.CharField(max_length=500)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_by_message = models.ForeignKey(Message, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["record", "position"], name="listening_concern_order")]


class Mood(models.Model):
    """How the contact sounded to somebody, at one time."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="moods")
    feeling = models.SmallIntegerField(choices=Feeling)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["ticket", "at"], name="listening_mood_at")]


class Signal(models.Model):
    """What one message of a customer sounds like, with the words that say so. `message` null: the ticket's own text."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="signals")
    message = models.OneToOneField(Message, models.CASCADE, null=True, blank=True, related_name="signal")
    at = models.DateTimeField()
    degree = models.SmallIntegerField(default=0, help_text="displeasure: 0 none, 1 mild, 2 strong, 3 severe")
    urgency = models.SmallIntegerField(default=0, help_text="the same for urgency")
    tone = models.FloatField(default=0)
    language = models.CharField(max_length=8, blank=True, default="")
    evidence = models.JSONField(default=list, help_text="[{key, kind, words, start, end, tone, urgency}]")
    judged = models.CharField(max_length=12, choices=Judged, blank=True, default="")
    judged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(message__isnull=True), name="listening_signal_of_ticket_once"
            )
        ]
        indexes = [
            models.Index(fields=["ticket", "at"], name="listening_signal_ticket"),
            models.Index(fields=["-at"], name="listening_signal_at"),
        ]


class WordWeight(models.Model):
    """What this installation has made of the weight of one word or pattern. 1 is as shipped."""

    key = models.CharField(max_length=250, primary_key=True)
    words = models.CharField(max_length=200, blank=True, default="", help_text="as it stood in the message judged last")
    factor = models.FloatField(default=1.0)
    verdicts = models.IntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(factor__gte=0.1, factor__lte=1.5), name="listening_factor_in_range")
        ]


class RuleBook(models.Model):
    """One version of what the house has made of the writing advice: shipped rules switched off, rules of its own."""

    number = models.IntegerField(primary_key=True)
    off = models.JSONField(default=list, help_text="keys of shipped rules that are switched off")
    own = models.JSONField(default=list, help_text="[{key, language, kind, pattern, why, better}]")
    word = models.CharField(max_length=200, help_text="what was changed")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Assistant(models.Model):
    """The operator's own language model, by a protocol that many speak. One row at most; absent or off by default."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    enabled = models.BooleanField(default=False)
    url = models.CharField(max_length=500, help_text="up to and including /v1")
    model = models.CharField(max_length=120)
    sealed_key = models.TextField(blank=True, default="")
    timeout = models.IntegerField(default=30, help_text="seconds")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="listening_one_assistant")]


class AssistantDraft(models.Model):
    """What the model wrote, with the messages it was given. A draft: nothing of it is ever sent by itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="assistant_drafts")
    wanted = models.CharField(max_length=10, choices=Wanted)
    text = models.TextField()
    sources = models.JSONField(default=list, help_text="ids of messages; null: the ticket's own text")
    model = models.CharField(max_length=120)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ticket", "-at"], name="listening_draft_at")]
