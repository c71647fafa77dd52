"""A redacted review behind its signed link, without an account. It only shows; nothing can be done here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tocsin.domain.reviews import printing, queries
from tocsin.domain.reviews.logic.document import printable
from tocsin.kernel.errors import NotFound
from tocsin.web.access import now, public
from tocsin.web.languages.catalogue import language_now
from tocsin.web.reviews.pages import as_pdf, zone_of


def _zone() -> str:
    return zone_of(timezone.get_current_timezone_name())


@public
@never_cache
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was shared, as it was fixed then."""
    try:
        found = queries.opened_share(token, now(request))
    except NotFound as error:
        return _gone(request, error)
    context = {"doc": printable(found.document, _zone()), "token": token, "until": found.expires_at}
    return _private(render(request, "reviews/shared.html", context))


@public
@never_cache
@require_safe
def shared_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The same as PDF."""
    try:
        found = queries.opened_share(token, now(request))
    except NotFound as error:
        return _gone(request, error)
    return as_pdf(
        printing.pdf_of(found.document, zone=_zone(), language=language_now()), printing.name_of(found.review)
    )


def _gone(request: HttpRequest, error: NotFound) -> HttpResponse:
    return _private(render(request, "reviews/gone.html", {"message": error.message}, status=404))


def _private(answer: HttpResponse) -> HttpResponse:
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
