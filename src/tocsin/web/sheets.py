"""Sheets: one form that is a panel beside the page with script, and a page of its own without."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tocsin.kernel.errors import TocsinError
from tocsin.web.fields import Form


def sheet(
    request: HttpRequest, form: Form | None, *, title: str, submit: str = "", cancel: str, template: str = "sheet_form.html",
    **context: Any,
) -> HttpResponse:  # fmt: skip
    """Draw a sheet. A form with errors answers 422, so that programs see the refusal too."""
    fragment = bool(getattr(request, "htmx", False))
    shown = {
        "layout": "sheet_fragment.html" if fragment else "sheet_page.html",
        "form": form,
        "sheet_title": title,
        "submit": submit,
        "cancel": cancel,
        "action": request.path,
        **context,
    }
    return render(request, template, shown, status=422 if form is not None and form.errors else 200)


def done(request: HttpRequest, where: str, said: str = "", undo: str = "") -> HttpResponse:
    """Go to `where` with a word on what was done; `undo` is an address to post to."""
    if said:
        messages.success(request, said, extra_tags=undo)
    if getattr(request, "htmx", False):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = where
        path, _, part = where.partition("#")
        if part and urlsplit(request.headers.get("HX-Current-URL", "")).path == path:
            # To another part of the page that it is on, a browser only scrolls: load it anew, so that it shows what was done.
            answer["HX-Refresh"] = "true"
        return answer
    return redirect(where)


def through(
    request: HttpRequest, form: Form, act: Callable[[], str], where: str, title: str, submit: str, **more: str
) -> HttpResponse:
    """Run `act` when the form is right; what it refuses stands beside what was typed."""
    if request.method == "POST" and form.is_valid():
        try:
            return done(request, where, act())
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=title, submit=submit, cancel=where, **more)
