"""Finding and reading articles. What somebody may not read does not exist for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from tocsin.domain.knowledge import rules
from tocsin.domain.knowledge.enums import Audience, State
from tocsin.domain.knowledge.models import Article, Category, Opinion, Use, Version
from tocsin.domain.people.models import User
from tocsin.domain.search.logic.query import read
from tocsin.domain.search.queries import find
from tocsin.kernel.errors import NotFound

KIND = "article"
SHOWN = ("category", "service", "owner", "organisation")
PAGE = 200


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article with the text its reader gets."""

    article: Article
    title: str
    body: str
    steps: list[str]
    version: int


def readable_by(user: User) -> QuerySet[Article]:
    """Return the articles that `rules.may_read_article` lets this person read, as one condition."""
    every = Article.objects.all()
    if rules.may_read_inside.test(user):
        return every
    if not user.is_active:
        return every.none()
    public = Q(audience=Audience.CUSTOMERS)
    if user.organisation_id is not None:
        public |= Q(audience=Audience.ORGANISATION, organisation=user.organisation_id)
    return every.filter(public, state=State.PUBLISHED, live__isnull=False)


def access_article(user: User, number: int) -> Article:
    """Return one article. Raises NotFound if absent or not for this person."""
    found = readable_by(user).select_related(*SHOWN).filter(number=number).first()
    if found is None:
        raise NotFound("article_not_found", f"There is no article KB-{number}, or you may not read it.")
    return found


def numbered(article_id: UUID) -> Article:
    """Return one article by id, for machines. Raises NotFound."""
    found = Article.objects.select_related(*SHOWN).filter(pk=article_id).first()
    if found is None:
        raise NotFound("article_not_found", "There is no such article.")
    return found


def version_of(article: Article, number: int) -> Version:
    """Return one version. Raises NotFound."""
    found = Version.objects.select_related("by").filter(article=article, number=number).first()
    if found is None:
        raise NotFound("version_not_found", f"{article.reference} has no version {number}.")
    return found


def versions_of(article: Article) -> list[Version]:
    """Return all versions, newest first."""
    return list(Version.objects.select_related("by").filter(article=article).order_by("-number"))


def live_text(article: Article) -> ArticleRow:
    """Return what readers get: the live version, or the newest where none is live yet (only staff see that)."""
    if article.live is None or article.live == article.version:
        return ArticleRow(article, article.title, article.body, list(article.steps), article.version)
    live = version_of(article, article.live)
    return ArticleRow(article, live.title, live.body, list(live.steps), live.number)


def articles(
    user: User, *, state: str = "", kind: str = "", category: int | None = None, service: str = "", mine: bool = False
) -> list[Article]:
    """Return articles by when they were last changed, newest first, at most 200."""
    found = readable_by(user).select_related(*SHOWN)
    found = found.filter(state=state) if state in State.values else found.exclude(state=State.RETIRED)
    if kind:
        found = found.filter(kind=kind)
    if category is not None:
        found = found.filter(category=category)
    if service:
        found = found.filter(service__slug=service)
    if mine:
        found = found.filter(owner=user)
    return list(found.order_by("-updated_at")[:PAGE])


def categories() -> list[Category]:
    """Return the shelves by name."""
    return list(Category.objects.order_by("name"))


def find_articles(user: User, text: str, *, limit: int = 20) -> list[Article]:
    """Return published articles that hold the words, best first (BM25)."""
    asked = read(text, ())
    if asked.is_empty:
        return []
    inside = rules.may_read_inside.test(user)
    readers = ["staff"] if inside else ["everyone", f"org:{user.organisation_id}"]
    found = find(asked, kinds=[KIND], readers=readers, internal=inside, limit=limit)
    return in_order(user, [hit.object_id for hit in found.hits])


def in_order(user: User, ids: Sequence[UUID]) -> list[Article]:
    """Return these articles in this order, less what the person may not read."""
    known = {one.pk: one for one in readable_by(user).select_related(*SHOWN).filter(pk__in=ids)}
    return [known[one] for one in ids if one in known]


def opinions_of(article: Article) -> list[Opinion]:
    """Return what readers said in words, newest first, at most 50."""
    said = Opinion.objects.select_related("by").filter(article=article).exclude(comment="")
    return list(said.order_by("-at")[:50])


def uses_of(article: Article) -> list[Use]:
    """Return the tickets in which it was used, newest first, at most 50."""
    return list(Use.objects.select_related("ticket", "by").filter(article=article).order_by("-at")[:50])


def used_on(ticket_ids: Collection[UUID]) -> list[Use]:
    """Return the articles used on these tickets."""
    return list(Use.objects.select_related("article").filter(ticket__in=ticket_ids).order_by("at"))


def due_for_verification(today: date, *, limit: int = 200) -> list[Article]:
    """Return published articles whose verification has run out and whose owner was not asked within a week."""
    due = Article.objects.select_related("owner").filter(state=State.PUBLISHED, verified_until__lt=today)
    recently = today.toordinal() - 7
    due = due.filter(Q(reminded_on__isnull=True) | Q(reminded_on__lte=date.fromordinal(recently)))
    return list(due.order_by("verified_until")[:limit])
