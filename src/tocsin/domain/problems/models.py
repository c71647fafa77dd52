"""Problems, what the detector counts and proposes, and what was done so that it does not come again (SEMANTICS 8)."""

from django.db import models
from django.db.models import Q

from tocsin.domain.knowledge.models import Article
from tocsin.domain.people.models import Service, Team, User
from tocsin.domain.problems.enums import HypothesisState, MeasureKind, ProblemState, ProposalState, VerdictWord
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id


class Problem(models.Model):
    """The cause behind several tickets, known or not yet. Locked (FOR UPDATE) by every action on it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.BigIntegerField(unique=True, help_text="shown as P-<number>; from sequence problems_number")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    state = models.CharField(max_length=12, choices=ProblemState, default=ProblemState.OPEN)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="problems")
    service = models.ForeignKey(Service, models.SET_NULL, null=True, blank=True, related_name="problems")
    category = models.CharField(max_length=120, blank=True, default="")
    configuration_item = models.CharField(max_length=120, blank=True, default="")
    cause = models.TextField(blank=True, default="")
    workaround = models.TextField(blank=True, default="", help_text="what is sent to customers; Markdown")
    article = models.ForeignKey(Article, models.SET_NULL, null=True, blank=True, related_name="problems")
    change = models.CharField(
        max_length=120, blank=True, default="", help_text="of the change or release that fixes it"
    )
    change_url = models.URLField(max_length=500, blank=True, default="")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    series = models.CharField(max_length=400, blank=True, default="", help_text="logic.series.Key it was proposed for")
    closed_because = models.CharField(max_length=500, blank=True, default="")
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()
    fixed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(state="closed"), name="problems_merged_is_closed"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="problems_closed_has_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "-updated_at"], name="problems_state")]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The number as people write it."""
        return f"P-{self.number}"


class Affected(models.Model):
    """A ticket that a problem caused."""

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="affected")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="problems")
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["problem", "ticket"], name="problems_affected_once")]


class Hypothesis(models.Model):
    """What might be the cause, how it was tested, and what came of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    problem = models.ForeignKey(Problem, models.CASCADE, related_name="hypotheses")
    text = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=HypothesisState, default=HypothesisState.OPEN)
    test = models.CharField(max_length=500, blank=True, default="", help_text="how it was tested and what was seen")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    judged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open") | Q(judged_at__isnull=False), name="problems_hypothesis_judged"
            )
        ]


class Push(models.Model):
    """The workaround sent to many tickets in one act; it could be taken back until `sent_at`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    problem = models.ForeignKey(Problem, models.CASCADE, related_name="pushes")
    body = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sent_at = models.DateTimeField(help_text="when the replies leave")
    taken_back_at = models.DateTimeField(null=True, blank=True)
    held = models.JSONField(default=list, help_text="ids of desk.Held, while they wait")
    tickets = models.ManyToManyField(Ticket, related_name="+")


class Tally(models.Model):
    """How many on one day (UTC): tickets opened, or tickets first escalated, that share the values of `key`.

    `key` is logic.series.Key.text without `of`; empty: all. Counted anew for the days that tickets changed on.
    """

    id = models.BigAutoField(primary_key=True)
    of = models.CharField(max_length=12)
    key = models.CharField(max_length=400)
    day = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "key", "day"], name="problems_tally_once")]
        indexes = [models.Index(fields=["day"], name="problems_tally_day")]


class Progress(models.Model):
    """Up to when the detector has counted, and what its last look came to (id = 1)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    counted_until = models.DateTimeField(null=True, help_text="changes of tickets are counted up to here")
    looked_at = models.DateTimeField(null=True)
    series = models.PositiveIntegerField(default=0)
    weeks = models.PositiveIntegerField(default=0, help_text="of history")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="problems_one_progress")]


class Cause(models.Model):
    """What category of cause a ticket's escalation turned out to have; said when it is closed."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="cause")
    category = models.CharField(max_length=80)
    at = models.DateTimeField()


class Proposal(models.Model):
    """A repeat that the detector found, with its evidence as it stood at the last look."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    series = models.CharField(max_length=400, help_text="logic.series.Key")
    names = models.JSONField(default=list, help_text="of the key's values, for people")
    sentence = models.CharField(max_length=600, help_text="in English, for programs; people get queries.said_proposal")
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.PROPOSED)
    found_at = models.DateTimeField()
    looked_at = models.DateTimeField()
    last_day = models.DateField(help_text="of the window")
    weeks = models.PositiveSmallIntegerField(help_text="of the window")
    recent = models.PositiveIntegerField()
    usual = models.FloatField(help_text="a week")
    ratio = models.FloatField()
    p = models.FloatField()
    adjusted = models.FloatField(help_text="for all series (Benjamini-Yekutieli)")
    scatter = models.FloatField()
    changed_on = models.DateField(null=True)
    changed_from = models.FloatField(null=True, help_text="a week, before that day")
    changed_to = models.FloatField(null=True, help_text="a week, since that day")
    also = models.JSONField(default=list, help_text="the same repeat from other sides: [{series, names}]")
    tickets = models.ManyToManyField(Ticket, related_name="+")
    problem = models.ForeignKey(Problem, models.SET_NULL, null=True, blank=True, related_name="proposals")
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    factor = models.FloatField(default=1.5, help_text="rejected: proposed again when the rate is so many times as high")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series"], name="problems_proposal_once", condition=Q(state="proposed"))
        ]
        indexes = [models.Index(fields=["state", "p"], name="problems_proposal_state")]


class Measure(models.Model):
    """Something done so that a series comes less often, and what the counts say came of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    problem = models.ForeignKey(Problem, models.CASCADE, related_name="measures")
    kind = models.CharField(max_length=16, choices=MeasureKind)
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    starts_on = models.DateField(help_text="the first day (UTC) on which it can show")
    series = models.CharField(max_length=400, help_text="logic.series.Key that it should lower")
    names = models.JSONField(default=list, help_text="of the key's values, for people")
    expected = models.FloatField(help_text="share by which it should lower the rate, 0 to 1")
    horizon = models.PositiveSmallIntegerField(default=8, help_text="weeks after which it is judged")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=10, choices=VerdictWord, default=VerdictWord.TOO_EARLY)
    judged_on = models.DateField(null=True, help_text="last")
    sentence = models.CharField(max_length=400, blank=True, default="", help_text="in English, for programs")
    figures = models.JSONField(default=dict, help_text="fields of logic.effect.Effect, as last judged")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expected__gt=0, expected__lte=1), name="problems_measure_expected")
        ]


class Digest(models.Model):
    """What a team's month came to: facts as they stood when it was made. Told once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="digests")
    month = models.DateField(help_text="its first day")
    facts = models.JSONField(default=dict)
    text = models.TextField(help_text="in English, for programs; pages and mails are written from the facts")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "month"], name="problems_digest_once")]
