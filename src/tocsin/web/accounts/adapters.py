"""Where allauth asks us: whom to let in, what to keep of it, where to go afterwards."""

import base64
import hashlib
from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tocsin.domain.people import actions
from tocsin.domain.people import sign_in as limits
from tocsin.domain.people.enums import Refusal, SignInMethod
from tocsin.domain.people.models import User
from tocsin.domain.people.queries import find_person
from tocsin.kernel.errors import NotAllowed
from tocsin.web.access import now
from tocsin.web.accounts.landing import landing
from tocsin.web.middleware import refusal
from tocsin.web.network import address_of, browser_of

NO_ACCOUNT = (
    "No account here belongs to this company account. Sign in with your password or a mailed link and join the two "
    "under “Account”, or ask your administrator for an account."
)


def audit(request: HttpRequest, user: User | None, method: str, *, refused: str = "", second: str = "") -> None:
    """Keep one try to sign in."""
    actions.record_sign_in(
        user=user, method=method, second=second, refused=refused, address=address_of(request),
        browser=browser_of(request), now=now(request),
    )  # fmt: skip


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Steps that every way of signing in goes through."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Nobody registers; people are invited."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return landing(cast(User, request.user))

    def add_message(self, request: HttpRequest, level: int, *_args: Any, message: str = "", **_more: Any) -> None:
        """Pass on words that allauth says; of its templates there are none here."""
        if message:
            messages.add_message(request, level, message)

    def pre_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse | None:
        if not user.is_active:
            audit(request, user, _methods(request, user)[0], refused=Refusal.INACTIVE)
        return cast(HttpResponse | None, super().pre_login(request, user, **more))

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        """Everything was shown: keep it for the audit. The session is a new one already."""
        method, second = _methods(request, user)
        audit(request, user, method, second=second)
        return cast(HttpResponse, super().post_login(request, user, **more))

    def reauthenticate(self, user: User, password: str) -> bool:
        """Check the password again before something grave, within the limits of signing in."""
        request = context.request
        address, at = address_of(request), now(request)
        if not limits.is_allowed(user.email, address, at):
            return False
        if user.check_password(password):
            return True
        limits.failed(user.email, address, at)
        audit(request, user, SignInMethod.PASSWORD, refused=Refusal.WRONG)
        return False


def _methods(request: HttpRequest, user: User) -> tuple[str, str]:
    """Return (how they showed who they are, and the second factor or "") from what allauth noted in the session."""
    first, second = SignInMethod.LINK, ""
    words = {"password": SignInMethod.PASSWORD, "code": SignInMethod.LINK, "socialaccount": SignInMethod.OIDC}
    factors = {
        "totp": SignInMethod.TOTP,
        "webauthn": SignInMethod.PASSKEY,
        "recovery_codes": SignInMethod.RECOVERY_CODE,
    }
    for record in get_authentication_records(request, user):
        if record["method"] != "mfa":
            first = words.get(record["method"], first)
        elif record.get("passwordless"):
            first = SignInMethod.PASSKEY
        else:
            second = factors.get(record.get("type", ""), "")
    return str(first), str(second)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth carries no types
    """Company accounts: known by issuer and subject, joined by a verified address or by hand, never otherwise."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:  # noqa: ARG002 - allauth's signature
        return reverse("account")

    def on_authentication_error(self, request: HttpRequest, provider: Any, error: Any = None, **_more: Any) -> None:  # noqa: ARG002 - allauth's signature
        """Keep an answer that was refused for the audit; turning back is no try."""
        if error != AuthError.CANCELLED:
            audit(request, None, SignInMethod.OIDC, refused=Refusal.WRONG)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find whose identity this is. Raises ImmediateHttpResponse with the refusal where it is nobody's."""
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        claims = sociallogin.account.extra_data.get("claims", {})
        person = self._person(request, sociallogin, claims)
        if person is None:
            audit(request, None, SignInMethod.OIDC, refused=Refusal.UNKNOWN)
            raise ImmediateHttpResponse(refusal(request, NotAllowed("no_account", NO_ACCOUNT)))
        with transaction.atomic():
            sociallogin.connect(request, person)
            actions.credential_changed(user=person, what="company account joined", by=None, now=now(request))

    def _person(self, request: HttpRequest, sociallogin: SocialLogin, claims: dict[str, Any]) -> User | None:
        email = str(claims.get("email") or "")
        # "true" as a word is what careless providers send for whatever a person typed in: only the value counts.
        if not email or claims.get("email_verified") is not True:
            return None
        person = find_person(email)
        if person is None:
            if not settings.OIDC_CREATE:
                return None
            name = str(claims.get("name") or email.split("@", maxsplit=1)[0])[:120]
            return actions.create_person(email=email, name=name, by=None, now=now(request), actor="oidc")
        if settings.OIDC_LINK != "verified" or not person.is_active:
            return None
        # An address may be given to somebody new; the account it once joined stays with the earlier subject.
        taken = SocialAccount.objects.filter(user=person, provider=sociallogin.account.provider).exists()
        return None if taken else person


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth carries no types
    """Second factors: secrets are encrypted at rest, passkeys belong to the base URL's host."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the site that passkeys are for: the base URL's host, whatever a request's Host header says.

        Passkeys belong to names: where the base URL has none (a trial on an address), it is the request's.
        """
        host = urlsplit(settings.BASE_URL).hostname or ""
        if not host or host.replace(".", "").isdigit() or ":" in host:
            host = context.request.get_host().partition(":")[0]
        return {"id": host, "name": "Tocsin"}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**entity, "display_name": user.name}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's signature
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}"


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"tocsin.mfa" + str(key).encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
