"""The signed link of an invitation: scoped to one invitation, expiring. It shows; only a POST answers (SEMANTICS 5)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.signing import Signer

from tocsin.domain.notify.links import sealed, unsealed

AFTERWARDS = timedelta(days=7)  # how long after the time to answer the link still shows how it stands


def invitation_token(invitation_id: UUID, *, expires_at: datetime) -> str:
    """Return a token to answer this invitation; `expires_at` is when the time to answer is over."""
    return sealed(invitation_id, expires_at + AFTERWARDS, _signer())


def read_invitation_token(token: str, *, now: datetime) -> UUID:
    """Return the invitation that a token speaks for. Raises NotFound: link_invalid (forged, cut off) or link_expired."""
    return unsealed(token, _signer(), now=now)


def _signer() -> Signer:
    return Signer(salt="tocsin.swarms.invitation", sep=".")
