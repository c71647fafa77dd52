"""One's own account: password, second factors, company account, sessions, recent sign-ins."""

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.people import actions
from tocsin.domain.people import queries as people
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import administrator, now, public, signed_in, viewer
from tocsin.web.accounts import credentials
from tocsin.web.accounts.forms import NewPasswordForm, ProfileForm
from tocsin.web.accounts.second_factor import lacks_it
from tocsin.web.sheets import done

AUDIT_PAGE = 50


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show how I sign in and where I am signed in; name and time zone are changed here."""
    user = viewer(request)
    form = ProfileForm(request.POST or None, initial={"name": user.name, "zone": user.zone, "language": user.language})
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_person(
                user_id=user.pk, by=user, now=now(request), name=form.value("name"), zone=form.value("zone"),
                language=form.value("language"),
            )  # fmt: skip
            return done(request, reverse("account"), "Saved.")
        except TocsinError as error:
            form.refuse(error)
    context = {
        "form": form,
        "mine": credentials.credentials_of(user),
        "sessions": credentials.sessions_of(request, user, now(request)),
        "sign_ins": people.sign_ins_of(user.pk, limit=10),
        "needs_second_factor": lacks_it(request),
        "oidc": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "section": "account",
    }
    return render(request, "accounts/account.html", context, status=422 if form.errors else 200)


@signed_in
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Set a new password after showing the old one (or another proof) once more. Every other session ends."""
    return cast(HttpResponse, _password(request))


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth carries no types
def _password(request: HttpRequest) -> HttpResponse:
    user = viewer(request)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.set_password(user_id=user.pk, password=form.value("password"), by=user, now=now(request))
            credentials.end_other_sessions(request, user)
            update_session_auth_hash(request, changed)  # a new session key too
            credentials.keep_session(request)
            return done(request, reverse("account"), "The password is changed. You are signed out everywhere else.")
        except TocsinError as error:
            form.refuse(error)
    context = {"form": form, "section": "account", "has_one": user.has_usable_password()}
    return render(request, "accounts/password.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """End every session of mine but this one."""
    credentials.end_other_sessions(request, viewer(request))
    return done(request, reverse("account"), "You are signed out everywhere else.")


@public
@require_safe
def inactive(request: HttpRequest) -> HttpResponse:
    """What somebody who was deactivated is told, after they have shown who they are."""
    return render(request, "accounts/inactive.html", {}, status=403)


@signed_in
@require_safe
def index(_request: HttpRequest) -> HttpResponse:
    """Where allauth goes when something about a second factor is done."""
    return redirect("account")


@administrator
@require_safe
def sign_ins(request: HttpRequest) -> HttpResponse:
    """The sign-in audit: who, when, from where, how, and who was refused."""
    wanted, before = request.GET.get("q", "")[:100], request.GET.get("before", "")
    only_refused = request.GET.get("refused") == "1"
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
    rows = people.sign_ins(text=wanted, only_refused=only_refused, before=last, limit=AUDIT_PAGE)
    context = {
        "rows": rows, "q": wanted, "only_refused": only_refused, "section": "people",
        "more": rows[-1].pk if len(rows) == AUDIT_PAGE else None,
    }  # fmt: skip
    return render(request, "accounts/sign_ins.html", context)
