"""What people keep of tickets: who follows, what sleeps, what time went into it, which view of the queue is whose."""

from django.db import models

from tocsin.domain.desk.enums import Density
from tocsin.domain.people.models import Team, User
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id


class Follower(models.Model):
    """Somebody who is told of what happens on a ticket without owning it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="followers")
    user = models.ForeignKey(User, models.CASCADE, related_name="followed")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="desk_follower_once")]


class Snooze(models.Model):
    """A ticket sleeps for its owner until `due_at`: it leaves their view, and they are told when it wakes.

    Clocks go on: a snooze hides work from a list, it pauses no promise. A customer's message wakes it.
    """

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="snooze")
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=200, blank=True, default="")
    since = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="desk_snooze_due")]


class TimeSpent(models.Model):
    """Work on a ticket, in whole minutes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="time_spent")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    minutes = models.PositiveIntegerField()
    what = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()


class SavedView(models.Model):
    """A view of the queue: somebody's own, a team's, or (without either) everybody's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    owner = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="saved_views")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="saved_views")
    query = models.CharField(max_length=600, help_text="the filters, as the address has them")
    columns = models.JSONField(default=list)
    density = models.CharField(max_length=12, choices=Density, default=Density.COMFORTABLE)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]


class BulkAct(models.Model):
    """One act on many tickets at once, with how each was before: what an undo needs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    act = models.CharField(max_length=12)
    before = models.JSONField(help_text="[{ticket, updated_at, owner, team, status, tags}]")
    undone_at = models.DateTimeField(null=True)
