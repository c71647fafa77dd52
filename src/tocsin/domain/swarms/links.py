"""The signed link of an invitation: scoped to one invitation, expiring. It shows; only a POST answers (SEMANTICS 5)."""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer

from tocsin.kernel.errors import NotFound

AFTERWARDS = timedelta(days=7)  # how long after the time to answer the link still shows how it stands
_SHAPE = struct.Struct(">16sQ")


def invitation_token(invitation_id: UUID, *, expires_at: datetime) -> str:
    """Return a token to answer this invitation; `expires_at` is when the time to answer is over."""
    packed = _SHAPE.pack(invitation_id.bytes, int((expires_at + AFTERWARDS).timestamp()))
    return _signer().sign(urlsafe_b64encode(packed).decode().rstrip("="))


def read_invitation_token(token: str, *, now: datetime) -> UUID:
    """Return the invitation that a token speaks for. Raises NotFound: link_invalid (forged, cut off) or link_expired."""
    try:
        packed = _signer().unsign(token)
        invitation, expires = _SHAPE.unpack(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except (BadSignature, NotBase64, ValueError, struct.error):
        raise NotFound("link_invalid", "This link is not whole. Open the newest message, or sign in.") from None
    if now >= datetime.fromtimestamp(expires, UTC):
        raise NotFound("link_expired", "This link has expired. Open the newest message, or sign in.")
    return UUID(bytes=invitation)


def _signer() -> Signer:
    return Signer(salt="tocsin.swarms.invitation", sep=".")
