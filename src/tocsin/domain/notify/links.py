"""Links in messages: signed, scoped to (run, cycle, level, user), expiring. They show; they never act (SEMANTICS 5).

The signature is Django's HMAC with SECRET_KEY (older keys in SECRET_KEY_FALLBACKS still verify). The address
is always TOCSIN_BASE_URL; a request's Host header is never used.
"""

import hmac
import struct
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import connection
from django.utils.crypto import constant_time_compare, salted_hmac

from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import NotFound

LIFETIME = timedelta(days=7)
LONGEST_LOCAL_PART = 64  # RFC 5321, octets before the @
_SHAPE = struct.Struct(">16s16sIHQ")
_ONE = struct.Struct(">16sQ")  # what it speaks for, and when it ends


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


def answer_token(delivery: UUID, *, now: datetime) -> str:
    """Return a token to answer what `delivery` told its person, valid for seven days from `now`."""
    return sealed(delivery, now + LIFETIME, _answer_signer())


def read_answer_token(token: str, *, now: datetime) -> UUID:
    """Return the delivery that a token answers. Raises NotFound: link_invalid or link_expired."""
    try:
        packed = _answer_signer().unsign(token)
        delivery, expires = _ONE.unpack(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except (BadSignature, NotBase64, struct.error):
        raise NotFound("link_invalid", "This button is not whole. Open the newest message, or sign in.") from None
    if now >= datetime.fromtimestamp(expires, UTC):
        raise NotFound("link_expired", "This button has expired. Open the newest message, or sign in.")
    return UUID(bytes=delivery)


def answer_url(delivery: UUID, *, now: datetime) -> str:
    """Return the full address that takes an answer by POST, or "" without a base URL."""
    return f"{settings.BASE_URL}/answer/{answer_token(delivery, now=now)}" if settings.BASE_URL else ""


def reply_address(delivery: UUID) -> str:
    """Return the address that takes answers to a page mail: answer+<token>@example.org; "" where no mail is read.

    The token is 42 letters and digits in one case, which every mail program keeps. Its age counts from the page.
    """
    local, _, domain = _answer_mailbox().rpartition("@")
    token = _reply_token(delivery, settings.SECRET_KEY)
    address = f"{local}+{token}"
    return f"{address}@{domain}" if domain and len(address) <= LONGEST_LOCAL_PART else ""


def read_reply_address(address: str) -> UUID | None:
    """Return the delivery whose answers an address takes, None if we did not make it. Anybody's desk address is none."""
    token = address.strip().lower().rpartition("@")[0].partition("+")[2]
    try:
        delivery = UUID(bytes=b32decode(token.upper() + "=" * (-len(token) % 8))[:16])
    except (NotBase64, ValueError):
        return None
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return delivery if any(constant_time_compare(token, _reply_token(delivery, key)) for key in keys) else None


def _reply_token(delivery: UUID, key: str) -> str:
    digest = salted_hmac("tocsin.notify.reply", delivery.bytes, secret=key, algorithm="sha256").digest()
    return b32encode(delivery.bytes + digest[:10]).decode().lower().rstrip("=")


def _answer_mailbox() -> str:
    """The mailbox that takes answers: as set, or the mail domain's, or the desk's own; "" if no mail is taken in."""
    if settings.ANSWER_ADDRESS:
        return str(settings.ANSWER_ADDRESS)
    if not (settings.MAIL_LISTEN or settings.IMAP_URL):
        return ""
    if settings.MAIL_DOMAINS:
        return f"answer@{settings.MAIL_DOMAINS[0]}"
    return parseaddr(settings.MAIL_ADDRESSES[0])[1] if settings.MAIL_ADDRESSES and settings.MAIL_PLUS else ""


def short_url(delivery: UUID) -> str:
    """Return a short address that leads to the respond link of what `delivery` told, for text messages; or ""."""
    return f"{settings.BASE_URL}/r/{short_token(delivery)}" if settings.BASE_URL else ""


def short_token(delivery: UUID) -> str:
    """Return 32 characters: the delivery and 64 bits of signature. It shows where to go; it answers nothing."""
    return urlsafe_b64encode(delivery.bytes + _short_signature(delivery, settings.SECRET_KEY)).decode()


def read_short(token: str) -> UUID:
    """Return the delivery of a short link. Raises NotFound: link_invalid. How long it leads anywhere its page says."""
    try:
        packed = urlsafe_b64decode(token)
    except (NotBase64, ValueError):
        packed = b""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if len(packed) == 24:
        delivery = UUID(bytes=packed[:16])
        if any(hmac.compare_digest(_short_signature(delivery, key), packed[16:]) for key in keys):
            return delivery
    raise NotFound("link_invalid", "This link is not whole. Open the newest message, or sign in.")


def _short_signature(delivery: UUID, key: str) -> bytes:
    return salted_hmac("tocsin.notify.short", delivery.bytes, secret=key, algorithm="sha256").digest()[:8]


def pages_url() -> str:
    """Return where a person sees and answers all their pages (behind the sign-in), or "" without a base URL."""
    return f"{settings.BASE_URL}/respond/" if settings.BASE_URL else ""


def sealed(pk: UUID, expires_at: datetime, signer: Signer) -> str:
    """Return a token that speaks for one thing until an instant; `signer` gives it its scope."""
    packed = _ONE.pack(pk.bytes, int(expires_at.timestamp()))
    return signer.sign(urlsafe_b64encode(packed).decode().rstrip("="))


def unsealed(token: str, signer: Signer, *, now: datetime) -> UUID:
    """Return what a token of `sealed` speaks for. Raises NotFound: link_invalid (forged, cut off) or link_expired."""
    try:
        packed = signer.unsign(token)
        pk, expires = _ONE.unpack(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except (BadSignature, NotBase64, struct.error, ValueError):
        raise NotFound("link_invalid", "This link is not whole. Open the newest message, or sign in.") from None
    if now.timestamp() >= expires:
        raise NotFound("link_expired", "This link has expired. Open the newest message, or sign in.")
    return UUID(bytes=pk)


class ManySigner(Signer):
    """Django's signer with its key derived once: a mailing carries thousands of links. Either reads what the other signs."""

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        """Return the signature, base64 without padding."""
        salt = self.salt if isinstance(self.salt, str) else self.salt.decode()
        made = _keyed(f"{salt}signer", key or self.key).copy()
        made.update(value.encode() if isinstance(value, str) else value)
        return urlsafe_b64encode(made.digest()).decode().rstrip("=")


def many_signer(salt: str) -> ManySigner:
    """Return the signer for `salt` with the keys as they are set now. "." never occurs in URL-safe base64."""
    return _many_signer(salt, settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=32)
def _many_signer(salt: str, key: str, older: tuple[str, ...]) -> ManySigner:
    return ManySigner(key=key, salt=salt, sep=".", fallback_keys=list(older))


@lru_cache(maxsize=32)
def _keyed(salt: str, secret: str | bytes) -> hmac.HMAC:
    return salted_hmac(salt, b"", secret=secret, algorithm="sha256")


def _signer() -> Signer:
    # "." never occurs in URL-safe base64, and mail programs keep it within a link.
    return Signer(salt="tocsin.notify.respond", sep=".")


def _answer_signer() -> Signer:
    return Signer(salt="tocsin.notify.answer", sep=".")
