"""Status pages as their readers see them: no sign-in, no script, no cookie, fit to be kept by caches for a moment."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from tocsin.domain.status import links, queries
from tocsin.domain.status.enums import Audience
from tocsin.domain.status.models import StatusPage
from tocsin.kernel.errors import NotFound
from tocsin.web.access import now, public
from tocsin.web.status.bars import bars_of

FRESH = 30  # seconds for which a copy may be shown


@public
@require_safe
def page(request: HttpRequest, word: str) -> HttpResponse:
    """How everything does, what is wrong, what is planned, and the last fortnight."""
    found = queries.access_page(request.user, word)
    with timezone.override(ZoneInfo(found.zone)):
        shown = queries.reading(found, now(request))
        drawn = [(group, [(line, bars_of(line.uptime)) for line in group.lines]) for group in shown.groups]
        return answered(request, found, "status/page.html", {"shown": shown, "groups": drawn})


@public
@require_safe
def history(request: HttpRequest, word: str) -> HttpResponse:
    """What was told, newest first; `before` in the address leads further back."""
    found = queries.access_page(request.user, word)
    before = _instant(request.GET.get("before", ""))
    with timezone.override(ZoneInfo(found.zone)):
        told = queries.history(found, before)
        older = told[-1].incident.starts_at.isoformat() if len(told) == 50 else ""
        return answered(request, found, "status/history.html", {"told": told, "older": older})


@public
@require_safe
def incident(request: HttpRequest, word: str, incident_id: UUID) -> HttpResponse:
    """One incident with all that was told of it."""
    found = queries.access_page(request.user, word)
    (one,) = queries.told([queries.access_incident(found, incident_id)])
    with timezone.override(ZoneInfo(found.zone)):
        return answered(request, found, "status/incident.html", {"one": one})


def answered(request: HttpRequest, found: StatusPage, template: str, context: dict[str, Any]) -> HttpResponse:
    """Draw a page for readers, with what caches need to know."""
    shown = {
        "page": found,
        "word": links.address_of(found),
        "feeds": found.audience != Audience.ORGANISATION,
        "writes": request.user.is_authenticated,
        **context,
    }
    return kept_fresh(request, found, render(request, template, shown))


def kept_fresh(request: HttpRequest, found: StatusPage, response: HttpResponse) -> HttpResponse:
    """Let caches keep an answer for a moment (a page for everybody also shared ones), and answer 304 to who has it."""
    if found.audience == Audience.PUBLIC:
        patch_cache_control(response, public=True, max_age=FRESH, stale_if_error=3600)
    else:
        patch_cache_control(response, private=True, max_age=FRESH)
        response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Last-Modified"] = http_date(found.updated_at.timestamp())
    set_response_etag(response)
    conditional = get_conditional_response(request, etag=response.headers.get("ETag"), response=response)
    return conditional if isinstance(conditional, HttpResponse) else response


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise NotFound("bad_instant", "There is nothing before that. Begin again at the newest.")
    return found
