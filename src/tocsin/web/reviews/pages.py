"""Reviews: the list, one review with everything about it, its versions, its PDF (UX "Pages")."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.knowledge.logic.difference import changed, difference
from tocsin.domain.reviews import actions, links, printing, queries, rules
from tocsin.domain.reviews.enums import ReviewState
from tocsin.domain.reviews.logic.document import lines
from tocsin.domain.reviews.logic.durations import NAMES
from tocsin.domain.reviews.logic.lifecycle import MOVES, missing
from tocsin.domain.reviews.models import Review
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import insider, now, review_starter, viewer
from tocsin.web.desk import choices
from tocsin.web.languages.catalogue import language_now
from tocsin.web.reviews.counting import tabs
from tocsin.web.reviews.fishbone import drawn
from tocsin.web.reviews.forms import NewReviewForm
from tocsin.web.reviews.sheets_of import page_of
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]


@insider
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show reviews that are at work, the latest change first."""
    user, asked = viewer(request), request.GET
    text, which, mine = asked.get("q", "").strip()[:200], asked.get("state", ""), bool(asked.get("mine"))
    which = which if which in (*ReviewState.values, "all") else ""
    rows = list(queries.reviews(user, which=which, text=text, mine=mine).order_by("-updated_at")[:200])
    counts = queries.state_counts(user)
    context = {
        "reviews": rows, "q": text, "state": which, "mine": mine, "section": "reviews", "any": bool(counts),
        "states": [(value, name, counts.get(value, 0)) for value, name in ReviewState.choices if counts.get(value)],
        "may_start": rules.may_start_reviews.test(user), "tabs": tabs(user, now(request)),
    }  # fmt: skip
    return render(request, "reviews/list.html", context)


@insider
@require_safe
def review(request: HttpRequest, number: int) -> HttpResponse:
    """One review: summary, timeline, figures, views side by side, causes, actions, sign-off."""
    user = viewer(request)
    found = queries.access_review(user, number)
    return render(request, "reviews/review.html", _context(request, found))


def _context(request: HttpRequest, found: Review) -> dict[str, object]:
    user, language = viewer(request), language_now()
    escalations = queries.escalations_of(found)
    moments = queries.moments_of(found)
    placed = queries.causes_of(found)
    signed = found.state == ReviewState.SIGNED_OFF
    may_write = rules.may_write_reviews.test(user)
    return {
        "review": found, "escalations": escalations, "section": "reviews", "now": now(request),
        "picked": [one for one in moments if one.picked], "others": [one for one in moments if not one.picked],
        "durations": [
            (one, [(NAMES[span.key], span) for span in queries.spans_of(found, one)]) for one in escalations
        ],
        "paged": [(one, queries.paged_of(one)) for one in escalations],
        "promises": [line for one in escalations for line in queries.promises_of(one)],
        "views": [(one, queries.feedback_of(one.pk, language)) for one in escalations],
        "causes": placed, "fishbone": drawn(queries.fishbone_of(found), found.title),
        "contributing": sum(one.node.contributing for one in placed),
        "actions": [(one, rules.may_end_action.test(user, one)) for one in queries.actions_of(found)],
        "signatures": queries.versions_of(found), "shares": [(one, links.share_url(one)) for one in queries.shares_of(found)],
        "hints": queries.hints_on(found, language) if may_write and not signed else [],
        "may_write": may_write, "may_change": may_write and not signed, "signed": signed,
        "may_run": rules.may_run_review.test(user, found), "can": {str(act) for act in MOVES[found.state]},
        "wanted": missing(
            summary=found.summary, contributing=sum(one.node.contributing for one in placed),
            facilitator=found.facilitator_id is not None,
        ),
        "today": timezone.localdate(now(request)), "participants": list(found.participants.order_by("name")),
    }  # fmt: skip


@review_starter
@require_http_methods(GET_OR_POST)
def new(request: HttpRequest) -> HttpResponse:
    """Start a review of one ticket's escalations or of several tickets together."""
    user = viewer(request)
    form = NewReviewForm(
        request.POST or None, offers={"facilitator": [("", "whoever runs escalations of that team"), *choices.staff()]},
        initial={"tickets": request.GET.get("tickets", "")[:400]},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            ids = [
                pk
                for number in form.cleaned_data["tickets"]
                for pk in queries.reviewable(tickets.access_ticket(user, number))
            ]
            made = actions.open_review(
                escalation_ids=ids, title=form.value("title"), by=user, now=now(request),
                facilitator=choices.person_of(form.uuid("facilitator")),
            )  # fmt: skip
            return done(request, page_of(made), f"{made.reference} is drafted.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="New review", submit="Draft it", cancel=reverse("reviews"))


@insider
@require_safe
def versions(request: HttpRequest, number: int) -> HttpResponse:
    """Compare the signed versions, each with the one before it; and what has changed since the last."""
    user = viewer(request)
    found = queries.access_review(user, number)
    signed = queries.versions_of(found)
    pairs = []
    for place, one in enumerate(signed):
        before = signed[place + 1].document if place + 1 < len(signed) else None
        told = difference("\n".join(lines(before)) if before else "", "\n".join(lines(one.document)))
        pairs.append((one, told if before else [], changed(told) if before else 0))
    since = []
    if signed and found.state != ReviewState.SIGNED_OFF:
        since = difference("\n".join(lines(signed[0].document)), "\n".join(lines(queries.document_of(found))))
    context = {
        "review": found, "pairs": pairs, "since": since, "since_count": changed(since), "section": "reviews",
    }  # fmt: skip
    return render(request, "reviews/versions.html", context)


@insider
@require_safe
def pdf(request: HttpRequest, number: int) -> HttpResponse:
    """Save as PDF: as it stands now, or a signed version (?version=2) as it was signed."""
    user = viewer(request)
    found = queries.access_review(user, number)
    asked = request.GET.get("version", "")
    document = queries.document_of(found)
    if asked:
        signed = {str(one.version): one for one in queries.versions_of(found)}.get(asked)
        if signed is None:
            raise NotFound("version_not_found", "There is no such signed version.")
        document = {
            **signed.document,
            "signed": [one for one in document["signed"] if one["version"] <= signed.version],
        }
        document["state"] = str(ReviewState.SIGNED_OFF.label)
    return as_pdf(printing.pdf_of(document, zone=zone_of(user.zone), language=language_now()), printing.name_of(found))


def zone_of(name: str) -> str:
    """Return a person's zone, UTC where it is none."""
    try:
        return ZoneInfo(name).key
    except (ValueError, KeyError):
        return "UTC"


def as_pdf(data: bytes, name: str) -> HttpResponse:
    """Return a PDF to be opened or saved; never kept by a cache in between."""
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
