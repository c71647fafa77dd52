"""Writing on a review: texts, notes, timeline, causes. Each view parses a form and calls one action."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.reviews import actions, queries
from tocsin.domain.reviews.logic.together import marks
from tocsin.domain.reviews.models import CauseNode, Review
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.fields import Choices
from tocsin.web.languages.catalogue import say
from tocsin.web.reviews.forms import CauseForm, MomentForm, NotesForm, ReviewForm, WordedMomentForm
from tocsin.web.reviews.sheets_of import page_of
from tocsin.web.sheets import done, sheet, through
from tocsin.web.words import absolute

GET_OR_POST = ["GET", "HEAD", "POST"]


def _found(request: HttpRequest, number: int) -> Review:
    return queries.access_review(viewer(request), number)


@worker
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Write title, summary, what went well, who takes part, agenda. What two have changed is shown to the second."""
    found = _found(request, number)
    staff = choices.staff()
    offers: dict[str, Choices] = {"facilitator": [("", "nobody yet"), *staff], "participants": staff}
    form = ReviewForm(request.POST or None, offers=offers, initial=_initial(found))
    theirs: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        try:
            _write(request, found, form, seen if isinstance(seen, dict) else {})
            return done(request, page_of(found), "Saved.")
        except TocsinError as error:
            if error.code == "review_changed":
                # From here on they have seen what stands there: saving again puts theirs in its place.
                form = ReviewForm(_seen_anew(request, found), offers=offers, initial=_initial(found))
                theirs = [(str(form.fields[name].label), _shown(found, name)) for name in error.fields]
            form.refuse(error)
    return sheet(
        request, form, title=f"Edit {found.reference}", submit="Save", cancel=page_of(found), theirs=theirs,
        template="reviews/edit_sheet.html",
    )  # fmt: skip


def _write(request: HttpRequest, found: Review, form: ReviewForm, seen: dict[str, Any]) -> None:
    fields = {name: form.value(name) for name in ("title", "summary", "went_well", "agenda")}
    actions.write(
        review_id=found.pk, by=viewer(request), now=now(request), **fields,
        seen={str(name): str(value) for name, value in seen.items()},
        facilitator=choices.person_of(form.uuid("facilitator")), meeting_at=form.cleaned_data["meeting_at"],
        mitigated_at=form.cleaned_data["mitigated_at"],
        participants=[people.person(UUID(pk)) for pk in form.cleaned_data["participants"]],
    )  # fmt: skip


def _seen_anew(request: HttpRequest, found: Review) -> QueryDict:
    given = request.POST.copy()
    given["seen"] = json.dumps(marks(queries.values_of(found)))
    return given


def _shown(found: Review, name: str) -> str:
    """Return what a field says now, for people."""
    value = getattr(found, name)
    if name == "participants":
        return ", ".join(one.name for one in value.order_by("name"))
    if isinstance(value, datetime):
        return absolute(value)
    return value.name if isinstance(value, User) else str(value or "")


def _initial(found: Review) -> dict[str, object]:
    words = {
        name: getattr(found, name) for name in ("title", "summary", "went_well", "agenda", "meeting_at", "mitigated_at")
    }
    return words | {
        "facilitator": found.facilitator_id, "participants": [str(one.pk) for one in found.participants.all()],
        "seen": marks(queries.values_of(found)),
    }  # fmt: skip


@worker
@require_POST
def notes(request: HttpRequest, number: int) -> HttpResponse:
    """Save the notes of the meeting; programs (review.js) get a word back, people the page. Both texts are shown to
    whoever writes second."""
    found, by = _found(request, number), viewer(request)
    given: dict[str, Any] = {"notes": request.POST.get("notes", ""), "expected": request.POST.get("before")}
    program = request.headers.get("Accept") == "application/json"
    try:
        actions.save_notes(review_id=found.pk, by=by, now=now(request), **given)
    except TocsinError as error:
        if program:
            return JsonResponse({"said": say(error.message), "theirs": found.notes}, status=409)
        form = NotesForm({"notes": given["notes"], "before": found.notes})
        form.refuse(error)
        theirs = [(str(form.fields["notes"].label), found.notes)] if error.code == "notes_changed" else []
        return sheet(
            request, form, title=f"Notes of {found.reference}", submit="Save", cancel=page_of(found, "notes"), theirs=theirs,
            template="reviews/edit_sheet.html",
        )  # fmt: skip
    return JsonResponse({"said": say("Saved.")}) if program else done(request, page_of(found, "notes"), "Saved.")


@worker
@require_POST
def watching(request: HttpRequest, number: int) -> HttpResponse:
    """Say that I read or write here (`part`), or have gone; the answer shows who else does."""
    user, found = viewer(request), _found(request, number)
    part = request.POST.get("part", "")
    if part == "gone":
        actions.leave(review_id=found.pk, by=user)
    else:
        actions.see(review_id=found.pk, part=part, by=user, now=now(request))
    return render(request, "reviews/others.html", {"others": queries.others_on(found.pk, user, now(request))})


@worker
@require_POST
def gather(request: HttpRequest, number: int) -> HttpResponse:
    """Offer what has happened on the tickets since the draft."""
    found = _found(request, number)
    count = actions.gather(review_id=found.pk, by=viewer(request), now=now(request))
    return done(
        request, page_of(found, "timeline"), f"{count} new on the tickets." if count else "Nothing new on the tickets."
    )


