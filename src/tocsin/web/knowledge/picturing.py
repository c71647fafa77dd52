"""Pictures and files of articles: added beside the text, shown in it by their names."""

from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from tocsin.domain.knowledge import actions, queries
from tocsin.domain.knowledge.models import Article, ArticleFile
from tocsin.domain.knowledge.queries import ArticleRow
from tocsin.web.access import now, signed_in, viewer, worker
from tocsin.web.desk.attachments import LARGEST_PICTURE, harmless
from tocsin.web.markdown import render_article
from tocsin.web.sheets import done
from tocsin.web.uploads import uploads_of


def body_of(text: ArticleRow, files: list[ArticleFile]) -> SafeString:
    """Return an article's text as HTML with its own pictures in it."""
    where = {one.name: reverse("article_file", args=[one.pk]) for one in files}
    pictures = {one.name: where[one.name] for one in files if one.is_picture}
    return render_article(text.body, pictures, where)


@signed_in
@require_safe
def show(request: HttpRequest, file_id: UUID) -> FileResponse:
    """Send a file: a raster picture to be shown, anything else as a download."""
    found = queries.access_file(viewer(request), file_id)
    if found.is_picture and found.size <= LARGEST_PICTURE:
        return harmless(FileResponse(queries.bytes_of(found), filename=found.name), found.kind, found.size)
    whole = FileResponse(queries.bytes_of(found), as_attachment=True, filename=found.name)
    return harmless(whole, "application/octet-stream", found.size)


@worker
@require_POST
def add(request: HttpRequest, number: int) -> HttpResponse:
    """Add files to an article."""
    user = viewer(request)
    found: Article = queries.access_article(user, number)
    made = actions.add_files(article_id=found.pk, files=uploads_of(request), by=user, now=now(request))
    names = ", ".join(f"![]({one.name})" if one.is_picture else f"[{one.name}]({one.name})" for one in made)
    return done(request, reverse("article", args=[number]), f"Added. In the text: {names}")


@worker
@require_POST
def remove(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Take a file away."""
    user = viewer(request)
    found = queries.access_file(user, file_id)
    article = actions.remove_file(file_id=found.pk, by=user, now=now(request))
    return done(request, reverse("article", args=[article.number]), f"{found.name} is taken away.")
