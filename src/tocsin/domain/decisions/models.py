"""Who may decide what, what was decided, and what had to be asked for (SEMANTICS 6)."""

from django.db import models
from django.db.models import Q

from tocsin.domain.decisions.enums import Holder, RequestState, Unit
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.enums import Line, Role
from tocsin.domain.people.models import Organisation, Service, Skill, Team, User
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.ids import new_id


class Decision(models.Model):
    """One entry of the catalogue, as it stands now. What it said before stands in its versions."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120, unique=True)
    purpose = models.TextField(blank=True, default="", help_text="what it is for, and what to weigh")
    unit = models.CharField(max_length=8, choices=Unit, default=Unit.NONE)
    unit_name = models.CharField(max_length=20, blank=True, default="", help_text="EUR, restarts; empty without a unit")
    condition = models.TextField(blank=True, default="", help_text="CEL over the ticket; empty: always")
    fields = models.JSONField(default=list, help_text="what must be recorded besides the reason: labels in order")
    services = models.ManyToManyField(Service, related_name="+", blank=True, help_text="none: all of them")
    customers = models.ManyToManyField(Organisation, related_name="+", blank=True, help_text="none: all of them")
    answer_within = models.PositiveIntegerField(default=240, help_text="minutes until a request for it runs out")
    starts_on = models.DateField(help_text="the first day (UTC) on which it may be taken")
    ends_on = models.DateField(null=True, blank=True, help_text="the last day; null: until further notice")
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="decisions_dates_order"
            ),
            models.CheckConstraint(
                condition=Q(unit="none", unit_name="") | (~Q(unit="none") & ~Q(unit_name="")),
                name="decisions_unit_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """Whoever is on this line, has this role or skill, or is in this team may decide, up to `limit`."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="grants")
    position = models.PositiveSmallIntegerField(default=0)
    holder = models.CharField(max_length=8, choices=Holder)
    line = models.CharField(max_length=12, choices=Line, blank=True, default="")
    role = models.CharField(max_length=20, choices=Role, blank=True, default="")
    skill = models.ForeignKey(Skill, models.CASCADE, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+")
    limit = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True, help_text="null: no limit")

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(holder="line", role="", skill__isnull=True, team__isnull=True) & ~Q(line="")
                | Q(holder="role", line="", skill__isnull=True, team__isnull=True) & ~Q(role="")
                | Q(holder="skill", line="", role="", skill__isnull=False, team__isnull=True)
                | Q(holder="team", line="", role="", skill__isnull=True, team__isnull=False),
                name="decisions_grant_whole",
            ),
            models.CheckConstraint(condition=Q(limit__isnull=True) | Q(limit__gte=0), name="decisions_limit_positive"),
        ]


class Version(models.Model):
    """What the catalogue said of a decision from one moment on. Never changed."""

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text="every word of it, grants included, by name")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    word = models.CharField(max_length=200, blank=True, default="", help_text="what was changed, in the editor's words")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["decision", "number"], name="decisions_version_once")]


class Request(models.Model):
    """A decision beyond the asker's limit, offered to the lowest who may (SEMANTICS 6: exceptions go up)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="requests")
    version = models.PositiveIntegerField()
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="decision_requests")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="decisions_asked")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="+", help_text="where the asker works")
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    reason = models.TextField()
    record = models.JSONField(default=dict, help_text="{what must be recorded: what was said}")
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.ASKED)
    asked_of = models.ManyToManyField(User, related_name="decisions_to_answer")
    as_who = models.CharField(max_length=300, help_text="by which right they may: names of the catalogue")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="when it runs out; null: it has ended")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "decision"], name="decisions_one_request", condition=Q(state="asked")
            ),
            models.CheckConstraint(
                condition=Q(state="asked", due_at__isnull=False) | (~Q(state="asked") & Q(due_at__isnull=True)),
                name="decisions_asked_is_due",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="decisions_request_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["asked_at"], name="decisions_request_asked"),
            models.Index(fields=["ticket"], name="decisions_request_ticket"),
        ]


class Taken(models.Model):
    """A decision that was taken: the act and its record in one row. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="taken")
    version = models.PositiveIntegerField()
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="decisions")
    by = models.ForeignKey(User, models.PROTECT, related_name="decisions_taken")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="+", help_text="where they worked then")
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    request = models.OneToOneField(Request, models.PROTECT, null=True, blank=True, related_name="taken")
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    reason = models.TextField()
    record = models.JSONField(default=dict, help_text="{what must be recorded: what was said}")
    right = models.CharField(max_length=200, help_text="the right that allowed it, as the catalogue named it")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="decisions_taken_at"),
            models.Index(fields=["ticket", "at"], name="decisions_taken_ticket"),
        ]


class ForDecision(models.Model):
    """Somebody escalated to get a decision. `sufficed`: their own right would have done; the escalation was avoidable."""

    id = models.BigAutoField(primary_key=True)
    escalation = models.ForeignKey(Escalation, models.CASCADE, related_name="for_decisions")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="escalations")
    version = models.PositiveIntegerField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="+", help_text="where they worked then")
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    sufficed = models.BooleanField()
    right = models.CharField(max_length=200, blank=True, default="", help_text="their own right at that moment")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="decisions_for_at")]


class Lesson(models.Model):
    """What the expert did came back, as a note, to whoever had escalated."""

    id = models.BigAutoField(primary_key=True)
    escalation = models.ForeignKey(Escalation, models.CASCADE, related_name="lessons")
    to = models.ForeignKey(User, models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["escalation", "at"], name="decisions_lesson_once")]
