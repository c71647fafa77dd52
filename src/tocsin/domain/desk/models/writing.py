"""How people work on tickets: who looks, drafts, messages about to be sent, macros (UX "Conventions")."""

from django.db import models

from tocsin.domain.desk.enums import Doing
from tocsin.domain.people.models import Team, User
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id


class Presence(models.Model):
    """Somebody has a ticket's page open. Stale after a minute without a sign."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    doing = models.CharField(max_length=10, choices=Doing, default=Doing.VIEWING)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="desk_presence_once")]


class Draft(models.Model):
    """What somebody was writing on a ticket: it survives a reload, a crash and a change of device."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=MessageKind)
    body = models.TextField()
    seen = models.CharField(max_length=40, blank=True, default="", help_text="last message shown when it was begun")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="desk_draft_once")]


class Held(models.Model):
    """A reply that is sent at `due_at` unless its author takes it back before (undo send)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    body = models.TextField()
    status = models.CharField(max_length=20, blank=True, default="", help_text="what the ticket becomes with it")
    seen = models.CharField(max_length=40, blank=True, default="")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="desk_held_due")]


class HeldFile(models.Model):
    """A file of a held reply, until it is sent or taken back."""

    held = models.ForeignKey(Held, models.CASCADE, related_name="files")
    name = models.CharField(max_length=300)
    declared = models.CharField(max_length=200, blank=True, default="")
    content = models.BinaryField()


class Macro(models.Model):
    """A text with variables, and what the ticket becomes with it. Without owner and team it is everybody's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="macros")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="macros")
    kind = models.CharField(max_length=10, choices=MessageKind, default=MessageKind.REPLY)
    body = models.TextField()
    status = models.CharField(max_length=20, blank=True, default="")
    uses = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner__isnull=True) | models.Q(team__isnull=True), name="desk_macro_of_one"
            )
        ]
        indexes = [models.Index(fields=["name"], name="desk_macro_name")]
