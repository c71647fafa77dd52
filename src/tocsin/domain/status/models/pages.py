"""Status pages: what customers are told without asking."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from tocsin.domain.people.models import Organisation, Service, User
from tocsin.domain.status.enums import Audience, ComponentState, IncidentKind, IncidentState, Subscription
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id

ENDED = ["resolved", "completed", "cancelled"]


class StatusPage(models.Model):
    """One page for one audience. `link_version` is part of the secret link: raised, the old link leads nowhere."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    intro = models.CharField(max_length=500, blank=True, default="")
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.PUBLIC)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="status_pages")
    owner = models.ForeignKey(
        User, models.PROTECT, related_name="+", help_text="answers for it; its letters are theirs"
    )
    zone = models.CharField(max_length=64, default="UTC", help_text="IANA time zone of its times and days")
    link_version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    updated_at = models.DateTimeField(help_text="what readers see last changed then")
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(audience="organisation", organisation__isnull=False)
                | (~Q(audience="organisation") & Q(organisation__isnull=True)),
                name="status_audience_whole",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Component(models.Model):
    """What readers know by name. `state` is what they see: the worst of `own_state` and of what is open on it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="components")
    group = models.CharField(max_length=80, blank=True, default="")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=200, blank=True, default="")
    service = models.ForeignKey(Service, models.SET_NULL, null=True, blank=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    own_state = models.CharField(max_length=12, choices=ComponentState, default=ComponentState.OPERATIONAL)
    state = models.CharField(max_length=12, choices=ComponentState, default=ComponentState.OPERATIONAL)
    made_at = models.DateTimeField(help_text="its history begins then")

    class Meta:
        ordering = ["group", "position", "name"]
        constraints = [models.UniqueConstraint(fields=["page", "name"], name="status_component_once")]

    def __str__(self) -> str:
        return self.name


class ComponentChange(models.Model):
    """What a component's state became, and when: the days of its history are folded from these."""

    id = models.BigAutoField(primary_key=True)
    component = models.ForeignKey(Component, models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=ComponentState)

    class Meta:
        indexes = [models.Index(fields=["component", "at", "id"], name="status_change_at")]


class Incident(models.Model):
    """Something that readers are told, from its beginning to its end. The ticket behind it is never shown to them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="incidents")
    kind = models.CharField(max_length=12, choices=IncidentKind, default=IncidentKind.INCIDENT)
    title = models.CharField(max_length=160)
    state = models.CharField(max_length=14, choices=IncidentState)
    ticket = models.ForeignKey(Ticket, models.SET_NULL, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, help_text="when it ended; of a maintenance before that: is planned to")
    due_at = models.DateTimeField(null=True, help_text="of a maintenance: its next switch")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="incident") | Q(ends_at__isnull=False), name="status_maintenance_has_end"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("starts_at")),
                name="status_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["scheduled", "under_way"]) | Q(due_at__isnull=True),
                name="status_due_while_planned",
            ),
        ]
        indexes = [
            models.Index(fields=["page", "-starts_at"], name="status_incident_page"),
            models.Index(fields=["due_at"], name="status_incident_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["ticket"], name="status_incident_ticket", condition=Q(ticket__isnull=False)),
        ]


class Affected(models.Model):
    """What an incident makes of a component while it is open."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="affected")
    component = models.ForeignKey(Component, models.CASCADE, related_name="affected")
    state = models.CharField(max_length=12, choices=ComponentState)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "component"], name="status_affected_once")]


class Update(models.Model):
    """What readers were told, in their words. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="updates")
    state = models.CharField(max_length=14, choices=IncidentState)
    body = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="null: a switch of a maintenance"
    )
    mailed = models.PositiveIntegerField(default=0, help_text="subscribers written to")

    class Meta:
        indexes = [models.Index(fields=["incident", "at"], name="status_update_at")]


class Subscriber(models.Model):
    """An address that asked to be told. Written to only after it has confirmed (double opt-in)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="subscribers")
    address = models.EmailField()
    language = models.CharField(max_length=8, default="en")
    state = models.CharField(max_length=10, choices=Subscription, default=Subscription.ASKED)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("page", Lower("address"), name="status_subscriber_once")]
        indexes = [models.Index(fields=["page"], name="status_subscriber_told", condition=Q(state="confirmed"))]
