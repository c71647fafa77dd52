"""Second factors and passkeys: allauth's views with our pages, marks and journal."""

import json
from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeAgainView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.people import actions
from tocsin.web.access import now, public, signed_in, viewer
from tocsin.web.accounts import credentials

GET_OR_POST = ["GET", "HEAD", "POST"]


class _Journalled:
    """Journals what has changed about how the person signs in."""

    what = ""
    request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]  # mixed into form views
        user = viewer(self.request)
        actions.credential_changed(user=user, what=self.what, by=user, now=now(self.request))
        return answer


class _Passkeys:
    """Puts what the browser's passkey dialogue needs into the page, as text in an attribute (no inline script)."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # mixed into template views
        options = told.get("js_data") or {}
        return {**told, "section": "account", "options": json.dumps(next(iter(options.values()), {}))}


class _Authenticate(_Passkeys, AuthenticateView):  # type: ignore[misc]  # allauth carries no types
    template_name = "accounts/second_factor.html"


class _AgainPassword(ReauthenticateView):  # type: ignore[misc]  # allauth carries no types
    template_name = "accounts/again.html"


class _AgainCode(CodeAgainView):  # type: ignore[misc]  # allauth carries no types
    template_name = "accounts/again.html"


class _AgainPasskey(_Passkeys, ReauthenticateWebAuthnView):  # type: ignore[misc]  # allauth carries no types
    template_name = "accounts/again_passkey.html"


class _AddTotp(_Journalled, ActivateTOTPView):  # type: ignore[misc]  # allauth carries no types
    template_name = "accounts/totp_add.html"
    what = "authenticator app added"


class _RemoveTotp(_Journalled, DeactivateTOTPView):  # type: ignore[misc]  # allauth carries no types
    template_name = "accounts/confirm.html"
    what = "authenticator app removed"
    extra_context = {
        "title": "Remove the authenticator app", "submit": "Remove it",
        "lead": "From then on it is not asked for when you sign in. Recovery codes go with the last second factor.",
    }  # fmt: skip


class _AddPasskey(_Journalled, _Passkeys, AddWebAuthnView):  # type: ignore[misc]  # allauth carries no types
    template_name = "accounts/passkey_add.html"
    what = "passkey added"


class _RenamePasskey(EditWebAuthnView):  # type: ignore[misc]  # allauth carries no types
    template_name = "accounts/passkey_rename.html"
    success_url = reverse_lazy("account")

    def get_success_url(self) -> str:
        return str(self.success_url)


class _RemovePasskey(_Journalled, RemoveWebAuthnView):  # type: ignore[misc]  # allauth carries no types
    template_name = "accounts/confirm.html"
    success_url = reverse_lazy("account")
    what = "passkey removed"
    extra_context = {
        "title": "Remove the passkey", "submit": "Remove it", "lead": "It will not let you in any more.",
    }  # fmt: skip


class _NewCodes(_Journalled, GenerateRecoveryCodesView):  # type: ignore[misc]  # allauth carries no types
    template_name = "accounts/confirm.html"
    what = "recovery codes renewed"
    extra_context = {
        "title": "New recovery codes", "submit": "Make new codes", "lead": "The old ones are good no more.",
    }  # fmt: skip


@public
@require_http_methods(GET_OR_POST)
def authenticate(request: HttpRequest) -> HttpResponse:
    """The second factor at the sign-in; open only between the first proof and this one."""
    return _drawn(_Authenticate.as_view()(request))


@public
@never_cache
@require_http_methods(GET_OR_POST)
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """A passkey instead of address and password. The GET gives the browser's dialogue what it needs."""
    return _drawn(LoginWebAuthnView.as_view()(request))


@signed_in
@never_cache
@require_http_methods(GET_OR_POST)
def again_password(request: HttpRequest) -> HttpResponse:
    """The password once more, before something grave."""
    return _drawn(_AgainPassword.as_view()(request))


@signed_in
@never_cache
@require_http_methods(GET_OR_POST)
def again_code(request: HttpRequest) -> HttpResponse:
    """A code once more, before something grave."""
    return _drawn(_AgainCode.as_view()(request))


@signed_in
@never_cache
@require_http_methods(GET_OR_POST)
def again_passkey(request: HttpRequest) -> HttpResponse:
    """A passkey once more, before something grave."""
    return _drawn(_AgainPasskey.as_view()(request))


@signed_in
@never_cache
@require_http_methods(GET_OR_POST)
def add_totp(request: HttpRequest) -> HttpResponse:
    """An authenticator app: scan, type its first code."""
    return _drawn(_AddTotp.as_view()(request))


@signed_in
@never_cache
@require_http_methods(GET_OR_POST)
def remove_totp(request: HttpRequest) -> HttpResponse:
    return _drawn(_RemoveTotp.as_view()(request))


@signed_in
@never_cache
@require_http_methods(GET_OR_POST)
def add_passkey(request: HttpRequest) -> HttpResponse:
    return _drawn(_AddPasskey.as_view()(request))


@signed_in
@never_cache
@require_http_methods(GET_OR_POST)
def rename_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    return _drawn(_RenamePasskey.as_view()(request, pk=pk))


@signed_in
@never_cache
@require_http_methods(GET_OR_POST)
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    return _drawn(_RemovePasskey.as_view()(request, pk=pk))


@signed_in
@never_cache
@require_http_methods(GET_OR_POST)
def new_codes(request: HttpRequest) -> HttpResponse:
    """Recovery codes anew; only with a second factor that they could stand for."""
    if not credentials.credentials_of(viewer(request)).second_factor:
        return redirect("account")
    return _drawn(_NewCodes.as_view()(request))


@signed_in
@never_cache
@require_safe
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """The codes for the day the phone is lost, to print or write down."""
    return _drawn(_codes(request))


@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth carries no types
def _codes(request: HttpRequest) -> HttpResponse:
    codes = credentials.recovery_codes_of(viewer(request))
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "section": "account"})


def _drawn(answer: Any) -> HttpResponse:
    """Draw at once: what goes wrong in a template is a refusal like any other."""
    if hasattr(answer, "render") and not answer.is_rendered:
        answer.render()
    return cast(HttpResponse, answer)
