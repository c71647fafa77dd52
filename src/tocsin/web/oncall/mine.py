"""My shifts: when I am on call, what I am asked for, when I am away, and my calendar addresses."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.oncall import actions
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.oncall.logic.load import load
from tocsin.domain.oncall.logic.roster import final_view
from tocsin.domain.oncall.rules import may_report_others
from tocsin.domain.people import queries as people
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.oncall.forms import AbsenceForm, CoverForm, without
from tocsin.web.oncall.picture import between
from tocsin.web.oncall.views import viewers_zone
from tocsin.web.sheets import done, sheet

AHEAD = timedelta(days=56)


@staff
@require_safe
def shifts(request: HttpRequest) -> HttpResponse:
    """Everything about my own duty on one page."""
    user, at, zone = viewer(request), now(request), viewers_zone()
    titles = {row.slug: row.name for row in oncall.schedules()}
    own = oncall.shifts_of(user.pk, at, at + AHEAD)
    context = {
        "shifts": [
            {
                "slug": slug,
                "name": titles.get(slug, slug),
                "when": between(one.start, one.end, zone),
                "stretch": one,
                "now": one.start <= at < one.end,
            }
            for slug, one in own
        ],
        "load": _own_load(str(user.pk), request),
        "asked": oncall.swaps_for(user, at),
        "offers": oncall.swaps_by(user, at),
        "covers": oncall.covers_for(user, at),
        "absences": oncall.absences_of(user, at),
        "feeds": oncall.feed_tokens(user),
        "section": "shifts",
    }
    return render(request, "oncall/mine.html", context)


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def absence(request: HttpRequest) -> HttpResponse:
    """Report that I am (or somebody is) away, and ask somebody to cover."""
    user = viewer(request)
    own = (str(user.pk), user.name)
    others = choices.staff() if may_report_others.test(user) else []
    form = AbsenceForm(
        request.POST or None, people=[own, *without(others, user.pk)], covers=choices.staff(),
        initial={"person": user.pk},
    )  # fmt: skip
    where = reverse("my_shifts")
    if request.method == "POST" and form.is_valid():
        try:
            cover = choices.person_of(form.uuid("cover"))
            actions.report_absence(
                person=people.person(UUID(form.value("person"))), starts_at=form.cleaned_data["starts_at"],
                ends_at=form.cleaned_data["ends_at"], cover=cover, reason=form.value("reason"), by=user, now=now(request),
            )  # fmt: skip
            said = f"{cover.name} is asked to cover." if cover else "It counts in every schedule."
            return done(request, where, f"The absence is reported. {said}")
        except TocsinError as error:
            form.refuse(error)
    lead = "Whoever is away is passed over as long as anybody else is on. A cover stands in once they have accepted."
    return sheet(request, form, title="Report an absence", submit="Report it", cancel=where, lead=lead)


@worker
@require_POST
def end_absence(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    """Say that somebody is back, or that they will not be away after all."""
    oncall.access_absence(viewer(request), absence_id)
    actions.end_absence(absence_id=absence_id, by=viewer(request), now=now(request))
    return done(request, reverse("my_shifts"), "The absence is over.")


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    """Ask somebody (else) to cover an absence."""
    found = oncall.access_absence(viewer(request), absence_id)
    form = CoverForm(request.POST or None, covers=without(choices.staff(), found.person_id))
    where = reverse("my_shifts") if found.person_id == viewer(request).pk else reverse("schedules")
    if request.method == "POST" and form.is_valid():
        try:
            cover = people.person(UUID(form.value("cover")))
            actions.propose_cover(absence_id=absence_id, cover=cover, by=viewer(request), now=now(request))
            return done(request, where, f"{cover.name} is asked to cover.")
        except TocsinError as error:
            form.refuse(error)
    lead = f"{found.person.name} is away {between(found.starts_at, found.ends_at, viewers_zone())}."
    return sheet(request, form, title="Ask for cover", submit="Ask them", cancel=where, lead=lead)


@worker
@require_POST
def answer_cover(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    """Accept or decline to cover for somebody."""
    found = oncall.access_absence(viewer(request), absence_id)
    accept = request.POST.get("answer") == "accept"
    actions.answer_cover(absence_id=absence_id, accept=accept, by=viewer(request), now=now(request))
    said = f"You stand in for {found.person.name}." if accept else "Declined. They are told."
    return done(request, reverse("my_shifts"), said)


def _own_load(person: str, request: HttpRequest) -> list[dict[str, Any]]:
    """Return what I carry in the next eight weeks, per schedule where it is anything."""
    at, found = now(request), []
    for slug, content in oncall.schedules_of().items():
        carried = load(final_view(content, at, at + AHEAD), viewers_zone()).get(person)
        if carried:
            found.append({"slug": slug, "name": content.name, "load": carried})
    return found
