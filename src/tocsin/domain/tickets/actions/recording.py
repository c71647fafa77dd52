"""One act on one ticket: lock, check, collect what changes, write it once, then tell the others."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from rules.predicates import Predicate

from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.journal.publish import Event, publish
from tocsin.domain.people.models import User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.models import Change, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

NO_SUCH_TICKET = "There is no such ticket, or you may not see it."


@dataclass(slots=True)
class Recording:
    """What one act changes on one locked ticket. Nothing is written before `finish`."""

    ticket: Ticket
    now: datetime
    actor: str
    by: User | None
    changes: list[Change] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)

    def put(self, name: str, value: Any) -> None:
        """Set a column of the ticket."""
        if getattr(self.ticket, name) != value:
            setattr(self.ticket, name, value)
            self.fields.add(name)

    def change(self, name: str, before: object, after: object) -> None:
        """Keep a change for the folds (clocks, triggers, metrics)."""
        row = Change(
            ticket=self.ticket, at=self.now, field=name, before=_word(before), after=_word(after), actor=self.actor
        )
        self.changes.append(row)

    def fact(self, kind: str, **data: Any) -> None:
        """Journal something on the ticket's stream. UUIDs and dates are written as text."""
        plain = {key: _plain(value) for key, value in data.items()}
        self.facts.append(Fact(stream=stream_of(self.ticket.pk), kind=kind, at=self.now, actor=self.actor, data=plain))

    def fact_on(self, ticket_id: UUID, kind: str, data: dict[str, Any]) -> None:
        """Journal something on another (locked) ticket's stream; written together, so in the order all agree on."""
        self.facts.append(Fact(stream=stream_of(ticket_id), kind=kind, at=self.now, actor=self.actor, data=data))

    def event(self, make: Callable[..., Event], **data: Any) -> None:
        """Publish, when all is written, an event of this ticket."""
        self.events.append(make(ticket_id=self.ticket.pk, at=self.now, actor=self.actor, **data))

    def owner_acts(self) -> None:
        """Note that the owner showed a sign of life, if it is the owner who acts."""
        if self.by is not None and self.ticket.owner_id == self.by.pk:
            self.put("last_owner_activity_at", self.now)


def stream_of(ticket_id: UUID) -> str:
    """Return the journal stream that holds everything about a ticket."""
    return f"ticket:{ticket_id}"


def actor_of(by: User | None, actor: str | None) -> str:
    """Return the journal's word for who acts: an explicit `actor` wins, then the person, then "system"."""
    if actor is not None:
        return actor
    return "system" if by is None else f"person:{by.pk}"


def lock(ticket_id: UUID) -> Ticket:
    """Lock the ticket's row (and only that) until the transaction ends. Raises NotFound.

    Without select_related: a query that waited for a lock sees the ticket as it is now, but what it
    joined as that was before, so the owner's row would not be that of owner_id.
    """
    try:
        return Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
    except Ticket.DoesNotExist:
        raise NotFound("ticket_not_found", NO_SUCH_TICKET) from None


def begin(
    *,
    ticket_id: UUID,
    by: User | None,
    actor: str | None,
    now: datetime,
    expected_updated_at: datetime | None = None,
) -> Recording:
    """Lock the ticket and check that `by` may see it and that it is as the caller last saw it.

    Raises NotFound when it is absent or invisible to `by`, Conflict when it was changed since
    `expected_updated_at`.
    """
    ticket = lock(ticket_id)
    if by is not None and not rules.may_see_ticket.test(by, ticket):
        raise NotFound("ticket_not_found", NO_SUCH_TICKET)
    if expected_updated_at is not None and ticket.updated_at != expected_updated_at:
        message = f"{ticket.reference} was changed while you were looking at it. Look at what is new and try again."
        raise Conflict("ticket_changed", message)
    return Recording(ticket=ticket, now=now, actor=actor_of(by, actor), by=by)


def demand(recording: Recording, predicate: Predicate, message: str) -> None:
    """Raise NotAllowed with `message` unless the person may; machines (by None) may do what their callers decide."""
    if recording.by is not None and not predicate.test(recording.by, recording.ticket):
        raise NotAllowed("not_allowed", message)


def move(recording: Recording, act: lifecycle.Act) -> str:
    """Return the status after `act`. Raises Conflict with the remedy when the lifecycle has no such move."""
    try:
        return lifecycle.after(recording.ticket.status, act)
    except lifecycle.Refused as refused:
        message = f"{recording.ticket.reference}: {refused.remedy}"
        raise Conflict("wrong_status", message, {"status": refused.remedy}) from None


def finish(recording: Recording) -> Ticket:
    """Write the ticket, its changes and its journal entries, then publish. Returns the ticket."""
    recording.put("updated_at", recording.now)
    recording.ticket.save(update_fields=sorted(recording.fields))
    _keep_changes(recording.changes)
    record_many(recording.facts)
    for event in recording.events:
        publish(event)
    return recording.ticket


# As one JSON text, as the journal's entries travel. Ids come in the order of the rows.
_KEEP = """
INSERT INTO tickets_change (ticket_id, at, field, before, after, actor)
SELECT ticket_id, at, field, before, after, actor FROM json_to_recordset(%s::json)
AS n(ticket_id uuid, at timestamptz, field text, before text, after text, actor text)
"""


def _keep_changes(changes: Sequence[Change]) -> None:
    if not changes:
        return
    rows = [
        {
            "ticket_id": str(one.ticket_id), "at": one.at.isoformat(), "field": one.field, "before": one.before,
            "after": one.after, "actor": one.actor,
        }
        for one in changes
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [json.dumps(rows)])


def text(name: str, value: str, *, limit: int, required: bool = False) -> str:
    """Return `value` without surrounding blanks. Raises InvalidInput if empty (when required), too long or with NUL."""
    cleaned = value.strip()
    if required and not cleaned:
        raise InvalidInput("required", f"Fill in {name}.", {name: "This must not be empty."})
    if len(cleaned) > limit:
        problem = f"At most {limit} characters; this has {len(cleaned)}."
        raise InvalidInput("too_long", f"Shorten {name}. {problem}", {name: problem})
    if "\x00" in cleaned:
        problem = "It holds a NUL character, which cannot be stored. Remove it."
        raise InvalidInput("bad_character", f"Check {name}. {problem}", {name: problem})
    return cleaned


def _word(value: object) -> str:
    return "" if value is None else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value
