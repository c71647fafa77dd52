"""On-call schedules and all that changes them (SEMANTICS 1, 11). Who is on call is decided in logic/roster.py."""

from django.db import models
from django.db.models import F, Q

from tocsin.domain.oncall.enums import CoverState, SwapState
from tocsin.domain.people.models import Team, User
from tocsin.kernel.ids import new_id

ENDS_AFTER_START = Q(ends_at__gt=F("starts_at"))


class Schedule(models.Model):
    """One schedule. `stamp` is a new random value after every change: what is cached under it stays true."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    zone = models.CharField(max_length=64, default="UTC", help_text="IANA time zone")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="schedules")
    stamp = models.UUIDField(default=new_id, editable=False)
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Layer(models.Model):
    """One layer as it was valid from and until. Never edited: a changed layer ends and another begins."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="layers")
    position = models.PositiveSmallIntegerField(help_text="the lowest is asked first")
    name = models.CharField(max_length=80)
    zone = models.CharField(max_length=64, blank=True, default="", help_text="IANA; empty: the schedule's")
    rotations = models.JSONField(help_text="see logic/definition.py")
    people = models.ManyToManyField(User, related_name="layers", blank=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "name"], condition=Q(valid_until__isnull=True), name="oncall_layer_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="oncall_layer_valid_in_order",
            ),
        ]


class Override(models.Model):
    """`person` instead of everybody, of one layer's people, or of one person; the one made last counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="overrides")
    person = models.ForeignKey(User, models.PROTECT, related_name="overrides")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    layer = models.CharField(max_length=80, blank=True, default="", help_text="a layer's name, or empty: the whole")
    instead_of = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="overridden")
    reason = models.CharField(max_length=200, blank=True, default="")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="overrides_made")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ENDS_AFTER_START, name="oncall_override_ends_after_start"),
            models.CheckConstraint(
                condition=Q(layer="") | Q(instead_of__isnull=True), name="oncall_override_layer_or_person"
            ),
            models.CheckConstraint(
                condition=Q(instead_of__isnull=True) | ~Q(instead_of=F("person")), name="oncall_override_not_self"
            ),
        ]


class Shift(models.Model):
    """A one-off shift, or one that was imported (`source` names its file and event)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="shifts")
    person = models.ForeignKey(User, models.PROTECT, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True, default="")
    source = models.CharField(max_length=80, blank=True, default="", db_index=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="shifts_made")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=ENDS_AFTER_START, name="oncall_shift_ends_after_start")]


class Swap(models.Model):
    """`offered_by` asks `offered_to` to take their duty, and may give a time in return in which they take theirs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="swaps")
    offered_by = models.ForeignKey(User, models.PROTECT, related_name="swaps_offered")
    offered_to = models.ForeignKey(User, models.PROTECT, related_name="swaps_received")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    return_starts_at = models.DateTimeField(null=True, blank=True)
    return_ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=12, choices=SwapState, default=SwapState.OFFERED)
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ENDS_AFTER_START, name="oncall_swap_ends_after_start"),
            models.CheckConstraint(condition=~Q(offered_by=F("offered_to")), name="oncall_swap_not_self"),
            models.CheckConstraint(
                condition=Q(return_starts_at__isnull=True, return_ends_at__isnull=True)
                | Q(return_ends_at__gt=F("return_starts_at")),
                name="oncall_swap_return_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(state=SwapState.OFFERED, answered_at__isnull=True)
                | (~Q(state=SwapState.OFFERED) & Q(answered_at__isnull=False)),
                name="oncall_swap_answered_once",
            ),
        ]


class Absence(models.Model):
    """`person` is away, in every schedule. Only a cover who has accepted stands in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True, default="")
    cover = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="absences_covered")
    cover_state = models.CharField(max_length=12, choices=CoverState, default=CoverState.NONE)
    reported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ENDS_AFTER_START, name="oncall_absence_ends_after_start"),
            models.CheckConstraint(
                condition=Q(cover__isnull=True) | ~Q(cover=F("person")), name="oncall_absence_cover_not_self"
            ),
            models.CheckConstraint(
                condition=Q(cover__isnull=True, cover_state=CoverState.NONE)
                | (Q(cover__isnull=False) & ~Q(cover_state=CoverState.NONE)),
                name="oncall_absence_cover_has_state",
            ),
        ]
        indexes = [models.Index(fields=["person", "ends_at"], name="oncall_absence_of_person")]


class FeedToken(models.Model):
    """A secret address of a calendar feed: of one schedule, or of all shifts of its owner. Only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="feed_tokens")
    schedule = models.ForeignKey(Schedule, models.CASCADE, null=True, blank=True, related_name="feed_tokens")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token, hexadecimal")
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class Lookout(models.Model):
    """The one row (id = 1) that says when schedules are next looked at for what lies ahead."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="oncall_one_lookout")]


class WarnedFinding(models.Model):
    """A finding of which somebody was warned: it is not told again while it lasts, however its ends move."""

    kind = models.CharField(max_length=16, help_text="FindingKind")
    schedules = models.CharField(max_length=170, help_text="slugs, by comma")
    people = models.TextField(blank=True, default="", help_text="ids, by comma")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    warned_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=ENDS_AFTER_START, name="oncall_finding_ends_after_start")]
        indexes = [models.Index(fields=["ends_at"], name="oncall_finding_ends")]
