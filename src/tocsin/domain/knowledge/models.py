"""What the house knows, in versions, and what became of it on tickets."""

from django.db import models
from django.db.models import Q

from tocsin.domain.knowledge.enums import Audience, Kind, Result, State, Suggested
from tocsin.domain.people.models import Organisation, Service, User
from tocsin.domain.tickets.logic.attached import RASTER
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.ids import new_id


class Category(models.Model):
    """A shelf."""

    name = models.CharField(max_length=80, unique=True)


class Article(models.Model):
    """Something worth knowing. Title, body and steps are those of the newest version; readers get the `live` one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.BigIntegerField(unique=True, help_text="shown as KB-<number>; from sequence knowledge_number")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.ARTICLE)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.INTERNAL)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    category = models.ForeignKey(Category, models.SET_NULL, null=True, blank=True, related_name="articles")
    service = models.ForeignKey(Service, models.SET_NULL, null=True, blank=True, related_name="articles")
    owner = models.ForeignKey(User, models.PROTECT, related_name="articles")
    language = models.CharField(max_length=8, default="en")
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True, default="")
    steps = models.JSONField(default=list, help_text="of a runbook: texts in order")
    version = models.IntegerField(default=1, help_text="the newest")
    live = models.IntegerField(null=True, blank=True, help_text="the version that readers get; null: none yet")
    verify_days = models.IntegerField(default=180, help_text="how long a verification holds")
    verified_until = models.DateField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True, help_text="the owner was last asked to verify it")
    from_ticket = models.ForeignKey(Ticket, models.SET_NULL, null=True, blank=True, related_name="+")
    views = models.IntegerField(default=0)
    uses = models.IntegerField(default=0, help_text="tickets in which it was used")
    helpful = models.IntegerField(default=0)
    unhelpful = models.IntegerField(default=0)
    made_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(audience="organisation", organisation__isnull=False)
                | (~Q(audience="organisation") & Q(organisation__isnull=True)),
                name="knowledge_audience_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(live__isnull=False), name="knowledge_published_has_text"
            ),
        ]
        indexes = [
            models.Index(fields=["verified_until"], name="knowledge_verify", condition=Q(state="published")),
            models.Index(fields=["service", "state"], name="knowledge_service"),
        ]

    @property
    def reference(self) -> str:
        """The number as people write it."""
        return f"KB-{self.number}"


class Version(models.Model):
    """One text of an article. Never changed."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True, default="")
    steps = models.JSONField(default=list)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    word = models.CharField(max_length=200, blank=True, default="", help_text="what was changed, in the editor's words")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="knowledge_version_once")]


class Opinion(models.Model):
    """Whether it helped one reader; the last word counts."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="opinions")
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    helpful = models.BooleanField()
    comment = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "by"], name="knowledge_opinion_once")]


class Use(models.Model):
    """An article was used on a ticket: inserted, attached, or its steps followed."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="used")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="articles_used")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "ticket"], name="knowledge_use_once")]
        indexes = [models.Index(fields=["ticket"], name="knowledge_use_ticket")]


class Tick(models.Model):
    """What came of one step of a runbook on one ticket; the last word counts. `text` is the step as it then stood."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="ticks")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="runbook_ticks")
    step = models.IntegerField(help_text="from 1")
    text = models.CharField(max_length=500)
    result = models.CharField(max_length=10, choices=Result)
    word = models.CharField(max_length=300, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "article", "step"], name="knowledge_tick_once")]


class Verdict(models.Model):
    """Whether a suggestion was taken up on a ticket; the last word counts."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="verdicts")
    kind = models.CharField(max_length=10, choices=Suggested)
    object_id = models.UUIDField()
    accepted = models.BooleanField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "kind", "object_id"], name="knowledge_verdict_once")]
        indexes = [models.Index(fields=["kind", "object_id"], name="knowledge_verdict_of")]


class Miss(models.Model):
    """A search of articles that found nothing: what the house does not know yet."""

    id = models.BigAutoField(primary_key=True)
    words = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="knowledge_miss_at")]


class ArticleFile(models.Model):
    """A picture or file that an article's text names. Its bytes lie where those of tickets lie, under their digest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="files")
    name = models.CharField(max_length=150)
    size = models.BigIntegerField(help_text="bytes")
    kind = models.CharField(max_length=120, help_text="content type by its first bytes")
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "name"], name="knowledge_file_once")]

    @property
    def is_picture(self) -> bool:
        """Whether it may be shown in a page: raster by its own first bytes."""
        return self.kind in RASTER
