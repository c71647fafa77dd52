"""Replies, notes and the customer's messages (SEMANTICS 2: only a public reply answers the customer)."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.actions.moves import put_status, touch
from tocsin.domain.tickets.actions.recording import Recording, begin, demand, finish, move, text
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.events import MessageAdded
from tocsin.domain.tickets.logic import lifecycle
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
) -> Message:
    """Add a customer's message, a public reply or a note (a MessageKind value).

    A customer's message puts a ticket that waits for the customer back to open, and reopens a
    resolved one, or a closed one within lifecycle.REOPEN_WINDOW; later Conflict says to open a new
    one. A public reply or a note is an agent's act: a new ticket becomes open. The journal keeps
    the message's digest, not its words: it can never be changed, but a person's words may have to
    be deleted.
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
    message = Message.objects.create(id=new_id(), ticket=recording.ticket, kind=kind, author=by, body=words, at=now)
    digest = hashlib.sha256(words.encode()).hexdigest()
    recording.fact("message.added", message=message.pk, message_kind=kind, sha256=digest)
    recording.event(MessageAdded, message_id=message.pk, kind=kind, body=words)
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
