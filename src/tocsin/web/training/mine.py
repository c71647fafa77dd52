"""My training: what I must learn, taking a course, what came of it, and what waits for my sign-off."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.training import actions, queries, rules
from tocsin.domain.training.enums import State
from tocsin.domain.training.logic.questions import shown_order
from tocsin.domain.training.queries import Shown
from tocsin.kernel.errors import InvalidInput, NotFound, TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.sheets import done, sheet
from tocsin.web.training.forms import SignForm

GET_OR_POST = ["GET", "HEAD", "POST"]


@worker
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I must do, what is overdue, what is done."""
    user, at = viewer(request), now(request)
    duties = queries.duties_of(user, at)
    groups = {
        "overdue": [one for one in duties if one.standing.what == "overdue"],
        "todo": [one for one in duties if one.standing.what in ("todo", "renew", "soon", "waiting")],
        "done": [one for one in duties if one.standing.what == "done"],
    }
    context = {
        "groups": groups, "attempts": queries.past_attempts(user), "skills": queries.register(user),
        "sign_offs": queries.waiting_for_sign_off(user), "section": "training",
        "may_write": rules.may_write_courses.test(user),
    }  # fmt: skip
    return render(request, "training/mine.html", context)


@worker
@require_http_methods(GET_OR_POST)
def take(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Read, then answer."""
    user = viewer(request)
    course = queries.access_course(user, course_id)
    if course.state != State.PUBLISHED or course.live is None:
        raise NotFound("course_not_found", "This course is not published.")
    text = queries.shown(course)
    given: list[list[int]] = [[] for _ in text.questions]
    problems: dict[str, str] = {}
    refusal: TocsinError | None = None
    if request.method == "POST":
        given = [_places(request.POST.getlist(f"question_{n}")) for n, _ in enumerate(text.questions)]
        version = request.POST.get("version", "")
        try:
            made = actions.answer_course(
                course_id=course.pk, version=int(version) if version.isdigit() and len(version) < 9 else 0, answers=given,
                by=user, now=now(request),
            )  # fmt: skip
            return redirect("attempt", attempt_id=made.pk)
        except TocsinError as error:
            refusal, problems = error, error.fields if isinstance(error, InvalidInput) else {}
    context = {
        "course": course, "text": text, "asked": _asked(text, given, problems, str(user.pk)), "refusal": refusal, "section": "training",
    }  # fmt: skip
    return render(request, "training/take.html", context, status=422 if refusal else 200)


def _places(values: list[str]) -> list[int]:
    return [int(one) for one in values if one.isascii() and one.isdigit() and len(one) < 3]


def _asked(text: Shown, given: list[list[int]], problems: dict[str, str], seed: str) -> list[dict[str, Any]]:
    return [
        {
            "number": n + 1, "name": f"question_{n}", "question": one, "problem": problems.get(f"question_{n}", ""),
            "choices": [(place, one.choices[place].text, place in given[n]) for place in shown_order(one, seed)],
        }
        for n, one in enumerate(text.questions)
    ]  # fmt: skip


@worker
@require_safe
def attempt(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """What came of an attempt, with the explanations: for the person and their lead."""
    found = queries.access_attempt(viewer(request), attempt_id)
    context = {
        "attempt": found, "course": found.course, "given": queries.given_in(found), "own": found.person == viewer(request),
        "percent": 100 * found.right // found.of if found.of else 100, "section": "training",
        "text": queries.shown(found.course, found.version),
    }  # fmt: skip
    return render(request, "training/attempt.html", context)


@worker
@require_http_methods(GET_OR_POST)
def sign(request: HttpRequest, completion_id: UUID) -> HttpResponse:
    """Sign off what somebody passed, or say what is missing yet."""
    user = viewer(request)
    found = queries.access_completion(user, completion_id)
    form = SignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        yes = request.POST.get("answer") == "yes"
        try:
            actions.sign_off(completion_id=found.pk, yes=yes, by=user, now=now(request), word=form.value("word"))
            said = f"{found.person.name} can do it." if yes else f"{found.person.name} is told what is missing."
            return done(request, reverse("training"), said)
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request, form, title=f"Sign off {found.course.title}", submit="Sign off", cancel=reverse("training"),
        template="training/sign.html", completion=found, may_see=rules.may_see_answers.test(user, found.attempt),
    )  # fmt: skip
