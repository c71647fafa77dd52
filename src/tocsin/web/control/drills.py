"""Tests and drills: fire one, plan one that comes again, read who answered and after how long."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.escalation import drills, policies
from tocsin.domain.escalation.actions import drill_ends, drill_plans, drilling
from tocsin.domain.escalation.logic.drills import Outcome
from tocsin.domain.escalation.models import Drill
from tocsin.domain.escalation.rules import may_plan_drills
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.people import queries as people
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import drill_planner, now, viewer, worker
from tocsin.web.control.drill_forms import FireForm, PlanForm
from tocsin.web.desk import choices
from tocsin.web.sheets import done, sheet

BAR = 32  # height of the tallest bar of a trend


@worker
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """What is planned, how each team does, and the latest tests. Who leads nobody sees their own."""
    leads = may_plan_drills.test(viewer(request))
    recent = [d for d in drills.recent() if leads or d.started_by == f"person:{viewer(request).pk}"]
    starters = people.names_of_actors({drill.started_by for drill in recent})
    context = {
        "plans": drills.plans() if leads else [],
        "trends": [_drawn(trend) for trend in drills.trends()] if leads else [],
        "rows": [{**_row(d), "by": starters.get(d.started_by, "the plan")} for d in recent],
        "leads": leads,
        "section": "drills",
    }
    return render(request, "control/drills.html", context)


@worker
@require_http_methods(["GET", "HEAD", "POST"])
def fire(request: HttpRequest) -> HttpResponse:
    """Fire a test at oneself; who leads also at somebody else, a level, or a whole policy."""
    leads = may_plan_drills.test(viewer(request))
    form = FireForm(
        request.POST if request.method == "POST" else None, leads=leads, people=choices.staff(), policies=_levels(), teams=choices.teams(),
        services=choices.services(), initial={"person": str(viewer(request).pk), **_asked(request)},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            drill = _fire(request, form)
            return done(request, reverse("drill", args=[drill.pk]), f"The test of {drill.about} is on its way.")
        except TocsinError as error:
            form.refuse(error)
    lead = "It takes the real way, says TEST everywhere, counts in no figure, and ends by itself."
    return sheet(request, form, title="Fire a test", submit="Fire the test", cancel=reverse("drills"), lead=lead)


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name][:100] for name in ("person", "policy") if name in request.GET}


def _fire(request: HttpRequest, form: FireForm) -> Drill:
    by, at = viewer(request), now(request)
    if not form.value("policy"):
        chosen = form.uuid("person")
        person = people.person(chosen) if chosen else by
        return drilling.test_person(person=person, by=by, now=at, in_quiet_hours=form.cleaned_data["in_quiet_hours"])
    slug, _, level = form.value("policy").partition(":")
    return drilling.test_policy(
        slug=slug, level=int(level) if level else None, by=by, now=at, team=choices.team_of(form.uuid("team")),
        service=choices.service_of(form.uuid("service")),
    )  # fmt: skip


def _levels() -> list[tuple[str, str]]:
    """Return every enabled policy, and each level of it, as a select offers them."""
    lines = []
    for policy in policies.live():
        content = policy.content
        lines.append((content.slug, f"{content.name}: the whole ladder"))
        lines += [
            (f"{content.slug}:{n}", f"{content.name}: level {n}, {v.name}") for n, v in enumerate(content.levels, 1)
        ]
    return lines


@drill_planner
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a drill of whoever is on call, every week or month."""
    schedules = [(s.slug, s.name) for s in oncall.schedules()]
    form = PlanForm(
        request.POST if request.method == "POST" else None,
        teams=choices.teams(),
        schedules=schedules,
        initial={"zone": viewer(request).zone},
    )
    if request.method == "POST" and form.is_valid():
        try:
            team = choices.team_of(form.uuid("team"))
            if team is None:
                form.add_error("team", "Choose a team.")
            else:
                made = drill_plans.plan_drill(team=team, by=viewer(request), now=now(request), **form.terms())
                return done(request, reverse("drills"), f"{made.name} is planned.")
        except TocsinError as error:
            form.refuse(error)
    lead = (
        "Whoever is on call then is paged with a test and presses acknowledge. The instant lies anywhere in the window."
    )
    return sheet(request, form, title="Plan a drill", submit="Plan", cancel=reverse("drills"), lead=lead)


@drill_planner
@require_POST
def switch(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Suspend a planned drill, or take it up again."""
    found = drills.access_plan(plan_id)
    on = request.POST.get("enabled") == "yes"
    drill_plans.switch_plan(plan_id=found.pk, enabled=on, by=viewer(request), now=now(request))
    return done(request, reverse("drills"), f"{found.name} is {'planned again' if on else 'suspended'}.")


@worker
@require_safe
def report(request: HttpRequest, drill_id: UUID) -> HttpResponse:
    """One test: who was paged, who answered, by which way and after how long."""
    found = drills.access_drill(viewer(request), drill_id)
    starter = people.names_of_actors({found.started_by}).get(found.started_by, "the plan")
    context = {**_row(found), "starter": starter, "section": "drills"}
    context["may_cancel"] = found.due_at is not None and (
        may_plan_drills.test(viewer(request)) or found.started_by == f"person:{viewer(request).pk}"
    )
    return render(request, "control/drill.html", context)


@worker
@require_safe
def as_json(request: HttpRequest, drill_id: UUID) -> HttpResponse:
    """The same for programs."""
    found = drills.access_drill(viewer(request), drill_id)
    body = {
        "id": str(found.pk), "kind": found.kind, "about": found.about, "state": found.state,
        "started_at": found.started_at, "ended_at": found.ended_at, "seconds_to_human": found.to_human,
        "people": drills.people_of(found),
    }  # fmt: skip
    return JsonResponse(body, json_dumps_params={"indent": 1})


@worker
@require_POST
def cancel(request: HttpRequest, drill_id: UUID) -> HttpResponse:
    """Call a running test off."""
    found = drills.access_drill(viewer(request), drill_id)
    drill_ends.cancel_drill(drill_id=found.pk, by=viewer(request), now=now(request))
    return done(request, reverse("drill", args=[found.pk]), "The test is called off.")


def _row(drill: Drill) -> dict[str, Any]:
    told = drills.people_of(drill)
    asked = [row for row in told if row["outcome"] != Outcome.LEFT_OUT]
    answered = sum(row["outcome"] == Outcome.ANSWERED for row in asked)
    return {"drill": drill, "people": told, "asked": len(asked), "answered": answered}


def _drawn(trend: drills.Trend) -> dict[str, Any]:
    """Return a trend with its bars: the lower, the sooner somebody answered; hollow where nobody did."""
    slowest = max((d.to_human for d in trend.points if d.to_human is not None), default=1.0) or 1.0
    bars = []
    for place, drill in enumerate(trend.points):
        height = BAR if drill.to_human is None else max(2, round(BAR * drill.to_human / slowest))
        bars.append({"x": place * 12, "y": BAR - height, "height": height, "drill": drill})
    return {"trend": trend, "bars": bars, "width": max(12, 12 * len(bars)), "tall": BAR}
