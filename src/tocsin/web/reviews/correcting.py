"""Corrective actions: the list of all, and what is done with one."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.people import queries as people
from tocsin.domain.problems import queries as problems
from tocsin.domain.problems.logic.series import parsed
from tocsin.domain.problems.logic.words import counted
from tocsin.domain.reviews import actions, queries, rules
from tocsin.domain.reviews.enums import ActionKind, ActionState
from tocsin.domain.reviews.models import CorrectiveAction, Review
from tocsin.kernel.errors import InvalidInput
from tocsin.web.access import insider, now, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.fields import Choices
from tocsin.web.languages.catalogue import language_now
from tocsin.web.reviews.counting import tabs
from tocsin.web.reviews.forms import ActionForm, ActionMeasureForm, DropForm, EvidenceForm
from tocsin.web.reviews.sheets_of import page_of
from tocsin.web.sheets import done, through

GET_OR_POST = ["GET", "HEAD", "POST"]
PAGE = 200
COUNTED = timedelta(weeks=26)


@insider
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show corrective actions of all reviews, the next due first."""
    user, asked = viewer(request), request.GET
    which, kind = asked.get("state", ""), asked.get("kind", "")
    which = which if which in ("overdue", "all", *ActionState.values) else ""
    kind = kind if kind in ActionKind.values else ""
    today = timezone.localdate(now(request))
    rows = queries.actions_where(user, today=today, which=which, owner=user if asked.get("mine") else None, kind=kind)
    context = {
        "actions": [(one, rules.may_end_action.test(user, one)) for one in rows[:PAGE]], "today": today, "state": which,
        "kind": kind, "kinds": ActionKind.choices, "mine": bool(asked.get("mine")), "section": "reviews",
        "tabs": tabs(user, now(request)), "counts": queries.action_counts(user, today=today),
    }  # fmt: skip
    return render(request, "reviews/actions.html", context)


def _found(request: HttpRequest, number: int) -> Review:
    return queries.access_review(viewer(request), number)


def _offers(found: Review) -> dict[str, Choices]:
    against = [(str(one.node.id), f"{one.number} {one.node.text}"[:120]) for one in queries.causes_of(found)]
    return {"owner": [("", "choose"), *choices.staff()], "cause": [("", "no cause in particular"), *against]}


def _given(form: ActionForm, found: Review) -> dict[str, Any]:
    cause = form.uuid("cause")
    return {
        "title": form.value("title"), "kind": form.value("kind"), "owner": people.person(UUID(form.value("owner"))),
        "due_on": form.cleaned_data["due_on"], "effort": form.value("effort"), "tracker_url": form.value("tracker_url"),
        "cause": queries.access_cause(found, cause) if cause else None,
    }  # fmt: skip


@worker
@require_http_methods(GET_OR_POST)
def new(request: HttpRequest, number: int) -> HttpResponse:
    """Take a corrective action; ?cause= names what it is against."""
    found = _found(request, number)
    first = {"cause": request.GET.get("cause", ""), "due_on": timezone.localdate(now(request)) + timedelta(days=14)}
    form = ActionForm(request.POST or None, offers=_offers(found), initial=first)

    def run() -> str:
        actions.add_action(review_id=found.pk, by=viewer(request), now=now(request), **_given(form, found))
        return "Taken."

    return through(request, form, run, page_of(found, "actions"), "Corrective action", "Take it")


@worker
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, number: int, action: UUID) -> HttpResponse:
    """Change an open action."""
    found = _found(request, number)
    one = queries.access_action(found, action)
    first = {name: getattr(one, name) for name in ("title", "kind", "due_on", "effort", "tracker_url")}
    first |= {"owner": str(one.owner_id), "cause": str(one.cause_id or "")}
    form = ActionForm(request.POST or None, offers=_offers(found), initial=first)

    def run() -> str:
        actions.change_action(
            review_id=found.pk, action_id=one.pk, by=viewer(request), now=now(request), **_given(form, found)
        )
        return "Saved."

    return through(request, form, run, page_of(found, "actions"), "Corrective action", "Save")


@worker
@require_http_methods(GET_OR_POST)
def end(request: HttpRequest, number: int, action: UUID) -> HttpResponse:
    """Say that it is done, and what shows it."""
    found = _found(request, number)
    one = queries.access_action(found, action)
    form = EvidenceForm(request.POST or None)

    def run() -> str:
        actions.end_action(
            review_id=found.pk, action_id=one.pk, evidence=form.value("evidence"), by=viewer(request), now=now(request)
        )
        return "Done."

    return through(request, form, run, page_of(found, "actions"), f"Done: {one.title}"[:120], "It is done")


@worker
@require_http_methods(GET_OR_POST)
def drop(request: HttpRequest, number: int, action: UUID) -> HttpResponse:
    """Say that it will not be done, and why."""
    found = _found(request, number)
    one = queries.access_action(found, action)
    form = DropForm(request.POST or None)

    def run() -> str:
        actions.drop_action(
            review_id=found.pk, action_id=one.pk, why=form.value("why"), by=viewer(request), now=now(request)
        )
        return "Dropped."

    return through(request, form, run, page_of(found, "actions"), f"Drop: {one.title}"[:120], "Drop it")


@worker
@require_http_methods(GET_OR_POST)
def measure(request: HttpRequest, number: int, action: UUID) -> HttpResponse:
    """Make it a measure of a problem, so that its effect is counted."""
    found = _found(request, number)
    one = queries.access_action(found, action)
    since = timezone.localdate(now(request)) - COUNTED
    series = [
        (key, f"{counted(parsed(key), names, language_now())} ({count})")
        for key, names, count in problems.offered_series(since=since)
    ]
    there = [(str(pk), name) for pk, name in problems.active_choices()]
    form = ActionMeasureForm(
        request.POST or None, initial={"starts_on": max(one.due_on, timezone.localdate(now(request)))},
        offers={"problem": [("", "choose"), *there], "series": [("", "choose"), *series]},
    )  # fmt: skip

    def run() -> str:
        problem = form.uuid("problem")
        if problem is None:
            raise InvalidInput("problem", "Choose a problem.", {"problem": "Choose a problem."})
        actions.make_measure(
            review_id=found.pk, action_id=one.pk, problem_id=problem, kind=form.value("kind"), series=form.value("series"),
            starts_on=form.cleaned_data["starts_on"], expected=form.cleaned_data["expected"] / 100, by=viewer(request),
            now=now(request),
        )  # fmt: skip
        return "Its effect is counted from that day on."

    lead = (
        "" if there else "There is no problem yet. Open one first; it can be told that this escalation belongs to it."
    )
    return through(
        request, form, run, page_of(found, "actions"), f"Measure: {one.title}"[:120], "Measure it", lead=lead
    )


@worker
@require_POST
def article(request: HttpRequest, number: int, action: UUID) -> HttpResponse:
    """Begin an article from an action and go there."""
    found = _found(request, number)
    one: CorrectiveAction = queries.access_action(found, action)
    made = actions.make_article(review_id=found.pk, action_id=one.pk, by=viewer(request), now=now(request))
    return done(request, reverse("article_edit", args=[made.number]), f"{made.reference} is a draft.")
