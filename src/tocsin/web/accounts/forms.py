"""Forms of signing in and of one's own account."""

from typing import Any

from allauth.account.forms import ReauthenticateForm as _Reauthenticate
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms

from tocsin.domain.people import sign_in as limits
from tocsin.domain.people.enums import Refusal, SignInMethod
from tocsin.domain.people.models import User
from tocsin.web.access import now
from tocsin.web.accounts.adapters import audit
from tocsin.web.fields import Form, choice, dress
from tocsin.web.languages.catalogue import LANGUAGES
from tocsin.web.network import address_of

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


class AddressForm(Form):
    """Whose mailbox a link is to be sent to."""

    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )


class NewPasswordForm(Form):
    password = forms.CharField(
        label="New password", max_length=1_000, strip=False, help_text="Twelve characters or more; a sentence is best.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )  # fmt: skip
    again = forms.CharField(
        label="Once more", max_length=1_000, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean(self) -> None:
        """Refuse two that differ."""
        if self.cleaned_data.get("password") != self.cleaned_data.get("again"):
            self.add_error("again", "The two differ. Type the same one twice.")


class ProfileForm(Form):
    name = forms.CharField(label="Name", max_length=120)
    zone = forms.CharField(label="Time zone", max_length=64, help_text="For example Europe/Prague.")
    language = choice("Language", LANGUAGES.items(), required=False, empty="as my browser asks")


class _Dressed:
    """Gives allauth's forms our look."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)  # type: ignore[arg-type]  # mixed into forms only


class _Limited(_Dressed):
    """Codes are counted for each person, over all processes, and none is taken twice."""

    user: User

    def clean_code(self) -> str:
        """Check limit, code, and that the code is a new one."""
        request = context.request
        address, at, who = address_of(request), now(request), str(self.user.pk)
        if not limits.is_allowed(who, address, at, "second_factor"):
            audit(request, self.user, SignInMethod.TOTP, refused=Refusal.TOO_MANY)
            raise forms.ValidationError(TOO_MANY)
        try:
            code = str(super().clean_code())  # type: ignore[misc]  # mixed into forms that have it
            if self.authenticator.type == Authenticator.Type.TOTP and not limits.use_code(who, code, at):  # type: ignore[attr-defined]  # set by allauth
                raise forms.ValidationError("This code was used already. Wait for the next one.")
        except forms.ValidationError:
            limits.failed(who, address, at, "second_factor")
            audit(request, self.user, SignInMethod.TOTP, refused=Refusal.WRONG)
            raise
        limits.succeeded(who, address, "second_factor")
        return code


class SecondFactorForm(_Limited, AuthenticateForm):  # type: ignore[misc]  # allauth carries no types
    """The second factor at the sign-in."""


class AgainForm(_Limited, ReauthenticateForm):  # type: ignore[misc]  # allauth carries no types
    """The second factor before something grave."""


class AgainPasswordForm(_Dressed, _Reauthenticate):  # type: ignore[misc]  # allauth carries no types
    """The password before something grave."""


class _LimitedPasskey(_Dressed):
    def clean_credential(self) -> Authenticator:
        """Check limit and passkey; what is no passkey of ours is kept for the audit."""
        request = context.request
        known = getattr(self, "user", None)
        address, at, who = address_of(request), now(request), str(known.pk if known else "")
        if not limits.is_allowed(who, address, at, "passkey"):
            raise forms.ValidationError(TOO_MANY)
        try:
            return super().clean_credential()  # type: ignore[misc]  # mixed into forms that have it
        except (forms.ValidationError, KeyError, AttributeError, ValueError) as error:
            limits.failed(who, address, at, "passkey")
            audit(request, known, SignInMethod.PASSKEY, refused=Refusal.WRONG)
            raise forms.ValidationError("This passkey is not known here. Try another, or your password.") from error


class SecondPasskeyForm(_LimitedPasskey, AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    """A passkey as the second factor."""


class PasskeyForm(_LimitedPasskey, LoginWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    """A passkey instead of address and password."""


class AgainPasskeyForm(_LimitedPasskey, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    """A passkey before something grave."""


class AddTotpForm(_Dressed, ActivateTOTPForm):  # type: ignore[misc]  # allauth carries no types
    """The first code of a new authenticator."""


class AddPasskeyForm(_Dressed, AddWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    """A new passkey and its name."""


class RenamePasskeyForm(_Dressed, EditWebAuthnForm):  # type: ignore[misc]  # allauth carries no types
    """Another name for a passkey."""
