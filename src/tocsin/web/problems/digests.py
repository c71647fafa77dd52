"""The monthly digests of teams."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tocsin.domain.problems import queries
from tocsin.kernel.errors import NotFound
from tocsin.web.access import insider
from tocsin.web.languages.catalogue import language_now


@insider
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show all digests, the latest month first."""
    return render(request, "problems/digests.html", {"digests": queries.digests(), "section": "problems"})


@insider
@require_safe
def digest(request: HttpRequest, slug: str, month: str) -> HttpResponse:
    """Show one team's month. `month` is like 2026-05."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise NotFound("digest_not_found", "There is no such month. Write it like 2026-05.") from None
    found = queries.access_digest(slug, first)
    lead, sections = queries.said_digest(found, language_now())
    context = {"digest": found, "lead": lead, "sections": sections, "section": "problems"}
    return render(request, "problems/digest.html", context)
