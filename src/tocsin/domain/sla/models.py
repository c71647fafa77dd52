"""Agreements, their targets and the clocks that run on tickets (SEMANTICS 2)."""

from django.db import models
from django.db.models.functions import Coalesce

from tocsin.domain.calendars.models import Calendar
from tocsin.domain.people.models import Organisation, Service, Team
from tocsin.domain.sla.enums import ClockState, OnChange, TargetKind
from tocsin.domain.tickets.enums import Priority
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id


class Agreement(models.Model):
    """Targets for the tickets it matches: of customer and service, else customer, else service, else all."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    calendar = models.ForeignKey(Calendar, models.PROTECT)
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, blank=True)
    service = models.ForeignKey(Service, models.CASCADE, null=True, blank=True)
    pause_statuses = models.JSONField(default=list, help_text="ticket statuses that pause every clock")
    on_change = models.CharField(max_length=10, choices=OnChange, default=OnChange.KEEP)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "service"], name="sla_agreement_scope", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


class Target(models.Model):
    """`seconds` of business time for one kind and priority (and, for internal targets, one team)."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="targets")
    kind = models.CharField(max_length=16, choices=TargetKind)
    priority = models.SmallIntegerField(choices=Priority)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True)
    seconds = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "kind", "priority", "team"], name="sla_target_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(seconds__gt=0), name="sla_target_positive"),
        ]


class Clock(models.Model):
    """One promise on one ticket, as of its last recomputation. The truth is the ticket's history; this row is its fold.

    While it runs (also beyond 100 %), `running_since` is set and consumed time grows from
    `consumed_seconds`; `due_at` is the breach instant while it runs unbreached, else null.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=16, choices=TargetKind)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, help_text="internal targets only")
    sequence = models.PositiveIntegerField(default=1, help_text="periodic clocks: the nth arming")
    agreement = models.ForeignKey(Agreement, models.SET_NULL, null=True)
    calendar = models.ForeignKey(Calendar, models.PROTECT)
    priority = models.SmallIntegerField(choices=Priority)
    target_seconds = models.PositiveIntegerField(help_text="business seconds promised")
    agreed_due_at = models.DateTimeField(null=True, blank=True, help_text="manually agreed; sticks until cleared")
    state = models.CharField(max_length=10, choices=ClockState, default=ClockState.WAITING)
    started_at = models.DateTimeField(null=True)
    running_since = models.DateTimeField(null=True)
    consumed_seconds = models.FloatField(default=0, help_text="business seconds up to running_since or the stop")
    elapsed_seconds = models.FloatField(default=0, help_text="wall seconds up to running_since or the stop")
    due_at = models.DateTimeField(null=True, help_text="breach instant while running unbreached")
    breached_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True, help_text="met, or answered after the breach, or cancelled")
    trace = models.JSONField(default=list, help_text="every start, pause, resume ... with cause and amounts")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind", "team", "sequence"], name="sla_clock_once", nulls_distinct=False
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="sla_clock_due", condition=models.Q(due_at__isnull=False)),
            # The queue in the order of the next breach reads this from its start.
            models.Index(
                Coalesce("breached_at", "due_at"),
                name="sla_clock_next_breach",
                condition=models.Q(stopped_at__isnull=True)
                & (models.Q(breached_at__isnull=False) | models.Q(due_at__isnull=False)),
            ),
        ]


class AgreedDate(models.Model):
    """A date agreed by hand for one kind of clock on one ticket (null: cleared). History: the fold reads it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="agreed_dates")
    kind = models.CharField(max_length=16, choices=TargetKind)
    due_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["ticket", "at"], name="sla_agreed_ticket")]
