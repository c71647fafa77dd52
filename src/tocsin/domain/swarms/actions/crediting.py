"""Writing down what people did in a swarm, when they leave it or it ends."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from tocsin.domain.swarms.models import Invitation
from tocsin.domain.swarms.queries.crediting import credits_of


def put_credit(invitations: Iterable[Invitation], ticket_id: UUID, *, until: datetime) -> None:
    """Set the figures of those who joined; the caller saves. A second stay adds to the same count, from first joining."""
    rows = [one for one in invitations if one.joined_at is not None]
    found = credits_of(rows, ticket_id, now=until)
    for one in rows:
        credit = found[one.pk]
        one.notes, one.steps, one.decisions = credit.notes, credit.steps, credit.decisions
        one.answers, one.minutes = credit.answers, credit.minutes
