"""Secret calendar feeds: made, shown once, revoked, and the public address that calendar programs read."""

import hashlib
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import parse_etags
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tocsin.domain.oncall import actions
from tocsin.domain.oncall import queries as oncall
from tocsin.kernel.errors import NotFound
from tocsin.web.access import now, public, staff, viewer
from tocsin.web.sheets import done

LONGEST_TOKEN = 100
MAX_AGE = 300  # seconds for which a calendar program may keep its copy without asking


@staff
@never_cache
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make an address and show it: this once, for only its digest is kept."""
    slug = request.POST.get("schedule", "")
    schedule = oncall.access_schedule(viewer(request), slug) if slug else None
    token, _ = actions.make_feed(owner=viewer(request), schedule=schedule, by=viewer(request), now=now(request))
    address = f"{settings.BASE_URL}{reverse('feed', args=[token])}"
    context = {"address": address, "schedule": schedule, "section": "shifts"}
    return render(request, "oncall/feed_made.html", context)


@staff
@require_POST
def revoke(request: HttpRequest, feed_id: UUID) -> HttpResponse:
    """Let an address answer no more."""
    actions.revoke_feed(feed_id=feed_id, by=viewer(request), now=now(request))
    return done(request, reverse("my_shifts"), "The address answers no more.")


@public
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind a secret address; 404, always in the same words, for one that is not (or no more) good.

    The ETag is taken of what is on call, not of when it was asked for: an unchanged calendar is answered by 304.
    """
    if len(token) > LONGEST_TOKEN:
        raise NotFound("feed_not_found", "There is no such calendar. Make a new address in your settings.")
    text = oncall.feed_text(token, now(request))
    stamped = "\r\n".join(line for line in text.split("\r\n") if not line.startswith("DTSTAMP"))
    etag = f'"{hashlib.sha256(stamped.encode()).hexdigest()[:32]}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
        answer["Content-Disposition"] = 'inline; filename="on-call.ics"'
    answer["ETag"] = etag
    answer["Cache-Control"] = f"private, max-age={MAX_AGE}"
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
