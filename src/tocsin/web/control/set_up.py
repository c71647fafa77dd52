"""The first steps of an installation: from nothing to a test that was heard, in a few minutes.

Each step looks at what is really there, so that it can be left and taken up again, done elsewhere, or skipped.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.channels.email.kind import KIND as SMTP
from tocsin.domain.calendars.actions import save_calendar
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation import drills, examples, policies, publishing
from tocsin.domain.escalation import queries as escalations
from tocsin.domain.escalation.actions import drilling
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify import providers, reaching
from tocsin.domain.notify import queries as notify_queries
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.models import ContactMethod
from tocsin.domain.people import actions as people
from tocsin.domain.people import one_time
from tocsin.domain.people import queries as persons
from tocsin.domain.people import sign_in as limits
from tocsin.domain.people.enums import Line, Role
from tocsin.domain.people.models import User
from tocsin.domain.sla import actions as sla
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound, TocsinError
from tocsin.web.access import administrator, now, public, viewer
from tocsin.web.accounts.forms import TOO_MANY
from tocsin.web.control.first_steps import BY_KEY, COOKIE, STEPS, is_own, left, mail_works
from tocsin.web.control.policies import rungs
from tocsin.web.control.set_up_forms import (
    HOUR,
    USUAL,
    CalendarForm,
    FirstForm,
    MailForm,
    OrganisationForm,
    PolicyForm,
    TeamForm,
)
from tocsin.web.fields import Form
from tocsin.web.network import address_of
from tocsin.web.people.forms import CodeForm
from tocsin.web.sheets import done

GET_OR_POST = ["GET", "HEAD", "POST"]
PUT_OFF_FOR = timedelta(days=365)


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(GET_OR_POST)
def first(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first administrator: for whoever has the address that the server has printed, while there is none."""
    at = now(request)
    if not limits.is_allowed("", address_of(request), at, "token"):
        raise Conflict("too_many", TOO_MANY)
    if not one_time.opens_first(token) or persons.has_administrator():
        if request.method == "POST":
            limits.failed("", address_of(request), at, "token")
        raise NotFound(
            "not_first", "This address is not good any more. Sign in, or start the server anew to get another."
        )
    form = FirstForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = people.create_person(
                email=form.value("email"), name=form.value("name"), role=Role.ADMINISTRATOR, by=None, now=at,
                password=form.value("password"), actor="system",
            )  # fmt: skip
        except TocsinError as error:
            form.refuse(error)
        else:
            record_authentication(request, user, method="password", email=user.email)
            login = Login(user=user, email=user.email, redirect_url=reverse("set_up"))
            answer: HttpResponse = perform_login(request, login)
            return answer
    return render(request, "control/set_up_first.html", {"form": form}, status=422 if form.errors else 200)


