"""This browser as a way to reach me: the worker that shows pages, and turning it on."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tocsin.channels.web_push.kind import public_key
from tocsin.domain.notify import actions
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.providers import opened_providers
from tocsin.kernel.errors import Conflict
from tocsin.web.access import now, public, signed_in, viewer


@public
@never_cache
@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """The service worker. It must lie at the root to be in charge of the whole site, and holds nothing secret."""
    script = Path(settings.STATICFILES_DIRS[0], "js", "push-worker.js").read_text("utf-8")
    return HttpResponse(script, content_type="text/javascript", headers={"service-worker-allowed": "/"})


@signed_in
@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    """Take this browser's subscription. Who is signed in here has proven it by that."""
    if not push_key():
        raise Conflict("no_push", "Browser push is not set up. Ask an administrator.")
    address = "{endpoint}#{p256dh}.{auth}".format_map({name: request.POST.get(name, "") for name in FIELDS})
    user = viewer(request)
    actions.add_method(
        user_id=user.pk, channel=Channel.WEB_PUSH, address=address, verified=True, now=now(request),
        actor=f"person:{user.pk}",
    )  # fmt: skip
    return HttpResponse(status=204)


FIELDS = ("endpoint", "p256dh", "auth")


def push_key() -> str:
    """Return the public key that browsers subscribe with, or "" while push is not set up."""
    for one in opened_providers(channel=Channel.WEB_PUSH):
        return public_key(one.values["private_key"])
    return ""
