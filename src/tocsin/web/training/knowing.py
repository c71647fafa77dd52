"""Who knows something and can be had now; and how well a team knows its services."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.people import queries as people
from tocsin.domain.people.rules import is_staff
from tocsin.domain.training import actions, queries, rules
from tocsin.domain.training.enums import State
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.sheets import done, sheet
from tocsin.web.training.forms import AskForm, VouchForm

GET_OR_POST = ["GET", "HEAD", "POST"]


@staff
@require_safe
def who_knows(request: HttpRequest) -> HttpResponse:
    """Find who knows something, whoever can be had now first; without words the whole register."""
    text = request.GET.get("q", "").strip()[:80]
    user = viewer(request)
    skills = queries.skills_like(text)
    found = queries.who_knows(skills, now(request)) if text and skills else []
    context = {
        "q": text, "skills": skills, "found": found, "reachable": [one for one in found if one.now],
        "others": [one for one in found if not one.now],
        "may_vouch": rules.may_vouch.test(user), "section": "skills",
    }  # fmt: skip
    return render(request, "training/who_knows.html", context)


@worker
@require_http_methods(GET_OR_POST)
def vouch(request: HttpRequest) -> HttpResponse:
    """Say that somebody knows something."""
    user = viewer(request)
    others = [one for one in choices.staff() if one[0] != str(user.pk)]
    initial = {"person": request.GET.get("person", ""), "skill": request.GET.get("skill", "")[:80]}
    form = VouchForm(request.POST or None, initial=initial, people=others)
    if request.method == "POST" and form.is_valid():
        try:
            person = people.person(UUID(form.value("person")))
            skill = actions.vouch(
                person=person, skill=form.value("skill"), by=user, now=now(request), word=form.value("word")
            )
            return done(
                request, f"{reverse('who_knows')}?{urlencode({'q': skill.name})}", f"{person.name} knows {skill.name}."
            )
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title="Say what somebody knows", submit="Put it into the register", cancel=reverse("who_knows"),
        template="training/vouch.html", skills=queries.skills_like(""),
    )  # fmt: skip


@worker
@require_POST
def unvouch(request: HttpRequest, user_id: UUID, skill_id: int) -> HttpResponse:
    """Strike out what was entered by hand."""
    actions.unvouch(person_id=user_id, skill_id=skill_id, by=viewer(request), now=now(request))
    return done(request, reverse("who_knows"), "Struck out. What a course says goes on.")


@staff
@require_safe
def coverage(request: HttpRequest, slug: str) -> HttpResponse:
    """How well a team knows its services, and where only one does; a part of the team's page, or a page."""
    team = people.team_by_slug(slug)
    user = viewer(request)
    fragment = bool(getattr(request, "htmx", False))
    context = {
        "team": team, "coverage": queries.coverage(team, now(request)), "section": "people",
        "may_require": rules.may_require.test(user), "may_ask": is_staff.test(user) and rules.may_require.test(user),
    }  # fmt: skip
    return render(request, "training/coverage_part.html" if fragment else "training/coverage.html", context)


@worker
@require_http_methods(GET_OR_POST)
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask members of a team to take a course: the remedy for what only one knows."""
    team, user = people.team_by_slug(slug), viewer(request)
    members = people.members_of_team(team.pk)
    offered = [one for one in queries.courses(user) if one.state == State.PUBLISHED]
    initial = {"course": request.GET.get("course", ""), "people": request.GET.getlist("person")}
    form = AskForm(
        request.POST or None, initial=initial, people=[(str(one.pk), one.name) for one in members],
        courses=[(str(one.pk), one.title) for one in offered],
    )  # fmt: skip
    where = reverse("team_coverage", args=[team.slug])
    if request.method == "POST" and form.is_valid():
        chosen = set(form.cleaned_data["people"])
        try:
            many = actions.ask_to_learn(
                course=next(one for one in offered if str(one.pk) == form.value("course")), by=user, now=now(request),
                people=[one for one in members if str(one.pk) in chosen], word=form.value("word"),
            )  # fmt: skip
            return done(request, where, f"{many} are asked." if many != 1 else "Asked.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Ask {team.name} to learn", submit="Ask", cancel=where)