@worker
@require_POST
def pick(request: HttpRequest, number: int, moment: UUID) -> HttpResponse:
    """Put a moment into the timeline or take it out. Its line stays where it is until the page is loaded again."""
    found = _found(request, number)
    changed = actions.pick(
        review_id=found.pk,
        moment_id=moment,
        picked=request.POST.get("picked") == "yes",
        by=viewer(request),
        now=now(request),
    )
    if getattr(request, "htmx", False):
        return render(request, "reviews/moment.html", {"one": changed, "review": found, "may_change": True})
    return done(request, page_of(found, "timeline"))


@worker
@require_http_methods(GET_OR_POST)
def moment_new(request: HttpRequest, number: int) -> HttpResponse:
    """Write a moment that no journal knows."""
    found = _found(request, number)
    form = MomentForm(request.POST or None)

    def run() -> str:
        actions.add_moment(
            review_id=found.pk, at=form.cleaned_data["at"], words=form.value("words"),
            internal=form.cleaned_data["internal"], by=viewer(request), now=now(request),
        )  # fmt: skip
        return "It stands in the timeline."

    return through(request, form, run, page_of(found, "timeline"), "A moment of your own", "Add it")


@worker
@require_http_methods(GET_OR_POST)
def moment(request: HttpRequest, number: int, moment: UUID) -> HttpResponse:
    """Put a moment into better words."""
    found = _found(request, number)
    one = queries.access_moment(found, moment)
    own = not one.position
    first = {"at": one.at, "words": one.text, "internal": one.internal}
    form = (MomentForm if own else WordedMomentForm)(request.POST or None, initial=first)

    def run() -> str:
        actions.change_moment(
            review_id=found.pk, moment_id=one.pk, words=form.value("words"), internal=form.cleaned_data["internal"],
            at=form.cleaned_data.get("at"), by=viewer(request), now=now(request),
        )  # fmt: skip
        return "Saved."

    return through(request, form, run, page_of(found, "timeline"), "Word it", "Save")


@worker
@require_POST
def moment_remove(request: HttpRequest, number: int, moment: UUID) -> HttpResponse:
    """Remove a moment that was written by hand."""
    found = _found(request, number)
    actions.remove_moment(review_id=found.pk, moment_id=moment, by=viewer(request), now=now(request))
    return done(request, page_of(found, "timeline"), "Removed.")


@worker
@require_http_methods(GET_OR_POST)
def cause_new(request: HttpRequest, number: int) -> HttpResponse:
    """Answer why: for the escalation itself, or below an answer (?below=)."""
    found = _found(request, number)
    below = _below(found, request.GET.get("below", "") or request.POST.get("below", ""))
    form = CauseForm(request.POST or None, initial={"bone": below.bone if below else ""})
    made: list[CauseNode] = []

    def run() -> str:
        made.append(actions.save_cause(
            review_id=found.pk, words=form.value("words"), by=viewer(request), now=now(request),
            parent_id=below.pk if below else None, bone=form.value("bone"),
            contributing=form.cleaned_data["contributing"], evidence=form.cleaned_data["evidence"],
        ))  # fmt: skip
        return ""

    title = f"Why: {below.text}" if below else f"Why: {found.title}"
    answer = through(
        request, form, run, page_of(found, "causes"), title[:120], "Add", template="reviews/cause_sheet.html",
        below=str(below.pk) if below else "",
    )  # fmt: skip
    return done(request, page_of(found, f"cause-{made[0].pk}")) if made else answer


def _below(found: Review, given: str) -> CauseNode | None:
    try:
        return queries.access_cause(found, UUID(given)) if given else None
    except ValueError:
        return None


@worker
@require_http_methods(GET_OR_POST)
def cause(request: HttpRequest, number: int, cause: UUID) -> HttpResponse:
    """Put an answer into better words, mark it as contributing, say where it is seen."""
    found = _found(request, number)
    node = queries.access_cause(found, cause)
    seen = "\n".join(f"{one['label']} {one['url']}" for one in node.evidence)
    first = {"words": node.text, "bone": node.bone, "contributing": node.contributing, "evidence": seen}
    form = CauseForm(request.POST or None, initial=first)

    def run() -> str:
        actions.save_cause(
            review_id=found.pk, cause_id=node.pk, words=form.value("words"), by=viewer(request), now=now(request),
            bone=form.value("bone"), contributing=form.cleaned_data["contributing"], evidence=form.cleaned_data["evidence"],
        )  # fmt: skip
        return "Saved."

    return through(request, form, run, page_of(found, f"cause-{node.pk}"), "Cause", "Save")


@worker
@require_POST
def cause_move(request: HttpRequest, number: int, cause: UUID) -> HttpResponse:
    """Move a cause up, down, in or out, with all below it."""
    found = _found(request, number)
    actions.move_cause(
        review_id=found.pk, cause_id=cause, to=request.POST.get("to", ""), by=viewer(request), now=now(request)
    )
    return done(request, page_of(found, f"cause-{cause}"))


@worker
@require_POST
def cause_remove(request: HttpRequest, number: int, cause: UUID) -> HttpResponse:
    """Remove a cause with all below it."""
    found = _found(request, number)
    count = actions.remove_cause(review_id=found.pk, cause_id=cause, by=viewer(request), now=now(request))
    return done(request, page_of(found, "causes"), "Removed." if count == 1 else f"Removed, with {count - 1} below it.")
