"""Courses: listed, written, published; and what each line must know."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.knowledge import queries as knowledge
from tocsin.domain.people.enums import Line
from tocsin.domain.people.models import User
from tocsin.domain.training import actions, queries, rules
from tocsin.domain.training.enums import State
from tocsin.domain.training.logic.questions import as_text
from tocsin.domain.training.models import Course
from tocsin.kernel.errors import NotFound, TocsinError
from tocsin.web.access import course_writer, now, staff, viewer
from tocsin.web.desk import choices
from tocsin.web.fields import Choices
from tocsin.web.sheets import done, sheet
from tocsin.web.training.forms import CourseForm, RequirementForm

GET_OR_POST = ["GET", "HEAD", "POST"]


@staff
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every course."""
    user = viewer(request)
    context = {
        "courses": queries.courses(user), "section": "training", "may_write": rules.may_write_courses.test(user),
    }  # fmt: skip
    return render(request, "training/courses.html", context)


@staff
@require_safe
def course(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """One course: what it is for, what is read, who has passed it; its questions for those who write."""
    user = viewer(request)
    found = queries.access_course(user, course_id)
    may_write = rules.may_write_courses.test(user)
    context = {
        "course": found, "text": queries.shown(found, found.version if may_write else None), "section": "training",
        "passed": queries.who_passed(found), "may_write": may_write, "may_learn": rules.may_learn.test(user),
        "unpublished": found.live != found.version, "asked": [one for one in queries.requirements() if one.course == found],
    }  # fmt: skip
    return render(request, "training/course.html", context)


@course_writer
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, course_id: UUID | None = None) -> HttpResponse:
    """Write a course, or the next version of one."""
    user = viewer(request)
    found = queries.access_course(user, course_id) if course_id else None
    form = CourseForm(
        request.POST or None, initial=_initial(found), articles=_articles(user, found), people=choices.staff()
    )
    where = reverse("course", args=[found.pk]) if found else reverse("courses")
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save(form, found, user, now(request))
            said = "Saved." if saved.live == saved.version else "Saved. Learners get it once it is published."
            return done(request, reverse("course", args=[saved.pk]), said)
        except TocsinError as error:
            form.refuse(error)
    title = f"Edit {found.title}" if found else "New course"
    return sheet(request, form, title=title, submit="Save", cancel=where)


def _initial(found: Course | None) -> dict[str, Any] | None:
    if found is None:
        return None
    text = queries.shown(found, found.version)
    return {
        "title": found.title, "about": text.about, "articles": [str(one.number) for one in text.articles],
        "questions": as_text(text.questions), "pass_mark": found.pass_mark, "valid_months": found.valid_months,
        "skills": ", ".join(sorted(one.name for one in found.skills.all())), "needs_sign_off": found.needs_sign_off,
        "owner": found.owner_id, "version": found.version,
    }  # fmt: skip


def _articles(user: User, found: Course | None) -> Choices:
    listed = {one.number: one for one in knowledge.articles(user, state="published")}
    if found is not None:
        listed |= {one.number: one for one in queries.shown(found, found.version).articles}
    return [(str(one.number), f"{one.reference} {one.title}") for _, one in sorted(listed.items())]


def _save(form: CourseForm, found: Course | None, user: User, at: datetime) -> Course:
    numbers = [int(one) for one in form.cleaned_data["articles"]]
    return actions.save_course(
        title=form.value("title"), about=form.value("about"), questions=form.value("questions"),
        articles=[knowledge.access_article(user, number) for number in sorted(numbers)],
        skills=form.value("skills").split(","), pass_mark=form.cleaned_data["pass_mark"],
        valid_months=form.cleaned_data["valid_months"], needs_sign_off=form.cleaned_data["needs_sign_off"],
        owner=choices.person_of(form.uuid("owner")), word=form.value("word"), by=user, now=at,
        course_id=found.pk if found else None, expected_version=form.cleaned_data["version"] if found else None,
    )  # fmt: skip


SAID = {
    "publish": "Published: learners get this version.",
    "renew": "Published. Whoever passed an earlier version is asked to renew.",
    "retire": "Retired: nobody is asked for it any more.",
    "revive": "It is asked for again.",
}


@course_writer
@require_POST
def act(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Publish (asking for renewal or not), retire or revive."""
    user, what = viewer(request), request.POST.get("act", "")
    found = queries.access_course(user, course_id)
    if what not in SAID:
        raise NotFound("no_such_act", "There is no such act.")
    if what in ("publish", "renew"):
        actions.publish_course(course_id=found.pk, by=user, now=now(request), ask_renewal=what == "renew")
    else:
        actions.change_state(course_id=found.pk, act=what, by=user, now=now(request))
    return done(request, reverse("course", args=[found.pk]), SAID[what])


@staff
@require_safe
def requirements(request: HttpRequest) -> HttpResponse:
    """What each line must know of each service, as one table."""
    rows: dict[str, dict[str, list[Any]]] = {}
    for one in queries.requirements():
        name = one.service.name if one.service else ""
        rows.setdefault(name, {line: [] for line in Line.values})[one.line].append(one)
    context = {
        "lines": Line.choices, "rows": [(name, list(of.values())) for name, of in rows.items()], "section": "training",
        "may_require": rules.may_require.test(viewer(request)),
    }  # fmt: skip
    return render(request, "training/requirements.html", context)


@course_writer
@require_http_methods(GET_OR_POST)
def require(request: HttpRequest) -> HttpResponse:
    """Ask a line for a course."""
    user = viewer(request)
    offered = [one for one in queries.courses(user) if one.state != State.RETIRED]
    form = RequirementForm(
        request.POST or None,
        initial={"line": request.GET.get("line", ""), "service": request.GET.get("service", ""), "within_days": 30},
        services=choices.services(), courses=[(str(one.pk), one.title) for one in offered],
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            actions.require(
                course=next(one for one in offered if str(one.pk) == form.value("course")), line=form.value("line"),
                service=choices.service_of(form.uuid("service")), within_days=form.cleaned_data["within_days"], by=user,
                now=now(request),
            )  # fmt: skip
            return done(request, reverse("requirements"), "Asked for. It stands on the pages of those it concerns.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="What a line must know", submit="Ask for it", cancel=reverse("requirements"))


@course_writer
@require_POST
def release(request: HttpRequest, requirement_id: int) -> HttpResponse:
    """Ask for it no more."""
    actions.release(requirement_id=requirement_id, by=viewer(request), now=now(request))
    return done(request, reverse("requirements"), "It is asked for no more.")
