"""A plan at work on one escalation, the updates that were sent, and who asked for them."""

from django.db import models
from django.db.models import Q

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import Organisation, Service, User
from tocsin.domain.stakeholders.enums import Audience, CommunicationState
from tocsin.domain.stakeholders.models.plans import Plan
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.ids import new_id


class Communication(models.Model):
    """The plan of one escalation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    escalation = models.OneToOneField(Escalation, models.CASCADE, related_name="communication")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="communications")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=CommunicationState, default=CommunicationState.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["ticket"], name="stakeholders_com_open", condition=~Q(state="ended"))]


class UpdateClock(models.Model):
    """Next update by: of one audience of one escalation; a due row while it runs."""

    communication = models.ForeignKey(Communication, models.CASCADE, related_name="clocks")
    audience = models.CharField(max_length=12, choices=Audience)
    minutes = models.PositiveIntegerField(help_text="the cadence at the ticket's present priority")
    from_at = models.DateTimeField(help_text="the start or the last update: what the cadence counts from")
    due_at = models.DateTimeField(null=True, help_text="null: missed already, or the plan has ended")
    promised = models.BooleanField(default=False, help_text="by an update's own word, not by the cadence")
    missed_at = models.DateTimeField(null=True, help_text="since the last update; an update clears it")
    misses = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["communication", "audience"], name="stakeholders_clock_once"),
        ]
        indexes = [models.Index(fields=["due_at"], name="stakeholders_clock_due", condition=Q(due_at__isnull=False))]


class Update(models.Model):
    """What was said once, in two wordings. `audiences`: {audience: how many were told}."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    communication = models.ForeignKey(Communication, models.CASCADE, related_name="updates")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="updates")
    number = models.PositiveIntegerField(help_text="1, 2, 3 ... of the escalation")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    outward = models.TextField(help_text="the customer's wording")
    inward = models.TextField(blank=True, default="", help_text="ours; never leaves the house")
    next_at = models.DateTimeField(null=True, help_text="when the next one was said to come")
    closing = models.BooleanField(default=False)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")
    audiences = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["communication", "number"], name="stakeholders_update_number")]
        indexes = [models.Index(fields=["ticket", "-at"], name="stakeholders_update_ticket")]


class Told(models.Model):
    """One person who was told by one update: what their feed shows, in the wording they got."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    update = models.ForeignKey(Update, models.CASCADE, related_name="told")
    user = models.ForeignKey(User, models.CASCADE, related_name="told")
    audience = models.CharField(max_length=12, choices=Audience)
    at = models.DateTimeField()
    page = models.UUIDField(null=True, help_text="in the outbox; null: by the thread or the feed")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["update", "user"], name="stakeholders_told_once")]
        indexes = [models.Index(fields=["user", "-at"], name="stakeholders_told_user")]


class Subscription(models.Model):
    """Somebody asks to be told about one escalation, one service or one customer; what they may see is asked each time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="subscriptions")
    escalation = models.ForeignKey(Escalation, models.CASCADE, null=True, related_name="subscriptions")
    service = models.ForeignKey(Service, models.CASCADE, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="+")
    ways = models.JSONField(default=list, help_text="mail, chat, push, feed")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True, help_text="when it was given up; null: it stands")
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(escalation__isnull=False, service__isnull=True, organisation__isnull=True)
                    | Q(escalation__isnull=True, service__isnull=False, organisation__isnull=True)
                    | Q(escalation__isnull=True, service__isnull=True, organisation__isnull=False)
                ),
                name="stakeholders_subscription_one_thing",
            ),
            models.UniqueConstraint(
                fields=["user", "escalation", "service", "organisation"], name="stakeholders_subscription_once",
                condition=Q(ended_at__isnull=True), nulls_distinct=False,
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["escalation"], name="stakeholders_sub_escalation", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["service"], name="stakeholders_sub_service", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["organisation"], name="stakeholders_sub_org", condition=Q(ended_at__isnull=True)),
        ]


class FeedKey(models.Model):
    """The secret in the address of somebody's feed, by its digest. A new one ends the old."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
