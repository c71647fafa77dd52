"""Replies, notes and the customer's messages (SEMANTICS 2: only a public reply answers the customer)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.actions.attaching import keep_files, told_of
from tocsin.domain.tickets.actions.moves import put_status, touch
from tocsin.domain.tickets.actions.recording import Recording, begin, demand, finish, move, text
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.events import MessageAdded
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.logic.attached import Upload
from tocsin.domain.tickets.logic.lifecycle import Act
from tocsin.domain.tickets.models import Message
from tocsin.kernel.errors import Conflict, InvalidInput
from tocsin.kernel.ids import new_id


@transaction.atomic
def add_message(
    *,
    ticket_id: UUID,
    kind: str,
    body: str,
    by: User | None,
    now: datetime,
    expected_updated_at: datetime | None = None,
    actor: str | None = None,
    author: User | None = None,
    via: str = "",
    files: Sequence[Upload] = (),
    lenient: bool = False,
) -> Message:
    """Add a customer's message, a public reply or a note (a MessageKind value).

    A customer's message puts a ticket that waits for the customer back to open, and reopens a
    resolved one, or a closed one within lifecycle.REOPEN_WINDOW; later Conflict says to open a new
    one. A public reply or a note is an agent's act: a new ticket becomes open. The journal keeps
    the message's digest, not its words: it can never be changed, but a person's words may have to
    be deleted.

    A machine (`by` None) may name whose words they are (`author`). `files` that may not be kept raise
    InvalidInput, or with `lenient` (mail, which nobody can correct) are noted as refused.
    """
    if kind not in MessageKind.values:
        problem = f"There is no kind of message {kind!r}. Choose one of {', '.join(MessageKind.values)}."
        raise InvalidInput("bad_kind", problem, {"kind": problem})
    words = text("body", body, limit=200_000, required=True)
    recording = begin(ticket_id=ticket_id, by=by, actor=actor, now=now, expected_updated_at=expected_updated_at)
    if kind == MessageKind.CUSTOMER:
        demand(recording, rules.may_write_as_customer, "Only the requester can write as the customer.")
        _customer_wrote(recording)
    else:
        demand(recording, rules.may_reply, "Only those who work on tickets can reply or write notes.")
        _agent_wrote(recording, kind)
    message = Message.objects.create(
        id=new_id(), ticket=recording.ticket, kind=kind, author=by or author, body=words, at=now, via=via
    )
    kept = keep_files(ticket=recording.ticket, message=message, files=files, by=by or author, now=now, lenient=lenient)
    digest = hashlib.sha256(words.encode()).hexdigest()
    recording.fact("message.added", message=message.pk, message_kind=kind, sha256=digest, **told_of(kept))
    recording.event(MessageAdded, message_id=message.pk, kind=kind, body=words)
    finish(recording)
    return message


@transaction.atomic
def remark(
    *, ticket_id: UUID, body: str, now: datetime, actor: str = "system", author: User | None = None, via: str = "",
    files: Sequence[Upload] = (),
) -> Message:  # fmt: skip
    """Add a note that is nobody's act: an automatic answer, a mail that came back. Status, clocks and owner stay.

    It never reopens a ticket and counts as no sign of life of anybody (SECURITY 12).
    """
    words = text("body", body, limit=200_000, required=True)
    recording = begin(ticket_id=ticket_id, by=None, actor=actor, now=now)
    note = MessageKind.NOTE
    message = Message.objects.create(
        id=new_id(), ticket=recording.ticket, kind=note, author=author, body=words, at=now, via=via
    )
    kept = keep_files(ticket=recording.ticket, message=message, files=files, by=author, now=now, lenient=True)
    digest = hashlib.sha256(words.encode()).hexdigest()
    recording.fact("message.added", message=message.pk, message_kind=note, sha256=digest, remark=True, **told_of(kept))
    finish(recording)
    return message


def _customer_wrote(recording: Recording) -> None:
    ticket = recording.ticket
    try:
        lifecycle.check_reopen(ticket.status, ticket.closed_at, recording.now)
    except lifecycle.Refused as refused:
        message = f"{ticket.reference}: {refused.remedy}"
        raise Conflict("closed_for_good", message, {"status": refused.remedy}) from None
    put_status(recording, move(recording, Act.CUSTOMER_MESSAGE))
    recording.put("last_customer_message_at", recording.now)


def _agent_wrote(recording: Recording, kind: str) -> None:
    if recording.by is None or is_staff.test(recording.by):
        touch(recording)
    if kind == MessageKind.REPLY:
        recording.put("last_public_reply_at", recording.now)
