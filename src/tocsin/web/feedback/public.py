"""Answering by a mailed link, without an account. The token speaks for one question to one person.

GET shows the present state and changes nothing, ever: mail scanners and unfurlers click everything. `?score=` of a
link only ticks the answer; the button sends it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tocsin.domain.feedback import actions, links, queries
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, public
from tocsin.web.feedback.answering import Shown, shown
from tocsin.web.languages.catalogue import LANGUAGES, language_now

METHODS = ["GET", "HEAD", "POST"]


@public
@never_cache
@require_http_methods(METHODS)
def asked(request: HttpRequest, token: str) -> HttpResponse:
    """One question behind its link."""
    try:
        ask = queries.access_asked(token, now(request))
    except NotFound as error:
        return render(request, "feedback/gone.html", {"message": error.message}, status=404)
    with spoken_to(ask.person):
        page = shown(request, ask, via="link")
        if page.done:
            return redirect(f"{request.path}?given=1")
        given = request.GET.get("given") == "1" and page.answered
        return _said(render(request, "feedback/asked.html", _context(page, given=given), status=page.status))


def _context(page: Shown, *, given: bool) -> dict[str, object]:
    other = queries.companion(page.ask) if given else None
    return {
        "page": page, "ask": page.ask, "form": page.form, "given": given,
        "more": f"/asked/{links.ask_token(other)}" if other else "",
        "stop": f"/asked/stop/{links.stop_token(page.ask.person_id)}",
    }  # fmt: skip


@csrf_exempt  # RFC 8058: mail programs post here with no cookie; the token in the address is the proof
@public
@never_cache
@require_http_methods(METHODS)
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Say that one does not want to be asked by mail, or take that back."""
    try:
        person = people.person(links.read_stop(token))
    except TocsinError as error:
        return render(request, "feedback/gone.html", {"message": error.message}, status=404)
    if request.method == "POST":
        if request.POST.get("act") == "start":
            actions.start_asking(person=person, now=now(request))
        else:
            actions.stop_asking(person=person, now=now(request))
    with spoken_to(person):
        context = {"person": person, "stopped": queries.has_opted_out(person.pk), "action": request.path}
        return _said(render(request, "feedback/stop.html", context))


def _said(answer: HttpResponse) -> HttpResponse:
    answer.headers["Content-Language"] = language_now()
    return answer


@contextmanager
def spoken_to(person: User) -> Iterator[None]:
    """Speak the person's language and show their time, whoever's browser it is; the browser's where they chose none."""
    language = person.language[:2]
    with timezone.override(ZoneInfo(person.zone)):
        if language not in LANGUAGES:
            yield
            return
        with translation.override(language):
            yield
