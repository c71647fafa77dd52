"""Links in messages: signed, scoped to (run, cycle, level, user), expiring. They show; they never act (SEMANTICS 5).

The signature is Django's HMAC with SECRET_KEY (older keys in SECRET_KEY_FALLBACKS still verify). The address
is always TOCSIN_BASE_URL; a request's Host header is never used.
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import connection

from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import NotFound

LIFETIME = timedelta(days=7)
_SHAPE = struct.Struct(">16s16sIHQ")


@dataclass(frozen=True, slots=True)
class RespondClaim:
    """What a link speaks for. Whether its cycle is still the present one is for the reader to compare."""

    run: UUID
    cycle: int
    level: int
    user: UUID
    expires_at: datetime


def respond_token(run: UUID, cycle: int, level: int, user: UUID, *, now: datetime | None = None) -> str:
    """Return a token for `user` to answer for `level` of `cycle` of `run`, valid for seven days from `now`.

    The same arguments make the same token, so a repeated message carries the same link. `now` is the
    database's clock if not given.
    """
    expires = int(((now or database_now(connection)) + LIFETIME).timestamp())
    packed = _SHAPE.pack(run.bytes, user.bytes, cycle, level, expires)
    return _signer().sign(urlsafe_b64encode(packed).decode().rstrip("="))


def read_token(token: str, *, now: datetime | None = None) -> RespondClaim:
    """Return what a token speaks for. Raises NotFound: link_invalid (forged, cut off) or link_expired.

    The database's clock decides about expiry unless the caller has already read it.
    """
    try:
        packed = _signer().unsign(token)
        fields = _SHAPE.unpack(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except (BadSignature, NotBase64, struct.error):
        raise NotFound("link_invalid", "This link is not whole. Open the newest message, or sign in.") from None
    run, user, cycle, level, expires = fields
    claim = RespondClaim(UUID(bytes=run), cycle, level, UUID(bytes=user), datetime.fromtimestamp(expires, UTC))
    if (now or database_now(connection)) >= claim.expires_at:
        raise NotFound("link_expired", "This link has expired. Open the newest message, or sign in.")
    return claim


def respond_url(run: UUID, cycle: int, level: int, user: UUID, *, now: datetime | None = None) -> str:
    """Return the full respond link, or "" while no base URL is set (which `tocsin check` refuses)."""
    return f"{settings.BASE_URL}/respond/{respond_token(run, cycle, level, user, now=now)}" if settings.BASE_URL else ""


def pages_url() -> str:
    """Return where a person sees and answers all their pages (behind the sign-in), or "" without a base URL."""
    return f"{settings.BASE_URL}/respond/" if settings.BASE_URL else ""


def _signer() -> Signer:
    # "." never occurs in URL-safe base64, and mail programs keep it within a link.
    return Signer(salt="tocsin.notify.respond", sep=".")
