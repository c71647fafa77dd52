"""Recovery: the calls that bad ratings have earned, who owes them, and what came of them."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.feedback import actions, queries, rules
from tocsin.domain.feedback.enums import RecoveryState
from tocsin.domain.people import queries as people
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.feedback import words
from tocsin.web.feedback.forms import GiveForm, OutcomeForm
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]
PAGE = 50


@worker
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Who is to be called, the most urgent first; what came of earlier calls."""
    user, state = viewer(request), request.GET.get("state", RecoveryState.OPEN)
    state = state if state in RecoveryState.values else RecoveryState.OPEN
    rows = queries.recoveries(user).filter(state=state)
    rows = rows.order_by("callback_at", "pk") if state == RecoveryState.OPEN else rows.order_by("-closed_at", "pk")
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")), "state": state, "states": RecoveryState.choices,
        "standing": queries.standing(user, now(request)), "now_at": now(request), "section": "recoveries",
        "may": {"read": rules.may_read_feedback.test(user)},
    }  # fmt: skip
    return render(request, "feedback/recoveries.html", context)


@worker
@require_safe
def one(request: HttpRequest, recovery: UUID) -> HttpResponse:
    """One call: what was said, who calls by when, what came of it."""
    user = viewer(request)
    found = queries.access_recovery(user, recovery)
    is_open = found.state == RecoveryState.OPEN
    context = {
        "recovery": found, "rule": words.rule_of(found.owner_why), "now_at": now(request), "section": "recoveries",
        "may": {
            "end": is_open and rules.may_end_recovery.test(user, found),
            "give": is_open and rules.may_give_recovery.test(user, found),
            "read": rules.may_read_feedback.test(user),
        },
    }  # fmt: skip
    return render(request, "feedback/recovery.html", context)


@worker
@require_http_methods(GET_OR_POST)
def end(request: HttpRequest, recovery: UUID) -> HttpResponse:
    """Write down what came of the call."""
    user = viewer(request)
    found = queries.access_recovery(user, recovery)
    where = reverse("recovery", args=[found.pk])
    form = OutcomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_recovery(
                recovery_id=found.pk, reached=form.value("reached") == "yes", agreed=form.value("agreed"),
                regained=form.value("regained") == "yes", by=user, now=now(request),
            )  # fmt: skip
            return done(request, where, "Noted. It stands on the ticket, too.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="What came of the call", submit="Save", cancel=where)


@worker
@require_http_methods(GET_OR_POST)
def give(request: HttpRequest, recovery: UUID) -> HttpResponse:
    """Let somebody else call."""
    user = viewer(request)
    found = queries.access_recovery(user, recovery)
    where = reverse("recovery", args=[found.pk])
    initial = {"owner": str(found.owner_id or "")}
    form = GiveForm(request.POST or None, people=choices.staff(), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            owner = people.person(UUID(form.value("owner")))
            actions.give_recovery(recovery_id=found.pk, owner=owner, by=user, now=now(request))
            back = where if rules.may_read_feedback.test(user) or owner.pk == user.pk else reverse("recoveries")
            return done(request, back, f"{owner.name} calls now, and is told.")
        except TocsinError as error:
            form.refuse(error)
    lead = "The time to call by stays as it was promised."
    return sheet(request, form, title="Hand the call on", submit="Hand on", cancel=where, lead=lead)
