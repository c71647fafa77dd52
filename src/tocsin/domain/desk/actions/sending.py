"""Undo send: a reply waits ten seconds in which its author can take it back (UX check 20).

The reply counts from when it is sent, not from when it was written: until then the customer has nothing, and the
clocks say so. A row with `due_at` holds it, so a crash loses nothing: the engine sends it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from tocsin.domain.desk.actions.watching import drop_draft
from tocsin.domain.desk.models import Draft, Held, HeldFile
from tocsin.domain.journal.actions import record
from tocsin.domain.journal.live import tell_after_commit
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.logic.attached import Upload
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, TocsinError

log = structlog.get_logger(__name__)

UNDO = timedelta(seconds=10)
LONGEST = 200_000


@transaction.atomic
def hold(
    *, ticket_id: UUID, body: str, by: User, now: datetime, undo: timedelta = UNDO, status: str = "", seen: str = "",
    files: Sequence[Upload] = (),
) -> Held:  # fmt: skip
    """Hold a public reply until `undo` after `now`. Raises what sending it now would raise of its own making."""
    ticket = Ticket.objects.filter(pk=ticket_id).first()
    if ticket is None or not rules.may_see_ticket.test(by, ticket):
        raise NotFound("ticket_not_found", "There is no such ticket, or you may not see it.")
    if not rules.may_reply.test(by, ticket):
        raise NotAllowed("not_allowed", "Only those who work on tickets can reply.")
    words = body.replace("\x00", "").strip()
    if not words or len(words) > LONGEST:
        problem = "Write something first." if not words else f"At most {LONGEST} characters."
        raise InvalidInput("body", problem, {"body": problem})
    held = Held.objects.create(
        ticket=ticket, author=by, body=words, status=status, seen=seen[:40], made_at=now, due_at=now + undo
    )
    HeldFile.objects.bulk_create(
        HeldFile(held=held, name=file.name[:300], declared=file.declared[:200], content=file.content) for file in files
    )
    drop_draft(ticket_id=ticket_id, by=by)
    tell_after_commit([f"ticket:{ticket_id}"])
    return held


@transaction.atomic
def hold_many(*, bodies: Mapping[UUID, str], by: User, now: datetime, undo: timedelta) -> list[UUID]:
    """Hold one public reply on each of many tickets: {ticket: its text}; return the ids of what is held.

    Drafts stay: these replies were written elsewhere. Raises NotAllowed before anything is held.
    """
    if not rules.may_reply.test(by, None):
        raise NotAllowed("not_allowed", "Only those who work on tickets can reply.")
    held = [
        Held(ticket_id=pk, author=by, body=body, made_at=now, due_at=now + undo) for pk, body in sorted(bodies.items())
    ]
    Held.objects.bulk_create(held)
    tell_after_commit([f"ticket:{pk}" for pk in sorted(bodies)])
    return [one.pk for one in held]


@transaction.atomic
def drop_held(*, held_ids: Sequence[UUID], by: User) -> int:
    """Take back what `hold_many` held, without making drafts of it; return how many had not been sent yet."""
    rows = list(Held.objects.select_for_update().filter(pk__in=held_ids, author=by).order_by("pk"))
    Held.objects.filter(pk__in=[one.pk for one in rows]).delete()
    tell_after_commit(sorted({f"ticket:{one.ticket_id}" for one in rows}))
    return len(rows)


@transaction.atomic
def take_back(*, held_id: UUID, by: User, now: datetime) -> Draft:
    """Take a held reply back: it becomes the author's draft again. Raises Conflict when it has been sent."""
    held = Held.objects.select_for_update().filter(pk=held_id, author=by).first()
    if held is None:
        raise Conflict("already_sent", "It has been sent. Write another reply to put it right.")
    kept = {"kind": MessageKind.REPLY, "body": held.body, "seen": held.seen, "updated_at": now}
    draft, _ = Draft.objects.update_or_create(ticket_id=held.ticket_id, user=by, defaults=kept)
    tell_after_commit([f"ticket:{held.ticket_id}"])
    held.delete()
    return draft


def next_held_due() -> datetime | None:
    """Return when the next held reply is sent (UTC)."""
    return Held.objects.order_by("due_at").values_list("due_at", flat=True).first()


def send_due(*, now: datetime, limit: int = 50) -> int:
    """Send held replies whose time has come; return how many. One that can no longer be sent becomes a draft again."""
    sent = 0
    for pk in Held.objects.filter(due_at__lte=now).order_by("due_at").values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            found = Held.objects.filter(pk=pk).values_list("ticket_id", flat=True).first()
            if found is None:
                continue
            Ticket.objects.select_for_update(of=("self",)).get(pk=found)  # first, as every act does
            held = Held.objects.select_for_update(skip_locked=True).filter(pk=pk).select_related("author").first()
            if held is None:
                continue
            _send(held, now)
            sent += 1
    return sent


def _send(held: Held, now: datetime) -> None:
    files = [
        Upload(name=file.name, content=bytes(file.content), declared=file.declared)
        for file in held.files.order_by("pk")
    ]
    try:
        with transaction.atomic():
            tickets.add_message(
                ticket_id=held.ticket_id, kind=MessageKind.REPLY, body=held.body, by=held.author, now=now, files=files
            )
    except TocsinError as error:
        _give_back(held, error, now)
        return
    if held.status:
        try:
            with transaction.atomic():
                tickets.set_status(ticket_id=held.ticket_id, status=held.status, by=held.author, now=now)
        except TocsinError as error:
            log.info("a reply was sent but its status could not be set", ticket=str(held.ticket_id), code=error.code)
    held.delete()


def _give_back(held: Held, error: TocsinError, now: datetime) -> None:
    """Return a reply that can no longer be sent to its author, and say so on the ticket."""
    kept = {"kind": MessageKind.REPLY, "body": held.body, "seen": held.seen, "updated_at": now}
    Draft.objects.get_or_create(ticket_id=held.ticket_id, user=held.author, defaults=kept)
    data = {"author": str(held.author_id), "reason": error.message[:300], "code": error.code}
    record(stream=f"ticket:{held.ticket_id}", kind="message.not_sent", actor="engine", at=now, data=data)
    held.delete()
