"""Signing in with address and password, and out."""

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.domain.people import sign_in as limits
from tocsin.domain.people.enums import Refusal, SignInMethod
from tocsin.domain.people.models import User
from tocsin.domain.people.queries import find_person
from tocsin.web.access import now, public, signed_in, viewer
from tocsin.web.accounts.adapters import audit
from tocsin.web.accounts.forms import TOO_MANY, SignInForm
from tocsin.web.accounts.landing import landing, wanted
from tocsin.web.network import address_of

WRONG = "This address and password do not fit together. Check both, or have a link mailed to you."


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Check address and password, then whatever second factor the person has.

    The session is a new one afterwards, and `next` leads only into this site.
    """
    if request.user.is_authenticated:
        return redirect(wanted(request) or landing(viewer(request)))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = _known(request, form)
        if user is not None:
            login = Login(user=user, email=user.email, redirect_url=wanted(request) or landing(user))
            answer: HttpResponse = perform_password_login(request, {"email": user.email}, login)
            return answer
    context = {"form": form, "next": wanted(request), "oidc": settings.OIDC_NAME if settings.OIDC_ISSUER else ""}
    return render(request, "sign_in.html", context, status=_status(form))


def _known(request: HttpRequest, form: SignInForm) -> User | None:
    """Return whose address and password these are; None, with the refusal on the form and in the audit, if nobody's."""
    email, address, at = form.value("email"), address_of(request), now(request)
    if not limits.is_allowed(email, address, at):
        audit(request, find_person(email), SignInMethod.PASSWORD, refused=Refusal.TOO_MANY)
        form.add_error(None, TOO_MANY)
        return None
    user = authenticate(request, username=email, password=form.value("password"))
    if not isinstance(user, User):
        limits.failed(email, address, at)
        audit(request, find_person(email), SignInMethod.PASSWORD, refused=Refusal.WRONG)
        form.add_error(None, WRONG)
        return None
    limits.succeeded(email, address)
    return user


def _status(form: SignInForm) -> int:
    if TOO_MANY in form.non_field_errors():
        return 429
    return 422 if form.errors else 200


@signed_in
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign_in")
