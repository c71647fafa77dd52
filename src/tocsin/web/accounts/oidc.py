"""Signing in with a company account (OpenID Connect): the way there, the way back, joining and leaving."""

from typing import Any, cast

from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from tocsin.domain.people import actions
from tocsin.domain.people.enums import Refusal, SignInMethod
from tocsin.kernel.errors import Conflict, NotFound, Unavailable
from tocsin.web.access import now, public, signed_in, viewer
from tocsin.web.accounts import credentials
from tocsin.web.accounts.adapters import audit
from tocsin.web.accounts.landing import wanted
from tocsin.web.sheets import done

ASLEEP = "The company sign-in does not answer. Use your password or a mailed link, or try again in a minute."


def provider_id() -> str:
    """Return the configured provider's name. Raises NotFound where there is none."""
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    if not apps:
        raise NotFound("no_oidc", "No company sign-in is set up here.")
    return str(apps[0]["provider_id"])


class Issuer(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth carries no types
    """The configured issuer. Identity is the verified ID token's issuer and subject, and nothing else."""

    def get_provider(self) -> Any:
        """Return the provider, made to ask this adapter and not allauth's own."""
        found = super().get_provider()
        found.oauth2_adapter_class = Issuer
        return found

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return the issuer's own description; one that speaks for another issuer is refused (OIDC Discovery 4.3)."""
        found: dict[str, Any] = super().openid_config
        if str(found.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER:
            raise OAuth2Error("the provider describes another issuer")
        return found

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:  # noqa: ARG002 - allauth's signature
        """Return our address there; a request's Host header counts only where no base URL is set (trials)."""
        path = reverse("oidc_callback")
        return f"{settings.BASE_URL}{path}" if settings.BASE_URL else request.build_absolute_uri(path)

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Verify the ID token (signature, issuer, audience, time) and ask for the claims it does not carry."""
        raw = kwargs["response"].get("id_token")
        if not raw:
            raise OAuth2Error("the provider sent no ID token")
        config = self.openid_config
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=raw, keys_url=config["jwks_uri"], issuer=config["issuer"], audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk, verify_signature=True,
        )  # fmt: skip
        if not claims.get("sub"):
            raise OAuth2Error("the ID token names nobody")
        if "email" not in claims and config.get("userinfo_endpoint"):
            told = self._fetch_user_info(token.token)
            if told.get("sub") != claims["sub"]:  # OIDC Core 5.3.2: otherwise the answer is about somebody else
                raise OAuth2Error("the provider answered about somebody else")
            claims = {**told, **claims}
        login = self.get_provider().sociallogin_from_response(request, {"id_token": claims})
        kept = ("sub", "iss", "email", "email_verified", "name")
        login.account.extra_data = {"claims": {key: claims[key] for key in kept if key in claims}}
        return cast(SocialLogin, login)


@public
@never_cache
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the company's sign-in, by a page: a redirected form would need a wider content policy."""
    request.GET = QueryDict()  # allauth reads scopes from it; they are the operator's word
    posted = request.POST.copy()
    posted["next"] = wanted(request)
    posted["process"] = "connect" if request.user.is_authenticated else "login"
    request.POST = posted  # type: ignore[assignment]  # only a path of this site and our own word
    try:
        answer = OAuth2LoginView.adapter_view(Issuer(request, provider_id()))(request)
    except (RequestException, OAuth2Error, KeyError) as error:
        raise Unavailable("oidc_unreachable", ASLEEP) from error
    where = answer.headers.get("Location", "")
    if not where.startswith(("https://", "http://")):
        raise Unavailable("oidc_unreachable", ASLEEP)
    return render(request, "accounts/going.html", {"where": where, "name": settings.OIDC_NAME})


@public
@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Take the answer back. `state` ties it to this browser, the code is exchanged once, PKCE binds the two."""
    try:
        return cast(HttpResponse, OAuth2CallbackView.adapter_view(Issuer(request, provider_id()))(request))
    except (RequestException, OAuth2Error, KeyError) as error:
        audit(request, None, SignInMethod.OIDC, refused=Refusal.WRONG)
        raise Unavailable("oidc_failed", ASLEEP) from error


@public
@require_safe
def cancelled(request: HttpRequest) -> HttpResponse:
    """Whoever turned back at the company's sign-in is at ours again."""
    return redirect("account" if request.user.is_authenticated else "sign_in")


@signed_in
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Part the company account from this one, unless it is the only way in."""
    user = viewer(request)
    if not user.has_usable_password():
        raise Conflict("last_way_in", "Set a password first: without it nobody could sign in to this account.")
    if credentials.part_company_account(user):
        actions.credential_changed(user=user, what="company account parted", by=user, now=now(request))
    return done(request, reverse("account"), "The company account is not joined any more.")
