"""Signed links of redacted reviews. They speak for one shared version, show it, and can do nothing else."""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from tocsin.domain.reviews.models import Share
from tocsin.kernel.errors import NotFound

_SHARE = struct.Struct(">16sQ")


def share_token(share: Share) -> str:
    """Return the token of a shared version; the same each time."""
    packed = urlsafe_b64encode(_SHARE.pack(share.pk.bytes, int(share.expires_at.timestamp()))).decode().rstrip("=")
    return _signer().sign(packed)


def read_share(token: str, *, now: datetime) -> UUID:
    """Return the shared version a token speaks for. Raises NotFound: link_invalid (forged, cut off) or link_expired."""
    try:
        text = _signer().unsign(token)
        pk, ends = _SHARE.unpack(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (BadSignature, NotBase64, struct.error, ValueError):
        raise NotFound("link_invalid", "This link is not whole. Open it from the mail again.") from None
    if now.timestamp() >= ends:
        raise NotFound("link_expired", f"This review was shared until {datetime.fromtimestamp(ends, UTC):%d.%m.%Y}.")
    return UUID(bytes=pk)


def share_url(share: Share) -> str:
    """Return the full address of a shared version, or its path without a base URL."""
    return f"{settings.BASE_URL or ''}/shared-review/{share_token(share)}"


def _signer() -> Signer:
    # "." never occurs in URL-safe base64, and mail programs keep it within a link.
    return Signer(salt="tocsin.reviews.share", sep=".")
