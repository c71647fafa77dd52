"""Policies, escalations, runs and what makes them fire (SEMANTICS 1, 3, 4)."""

from django.db import models

from tocsin.domain.calendars.models import Calendar
from tocsin.domain.escalation.enums import (
    Cadence,
    DeEscalationState,
    Direction,
    DrillKind,
    DrillState,
    EscalationState,
    EscalationType,
    Reason,
)
from tocsin.domain.people.models import Service, Team, User
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id

ENDED = ["resolved", "cancelled", "expired", "de_escalated"]


class Policy(models.Model):
    """A named ladder; what it says stands in its versions."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, help_text="warned of empty levels")
    current = models.ForeignKey("PolicyVersion", models.PROTECT, null=True, related_name="+")
    enabled = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    is_drill = models.BooleanField(default=False, help_text="holds the ladders of tests; never enabled, in no list")

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """Immutable (a trigger refuses UPDATE and DELETE except of demo data)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    policy = models.ForeignKey(Policy, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    source = models.TextField(help_text="the YAML as it was written")
    spec = models.JSONField(help_text="the validated content")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical spec")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="escalation_version_number")]


class Escalation(models.Model):
    """A first-class record on a ticket. A ticket may carry several at once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="escalations")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="escalations")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    type = models.CharField(max_length=10, choices=EscalationType)
    reason = models.CharField(max_length=20, choices=Reason)
    reason_text = models.CharField(max_length=500, blank=True, default="")
    direction = models.CharField(max_length=12, choices=Direction)
    trigger = models.CharField(max_length=80, blank=True, default="", help_text="key of the trigger that fired")
    tried = models.TextField(blank=True, default="")
    impact = models.TextField(blank=True, default="")
    wanted = models.TextField(blank=True, default="")
    state = models.CharField(max_length=12, choices=EscalationState, default=EscalationState.OPEN)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True, default="")
    reassigned_at = models.DateTimeField(null=True, blank=True, help_text="set while the policy asks what to do")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "policy"], name="escalation_one_open_per_policy", condition=models.Q(state="open")
            )
        ]
        indexes = [
            models.Index(fields=["ticket", "-opened_at"], name="escalation_ticket"),
            models.Index(fields=["opened_at"], name="escalation_opened"),
        ]


class Run(models.Model):
    """One policy version at work on one escalation. `state` is a RunState as JSON; columns repeat what is queried."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    escalation = models.OneToOneField(Escalation, models.CASCADE, related_name="run")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="runs")
    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="runs")
    status = models.CharField(max_length=16)
    cycle = models.PositiveIntegerField(default=1)
    level = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    state = models.JSONField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="poison rows back off, then alarm")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="escalation_run_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["ticket"], name="escalation_run_open", condition=~models.Q(status__in=ENDED)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(status__in=ENDED) | models.Q(due_at__isnull=True),
                name="escalation_ended_has_no_due",
            ),
        ]


class Firing(models.Model):
    """One opening of one level: who was resolved, by which evidence. At most one open per run (SECURITY 1)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="firings")
    cycle = models.PositiveIntegerField()
    level = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=20, blank=True, default="", help_text="next_level, acknowledged, ...")
    outcome = models.CharField(max_length=10, help_text="paged, empty, skipped")
    evidence = models.JSONField(default=list, help_text="[{target, people: [{id, name, by}], why}]")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run"], name="escalation_one_open_level", condition=models.Q(closed_at__isnull=True)
            ),
        ]
        indexes = [models.Index(fields=["run", "fired_at"], name="escalation_firing_run")]


class Watch(models.Model):
    """A time trigger of a policy, waiting on one ticket. `due_at` null: as things stand it cannot come."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="watches")
    policy = models.ForeignKey(Policy, models.CASCADE, related_name="watches")
    trigger = models.CharField(max_length=80)
    due_at = models.DateTimeField(null=True)
    fired_at = models.DateTimeField(null=True)
    fired_cycle = models.PositiveIntegerField(null=True)
    fired_mark = models.FloatField(null=True, help_text="seconds of consumption (or waiting) at which it fired")
    fired_anchor = models.DateTimeField(null=True, help_text="what it was counted from when it fired")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "policy", "trigger"], name="escalation_watch_once")]
        indexes = [
            models.Index(fields=["due_at"], name="escalation_watch_due", condition=models.Q(due_at__isnull=False))
        ]


