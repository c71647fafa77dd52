"""Closing escalations, reviewing them, and what is done so that they do not come again (SEMANTICS 8)."""

from django.db import models
from django.db.models import Q

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.knowledge.models import Article
from tocsin.domain.people.models import User
from tocsin.domain.problems.models import Measure
from tocsin.domain.reviews.enums import ActionKind, ActionState, AvoidableBy, Bone, Effort, ReviewState, WritingOn
from tocsin.kernel.ids import new_id


class CauseCategory(models.Model):
    """One line of the organisation's own taxonomy of causes: a tree of two levels or more."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    name = models.CharField(max_length=80)
    retired = models.BooleanField(default=False, help_text="no longer offered; what was filed under it stays")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], nulls_distinct=False, name="reviews_category_once")
        ]

    def __str__(self) -> str:
        return self.name


class Closing(models.Model):
    """What is said when an escalation has ended. Made by the ending; filled in by a person within a minute."""

    escalation = models.OneToOneField(Escalation, models.CASCADE, primary_key=True, related_name="closing")
    ended_at = models.DateTimeField()
    done = models.TextField(blank=True, default="", help_text="what was done")
    category = models.ForeignKey(CauseCategory, models.PROTECT, null=True, blank=True, related_name="closings")
    avoidable_by = models.CharField(max_length=16, choices=AvoidableBy, blank=True, default="")
    decision_missing = models.CharField(max_length=300, blank=True, default="")
    article = models.ForeignKey(Article, models.SET_NULL, null=True, blank=True, related_name="closings")
    article_missing = models.CharField(max_length=300, blank=True, default="", help_text="what should be written")
    filled_at = models.DateTimeField(null=True, blank=True)
    filled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(filled_at__isnull=True)
                | (Q(category__isnull=False, filled_by__isnull=False) & ~Q(avoidable_by="") & ~Q(done="")),
                name="reviews_closing_filled_is_whole",
            )
        ]
        indexes = [
            models.Index(fields=["-ended_at"], name="reviews_to_close", condition=Q(filled_at__isnull=True)),
            models.Index(fields=["filled_at"], name="reviews_closing_filled"),
        ]


class Review(models.Model):
    """One post-escalation review, of one escalation or several. Locked (FOR UPDATE) by every action on it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.BigIntegerField(unique=True, help_text="shown as R-<number>; from sequence reviews_number")
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=ReviewState, default=ReviewState.DRAFT)
    why = models.CharField(max_length=200, help_text="what started it: a rule's name, or who asked for it")
    escalations = models.ManyToManyField(Escalation, related_name="reviews")
    facilitator = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="facilitated_reviews")
    participants = models.ManyToManyField(User, blank=True, related_name="reviews")
    meeting_at = models.DateTimeField(null=True, blank=True)
    agenda = models.TextField(blank=True, default="")
    notes = models.TextField(blank=True, default="", help_text="of the meeting; Markdown")
    summary = models.TextField(blank=True, default="", help_text="Markdown")
    went_well = models.TextField(blank=True, default="", help_text="Markdown")
    mitigated_at = models.DateTimeField(null=True, blank=True, help_text="when the harm stopped, as people state it")
    version = models.PositiveIntegerField(default=1, help_text="being written, or the last one signed off")
    draft_due_at = models.DateTimeField(null=True, blank=True, help_text="the engine still has to draft it")
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()
    is_demo = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["state", "-updated_at"], name="reviews_state"),
            models.Index(fields=["draft_due_at"], name="reviews_draft_due", condition=Q(draft_due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The number as people write it."""
        return f"R-{self.number}"


class Moment(models.Model):
    """One line that the timeline of a review may show. `position` 0: written by hand, else of the ticket's journal."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, models.CASCADE, related_name="moments")
    stream = models.CharField(max_length=80, blank=True, default="")
    position = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    text = models.CharField(max_length=500)
    picked = models.BooleanField(default=True)
    internal = models.BooleanField(default=True, help_text="left out of what customers get")

    class Meta:
        ordering = ["at", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "stream", "position"], condition=Q(position__gt=0), name="reviews_moment_once"
            )
        ]


