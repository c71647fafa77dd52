"""The words of mailed links: an id and what it is good for, signed. They show; only a button on the page acts.

The signature is Django's HMAC with SECRET_KEY (older keys in SECRET_KEY_FALLBACKS still verify). Whether
the link is still good stands in its row: used once, it is good no more.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer, TimestampSigner


def token_of(link_id: UUID, purpose: str) -> str:
    """Return the token of a link; the same every time, so a repeated mail carries the same link."""
    return _signer(purpose).sign(urlsafe_b64encode(link_id.bytes).decode().rstrip("="))


def id_in(token: str, purpose: str) -> UUID | None:
    """Return the link that a token names, None if it is forged, cut off or of another purpose."""
    try:
        packed = _signer(purpose).unsign(token)
        return UUID(bytes=urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except (BadSignature, NotBase64, ValueError):
        return None


def url_of(link_id: UUID, purpose: str) -> str:
    """Return the full address, or "" while no base URL is set. A request's Host header is never used."""
    return f"{settings.BASE_URL}/enter/{purpose}/{token_of(link_id, purpose)}" if settings.BASE_URL else ""


FIRST_FOR = timedelta(days=7)


def first_token() -> str:
    """Return what opens the page on which the first administrator is made: printed by `tocsin serve`, good for a week."""
    return TimestampSigner(salt="tocsin.people.first").sign("administrator").partition(":")[2]


def opens_first(token: str) -> bool:
    """Say whether a token is one that `first_token` has made within the week. Whether it still matters the caller knows."""
    try:
        TimestampSigner(salt="tocsin.people.first").unsign(f"administrator:{token}", max_age=FIRST_FOR)
    except BadSignature:
        return False
    return True


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"tocsin.people.one_time.{purpose}", sep=".")
