"""Pictures and files of articles, as far as a person may have them."""

from typing import BinaryIO
from uuid import UUID

from tocsin.domain.knowledge import rules
from tocsin.domain.knowledge.models import Article, ArticleFile, Verdict
from tocsin.domain.knowledge.queries.articles import live_text, readable_by
from tocsin.domain.people.models import User
from tocsin.domain.tickets import files
from tocsin.kernel.errors import NotFound


def files_of(article: Article) -> list[ArticleFile]:
    """Return an article's files by name."""
    return list(ArticleFile.objects.filter(article=article).select_related("by").order_by("name"))


def access_file(user: User, file_id: UUID) -> ArticleFile:
    """Return a file of an article that this person may read. Raises NotFound.

    Readers outside get what the published text names: nothing that waits for review, nothing that was put there only.
    """
    found = ArticleFile.objects.select_related("article").filter(pk=file_id).first()
    readable = found is not None and readable_by(user).filter(pk=found.article_id).exists()
    if found is not None and readable and (rules.may_read_inside.test(user) or _is_named(found)):
        return found
    raise NotFound("file_not_found", "There is no such file, or you may not see it.")


def _is_named(file: ArticleFile) -> bool:
    return f"({file.name})" in live_text(file.article).body


def bytes_of(file: ArticleFile) -> BinaryIO:
    """Open a file for reading. Raises NotFound if its bytes are gone from the folder."""
    return files.opened(file.sha256)


def verdicts_on(article: Article) -> tuple[int, int]:
    """Return (how often its suggestion was taken up, how often turned down)."""
    said = list(Verdict.objects.filter(object_id=article.pk).values_list("accepted", flat=True))
    return sum(said), len(said) - sum(said)