class Maintenance(models.Model):
    """A window in which steps are deferred: of one service, or (null) of everything."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.ForeignKey(Service, models.CASCADE, null=True, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    created_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="escalation_maintenance_order"
            )
        ]


class Approval(models.Model):
    """A demand to approve an escalation before it climbs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.OneToOneField(Run, models.CASCADE, related_name="approval")
    approvers = models.ManyToManyField(User, related_name="approvals_asked")
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    approved = models.BooleanField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")


class DeEscalation(models.Model):
    """An offer to take an escalation back to a lower line; never implied (SEMANTICS 4)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    escalation = models.ForeignKey(Escalation, models.CASCADE, related_name="de_escalations")
    acceptor = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=DeEscalationState, default=DeEscalationState.OFFERED)
    offered_at = models.DateTimeField()
    offered_by = models.CharField(max_length=80)
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["escalation"], name="escalation_one_offer", condition=models.Q(state="offered")
            )
        ]


class RoundRobin(models.Model):
    """Where the turns of one round-robin target stand. `key` is the target: "round_robin_team:network"."""

    key = models.CharField(max_length=160, primary_key=True)
    last = models.UUIDField(help_text="whose turn it was last")
    position = models.PositiveIntegerField(help_text="their place among the participants then, from 0")
    count = models.PositiveIntegerField(default=0, help_text="turns given so far")


class Turn(models.Model):
    """Whose turn one level of one cycle of a run is: opened again, it asks the same person."""

    robin = models.ForeignKey(RoundRobin, models.CASCADE, related_name="turns")
    run = models.ForeignKey(Run, models.CASCADE, related_name="turns")
    cycle = models.PositiveIntegerField()
    level = models.PositiveSmallIntegerField()
    person = models.UUIDField()
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["robin", "run", "cycle", "level"], name="escalation_turn_once")]


class DrillPlan(models.Model):
    """A drill that comes again: whoever is on call in a team has to answer a test, some time within a window."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    team = models.ForeignKey(Team, models.CASCADE, related_name="drill_plans")
    schedule = models.SlugField(max_length=80, blank=True, default="", help_text="empty: all of the team's schedules")
    cadence = models.CharField(max_length=8, choices=Cadence)
    weekday = models.PositiveSmallIntegerField(help_text="0 Monday to 6 Sunday; monthly: the first of the month")
    starts = models.TimeField(help_text="local, of `zone`")
    ends = models.TimeField()
    zone = models.CharField(max_length=64, default="UTC", help_text="IANA time zone")
    calendar = models.ForeignKey(Calendar, models.PROTECT, null=True, blank=True, help_text="only on its open days")
    announced = models.BooleanField(default=True, help_text="a day ahead")
    in_quiet_hours = models.BooleanField(default=False)
    answer_within = models.PositiveIntegerField(default=900, help_text="seconds")
    enabled = models.BooleanField(default=True)
    planned_at = models.DateTimeField(null=True, help_text="of the next drill")
    due_at = models.DateTimeField(null=True, help_text="of the next step: its announcement, or the drill")
    created_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends__gt=models.F("starts")), name="escalation_drill_window"),
            models.CheckConstraint(
                condition=models.Q(enabled=True) | models.Q(due_at__isnull=True), name="escalation_drill_off_not_due"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Drill(models.Model):
    """One test that was fired: who was paged, who answered, by which way and after how long."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=DrillKind)
    plan = models.ForeignKey(DrillPlan, models.SET_NULL, null=True, blank=True, related_name="drills")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="drills")
    about = models.CharField(max_length=200, help_text="what was tested, in words")
    escalation = models.OneToOneField(Escalation, models.CASCADE, null=True, related_name="drill")
    state = models.CharField(max_length=10, choices=DrillState, default=DrillState.RUNNING)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=80)
    ends_at = models.DateTimeField(help_text="whoever has not answered by then is silent")
    due_at = models.DateTimeField(null=True, help_text="when to look next; null: it is over")
    ended_at = models.DateTimeField(null=True)
    to_human = models.FloatField(null=True, help_text="seconds until the first person answered")
    people = models.JSONField(default=list, help_text="[{id, name, by, outcome, seconds, via, tried}]")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="escalation_drill_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["kind", "-started_at"], name="escalation_drill_kind"),
        ]


class Setting(models.Model):
    """The organisation's one row of escalation settings (id = 1)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    catch_all = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="escalation_one_setting")]
