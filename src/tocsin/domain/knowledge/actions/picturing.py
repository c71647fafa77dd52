"""Pictures and files of articles: kept under a name by which the text shows them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.knowledge import rules
from tocsin.domain.knowledge.models import Article, ArticleFile
from tocsin.domain.people.models import User
from tocsin.domain.tickets import files as store
from tocsin.domain.tickets.actions.attaching import limits
from tocsin.domain.tickets.logic.attached import Upload, judge, safe_name
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

MOST = 60


@transaction.atomic
def add_files(*, article_id: UUID, files: Sequence[Upload], by: User, now: datetime) -> list[ArticleFile]:
    """Keep files of an article; one of a name that is there gets a number, since versions go on showing the old one.

    Raises InvalidInput naming the first file that may not be kept. What readers outside see of them is what the
    published text names.
    """
    article = _locked(article_id, by)
    if not files:
        raise InvalidInput("no_file", "Choose at least one file.", {"files": "Choose at least one."})
    if article.files.count() + len(files) > MOST:
        problem = f"An article has at most {MOST} files."
        raise InvalidInput("too_many", problem, {"files": problem})
    verdicts = judge(files, limits())
    for position, (file, verdict) in enumerate(zip(files, verdicts, strict=True)):
        if verdict.refused:
            problem = f"{safe_name(file.name, position)}: {verdict.refused}."
            raise InvalidInput("bad_file", f"{problem} Take it out and send again.", {"files": problem})
    taken = set(article.files.values_list("name", flat=True))
    made = []
    for position, (file, verdict) in enumerate(zip(files, verdicts, strict=True)):
        name = _free(safe_name(file.name, position).replace(" ", "-"), taken)
        taken.add(name)
        made.append(
            ArticleFile(
                id=new_id(), article=article, name=name, size=len(file.content), kind=verdict.kind, by=by, at=now,
                sha256=store.keep(file.content),
            )
        )  # fmt: skip
    ArticleFile.objects.bulk_create(made)
    _tell(article, "article.files_added", by, now, [one.sha256 for one in made])
    return made


@transaction.atomic
def remove_file(*, file_id: UUID, by: User, now: datetime) -> Article:
    """Take a file away from an article; a text that names it shows its name instead. Only its owner or a lead."""
    found = ArticleFile.objects.select_related("article").filter(pk=file_id).first()
    if found is None:
        raise NotFound("file_not_found", "There is no such file.")
    article = _locked(found.article_id, by)
    if not rules.may_verify_article.test(by, article):
        raise NotAllowed("not_allowed", "Only the article's owner or a lead can take a file away. Ask one of them.")
    found.delete()
    _tell(article, "article.file_removed", by, now, [found.sha256])
    return article


def _free(name: str, taken: set[str]) -> str:
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if dot and stem else (name, "")
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{stem[:140]}-{number}{ending}"
    return free


def _locked(article_id: UUID, by: User) -> Article:
    article = Article.objects.select_for_update(of=("self",)).filter(pk=article_id).first()
    if article is None:
        raise NotFound("article_not_found", "There is no such article.")
    if not rules.may_edit_article.test(by, article):
        raise NotAllowed("not_allowed", "Articles are written by those who work on tickets.")
    return article


def _tell(article: Article, kind: str, by: User, now: datetime, digests: list[str]) -> None:
    record(
        stream=f"article:{article.pk}", kind=kind, actor=f"person:{by.pk}", at=now,
        data={"article": article.reference, "files": digests},
    )  # fmt: skip
