"""Signed links of questions. They speak for one question to one person, and for nothing else; they never act by GET.

A question's token holds its id and when it runs out; the row names ticket, resolution (or escalation) and person. The
token of opting out speaks for one person's wish not to be asked, and does not run out: an old mail must be able to say it.
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from tocsin.domain.feedback.models import Ask
from tocsin.kernel.errors import NotFound

_ASK = struct.Struct(">16sQ")


def ask_token(ask: Ask) -> str:
    """Return the token of a question that was put; the same in its reminder."""
    ends = int(ask.expires_at.timestamp()) if ask.expires_at else 0
    return _signer("ask").sign(_text(_ASK.pack(ask.pk.bytes, ends)))


def read_ask(token: str, *, now: datetime) -> UUID:
    """Return the question a token speaks for. Raises NotFound: link_invalid (forged, cut off) or link_expired."""
    try:
        packed = _bytes(_signer("ask").unsign(token))
        pk, ends = _ASK.unpack(packed)
    except (BadSignature, NotBase64, struct.error, ValueError):
        raise NotFound("link_invalid", "This link is not whole. Open it from the mail again.") from None
    if now.timestamp() >= ends:
        ended = datetime.fromtimestamp(ends, UTC)
        raise NotFound("link_expired", f"This question was open until {ended:%d.%m.%Y}. Thank you all the same.")
    return UUID(bytes=pk)


def stop_token(person: UUID) -> str:
    """Return the token by which somebody says that they do not want to be asked."""
    return _signer("stop").sign(_text(person.bytes))


def read_stop(token: str) -> UUID:
    """Return whose wish it is. Raises NotFound: link_invalid."""
    try:
        return UUID(bytes=_bytes(_signer("stop").unsign(token)))
    except (BadSignature, NotBase64, ValueError):
        raise NotFound("link_invalid", "This link is not whole. Open it from the mail again.") from None


def ask_url(ask: Ask) -> str:
    """Return the full address of a question, or "" without a base URL."""
    return f"{settings.BASE_URL}/asked/{ask_token(ask)}" if settings.BASE_URL else ""


def stop_url(person: UUID) -> str:
    """Return the full address that takes a wish not to be asked, by POST (RFC 8058), or "" without a base URL."""
    return f"{settings.BASE_URL}/asked/stop/{stop_token(person)}" if settings.BASE_URL else ""


def _text(packed: bytes) -> str:
    return urlsafe_b64encode(packed).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _signer(purpose: str) -> Signer:
    # "." never occurs in URL-safe base64, and mail programs keep it within a link.
    return Signer(salt=f"tocsin.feedback.{purpose}", sep=".")