class CauseNode(models.Model):
    """One answer to "why?" in a review's tree; a node without parent answers for the escalation itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, models.CASCADE, related_name="causes")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    order = models.PositiveIntegerField(default=0, help_text="among its siblings")
    text = models.CharField(max_length=500)
    bone = models.CharField(max_length=14, choices=Bone, blank=True, default="")
    contributing = models.BooleanField(default=False, help_text="one of the causes that something is done about")
    evidence = models.JSONField(default=list, help_text="[{label, url}]: where it is seen")

    class Meta:
        ordering = ["order", "id"]


class CorrectiveAction(models.Model):
    """What somebody does by a day so that it does not come again. `next_at`: when the engine looks at it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, models.CASCADE, related_name="actions")
    cause = models.ForeignKey(CauseNode, models.SET_NULL, null=True, blank=True, related_name="actions")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=ActionKind)
    effort = models.CharField(max_length=6, choices=Effort, default=Effort.MEDIUM)
    owner = models.ForeignKey(User, models.PROTECT, related_name="corrective_actions")
    due_on = models.DateField(help_text="the last day on which it is in time, where its owner is")
    tracker_url = models.URLField(max_length=500, blank=True, default="")
    state = models.CharField(max_length=8, choices=ActionState, default=ActionState.OPEN)
    evidence = models.TextField(blank=True, default="", help_text="of a done one: what shows it; of a dropped one: why")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    stage = models.PositiveSmallIntegerField(default=0, help_text="how many steps of logic.overdue were taken")
    next_at = models.DateTimeField(null=True, blank=True)
    measure = models.ForeignKey(Measure, models.SET_NULL, null=True, blank=True, related_name="actions")
    article = models.ForeignKey(Article, models.SET_NULL, null=True, blank=True, related_name="actions")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True)
                | (~Q(state="open") & Q(ended_at__isnull=False, next_at__isnull=True) & ~Q(evidence="")),
                name="reviews_action_ended_is_whole",
            )
        ]
        indexes = [
            models.Index(fields=["next_at"], name="reviews_action_due", condition=Q(next_at__isnull=False)),
            models.Index(fields=["state", "due_on"], name="reviews_action_state"),
            models.Index(fields=["owner", "state"], name="reviews_action_owner"),
        ]


class Writing(models.Model):
    """Somebody has a review's page open and perhaps writes on a part of it. Stale after a minute without a sign."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    part = models.CharField(max_length=8, choices=WritingOn, blank=True, default="", help_text="empty: only reads")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "user"], name="reviews_writing_once")]


class SignOff(models.Model):
    """A version as it was signed: who, when, and all that it said."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, models.CASCADE, related_name="sign_offs")
    version = models.PositiveIntegerField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    word = models.CharField(max_length=500, blank=True, default="")
    document = models.JSONField(help_text="logic.document")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "version"], name="reviews_signed_once")]


class Share(models.Model):
    """A redacted version for a customer behind a signed link; what it shows is fixed when it is made."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, models.CASCADE, related_name="shares")
    parts = models.JSONField(help_text="names of logic.redaction.PARTS")
    document = models.JSONField(help_text="redacted by logic.redaction; all that the link can show")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class StartRule(models.Model):
    """When an ended escalation is reviewed without anybody asking. Empty conditions hold for all."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    types = models.JSONField(default=list, help_text="of escalations; empty: any")
    least_severity = models.PositiveSmallIntegerField(default=4, help_text="1: Sev1 only, 4: any")
    share = models.PositiveSmallIntegerField(default=100, help_text="of those that match, in per cent")
    rating_at_most = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="begins when the customer gives no more than this, not at the end"
    )
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(share__lte=100, least_severity__gte=1, least_severity__lte=4),
                                   name="reviews_rule_in_range"),
        ]  # fmt: skip


class Setting(models.Model):
    """The organisation's one row of settings of reviews (id = 1)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    remind_days = models.PositiveSmallIntegerField(default=3, help_text="before an action's day its owner is reminded")
    lead_days = models.PositiveSmallIntegerField(default=3, help_text="after it the owner's lead is told")
    manager_days = models.PositiveSmallIntegerField(default=7, help_text="after it the escalation manager is told")
    policy = models.SlugField(
        max_length=80, blank=True, default="", help_text="climbed at last; empty: nobody is paged"
    )
    link_days = models.PositiveSmallIntegerField(default=30, help_text="for which a shared link works")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="reviews_one_setting")]
