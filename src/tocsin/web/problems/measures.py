"""Measures: taken on a problem, withdrawn; all of them with what came of each."""

from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.problems import actions, queries
from tocsin.domain.problems.logic.series import parsed
from tocsin.domain.problems.logic.words import counted
from tocsin.domain.problems.models import Problem
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import insider, now, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.fields import Choices
from tocsin.web.languages.catalogue import language_now
from tocsin.web.problems.charts import shown
from tocsin.web.problems.forms import MeasureForm
from tocsin.web.sheets import done, sheet

HALF_A_YEAR = timedelta(weeks=26)


@insider
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Show all measures that are judged, the latest first."""
    found = list(queries.measures().order_by("-starts_on", "-made_at")[:200])
    context = {"measures": [shown(one, language_now()) for one in found], "section": "problems"}
    return render(request, "problems/measures.html", context)


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, number: int) -> HttpResponse:
    """Take a measure."""
    user, at = viewer(request), now(request)
    found = queries.access_problem(user, number)
    offers: dict[str, Choices] = {"series": _series(found, at.date()), "owner": [("", "me"), *choices.staff()]}
    form = MeasureForm(request.POST or None, offers=offers, initial={"starts_on": at.date(), "series": found.series})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_measure(
                problem_id=found.pk, kind=form.value("kind"), title=form.value("title"), series=form.value("series"),
                starts_on=form.cleaned_data["starts_on"], expected=form.cleaned_data["expected"] / 100,
                horizon=form.cleaned_data["horizon"], owner=choices.person_of(form.uuid("owner")), by=user, now=at,
            )  # fmt: skip
            return done(
                request, reverse("problem", args=[number]), f"{made.get_verdict_display()}. It is judged every night."
            )
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="New measure", submit="Take it", cancel=reverse("problem", args=[number]))


def _series(found: Problem, today: date) -> list[tuple[str, str]]:
    since = today - HALF_A_YEAR
    offered = [(text, _name(text, names, count)) for text, names, count in queries.offered_series(since=since)]
    if found.series and found.series not in {text for text, _ in offered}:
        offered.insert(0, (found.series, _name(found.series, queries.names_of(parsed(found.series)), None)))
    return [("", "choose"), *offered]


def _name(text: str, names: list[str], count: int | None) -> str:
    many = f" ({count})" if count is not None else ""
    return f"{counted(parsed(text), names, language_now())}{many}"


@worker
@require_POST
def withdraw(request: HttpRequest, number: int, measure: UUID) -> HttpResponse:
    """Stop judging a measure."""
    user = viewer(request)
    found = queries.access_problem(user, number)
    one = queries.access_measure(user, found, measure)
    actions.withdraw_measure(measure_id=one.pk, by=user, now=now(request))
    return done(request, reverse("problem", args=[number]), "Withdrawn: it is not judged any more.")
