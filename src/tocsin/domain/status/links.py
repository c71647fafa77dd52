"""Signed words in addresses: the secret link of a page, confirming a subscription, leaving it.

Each says what it is good for; looking at one changes nothing, a button on its page (or a mail program's one click,
RFC 8058, which posts) does.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare, salted_hmac

from tocsin.domain.notify.links import many_signer
from tocsin.domain.status.enums import Audience
from tocsin.domain.status.models import StatusPage

CONFIRM, LEAVE = "confirm", "leave"


def address_of(page: StatusPage) -> str:
    """Return the word by which the page is opened: its slug, and for a secret one its key behind two hyphens."""
    return f"{page.slug}--{_key(page, settings.SECRET_KEY)}" if page.audience == Audience.LINK else page.slug


def opens(page: StatusPage, key: str) -> bool:
    """Say whether `key` is that of the page's secret link as it now is."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return page.audience == Audience.LINK and any(constant_time_compare(key, _key(page, secret)) for secret in keys)


def page_url(page: StatusPage) -> str:
    """Return the full address of a page, "" without a base URL. A request's Host header is never used."""
    return f"{settings.BASE_URL}/status/{address_of(page)}" if settings.BASE_URL else ""


def token_of(subscriber: UUID, purpose: str) -> str:
    """Return the token by which a subscriber confirms or leaves. One to confirm is of one asking only."""
    return _signer(purpose).sign(urlsafe_b64encode(subscriber.bytes).decode().rstrip("="))


def subscriber_in(token: str, purpose: str) -> UUID | None:
    """Return whom a token names, None if it is forged, cut off or of another purpose."""
    try:
        packed = _signer(purpose).unsign(token)
        return UUID(bytes=urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except (BadSignature, NotBase64, ValueError):
        return None


def confirm_url(subscriber: UUID) -> str:
    return _url("confirm", token_of(subscriber, CONFIRM))


def leave_url(subscriber: UUID) -> str:
    return _url("leave", token_of(subscriber, LEAVE))


def _url(what: str, token: str) -> str:
    return f"{settings.BASE_URL}/status-mail/{what}/{token}" if settings.BASE_URL else ""


def _key(page: StatusPage, secret: str) -> str:
    word = f"{page.pk}:{page.link_version}"
    return salted_hmac("tocsin.status.link", word, secret=secret, algorithm="sha256").hexdigest()[:32]


def _signer(purpose: str) -> Signer:
    return many_signer(f"tocsin.status.{purpose}")
