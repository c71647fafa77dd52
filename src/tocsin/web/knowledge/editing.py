"""Writing and changing articles."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.domain.knowledge import actions, queries
from tocsin.domain.knowledge.logic.steps import as_text
from tocsin.domain.knowledge.models import Article
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.fields import Choices
from tocsin.web.knowledge.forms import ArticleForm
from tocsin.web.languages.catalogue import language_now, say
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]


@worker
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Write an article, or the next version of one."""
    user = viewer(request)
    found = queries.access_article(user, number) if number is not None else None
    first = (
        _initial(found)
        if found
        else {"title": request.GET.get("title", "")[:200], "service": request.GET.get("service", "")}
    )
    form = ArticleForm(request.POST or None, offers=_offers(), initial=first)
    where = reverse("article", args=[number]) if found else reverse("knowledge")
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save(form, found, user, now(request))
            said = "Saved. Readers get it once it is published." if saved.live != saved.version else "Saved."
            return done(request, reverse("article", args=[saved.number]), said)
        except TocsinError as error:
            form.refuse(error)
    title = f"Edit {found.reference}" if found else "New article"
    return sheet(request, form, title=title, submit="Save", cancel=where)


def _offers() -> dict[str, Choices]:
    return {
        "service": choices.services(),
        "category": [(str(one.pk), one.name) for one in queries.categories()],
        "organisation": [(str(one.pk), one.name) for one in people.organisations()],
        "owner": choices.staff(),
    }


def _initial(found: Article) -> dict[str, Any]:
    return {
        "title": found.title, "kind": found.kind, "body": found.body, "steps": as_text(found.steps),
        "service": found.service_id, "category": found.category_id, "audience": found.audience,
        "organisation": found.organisation_id, "language": found.language, "owner": found.owner_id,
        "verify_days": found.verify_days, "version": found.version,
    }  # fmt: skip


def _save(form: ArticleForm, found: Article | None, user: User, at: datetime) -> Article:
    organisation: UUID | None = form.uuid("organisation")
    category = form.value("category")
    return actions.save_article(
        title=form.value("title"), body=form.value("body"), steps=form.value("steps"), kind=form.value("kind"),
        audience=form.value("audience"), language=form.value("language"), word=form.value("word"),
        organisation=next((one for one in people.organisations() if one.pk == organisation), None),
        category=next((one for one in queries.categories() if str(one.pk) == category), None),
        service=choices.service_of(form.uuid("service")), owner=choices.person_of(form.uuid("owner")),
        verify_days=form.cleaned_data["verify_days"] or 180, by=user, now=at, article_id=found.pk if found else None,
        expected_version=form.cleaned_data["version"] if found else None,
    )  # fmt: skip


@worker
@require_POST
def from_resolution(request: HttpRequest, number: int) -> HttpResponse:
    """Draft an article from how a ticket was resolved."""
    found = tickets.access_ticket(viewer(request), number)
    made = actions.draft_from_ticket(
        ticket=found, by=viewer(request), now=now(request), words=say, language=language_now()
    )
    return done(
        request,
        reverse("article", args=[made.number]),
        f"Drafted from {found.reference}. Read it through, then hand it in.",
    )
