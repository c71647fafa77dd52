"""The address by which a reader leaves a report of figures. Opening it shows; only a POST acts (RFC 8058)."""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from tocsin.kernel.errors import NotFound

LIFETIME = timedelta(days=400)  # a mail is looked at again much later, and must still be stoppable
_SHAPE = struct.Struct(">16sQ")


def leave_token(reader: UUID, *, now: datetime) -> str:
    """Return a token to leave one report, good for 400 days."""
    packed = _SHAPE.pack(reader.bytes, int((now + LIFETIME).timestamp()))
    return _signer().sign(urlsafe_b64encode(packed).decode().rstrip("="))


def read_leave_token(token: str, *, now: datetime) -> UUID:
    """Return the reader whom a token speaks for. Raises NotFound: link_invalid or link_expired."""
    try:
        packed = _signer().unsign(token)
        reader, expires = _SHAPE.unpack(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except (BadSignature, NotBase64, struct.error, ValueError):
        raise NotFound("link_invalid", "This link is not whole. Open the newest message, or sign in.") from None
    if now.timestamp() >= expires:
        raise NotFound("link_expired", "This link has expired. Open the newest message, or sign in.")
    return UUID(bytes=reader)


def leave_url(reader: UUID, *, now: datetime) -> str:
    """Return the full address, or "" without a base URL."""
    base = settings.BASE_URL
    return f"{base}/insights/reports/leave/{leave_token(reader, now=now)}" if base else ""


def _signer() -> Signer:
    return Signer(salt="tocsin.insights.report", sep=".")
