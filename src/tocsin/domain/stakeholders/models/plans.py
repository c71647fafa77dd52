"""Communication plans as they are set up: who is told how often, in which words, by whom."""

from django.db import models

from tocsin.domain.escalation.enums import EscalationType
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders.enums import Audience, Speaker
from tocsin.kernel.ids import new_id


class Template(models.Model):
    """Words of an update for one audience; what they are stands in its versions."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    audience = models.CharField(max_length=12, choices=Audience)
    current = models.ForeignKey("TemplateVersion", models.PROTECT, null=True, related_name="+")
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """One wording. Never changed: a sent update can always name the words it was sent in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    template = models.ForeignKey(Template, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="stakeholders_template_number")]


class Plan(models.Model):
    """Begins with every escalation of its type."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    type = models.CharField(max_length=10, choices=EscalationType, unique=True)
    enabled = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.get_type_display()} escalations"


class PlanAudience(models.Model):
    """One audience of a plan. `cadence`: {"1": 30} minutes between updates by priority; none: told, but owed nothing."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="audiences")
    audience = models.CharField(max_length=12, choices=Audience)
    ways = models.JSONField(default=list, help_text="Way values")
    cadence = models.JSONField(default=dict)
    speaker = models.CharField(max_length=20, choices=Speaker, default=Speaker.OWNER)
    template = models.ForeignKey(Template, models.PROTECT, related_name="+")
    people = models.ManyToManyField(User, related_name="+", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "audience"], name="stakeholders_audience_once")]
