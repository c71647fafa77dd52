"""Reviews on a ticket: what is to be closed, and which reviews there are; nothing where there is neither."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tocsin.domain.reviews import queries, rules
from tocsin.domain.tickets import queries as tickets
from tocsin.web.access import insider, viewer


@insider
@require_safe
def panel(request: HttpRequest, number: int) -> HttpResponse:
    """Loaded after the page."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    reviews = queries.reviews_of_ticket(user, found.pk)
    context = {
        "ticket": found, "reviews": reviews, "closings": queries.closings_of_ticket(found.pk),
        "may_write": rules.may_write_reviews.test(user),
        "may_start": rules.may_start_reviews.test(user) and not reviews,
    }  # fmt: skip
    return render(request, "reviews/panel.html", context)
