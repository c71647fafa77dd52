"""Signed addresses for people who are told: giving up a subscription. Opening one shows; only a POST acts (RFC 8058)."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import Signer

from tocsin.domain.notify.links import many_signer, sealed, unsealed

LIFETIME = timedelta(days=400)  # a mail is looked at again much later, and must still be stoppable


def unsubscribe_token(subscription: UUID, *, now: datetime) -> str:
    """Return a token to give up one subscription, good for 400 days."""
    return sealed(subscription, now + LIFETIME, _signer())


def read_unsubscribe_token(token: str, *, now: datetime) -> UUID:
    """Return the subscription that a token gives up. Raises NotFound: link_invalid or link_expired."""
    return unsealed(token, _signer(), now=now)


def unsubscribe_url(subscription: UUID, *, now: datetime) -> str:
    """Return the full address, or "" without a base URL."""
    base = settings.BASE_URL
    return f"{base}/unsubscribe/{unsubscribe_token(subscription, now=now)}" if base else ""


def ticket_url(number: int, *, portal: bool) -> str:
    """Return where a reader sees the ticket: a customer in the portal, others in the desk; or "" without a base URL."""
    path = "portal/tickets" if portal else "tickets"
    return f"{settings.BASE_URL}/{path}/{number}" if settings.BASE_URL else ""


def feed_digest(token: str) -> str:
    """Return what is kept of the secret in a feed's address."""
    return hashlib.sha256(token.encode()).hexdigest()


def _signer() -> Signer:
    return many_signer("tocsin.stakeholders.unsubscribe")
