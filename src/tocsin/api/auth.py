"""Who calls: a bearer token and its scopes, or a person's own session (SECURITY "Tokens").

Other ways in that programs use (events of monitoring, for example) ask the same function: `caller_of(request)`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from tocsin.domain.people import queries as people
from tocsin.domain.people.actions import note_use
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.models import ApiToken, User
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import NotAllowed, TocsinError

WAYS = 'Send "Authorization: Bearer <token>" with a token made under Account, API tokens.'


class NotAuthenticated(TocsinError):
    """Nobody is known by what was sent (HTTP 401)."""

    status = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, when, and what they may do at most."""

    user: User
    now: datetime  # the database's clock, read once for the whole request (UTC)
    scopes: frozenset[str]
    token: ApiToken | None  # None: the person's own session

    @property
    def id(self) -> UUID:
        """Whose limits and idempotency keys these are: the token's, or the person's."""
        return self.user.pk if self.token is None else self.token.pk

    def holds(self, scope: str) -> bool:
        """Say whether the token was made for this, or for everything."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def demand(self, scope: str) -> None:
        """Raise NotAllowed unless the token was made for this. The person's own rights are asked for later."""
        if scope and not self.holds(scope):
            message = f"This token lacks the scope {scope}. Make a token that has it, under Account, API tokens."
            raise NotAllowed("scope_missing", message, {"scope": scope})


def bearer_of(request: HttpRequest) -> str:
    """Return the token that came with the request, "" where none did (an Authorization of another kind is none)."""
    kind, _, value = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def caller_of_token(text: str) -> Caller:
    """Return whom a token speaks for, with the database's time; one query. Raises NotAuthenticated.

    An unknown, revoked or expired token and one of a deactivated person are not told apart.
    """
    found = people.token_and_now(text) if text else None
    if found is None:
        raise NotAuthenticated("bad_token", f"This token opens nothing (any more). {WAYS}")
    token, now = found
    note_use(token=token, now=now)
    return Caller(user=token.user, now=now, scopes=frozenset(token.scopes), token=token)


def caller_of(request: HttpRequest, *, scopes: Iterable[str] = ()) -> Caller:
    """Return who calls, by bearer token or else by session. Raises NotAuthenticated, NotAllowed for a missing scope.

    A session may do all that its person may; for anything but reading it needs the CSRF token, since a browser
    sends it along with whatever page it is on.
    """
    by_token = "HTTP_AUTHORIZATION" in request.META
    caller = caller_of_token(bearer_of(request)) if by_token else _caller_of_session(request)
    for scope in scopes:
        caller.demand(scope)
    return caller


def _caller_of_session(request: HttpRequest) -> Caller:
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_active:
        raise NotAuthenticated("not_authenticated", f"Nobody is signed in. {WAYS}")
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        check = _CsrfCheck(lambda _: HttpResponse())
        check.process_request(request)
        refused = check.process_view(request, HttpResponse, (), {})
        if refused is not None:
            message = f"A session may only change something with its CSRF token in X-CSRFToken. Or: {WAYS}"
            raise NotAllowed("csrf_failed", message)
    return Caller(user=user, now=database_now(connection), scopes=frozenset({Scope.ADMIN}), token=None)


class _CsrfCheck(CsrfViewMiddleware):
    """Django's own check, which returns the reason instead of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:  # noqa: ARG002 - Django's signature
        return reason
