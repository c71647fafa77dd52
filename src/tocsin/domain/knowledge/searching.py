"""Articles as they are found, and the marks that have them indexed anew."""

from collections.abc import Collection, Sequence
from uuid import UUID

from tocsin.domain.knowledge.enums import Audience, State
from tocsin.domain.knowledge.models import Article, Version
from tocsin.domain.knowledge.queries.articles import KIND
from tocsin.domain.search.logic.document import Document

__all__ = ["KIND", "documents", "every_id"]


def documents(ids: Collection[UUID]) -> Sequence[Document]:
    """Return published articles as readers get them; drafts and what is retired are not found. Two queries."""
    found = Article.objects.select_related("service", "category").filter(pk__in=ids, state=State.PUBLISHED)
    rows = {article.pk: article for article in found}
    texts = {
        version.article_id: version
        for version in Version.objects.filter(article__in=rows)
        if version.number == rows[version.article_id].live
    }
    return [_document(article, texts[pk]) for pk, article in rows.items() if pk in texts]


def _document(article: Article, text: Version) -> Document:
    readers = ["staff"]
    readers += ["everyone"] if article.audience == Audience.CUSTOMERS else []
    readers += [f"org:{article.organisation_id}"] if article.audience == Audience.ORGANISATION else []
    service, category = article.service, article.category
    about = [service.name if service else "", category.name if category else ""]
    return Document(
        kind=KIND,
        object_id=article.pk,
        title=f"{article.reference} {text.title}",
        public="\n".join([*about, text.body, *text.steps]),
        readers=tuple(readers),
        labels=(f"article:{article.kind}", f"service:{service.slug}" if service else "service:none"),
        language=article.language,
        at=text.at,
    )


def every_id() -> list[UUID]:
    """Return all articles, oldest first: for building the index anew."""
    return list(Article.objects.order_by("made_at").values_list("pk", flat=True))
