"""Swarms: experts who are asked in while the ticket stays with its owner; and the command of a major escalation."""

from django.db import models
from django.db.models import Q

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.people.models import Team, User
from tocsin.domain.swarms.enums import CommandState, InvitationState, NoteKind, Role, SwarmState, TaskState, Through
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.ids import new_id


class Swarm(models.Model):
    """A question to experts on one ticket. It says nothing about who owns the ticket (SEMANTICS 6)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="swarms")
    question = models.CharField(max_length=500)
    context = models.TextField(blank=True, default="", help_text="what an expert must know to begin")
    urgency = models.CharField(max_length=8, choices=Urgency, default=Urgency.HIGH)
    state = models.CharField(max_length=8, choices=SwarmState, default=SwarmState.OPEN)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], name="swarms_one_open", condition=Q(state="open")),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None) | Q(state="ended", ended_at__isnull=False),
                name="swarms_ended_whole",
            ),
        ]
        indexes = [models.Index(fields=["ticket", "-opened_at"], name="swarms_ticket")]


class Invitation(models.Model):
    """One person asked into a swarm; whoever accepted is part of it from `joined_at` on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    swarm = models.ForeignKey(Swarm, models.CASCADE, related_name="invitations")
    person = models.ForeignKey(User, models.PROTECT, related_name="swarm_invitations")
    through = models.CharField(max_length=8, choices=Through)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=300, help_text="the evidence in words: on call for ..., knows ...")
    state = models.CharField(max_length=10, choices=InvitationState, default=InvitationState.INVITED)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="expires_at while it waits for an answer")
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="", help_text="why declined")
    joined_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    page = models.UUIDField(null=True, help_text="by which they were told")
    # What they did while they were part of it, counted when they left or it ended.
    notes = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    decisions = models.PositiveIntegerField(default=0)
    answers = models.PositiveIntegerField(default=0)
    minutes = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["swarm", "person"], name="swarms_asked_once"),
            models.CheckConstraint(
                condition=Q(state="invited", due_at__isnull=False) | ~Q(state="invited") & Q(due_at=None),
                name="swarms_waiting_has_due",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "left"]) | Q(joined_at__isnull=False), name="swarms_joined_when"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="swarms_invitation_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["person", "state"], name="swarms_invitation_person"),
        ]


class Answer(models.Model):
    """What an expert answers to the question. The words are a note on the ticket, kept once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    swarm = models.ForeignKey(Swarm, models.CASCADE, related_name="answers")
    message = models.OneToOneField(Message, models.CASCADE, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    helped = models.BooleanField(default=False, help_text="said so when the swarm ended")


class Command(models.Model):
    """The command of one escalation: opened by a person, never by itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    escalation = models.OneToOneField(Escalation, models.CASCADE, related_name="command")
    state = models.CharField(max_length=16, choices=CommandState, default=CommandState.INVESTIGATING)
    state_at = models.DateTimeField()
    known = models.CharField(max_length=500, blank=True, default="", help_text="what is known now, in one sentence")
    call_url = models.CharField(max_length=500, blank=True, default="")
    chat_url = models.CharField(max_length=500, blank=True, default="")
    next_update_at = models.DateTimeField(null=True, blank=True, help_text="when the next word to everybody is due")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()


class Holding(models.Model):
    """Who held which role of a command from when until when."""

    command = models.ForeignKey(Command, models.CASCADE, related_name="holdings")
    role = models.CharField(max_length=14, choices=Role)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["command", "role"], name="swarms_one_holder", condition=Q(until=None) & ~Q(role="expert")
            ),
            models.UniqueConstraint(
                fields=["command", "role", "person"], name="swarms_holds_once", condition=Q(until=None)
            ),
        ]


class Task(models.Model):
    """Something to be done by somebody by some time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    command = models.ForeignKey(Command, models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    due_at = models.DateTimeField(null=True, blank=True)
    notice_due_at = models.DateTimeField(null=True, help_text="when somebody is told next that it is overdue")
    notices = models.PositiveSmallIntegerField(default=0, help_text="overdue notices sent so far")
    state = models.CharField(max_length=8, choices=TaskState, default=TaskState.OPEN)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state="open") | Q(notice_due_at=None), name="swarms_ended_task_not_due")
        ]
        indexes = [
            models.Index(fields=["notice_due_at"], name="swarms_task_due", condition=Q(notice_due_at__isnull=False))
        ]


class Note(models.Model):
    """A line of a command's timeline: a pinned event of the ticket's journal, a typed fact, or a decision."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    command = models.ForeignKey(Command, models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=10, choices=NoteKind)
    position = models.BigIntegerField(null=True, help_text="of the pinned event in the ticket's journal")
    text = models.CharField(max_length=1000, blank=True, default="", help_text="of what was typed")
    at = models.DateTimeField(help_text="when it happened")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()
    taken_off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["command", "position"], name="swarms_pinned_once", condition=Q(kind="pin", taken_off_at=None)
            ),
            models.CheckConstraint(
                condition=Q(kind="pin", position__isnull=False) | ~Q(kind="pin") & Q(position=None),
                name="swarms_note_whole",
            ),
        ]
        indexes = [models.Index(fields=["command", "-at"], name="swarms_note_at")]
