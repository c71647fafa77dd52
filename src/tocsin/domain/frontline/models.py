"""Shift handovers: all open promises of somebody, or of a team, handed over at once (SEMANTICS 6)."""

from django.db import models
from django.db.models import Q

from tocsin.domain.escalation.models import Run
from tocsin.domain.frontline.enums import BundleState, ItemState
from tocsin.domain.people.models import Team, User
from tocsin.domain.tickets.models import Handover, Ticket
from tocsin.kernel.ids import new_id


class Bundle(models.Model):
    """One shift handover. Each ticket in it is a handover offer of its own; here stands only what belongs together."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    giver = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", help_text="whose promises")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+", help_text="or a team's")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    to_user = models.ForeignKey(User, models.PROTECT, related_name="shift_handovers")
    note = models.TextField(blank=True, default="", help_text="a word on the whole")
    state = models.CharField(max_length=10, choices=BundleState, default=BundleState.OFFERED)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(giver__isnull=False, team__isnull=True) | Q(giver__isnull=True, team__isnull=False),
                name="frontline_bundle_of_one",
            )
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="frontline_bundle_due", condition=Q(state=BundleState.OFFERED)),
            models.Index(fields=["to_user", "-offered_at"], name="frontline_bundle_to"),
        ]

    @property
    def source(self) -> str:
        """Whose promises they are, in words."""
        return self.giver.name if self.giver else self.team.name if self.team else ""


class BundleItem(models.Model):
    """One ticket, or one acknowledged escalation on somebody else's ticket (`handover` None), in a bundle."""

    bundle = models.ForeignKey(Bundle, models.CASCADE, related_name="items")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    handover = models.OneToOneField(Handover, models.SET_NULL, null=True, blank=True, related_name="bundle_item")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, blank=True, related_name="+", help_text="acknowledged")
    promises = models.JSONField(default=list, help_text="what was promised when it was offered, in words")
    brief = models.TextField(blank=True, default="")
    due_at = models.DateTimeField(null=True, blank=True, help_text="the first of its promises")
    state = models.CharField(max_length=8, choices=ItemState, default=ItemState.OFFERED)
    why = models.CharField(max_length=300, blank=True, default="", help_text="why it stays")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bundle", "ticket"], name="frontline_item_once")]
