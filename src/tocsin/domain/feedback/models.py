"""Who is asked what they think, what they answered, and how a bad rating is made good (SEMANTICS 8)."""

from django.db import models

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.feedback.enums import AskState, Kind, Party, RecoveryState
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders.models import Promise
from tocsin.domain.tickets.models import Rating, Ticket
from tocsin.kernel.ids import new_id


class Setting(models.Model):
    """The organisation's one row (id = 1). Nobody is asked by mail before somebody has switched it on."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    asks_ratings = models.BooleanField(default=False, help_text="customers are asked to rate a resolution")
    delay_minutes = models.PositiveIntegerField(default=60, help_text="from the resolution to the question")
    share = models.PositiveSmallIntegerField(default=100, help_text="percent of resolutions that are asked about")
    quiet_days = models.PositiveSmallIntegerField(default=14, help_text="a person is asked at most once in these days")
    remind_hours = models.PositiveIntegerField(default=72, help_text="from the question to its one reminder; 0: none")
    expire_days = models.PositiveSmallIntegerField(default=14, help_text="how long a link works")
    low_score = models.PositiveSmallIntegerField(default=2, help_text="a rating at or below opens a recovery")
    callback_minutes = models.PositiveIntegerField(
        default=240, help_text="business minutes until the customer is called"
    )
    asks_parties = models.BooleanField(default=False, help_text="all parties are asked after an escalation")
    party_shares = models.JSONField(default=dict, help_text="percent of escalations asked about, by type")
    least_severity = models.PositiveSmallIntegerField(
        default=4, help_text="asked about from Sev1 down to this priority"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="feedback_one_setting"),
            models.CheckConstraint(
                condition=models.Q(share__lte=100, low_score__lte=4, low_score__gte=1), name="feedback_setting_sane"
            ),
        ]


class QuestionSet(models.Model):
    """The form of one party in one version. Never changed: who was asked by it answered it."""

    party = models.CharField(max_length=12, choices=Party)
    number = models.PositiveIntegerField()
    questions = models.JSONField(help_text="[{key, kind: scale or text, en, de}]")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "number"], name="feedback_questions_once")]


class Ask(models.Model):
    """One question to one person: about one resolution, or about one escalation as one party to it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    party = models.CharField(max_length=12, choices=Party)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="asks")
    person = models.ForeignKey(User, models.CASCADE, related_name="asks")
    resolved_at = models.DateTimeField(null=True, help_text="names the resolution; of kind csat")
    rating = models.OneToOneField(Rating, models.CASCADE, null=True, related_name="ask", help_text="what was answered")
    escalation = models.ForeignKey(Escalation, models.CASCADE, null=True, related_name="asks")
    questions = models.ForeignKey(QuestionSet, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=AskState, default=AskState.PLANNED)
    why = models.CharField(max_length=120, blank=True, default="", help_text="why it was not asked, or withdrawn")
    due_at = models.DateTimeField(null=True, help_text="of the next step: question, reminder, end; null: none")
    planned_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    via = models.CharField(max_length=10, blank=True, default="", help_text="link, portal, inbox, api")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "resolved_at"], name="feedback_csat_once", condition=models.Q(kind="csat")
            ),
            models.UniqueConstraint(
                fields=["escalation", "party"], name="feedback_party_once", condition=models.Q(kind="escalation")
            ),
            models.CheckConstraint(
                condition=models.Q(kind="csat", resolved_at__isnull=False, escalation__isnull=True)
                | models.Q(
                    kind="escalation", escalation__isnull=False, questions__isnull=False, resolved_at__isnull=True
                ),
                name="feedback_ask_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[AskState.PLANNED, AskState.ASKED]) | models.Q(due_at__isnull=True),
                name="feedback_ended_not_due",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="feedback_ask_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["person", "asked_at"], name="feedback_ask_person"),
            models.Index(fields=["asked_at"], name="feedback_ask_asked", condition=models.Q(asked_at__isnull=False)),
        ]


class Answer(models.Model):
    """What one party said to one question: a score (1 bad to 5 good), or words."""

    ask = models.ForeignKey(Ask, models.CASCADE, related_name="answers")
    key = models.CharField(max_length=30, help_text="the same word in several forms is compared between parties")
    score = models.SmallIntegerField(null=True)
    text = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ask", "key"], name="feedback_answer_once"),
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(score__gte=1, score__lte=5),
                name="feedback_answer_score",
            ),
        ]


class OptOut(models.Model):
    """Somebody does not want to be asked by mail (RFC 8058)."""

    person = models.OneToOneField(User, models.CASCADE, related_name="feedback_opt_out")
    at = models.DateTimeField()


class Recovery(models.Model):
    """A bad rating is answered by a call: by whom, until when, and what came of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rating = models.OneToOneField(Rating, models.CASCADE, related_name="recovery")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="recoveries")
    score = models.SmallIntegerField(help_text="the rating as it opened this")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="recoveries")
    owner_why = models.CharField(max_length=120, blank=True, default="", help_text="the rule that named the owner")
    state = models.CharField(max_length=14, choices=RecoveryState, default=RecoveryState.OPEN)
    opened_at = models.DateTimeField()
    callback_at = models.DateTimeField(help_text="the customer is called by then, in business time")
    due_at = models.DateTimeField(null=True, help_text="of the next step: reminder, missed; null: none")
    promise = models.OneToOneField(
        Promise, models.SET_NULL, null=True, related_name="recovery", help_text="the call in the ledger of promises"
    )
    reminded_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    agreed = models.TextField(blank=True, default="", help_text="what was agreed with the customer")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open") | models.Q(due_at__isnull=True, closed_at__isnull=False),
                name="feedback_recovery_closed",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="feedback_recovery_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["state", "callback_at"], name="feedback_recovery_state"),
            models.Index(fields=["ticket"], name="feedback_recovery_ticket"),
        ]
