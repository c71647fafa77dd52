"""The address by which a reader leaves a report of figures. Opening it shows; only a POST acts (RFC 8058)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import Signer

from tocsin.domain.notify.links import sealed, unsealed

LIFETIME = timedelta(days=400)  # a mail is looked at again much later, and must still be stoppable


def leave_token(reader: UUID, *, now: datetime) -> str:
    """Return a token to leave one report, good for 400 days."""
    return sealed(reader, now + LIFETIME, _signer())


def read_leave_token(token: str, *, now: datetime) -> UUID:
    """Return the reader whom a token speaks for. Raises NotFound: link_invalid or link_expired."""
    return unsealed(token, _signer(), now=now)


def leave_url(reader: UUID, *, now: datetime) -> str:
    """Return the full address, or "" without a base URL."""
    base = settings.BASE_URL
    return f"{base}/insights/reports/leave/{leave_token(reader, now=now)}" if base else ""


def _signer() -> Signer:
    return Signer(salt="tocsin.insights.report", sep=".")