@administrator
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Go on where something is left; with nothing left, say what comes next."""
    user = viewer(request)
    for step in STEPS:
        if not step.is_done(user) and step.key not in request.GET.getlist("skipped"):
            return redirect("set_up_step", step.key)
    return render(request, "control/set_up_done.html", {**_frame(user, ""), "left": left(user)})


def _frame(user: User, key: str) -> dict[str, object]:
    order = [step.key for step in STEPS]
    after = order[order.index(key) + 1] if key in order and order.index(key) + 1 < len(order) else ""
    return {
        "steps": [{"step": step, "done": step.is_done(user), "number": n} for n, step in enumerate(STEPS, 1)],
        "current": BY_KEY.get(key), "after": after, "section": "set_up",
    }  # fmt: skip


@administrator
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(GET_OR_POST)
def step(request: HttpRequest, key: str) -> HttpResponse:
    """One step: its form, or what is there already."""
    if key not in BY_KEY:
        raise NotFound("no_such_step", "There is no such step.")
    user = viewer(request)
    form, save = _FORMS[key](request, user)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            with transaction.atomic():
                said = save(request, user, form)
            return _on(request, key, said)
        except TocsinError as error:
            form.refuse(error)
    context = {
        **_frame(user, key),
        "form": form,
        "is_done": BY_KEY[key].is_done(user),
        **_MORE.get(key, _nothing)(request, user),
    }
    return render(
        request, f"control/set_up_{key}.html", context, status=422 if form is not None and form.errors else 200
    )


def _on(request: HttpRequest, key: str, said: str) -> HttpResponse:
    after = _frame(viewer(request), key)["after"]
    stays = key in ("mail", "test")
    where = reverse("set_up_step", args=[key]) if stays or not after else reverse("set_up_step", args=[after])
    return done(request, where, said)


type _Save = Callable[[HttpRequest, User, Any], str]


def _organisation(request: HttpRequest, user: User) -> tuple[Form, _Save]:
    known = user.organisation
    initial = {"name": known.name if known else "", "zone": user.zone, "language": user.language}
    return OrganisationForm(request.POST or None, initial=initial), _save_organisation


def _save_organisation(request: HttpRequest, user: User, form: Form) -> str:
    at, known = now(request), user.organisation
    if known is None:
        known = people.create_organisation(name=form.value("name"), zone=form.value("zone"), by=user, now=at)
    else:
        people.edit_organisation(
            organisation_id=known.pk, name=form.value("name"), zone=form.value("zone"), by=user, now=at
        )
    people.edit_person(
        user_id=user.pk, by=user, now=at, organisation=known, zone=form.value("zone"), language=form.value("language")
    )
    return "Saved."


def _mail(request: HttpRequest, _user: User) -> tuple[Form, _Save]:
    if not _has_server():
        return MailForm(request.POST or None, initial={"tls": "starttls"}), _save_server
    return CodeForm(request.POST or None), _save_code


def _has_server() -> bool:
    return bool(settings.SMTP_HOST) or providers.is_provided(Channel.EMAIL)


def _save_server(request: HttpRequest, user: User, form: Any) -> str:
    notify.add_provider(kind=SMTP, name="Mail", values=form.values(), by=user, now=now(request))
    _send_code(request, user)
    return f"A code is on its way to {user.email}."


def _save_code(request: HttpRequest, user: User, form: Form) -> str:
    method = _own_method(request, user)
    notify.confirm_code(user_id=user.pk, method_id=method.pk, code=form.value("code"), now=now(request))
    if escalations.catch_all() is None:
        escalation.set_catch_all(user=user, by=user, now=now(request))
    return "Mail works, and you can be paged by it."


def _own_method(request: HttpRequest, user: User) -> ContactMethod:
    return notify.add_method(
        user_id=user.pk, channel=Channel.EMAIL, address=user.email, now=now(request), actor=f"person:{user.pk}"
    )


def _send_code(request: HttpRequest, user: User) -> None:
    notify.send_code(user_id=user.pk, method_id=_own_method(request, user).pk, now=now(request))


@administrator
@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """Send a code (again) to the administrator's own address."""
    _send_code(request, viewer(request))
    return done(request, reverse("set_up_step", args=["mail"]), f"A code is on its way to {viewer(request).email}.")


def _mail_state(request: HttpRequest, user: User) -> dict[str, object]:
    trial = reaching.trials(user.pk, now(request)).get((Channel.EMAIL.value, user.email))
    return {
        "has_server": _has_server(), "trial": trial, "polled": trial is not None and not trial.over(now(request)),
        "listens": settings.MAIL_LISTEN, "imap": bool(settings.IMAP_URL), "by_environment": bool(settings.SMTP_HOST),
    }  # fmt: skip


def _team(request: HttpRequest, _user: User) -> tuple[Form, _Save]:
    return TeamForm(request.POST or None), _save_team


def _save_team(request: HttpRequest, user: User, form: Any) -> str:
    at, members = now(request), [user]
    for name, address in form.invited():
        known = persons.find_person(address)
        if known is None:
            link = people.invite(
                email=address,
                name=name,
                role=Role.AGENT,
                by=user,
                now=at,
                organisation=user.organisation,
                zone=user.zone,
            )
            known = link.user
        members.append(known)
    made = people.create_team(
        name=form.value("name"), slug=slugify(form.value("name"))[:80] or "desk", line=Line.L1, by=user, now=at,
        lead=user, escalation_manager=user, members=members,
    )  # fmt: skip
    return f"{made.name} has {len(members)} members."


