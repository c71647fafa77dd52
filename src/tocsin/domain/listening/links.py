"""The link by which a customer answers a record: signed, for one version and one person, expiring. It shows; a POST answers."""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from tocsin.kernel.errors import NotFound

LIFETIME = timedelta(days=21)
_SHAPE = struct.Struct(">16s16sIQ")


@dataclass(frozen=True, slots=True)
class HeardClaim:
    """What a link speaks for."""

    record: UUID
    version: int
    user: UUID


def heard_token(record: UUID, version: int, user: UUID, *, now: datetime) -> str:
    """Return a token for `user` to answer `version` of `record`, valid for three weeks from `now`."""
    packed = _SHAPE.pack(record.bytes, user.bytes, version, int((now + LIFETIME).timestamp()))
    return _signer().sign(urlsafe_b64encode(packed).decode().rstrip("="))


def read_heard_token(token: str, *, now: datetime) -> HeardClaim:
    """Return what a token speaks for. Raises NotFound: link_invalid (forged, cut off) or link_expired."""
    try:
        packed = _signer().unsign(token)
        record, user, version, expires = _SHAPE.unpack(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except (BadSignature, NotBase64, struct.error):
        raise NotFound(
            "link_invalid", "This link is not whole. Open it from the mail once more, or answer the mail."
        ) from None
    if now >= datetime.fromtimestamp(expires, UTC):
        raise NotFound("link_expired", "This link has expired. Answer the mail instead, or look in the portal.")
    return HeardClaim(UUID(bytes=record), version, UUID(bytes=user))


def heard_url(record: UUID, version: int, user: UUID, *, now: datetime) -> str:
    """Return the full address, or "" while no base URL is set."""
    return f"{settings.BASE_URL}/heard/{heard_token(record, version, user, now=now)}" if settings.BASE_URL else ""


def _signer() -> Signer:
    # "." never occurs in URL-safe base64, and mail programs keep it within a link.
    return Signer(salt="tocsin.listening.heard", sep=".")
