"""The demonstration's mail viewer: what the paging engine sent, as its receivers would see it."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from tocsin.domain.notify import queries as notify
from tocsin.web.access import staff

_LINK = re.compile(r"https?://[^\s<>\"']+")


@staff
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """List the mails, newest first; the list alone for htmx, which asks every two seconds."""
    if not settings.DEMO:
        raise Http404
    mails = [{"mail": m, "text": _with_links(m.text)} for m in notify.caught_mails(limit=60)]
    template = "demo/mail_list.html" if getattr(request, "htmx", False) else "demo/mail.html"
    return render(request, template, {"mails": mails, "section": "mail"})


def _with_links(text: str) -> SafeString:
    """Escape a mail's text and make its addresses of this site clickable."""
    parts: list[str] = []
    end = 0
    for found in _LINK.finditer(text):
        address = found.group().rstrip(".,;)")
        parts.append(escape(text[end : found.start()]))
        end = found.start() + len(address)
        own = bool(settings.BASE_URL) and address.startswith(settings.BASE_URL + "/")
        shown = escape(address)
        parts.append(f'<a href="{shown}" target="_blank" rel="noopener">{shown}</a>' if own else shown)
    parts.append(escape(text[end:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part was escaped just above
