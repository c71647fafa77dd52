"""Short links of text messages: they lead to the respond page, and change nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tocsin.domain.notify import links, queries
from tocsin.web.access import public


@public
@never_cache
@require_safe
def short(_request: HttpRequest, token: str) -> HttpResponse:
    """Go where the link of this message goes. The respond link is valid for seven days from its page on."""
    told = queries.told(links.read_short(token))
    if told.run is None or told.together > 1:
        return redirect("respond_mine")
    return redirect(
        "respond_link", links.respond_token(told.run, told.cycle, told.level, told.user_id, now=told.made_at)
    )
