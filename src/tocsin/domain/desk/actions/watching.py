"""Who is looking, and what they were writing."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.desk.enums import Doing
from tocsin.domain.desk.models import Draft, Presence
from tocsin.domain.desk.queries import STALE
from tocsin.domain.journal.live import tell_after_commit
from tocsin.domain.people.models import User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound

LONGEST_DRAFT = 200_000


@transaction.atomic
def see(*, ticket_id: UUID, doing: str, by: User, now: datetime) -> None:
    """Note that `by` looks at the ticket, or writes a reply on it. Others who look are told if that is news."""
    if doing not in Doing.values:
        raise InvalidInput("doing", "Say viewing or replying.", {"doing": "unknown"})
    _require(ticket_id, by)
    before = Presence.objects.filter(ticket=ticket_id, user=by).first()
    Presence.objects.update_or_create(ticket_id=ticket_id, user=by, defaults={"doing": doing, "seen_at": now})
    if before is None or before.doing != doing or before.seen_at < now - STALE:
        tell_after_commit([f"ticket:{ticket_id}"])


@transaction.atomic
def leave(*, ticket_id: UUID, by: User) -> None:
    """Note that `by` has closed the page."""
    gone, _ = Presence.objects.filter(ticket=ticket_id, user=by).delete()
    if gone:
        tell_after_commit([f"ticket:{ticket_id}"])


@transaction.atomic
def keep_draft(*, ticket_id: UUID, kind: str, body: str, seen: str, by: User, now: datetime) -> None:
    """Keep what `by` has written so far; an empty text drops it."""
    _require(ticket_id, by)
    if kind not in (MessageKind.REPLY, MessageKind.NOTE):
        raise InvalidInput("kind", "A draft is a reply or a note.", {"kind": "unknown"})
    if len(body) > LONGEST_DRAFT:
        raise InvalidInput("too_long", f"At most {LONGEST_DRAFT} characters.", {"body": "too long"})
    words = body.replace("\x00", "")
    if not words.strip():
        drop_draft(ticket_id=ticket_id, by=by)
        return
    kept = {"kind": kind, "body": words, "seen": seen[:40], "updated_at": now}
    Draft.objects.update_or_create(ticket_id=ticket_id, user=by, defaults=kept)


def drop_draft(*, ticket_id: UUID, by: User) -> None:
    """Forget the draft."""
    Draft.objects.filter(ticket=ticket_id, user=by).delete()


def _require(ticket_id: UUID, by: User) -> None:
    """Raise NotFound or NotAllowed unless `by` works on the ticket."""
    ticket = Ticket.objects.filter(pk=ticket_id).first()
    if ticket is None or not rules.may_see_ticket.test(by, ticket):
        raise NotFound("ticket_not_found", "There is no such ticket, or you may not see it.")
    if not rules.may_work_on_ticket.test(by, ticket):
        raise NotAllowed("not_allowed", "Only those who work on tickets can do this.")
