"""What each line must know of each service, who has learnt it, and the skills that follow from it."""

from django.db import models
from django.db.models import Q

from tocsin.domain.knowledge.models import Article
from tocsin.domain.people.enums import Line
from tocsin.domain.people.models import Service, Skill, User
from tocsin.domain.training.enums import Proof, State
from tocsin.kernel.ids import new_id


class Course(models.Model):
    """A short course: articles to read, a few questions. Learners get the `live` version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=160, unique=True)
    about = models.TextField(blank=True, default="", help_text="why it is worth knowing")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    owner = models.ForeignKey(User, models.PROTECT, related_name="courses")
    skills = models.ManyToManyField(Skill, related_name="courses", blank=True, help_text="what passing it grants")
    pass_mark = models.IntegerField(default=80, help_text="per cent of the questions")
    valid_months = models.IntegerField(default=12, help_text="0: for good")
    needs_sign_off = models.BooleanField(default=False, help_text="a lead says yes before it counts")
    version = models.IntegerField(default=1, help_text="the newest")
    live = models.IntegerField(null=True, blank=True, help_text="the version that learners get; null: none yet")
    counts_from = models.IntegerField(default=1, help_text="passing an earlier version asks for renewal")
    renewal_since = models.DateTimeField(null=True, blank=True, help_text="when renewal was last asked for")
    made_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="published") | Q(live__isnull=False), name="training_published_has_text"
            ),
            models.CheckConstraint(condition=Q(pass_mark__gte=1, pass_mark__lte=100), name="training_pass_mark"),
            models.CheckConstraint(condition=Q(valid_months__gte=0, valid_months__lte=120), name="training_months"),
        ]


class CourseVersion(models.Model):
    """What a course held at one time. Never changed."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    about = models.TextField(blank=True, default="")
    questions = models.JSONField(default=list, help_text="as logic.questions writes them")
    articles = models.ManyToManyField(Article, related_name="+", blank=True, through="Reading")
    pass_mark = models.IntegerField(default=80)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    word = models.CharField(max_length=200, blank=True, default="", help_text="what was changed")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "number"], name="training_version_once")]


class Reading(models.Model):
    """An article to read in a course, in its place."""

    version = models.ForeignKey(CourseVersion, models.CASCADE, related_name="readings")
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    position = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "article"], name="training_reading_once")]


class Requirement(models.Model):
    """A line must know a course, for one service or (none named) for its whole work."""

    service = models.ForeignKey(Service, models.CASCADE, null=True, blank=True, related_name="+")
    line = models.CharField(max_length=12, choices=Line)
    course = models.ForeignKey(Course, models.CASCADE, related_name="requirements")
    within_days = models.IntegerField(default=30, help_text="from when it is asked for")
    made_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "line", "course"], name="training_requirement_once", nulls_distinct=False
            )
        ]


class Attempt(models.Model):
    """One try at the questions. What was answered is for the person and their lead alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    course = models.ForeignKey(Course, models.CASCADE, related_name="attempts")
    version = models.IntegerField()
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    answers = models.JSONField(help_text="for each question the places of the choices taken")
    right = models.IntegerField()
    of = models.IntegerField()
    passed = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="training_attempt_of")]


class Completion(models.Model):
    """A course that was passed: waits for sign-off, counts, or has run out. `due_at`: what the engine does next."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    course = models.ForeignKey(Course, models.CASCADE, related_name="completions")
    person = models.ForeignKey(User, models.CASCADE, related_name="completions")
    attempt = models.OneToOneField(Attempt, models.CASCADE, related_name="completion")
    version = models.IntegerField()
    state = models.CharField(max_length=10, choices=Proof)
    passed_at = models.DateTimeField()
    counted_at = models.DateTimeField(null=True, blank=True, help_text="since when it counts")
    signed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    word = models.CharField(max_length=300, blank=True, default="", help_text="of whoever signed it off, or did not")
    valid_until = models.DateTimeField(null=True, blank=True, help_text="null: for good")
    reminded_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="reminder or expiry")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "person"], name="training_one_valid", condition=Q(state=Proof.VALID)
            ),
            models.UniqueConstraint(
                fields=["course", "person"], name="training_one_waiting", condition=Q(state=Proof.WAITING)
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="training_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["person", "state"], name="training_of_person"),
        ]


class Grant(models.Model):
    """Why somebody has a skill: a course that counts, or (without one) a lead's word. Ended grants are kept."""

    skill = models.ForeignKey(Skill, models.CASCADE, related_name="grants")
    person = models.ForeignKey(User, models.CASCADE, related_name="grants")
    completion = models.ForeignKey(Completion, models.CASCADE, null=True, blank=True, related_name="grants")
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", help_text="whose word it is")
    word = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    had_before = models.BooleanField(default=False, help_text="it stood in the register already, by nobody's grant")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["skill", "person", "completion"], name="training_grant_once", condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["person", "skill"], name="training_grant_of")]
