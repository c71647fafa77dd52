"""Sharing a redacted version: choose parts, look at exactly what leaves, make the link, take it back."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.reviews import actions, queries, rules
from tocsin.domain.reviews.logic.document import printable
from tocsin.domain.reviews.logic.redaction import PARTS, USUAL
from tocsin.domain.reviews.models import Review
from tocsin.kernel.errors import NotAllowed, TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.reviews.forms import ShareForm
from tocsin.web.reviews.pages import zone_of
from tocsin.web.reviews.sheets_of import page_of
from tocsin.web.sheets import done


def _run_by(request: HttpRequest, number: int) -> Review:
    found = queries.access_review(viewer(request), number)
    if not rules.may_run_review.test(viewer(request), found):
        raise NotAllowed("not_allowed", "Whoever facilitates the review shares it, or a lead. Ask one of them.")
    return found


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, number: int) -> HttpResponse:
    """Choose what the customer gets, see it, and make the link."""
    found = _run_by(request, number)
    form = ShareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.share(review_id=found.pk, parts=form.cleaned_data["parts"], by=viewer(request), now=now(request))
            return done(request, page_of(found, "shared"), "The link works from now on.")
        except TocsinError as error:
            form.refuse(error)
    chosen = request.POST.getlist("parts") if request.method == "POST" else list(USUAL)
    shown = _shown(found, chosen, viewer(request).zone)
    context = {
        "review": found, "form": form, "doc": shown, "section": "reviews", "days": queries.setting().link_days, "parts": PARTS,
    }  # fmt: skip
    return render(request, "reviews/share.html", context, status=422 if form.errors else 200)


@worker
@require_safe
def preview(request: HttpRequest, number: int) -> HttpResponse:
    """Exactly what the customer would see, for the parts that are ticked (?parts=)."""
    found = _run_by(request, number)
    return render(
        request, "reviews/redacted.html", {"doc": _shown(found, request.GET.getlist("parts"), viewer(request).zone)}
    )


def _shown(found: Review, parts: list[str], zone: str) -> dict[str, object]:
    return printable(queries.redacted_document(found, [one for one in parts if one in PARTS]), zone_of(zone))


@worker
@require_POST
def revoke(request: HttpRequest, number: int, share: UUID) -> HttpResponse:
    """Take a shared version back."""
    found = queries.access_review(viewer(request), number)
    actions.revoke_share(review_id=found.pk, share_id=share, by=viewer(request), now=now(request))
    return done(request, page_of(found, "shared"), "Its link shows nothing any more.")
