"""Back-tests, their pieces and their tickets; drafts that run in the shadow (SEMANTICS 10)."""

from django.db import models

from tocsin.domain.escalation.models import Policy
from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id


class Kind(models.TextChoices):
    COMPARE = "compare", "Comparison"
    SWEEP = "sweep", "Threshold"


class Answers(models.TextChoices):
    """Who is taken to answer the pages of a simulated run."""

    WORK = "work", "The first work after a page answers it"
    RECORDED = "recorded", "Only what people answered at the time"
    NOBODY = "nobody", "Nobody answers"


class Whose(models.TextChoices):
    OWN = "own", "Tickets worked on here"
    IMPORTED = "imported", "Imported tickets"
    ALL = "all", "All tickets"


class State(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"


class BackTest(models.Model):
    """One question about the past: variants of a policy over the tickets that were opened in a period.

    `variants` are [{label, spec, source, value}]: what is compared, the first being what the others are held
    against. They are kept here whole, so that a result says the same for ever, whatever is published later.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.COMPARE)
    policy = models.ForeignKey(Policy, models.CASCADE, related_name="back_tests")
    variants = models.JSONField()
    children = models.JSONField(default=list, help_text="specs of the policies that a level calls")
    trigger = models.CharField(max_length=80, blank=True, default="", help_text="sweep: key of the trigger")
    starts_at = models.DateTimeField(help_text="tickets opened from here on")
    ends_at = models.DateTimeField(help_text="and before; the history is known up to here")
    answers = models.CharField(max_length=8, choices=Answers, default=Answers.WORK)
    whose = models.CharField(max_length=8, choices=Whose, default=Whose.OWN)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    tickets = models.PositiveIntegerField(default=0, help_text="how many are looked at")
    found = models.JSONField(default=dict, help_text="the merged tally")
    error = models.CharField(max_length=300, blank=True, default="")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["policy", "-created_at"], name="insights_backtest_policy")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="insights_backtest_period"
            )
        ]


class BackTestChunk(models.Model):
    """A piece of a back-test: the tickets with numbers from `first` to `last`. Any worker on any machine takes it."""

    backtest = models.ForeignKey(BackTest, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    tally = models.JSONField(null=True, help_text="null: not done yet")
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["backtest", "number"], name="insights_chunk_once")]


class BackTestTicket(models.Model):
    """One ticket on which a variant fired: both runs, for the list and the drawing."""

    backtest = models.ForeignKey(BackTest, models.CASCADE, related_name="rows")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    number = models.BigIntegerField()
    change = models.CharField(max_length=10, help_text="added, avoided, changed, same")
    added = models.PositiveIntegerField(default=0, help_text="pages that only the second sends")
    avoided = models.PositiveIntegerField(default=0, help_text="pages that only the first sends")
    ended = models.CharField(max_length=6, help_text="well, badly, open")
    people = models.JSONField(default=list, help_text="ids of who is paged differently")
    detail = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["backtest", "ticket"], name="insights_backtest_ticket_once")]
        indexes = [models.Index(fields=["backtest", "change", "-number"], name="insights_backtest_rows")]


class Shadow(models.Model):
    """A draft that runs beside the live policy. It has no runs, no pages and no escalations: only looks."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    policy = models.ForeignKey(Policy, models.CASCADE, related_name="shadows")
    source = models.TextField(help_text="the draft as it was written")
    spec = models.JSONField(help_text="its validated content")
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", help_text="gets the report")
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    report_due_at = models.DateTimeField(null=True, help_text="null: stopped")
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy"], name="insights_one_shadow", condition=models.Q(stopped_at__isnull=True)
            )
        ]
        indexes = [
            models.Index(
                fields=["report_due_at"], name="insights_shadow_report", condition=models.Q(report_due_at__isnull=False)
            )
        ]


class ShadowLook(models.Model):
    """What a draft would have done on one ticket so far, beside what was done. Looked at again at `due_at`."""

    shadow = models.ForeignKey(Shadow, models.CASCADE, related_name="looks")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    due_at = models.DateTimeField(null=True, help_text="null: nothing comes unless the ticket changes")
    looked_at = models.DateTimeField(null=True)
    change = models.CharField(
        max_length=10, blank=True, default="", help_text="as of a back-test; empty: nothing fired"
    )
    first_at = models.DateTimeField(null=True, help_text="of the first page of either")
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shadow", "ticket"], name="insights_look_once")]
        indexes = [
            models.Index(fields=["due_at"], name="insights_look_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["shadow", "-first_at"], name="insights_look_found"),
        ]


class ShadowReport(models.Model):
    """A week of a shadow: what it would have done differently. Mailed to its owner."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shadow = models.ForeignKey(Shadow, models.CASCADE, related_name="reports")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    figures = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shadow", "ends_at"], name="insights_report_once")]
