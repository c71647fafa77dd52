"""Account escalations: several tickets of one customer under one owner, plan and clock (SEMANTICS 1)."""

from django.db import models
from django.db.models import Q

from tocsin.domain.people.models import Organisation, User
from tocsin.domain.status.enums import AccountState, Held, Outcome
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id


class AccountEscalation(models.Model):
    """What goes wrong for one customer as a whole. At most one is open for each customer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.BigIntegerField(unique=True, help_text="shown as AE-<number>; from sequence status_account_number")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="account_escalations")
    title = models.CharField(max_length=160)
    concern = models.TextField(help_text="what the customer holds against us, in their words")
    plan = models.TextField(blank=True, default="", help_text="what is done, one step a line; internal")
    state = models.CharField(max_length=8, choices=AccountState, default=AccountState.OPEN)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="accounts_owned")
    offered_to = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="accounts_offered")
    offered_at = models.DateTimeField(null=True)
    target_at = models.DateTimeField(help_text="when it is to be put right")
    target_missed_at = models.DateTimeField(null=True)
    update_hours = models.PositiveSmallIntegerField(default=24, help_text="how often the customer is told")
    next_update_at = models.DateTimeField(help_text="the next word is promised by then")
    update_missed_at = models.DateTimeField(null=True, help_text="since then a word is overdue")
    due_at = models.DateTimeField(null=True, help_text="when to look next; null: it has ended, or all is overdue")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    outcome_text = models.TextField(blank=True, default="")
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], name="status_one_open_account_escalation", condition=Q(state="open")
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True)
                | (Q(state="ended", ended_at__isnull=False, due_at__isnull=True) & ~Q(outcome="")),
                name="status_account_ended_whole",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="status_account_due", condition=Q(due_at__isnull=False))]

    @property
    def reference(self) -> str:
        """The number as people write it."""
        return f"AE-{self.number}"


class AccountTicket(models.Model):
    """A ticket in an account escalation; taken out, the row says when it was in."""

    escalation = models.ForeignKey(AccountEscalation, models.CASCADE, related_name="held")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="account_escalations")
    state = models.CharField(max_length=4, choices=Held, default=Held.IN)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["escalation", "ticket"], name="status_account_ticket_once")]


class AccountUpdate(models.Model):
    """What the customer's side was told of it, in words for them: the briefing shows it. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    escalation = models.ForeignKey(AccountEscalation, models.CASCADE, related_name="updates")
    body = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["escalation", "at"], name="status_account_update_at")]
