"""Per request: the viewer's time zone, and refusals as pages."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from tocsin.kernel.errors import InvalidInput, TocsinError
from tocsin.web.languages.catalogue import LANGUAGES, say

type Next = Callable[[HttpRequest], HttpResponse]

TITLES = {
    400: "That did not work",
    403: "Not yours to do",
    404: "Not here",
    409: "The state has moved on",
    503: "Not available just now",
}


class ViewerZone:
    """Show every time in the zone of whoever looks (SEMANTICS 11); UTC where nobody is signed in."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(zone_of(request)):
            return self.get_response(request)


class ViewerLanguage:
    """Speak the language that the viewer has chosen; else the first that their browser asks for and we have."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = getattr(request.user, "language", "")[:2]
        language = chosen if chosen in LANGUAGES else translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
        if not chosen:
            patch_vary_headers(response, ("Accept-Language",))
        return response


class Refusals:
    """Turn a TocsinError that no view has caught into a page (or a fragment) that says the remedy."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            # PostgreSQL stores no NUL, so nothing can be found by one.
            return refusal(request, InvalidInput("bad_address", "The address holds a character that no text can hold."))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django's hook."""
        return refusal(request, exception) if isinstance(exception, TocsinError) else None


def zone_of(request: HttpRequest) -> ZoneInfo:
    """Return the viewer's zone; an unknown name counts as UTC rather than breaking every page."""
    name = getattr(request.user, "zone", "") or "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def refusal(request: HttpRequest, error: TocsinError) -> HttpResponse:
    """Return the page of a refusal, or only its banner where htmx asked for a fragment."""
    context = {"error": error, "title": say(TITLES.get(error.status, "Something went wrong")), "status": error.status}
    fragment = bool(getattr(request, "htmx", False))
    return render(request, "partials/refusal.html" if fragment else "error.html", context, status=error.status)
