"""Some roles must have a second factor (TOCSIN_REQUIRE_SECOND_FACTOR): until it is there, only the way to it is open."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tocsin.domain.people.models import User

NEEDED = "Your role needs a second factor. Set up an authenticator app or a passkey to go on."
# The way to a second factor, and out again.
OPEN = frozenset(
    {
        "account", "account_password", "account_reauthenticate", "mfa_index", "mfa_activate_totp", "mfa_add_webauthn",
        "mfa_view_recovery_codes", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "sign_out", "live", "ready",
        "sign_in", "account_login", "home",
    }
)  # fmt: skip


class SecondFactor:
    """Lead a person without the second factor that their role needs to where it is set up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Django's hook: after routing, before the view."""
        if not settings.REQUIRE_SECOND_FACTOR or getattr(view, "access", "") == "public":
            return None
        match = request.resolver_match
        if (match is not None and match.url_name in OPEN) or not lacks_it(request):
            return None
        where = reverse("account")
        if not any(str(message) == NEEDED for message in messages.get_messages(request)):
            messages.warning(request, NEEDED)
        if getattr(request, "htmx", False):
            answer = HttpResponse(status=204)
            answer["HX-Redirect"] = where
            return answer
        return HttpResponse(status=302, headers={"Location": where})


def lacks_it(request: HttpRequest) -> bool:
    """Say whether the signed-in person's role needs a second factor that they have not got."""
    user = request.user
    if not isinstance(user, User) or user.role not in settings.REQUIRE_SECOND_FACTOR:
        return False
    if settings.OIDC_SECOND_FACTOR:
        records = get_authentication_records(request, user)
        if any(record["method"] == "socialaccount" for record in records):
            return False
    return not is_mfa_enabled(user)
