"""Signing in and out."""

from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.domain.people import sign_in as limits
from tocsin.web.access import now, public, signed_in
from tocsin.web.fields import Form

WRONG = "This address and password do not fit together. Check both, or ask your administrator for a new password."
TOO_MANY = "Too many tries. Wait fifteen minutes, then try again."


class SignInForm(Form):
    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label="Password",
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Check address and password; the session is a new one afterwards, and `next` leads only into this site."""
    where = _next(request)
    if request.user.is_authenticated:
        return redirect(where)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _enter(request, form):
        return redirect(where)
    return render(request, "sign_in.html", {"form": form, "next": where}, status=_status(form))


def _enter(request: HttpRequest, form: SignInForm) -> bool:
    email, address = form.value("email"), request.META.get("REMOTE_ADDR", "")
    at = now(request)
    if not limits.is_allowed(email, address, at):
        form.add_error(None, TOO_MANY)
        return False
    user = authenticate(request, username=email, password=form.value("password"))
    if user is None:
        limits.failed(email, address, at)
        form.add_error(None, WRONG)
        return False
    limits.succeeded(email, address)
    login(request, user)  # rotates the session's key and the CSRF token
    return True


def _status(form: SignInForm) -> int:
    if TOO_MANY in form.non_field_errors():
        return 429
    return 422 if form.errors else 200


@signed_in
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign_in")


def _next(request: HttpRequest) -> str:
    """Return where to go afterwards: a path of this site, never another host (SECURITY "Abuse cases")."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    if safe and wanted.startswith("/") and not urlsplit(wanted).netloc:
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)
