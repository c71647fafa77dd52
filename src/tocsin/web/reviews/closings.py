"""Closing an escalation: what it came from and what would have made it unnecessary; now or from the list."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.reviews import actions, queries
from tocsin.domain.reviews.models import Closing
from tocsin.domain.tickets.models import Ticket
from tocsin.web.access import now, viewer, worker
from tocsin.web.fields import Choices
from tocsin.web.reviews.counting import tabs
from tocsin.web.reviews.forms import ClosingForm
from tocsin.web.sheets import through


@worker
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show the escalations that ended and that nobody has closed yet."""
    user = viewer(request)
    context = {"closings": queries.to_close(user), "section": "reviews", "tabs": tabs(user, now(request))}
    return render(request, "reviews/closings.html", context)


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def closing(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Fill in a closing, prefilled from what the journal knows; or correct it."""
    user = viewer(request)
    found = queries.closing_of(user, escalation_id)
    offers = _offers(found)
    form = ClosingForm(request.POST or None, offers=offers, initial=_initial(found))
    ticket: Ticket = found.escalation.ticket

    def run() -> str:
        article = form.uuid("article")
        actions.fill_closing(
            escalation_id=found.pk, done=form.value("done"), category=form.uuid("category"),
            avoidable_by=form.value("avoidable_by"), decision_missing=form.value("decision_missing"),
            article=queries.article_of(user, article) if article else None,
            article_missing=form.value("article_missing"), by=user, now=now(request),
        )  # fmt: skip
        return "Thank you. What repeats is found by this."

    title = f"Close the escalation of {ticket.reference}"
    lead = f"{found.escalation.policy.name}, {ticket.subject}"
    if found.category_id is None and not queries.category_choices():
        lead = "There is no category of causes to choose yet. Problem managers add them: Settings, Reviews."
    return through(request, form, run, reverse("ticket", args=[ticket.number]), title, "Close it", lead=lead)


def _initial(found: Closing) -> dict[str, object]:
    if found.filled_at is None:
        suggested = actions.suggestion(found)
        return {"done": suggested.done, "article": str(suggested.article.pk) if suggested.article else ""}
    fields = ("done", "avoidable_by", "decision_missing", "article_missing")
    given: dict[str, object] = {name: getattr(found, name) for name in fields}
    return given | {"category": str(found.category_id or ""), "article": str(found.article_id or "")}


def _offers(found: Closing) -> dict[str, Choices]:
    kept = {str(found.category_id): queries.category_names()[found.category_id]} if found.category_id else {}
    offered = dict(queries.category_choices()) | kept
    return {
        "category": [("", "choose"), *offered.items()],
        "article": [("", "none"), *queries.article_choices(found)],
    }  # fmt: skip