def _calendar(request: HttpRequest, user: User) -> tuple[Form, _Save]:
    return CalendarForm(request.POST or None, initial={"zone": user.zone}), _save_calendar


def _save_calendar(request: HttpRequest, user: User, form: Any) -> str:
    actor = f"person:{user.pk}"
    made = save_calendar(
        name=form.value("name"), zone=form.value("zone"), weekly=form.weekly(), country=form.value("country"),
        actor=actor, now=now(request),
    )  # fmt: skip
    if form.cleaned_data["promises"]:
        lines = [
            (kind.value, priority, None, int(hours * HOUR))
            for kind, times in USUAL.items()
            for priority, hours in enumerate(times, start=1)
        ]
        sla.save_agreement(
            slug="standard", name="Standard", calendar=made, targets=lines, actor=actor, now=now(request)
        )
    return f"{made.name} is set."


def _policy(request: HttpRequest, _user: User) -> tuple[Form, _Save]:
    return PolicyForm(request.POST or None, examples=examples.load_all(), initial={"example": "internal"}), _save_policy


def _save_policy(request: HttpRequest, user: User, form: Form) -> str:
    text = examples.sources()[form.value("example")]
    version = publishing.publish_source(text=text, by=user, now=now(request), note="Chosen when Tocsin was set up.")
    return f"Version {version.number} is published."


def _ladders(_request: HttpRequest, _user: User) -> dict[str, object]:
    shown = [{"key": key, "policy": one, "rungs": rungs(one)} for key, one in examples.load_all().items()]
    return {"ladders": shown, "live": policies.live()}


def _test(_request: HttpRequest, _user: User) -> tuple[Form, _Save]:
    return Form(_request.POST if _request.method == "POST" else None), _fire


def _fire(request: HttpRequest, user: User, _form: Form) -> str:
    if not mail_works(user) and not notify_queries.reachable([user.pk]):
        raise InvalidInput(
            "unreachable", "You cannot be reached yet: finish the step Mail, or add an address of yours."
        )
    drilling.test_person(person=user, by=user, now=now(request), in_quiet_hours=True)
    return "The test is on its way."


def _tests(_request: HttpRequest, user: User) -> dict[str, object]:
    newest = next((one for one in drills.recent() if is_own(one, user)), None)
    if newest is None:
        return {"drill": None}
    row = next(iter(drills.people_of(newest)), None)
    heard = row is not None and row.get("seconds") is not None
    return {"drill": newest, "row": row, "heard": heard, "polled": not heard and newest.ended_at is None}


@administrator
@require_safe
def test_state(request: HttpRequest) -> HttpResponse:
    """What came of the newest test, for the page that waits for it."""
    return render(request, "control/set_up_test_state.html", _tests(request, viewer(request)))


@administrator
@require_POST
def put_off(request: HttpRequest) -> HttpResponse:
    """Take the first steps out of the side bar, in this browser; they stay under Settings."""
    answer = done(request, reverse("queue"), "The first steps stay under Settings.")
    answer.set_cookie(COOKIE, "off", max_age=PUT_OFF_FOR, httponly=True, samesite="Lax", secure=request.is_secure())
    return answer


def _nothing(_request: HttpRequest, _user: User) -> dict[str, object]:
    return {}


_FORMS: dict[str, Callable[[HttpRequest, User], tuple[Form | None, _Save]]] = {
    "organisation": _organisation, "mail": _mail, "team": _team, "calendar": _calendar, "policy": _policy, "test": _test,
}  # fmt: skip
_MORE: dict[str, Callable[[HttpRequest, User], dict[str, object]]] = {
    "mail": _mail_state, "policy": _ladders, "test": _tests,
}  # fmt: skip
