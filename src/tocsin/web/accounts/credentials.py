"""What allauth keeps of a person: second factors, passkeys, joined accounts, sessions. Reads change nothing."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.internal.flows.sessions import end_other_sessions as _end_others
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from tocsin.domain.people.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One passkey or security key."""

    pk: int
    name: str
    made_at: datetime
    used_at: datetime | None
    passwordless: bool  # may stand for address and password too


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One browser in which a person is signed in."""

    address: str
    browser: str
    began_at: datetime
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """How a person can sign in."""

    password: bool
    totp: bool
    passkeys: list[Passkey]
    recovery_codes: int | None  # how many are left; None: there are none
    company_accounts: list[str]  # the address each was joined by

    @property
    def second_factor(self) -> bool:
        return self.totp or bool(self.passkeys)


def credentials_of(user: User) -> Credentials:
    """Return how a person can sign in; two queries."""
    passkeys, totp, codes = [], False, None
    for row in Authenticator.objects.filter(user=user).order_by("created_at"):
        wrapped = row.wrap()
        if row.type == Authenticator.Type.WEBAUTHN:
            passkeys.append(
                Passkey(
                    pk=row.pk, name=wrapped.name, made_at=row.created_at, used_at=row.last_used_at,
                    passwordless=bool(wrapped.is_passwordless),
                )
            )  # fmt: skip
        elif row.type == Authenticator.Type.TOTP:
            totp = True
        else:
            codes = len(wrapped.get_unused_codes())
    joined = SocialAccount.objects.filter(user=user).order_by("date_joined")
    return Credentials(
        password=user.has_usable_password(), totp=totp, passkeys=passkeys, recovery_codes=codes,
        company_accounts=[str(row.extra_data.get("claims", {}).get("email", "joined")) for row in joined],
    )  # fmt: skip


def recovery_codes_of(user: User) -> list[str]:
    """Return the unused recovery codes, an empty list if there are none."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return list(row.wrap().get_unused_codes()) if row else []


def sessions_of(request: HttpRequest, user: User, now: datetime) -> list[OpenSession]:
    """Return the person's living sessions, this one first, then the newest."""
    rows = list(UserSession.objects.filter(user=user).order_by("-created_at"))
    keys = [row.session_key for row in rows]
    living = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=now).values_list("session_key", flat=True)
    )
    found = [
        OpenSession(
            address=row.ip, browser=row.user_agent, began_at=row.created_at,
            here=row.session_key == request.session.session_key,
        )
        for row in rows
        if row.session_key in living
    ]  # fmt: skip
    return sorted(found, key=lambda one: not one.here)


def end_other_sessions(request: HttpRequest, user: User) -> None:
    """Sign a person out everywhere but here."""
    _end_others(request, user)


def end_sessions(user: User) -> int:
    """Sign a person out everywhere; return from how many browsers."""
    rows = list(UserSession.objects.filter(user=user))
    for row in rows:
        row.end()
    return len(rows)


def forget_second_factors(user: User) -> int:
    """Take every second factor and recovery code away (a lost phone); return how many."""
    gone, _ = Authenticator.objects.filter(user=user).delete()
    return int(gone)


def part_company_account(user: User) -> bool:
    """Part every company account from this one; whether there was any."""
    gone, _ = SocialAccount.objects.filter(user=user).delete()
    return bool(gone)


def keep_session(request: HttpRequest) -> None:
    """Note this session among the person's (its key has just changed)."""
    UserSession.objects.create_from_request(request)
