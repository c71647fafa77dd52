"""Subscribing to a status page by mail: ask, confirm, leave. Opening a link changes nothing; its button does."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tocsin.domain.status import actions, links, queries
from tocsin.domain.status.enums import Audience
from tocsin.domain.status.models import StatusPage, Subscriber
from tocsin.intake.email.configured import letters_leave
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import now, public, viewer
from tocsin.web.languages.catalogue import language_now
from tocsin.web.network import address_of
from tocsin.web.status.forms import SubscribeForm

GET_OR_POST = ["GET", "HEAD", "POST"]


@public
@require_http_methods(GET_OR_POST)
def subscribe(request: HttpRequest, word: str) -> HttpResponse:
    """Take an address and have it asked. The answer is the same whether the address is known or not."""
    page = queries.access_page(request.user, word)
    own = viewer(request).email if page.audience == Audience.ORGANISATION else ""
    form = SubscribeForm({"address": own} if own and request.method == "POST" else request.POST or None)
    context = {"page": page, "word": links.address_of(page), "form": form, "own": own, "reaches": letters_leave()}
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask(
                page=page, address=form.value("address"), language=language_now(), network=address_of(request),
                now=now(request),
            )  # fmt: skip
            return _private(render(request, "status/asked.html", context | {"address": form.value("address")}))
        except TocsinError as error:
            form.refuse(error)
    return _private(render(request, "status/subscribe.html", context, status=422 if form.errors else 200))


@public
@require_http_methods(GET_OR_POST)
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would be confirmed; confirm it on POST."""
    found = _named(token, links.CONFIRM)
    if request.method == "POST":
        found = actions.confirm(subscriber_id=found.pk, now=now(request))
        return _private(render(request, "status/confirmed.html", _shown(found)))
    return _private(render(request, "status/confirm.html", _shown(found)))


# A mail program posts here by itself (RFC 8058): it has no cookie, and the token is the proof.
@csrf_exempt
@public
@require_http_methods(GET_OR_POST)
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would end; end it on POST."""
    found = _named(token, links.LEAVE)
    if request.method == "POST":
        found = actions.leave(subscriber_id=found.pk, now=now(request))
        return _private(render(request, "status/left.html", _shown(found)))
    return _private(render(request, "status/leave.html", _shown(found)))


def _named(token: str, purpose: str) -> Subscriber:
    found = queries.subscriber(links.subscriber_in(token, purpose))
    if found is None:
        raise NotFound("link_invalid", "This link leads nowhere any more. Ask again on the status page.")
    return found


def _shown(found: Subscriber) -> dict[str, "StatusPage | Subscriber | str"]:
    # The link of a secret page is told only to whom it was sent: subscribers had it.
    return {"page": found.page, "word": links.address_of(found.page), "subscriber": found}


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_store=True)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
