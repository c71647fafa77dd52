"""Facts that every figure is counted from, one row per ticket, escalation and SLA clock; and the bands that are wanted.

The facts are a read model: `actions.metrics` alone writes them, and can make them anew from the journal's tables at any
time. What a figure is grouped by (service, team ...) stands as plain ids on the ticket's row, so that removing a team or
a customer needs no look here. No row of theirs is a foreign key to the database: counting must not wait for a ticket
that somebody is working on (a key locks the row it names), nor hold up those who do.
"""

from django.db import models
from django.db.models import Q

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import User
from tocsin.domain.sla.models import Clock
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id


class TicketFact(models.Model):
    """What counts of one ticket. Times are UTC, lengths in seconds: by the wall, and of its calendar's open hours."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, primary_key=True, related_name="+", db_constraint=False)
    seen = models.BigIntegerField(help_text="length of the ticket's journal when this was counted")
    open = models.BooleanField()
    opened_at = models.DateTimeField()
    first_resolved_at = models.DateTimeField(null=True, help_text="when it first ended")
    resolved_at = models.DateTimeField(null=True, help_text="the resolution that stands")
    first_reopened_at = models.DateTimeField(null=True)
    service_id = models.UUIDField(null=True)
    team_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    line = models.CharField(max_length=12, blank=True, default="")
    category = models.CharField(max_length=120, blank=True, default="")
    channel = models.CharField(max_length=20, blank=True, default="")
    priority = models.SmallIntegerField()
    calendar_id = models.UUIDField(null=True, help_text="of its SLA clocks; null: round the clock")
    first_line = models.CharField(max_length=12, blank=True, default="")
    highest_line = models.CharField(max_length=12, blank=True, default="")
    came_back = models.BooleanField(default=False, help_text="went down a line")
    handovers = models.IntegerField(default=0, help_text="hops between teams or owners (tickets.logic.hops)")
    ping_pongs = models.IntegerField(default=0, help_text="of those, straight back")
    team_handovers = models.IntegerField(default=0)
    team_ping_pong = models.BooleanField(default=False, help_text="teams A-B-A, repeats removed")
    same_line_ping_pong = models.BooleanField(default=False, help_text="one A-B-A all on one line")
    reopens = models.IntegerField(default=0)
    escalations = models.IntegerField(default=0)
    replies = models.IntegerField(default=0, help_text="public replies")
    articles = models.IntegerField(default=0, help_text="articles used on it")
    first_response_at = models.DateTimeField(null=True)
    response_elapsed = models.FloatField(null=True)
    response_business = models.FloatField(null=True)
    resolve_elapsed = models.FloatField(null=True)
    resolve_business = models.FloatField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["opened_at"], name="insights_ticket_opened"),
            models.Index(
                fields=["first_resolved_at"],
                name="insights_ticket_resolved",
                condition=Q(first_resolved_at__isnull=False),
            ),
            models.Index(fields=["opened_at", "priority"], name="insights_ticket_backlog", condition=Q(open=True)),
        ]


class EscalationFact(models.Model):
    """What counts of one escalation. `acknowledged`: seconds from its opening to its first acknowledgement."""

    escalation = models.OneToOneField(
        Escalation, models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_constraint=False)
    opened_at = models.DateTimeField()
    type = models.CharField(max_length=10)
    reason = models.CharField(max_length=20)
    direction = models.CharField(max_length=12)
    level = models.SmallIntegerField(default=0, help_text="highest level that opened")
    from_line = models.CharField(max_length=12, blank=True, default="", help_text="line of the ticket just then")
    configuration_item = models.CharField(max_length=120, blank=True, default="")
    for_decision = models.BooleanField(default=False, help_text="marked as for a decision")
    avoidable = models.BooleanField(default=False, help_text="for a decision that was its escalator's own to take")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledge_elapsed = models.FloatField(null=True)
    acknowledge_business = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["opened_at"], name="insights_escalation_opened")]


class ClockFact(models.Model):
    """One SLA clock that was decided: met, or breached."""

    clock = models.OneToOneField(Clock, models.CASCADE, primary_key=True, related_name="+", db_constraint=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=16)
    met = models.BooleanField()
    decided_at = models.DateTimeField(help_text="when it was met, or the breach")

    class Meta:
        indexes = [models.Index(fields=["decided_at", "kind"], name="insights_clock_decided")]


class HopFact(models.Model):
    """One move of a ticket from team to team, repeats and empty places removed; lines as they were at each stay."""

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_constraint=False)
    at = models.DateTimeField()
    from_team = models.UUIDField()
    to_team = models.UUIDField()
    from_line = models.CharField(max_length=12, blank=True, default="")
    to_line = models.CharField(max_length=12, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["at"], name="insights_hop_at")]


class MetricTarget(models.Model):
    """What a metric should come to within a scope, and who answers for it.

    `departed_at`: since when the weekly figures are outside their band; the owner is told when it is set, and no more
    until they have come back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    metric = models.CharField(max_length=40)
    scope = models.JSONField(default=dict, help_text="{dimension: value}, as in the address of the page")
    goal = models.FloatField(help_text="in the metric's own unit: a share from 0 to 1, seconds, or a number")
    owner = models.ForeignKey(User, models.CASCADE, related_name="metric_targets")
    departed_at = models.DateTimeField(null=True, blank=True)
    departure = models.CharField(max_length=400, blank=True, default="", help_text="in words, as the owner was told")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["metric", "scope"], name="insights_target_once")]
