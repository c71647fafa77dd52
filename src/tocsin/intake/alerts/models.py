"""Senders of events, the events as they came, and the alerts that they are about."""

from typing import Any

from django.db import models

from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.alerts.enums import AlertState, EventState, Kind, OnResolved, Signing
from tocsin.kernel.ids import new_id

UNKNOWN = "unknown"  # in `priorities`: the sender does not say how grave it is


def usual_priorities() -> dict[str, Any]:
    """Return {severity: priority 1 to 4}; 0 opens no ticket."""
    return {"critical": 1, "high": 2, "moderate": 3, "low": 4, UNKNOWN: 3}


class Integration(models.Model):
    """One sender of events. Its address holds a token of which only the digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token, which has 256 random bits")
    prefix = models.CharField(max_length=24, help_text="how the token begins, to tell one from another")
    old_digest = models.CharField(max_length=64, blank=True, default="", help_text="the token before the last rotation")
    old_until = models.DateTimeField(null=True, help_text="until when that one is still good")
    signing = models.CharField(max_length=10, choices=Signing, default=Signing.NONE)
    sealed = models.TextField(blank=True, default="", help_text="the signing secret, encrypted")
    service = models.ForeignKey(Service, models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    priorities = models.JSONField(default=usual_priorities, help_text="{severity or unknown: 1 to 4, 0 for no ticket}")
    key_template = models.CharField(
        max_length=200, default="{key}", help_text="what makes two alerts the same: {key}, {title}, {facts.<name>}"
    )
    mapping = models.JSONField(default=dict, help_text="of kind generic: {field: path in the JSON}")
    on_resolved = models.CharField(max_length=10, choices=OnResolved, default=OnResolved.UNOWNED)
    reopen_minutes = models.PositiveIntegerField(
        default=60, help_text="in which an ended alert that fires again reopens its ticket"
    )
    per_minute = models.PositiveIntegerField(default=12_000, help_text="events taken in a minute; 0: no limit")
    storm_tickets = models.PositiveIntegerField(
        default=10, help_text="tickets within storm_minutes after which the rest goes to one; 0: never"
    )
    storm_minutes = models.PositiveIntegerField(default=10)
    storm_ticket = models.ForeignKey(Ticket, models.SET_NULL, null=True, related_name="+")
    storm_until = models.DateTimeField(null=True, help_text="the storm lasts while new alerts come before this")
    storm_size = models.PositiveIntegerField(default=0, help_text="alerts on the storm's ticket")
    enabled = models.BooleanField(default=True, help_text="paused: events are kept, and not taken in")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    turn = models.UUIDField(null=True, help_text="of the worker that takes its events in, one at a time")
    turn_until = models.DateTimeField(null=True, help_text="when somebody else may")
    served_at = models.DateTimeField(null=True, help_text="the last turn's beginning: whoever waits longest is next")
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """What one request brought, as it was. The row is committed before the sender hears 202."""

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="events")
    received_at = models.DateTimeField()
    body = models.BinaryField()
    content_type = models.CharField(max_length=100, blank=True, default="")
    sent_as = models.CharField(max_length=200, blank=True, default="", help_text="the sender's id of the request")
    state = models.CharField(max_length=10, choices=EventState, default=EventState.STORED)
    reason = models.CharField(
        max_length=500, blank=True, default="", help_text="why it is in this state, and the remedy"
    )
    due_at = models.DateTimeField(null=True, help_text="when it is looked at (again); null at its end")
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=list, help_text="[{key, did, ticket}] of its alerts, the first of them")
    is_test = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "sent_as"], name="alerts_event_once", condition=~models.Q(sent_as="")
            ),
            models.CheckConstraint(
                condition=models.Q(state=EventState.STORED, due_at__isnull=False)
                | ~models.Q(state=EventState.STORED) & models.Q(due_at=None),
                name="alerts_stored_has_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["integration", "due_at"], name="alerts_event_due", condition=models.Q(state=EventState.STORED)
            ),
            models.Index(fields=["integration", "received_at"], name="alerts_event_received"),
            models.Index(fields=["state", "-id"], name="alerts_event_state"),
        ]


class Alert(models.Model):
    """One trouble, from when it was first told until it ended. At most one of a key is firing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="alerts")
    key = models.CharField(max_length=200, help_text="by the integration's key_template")
    state = models.CharField(max_length=10, choices=AlertState, default=AlertState.FIRING)
    title = models.CharField(max_length=250)
    severity = models.CharField(max_length=10, blank=True, default="")
    ticket = models.ForeignKey(
        Ticket, models.SET_NULL, null=True, related_name="+", help_text="null: none by the settings"
    )
    opened_ticket = models.BooleanField(default=False, help_text="the ticket was opened for it")
    in_storm = models.BooleanField(default=False)
    count = models.PositiveIntegerField(default=1, help_text="how often it was told while firing")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_as_sent = models.DateTimeField(null=True, help_text="when it ended by the sender's clock")
    link = models.CharField(max_length=1_000, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "key"], name="alerts_one_firing", condition=models.Q(state=AlertState.FIRING)
            )
        ]
        indexes = [
            models.Index(fields=["integration", "key", "-first_at"], name="alerts_alert_key"),
            models.Index(
                fields=["integration", "first_at"], name="alerts_alert_opened", condition=models.Q(opened_ticket=True)
            ),
            models.Index(fields=["ticket", "state"], name="alerts_alert_ticket"),
        ]


class Telling(models.Model):
    """That an alert of a ticket was told (again) while it fires: what a policy counts within a window."""

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    at = models.DateTimeField(help_text="when its event came in")

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "-at"], name="alerts_telling_ticket"),
            models.Index(fields=["at"], name="alerts_telling_at"),
        ]


class SeenMessage(models.Model):
    """The sender's own id of an alert's message, by its digest: the same message acts once."""

    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "digest"], name="alerts_seen_once")]
        indexes = [models.Index(fields=["at"], name="alerts_seen_at")]
