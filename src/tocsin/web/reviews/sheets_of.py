"""What all sheets of a review do: run one act when the form is right, and go back to the place on the page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tocsin.domain.reviews.models import Review
from tocsin.kernel.errors import TocsinError
from tocsin.web.fields import Form
from tocsin.web.sheets import done, sheet


def page_of(found: Review, part: str = "") -> str:
    """Return the address of a review, at one of its parts."""
    return reverse("review", args=[found.number]) + (f"#{part}" if part else "")


def through(
    request: HttpRequest, form: Form, act: Callable[[], str], where: str, title: str, submit: str, **more: str
) -> HttpResponse:
    """Run `act` when the form is right; what it refuses stands beside what was typed."""
    if request.method == "POST" and form.is_valid():
        try:
            said = act()
            return done(request, where, said)
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=title, submit=submit, cancel=where, **more)
