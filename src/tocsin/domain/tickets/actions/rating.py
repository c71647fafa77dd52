"""What the requester thinks of how it was resolved."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.actions.recording import begin, demand, finish, text
from tocsin.domain.tickets.events import TicketRated
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.models import Rating
from tocsin.kernel.errors import Conflict, InvalidInput


@transaction.atomic
def rate(*, ticket_id: UUID, score: int, by: User, now: datetime, comment: str = "", via: str = "portal") -> Rating:
    """Rate the resolution that stands, 1 (bad) to 5 (good), or change that rating. The requester only.

    A ticket that was reopened and resolved again is rated again. `via`: portal, link or api. Raises Conflict while it is not
    resolved. The journal keeps the score, not the words: those may have to be deleted.
    """
    if score not in (1, 2, 3, 4, 5):
        problem = "Choose 1 (bad) to 5 (good)."
        raise InvalidInput("bad_score", problem, {"score": problem})
    words = text("comment", comment, limit=5_000)
    recording = begin(ticket_id=ticket_id, by=by, actor=None, now=now)
    ticket = recording.ticket
    demand(recording, rules.may_rate, "Only whoever made the request can rate it.")
    if ticket.status not in lifecycle.ENDED or ticket.resolved_at is None:
        raise Conflict("not_resolved", f"{ticket.reference} is not resolved yet. Rate it when it is.")
    known = Rating.objects.filter(ticket=ticket, resolved_at=ticket.resolved_at).first()
    if known is not None and (known.score, known.comment) == (score, words):
        return known
    before = known.score if known else None
    rating = known or Rating(ticket=ticket, resolved_at=ticket.resolved_at, by=by, given_at=now)
    rating.score, rating.comment, rating.changed_at = score, words, now
    rating.save()
    recording.fact(
        "ticket.rated", rating=rating.pk, score=score, before=before, resolved_at=ticket.resolved_at, via=via
    )
    recording.event(TicketRated, rating_id=rating.pk, score=score, before=before, comment=words, via=via)
    finish(recording)
    return rating
