"""Status moves. The table is logic/lifecycle.py; here stands who may, and what goes with it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.models import User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.actions.moves import put_status
from tocsin.domain.tickets.actions.recording import begin, demand, finish, move, text
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.logic.lifecycle import Act
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import Conflict, InvalidInput

_MAY = {Act.CLOSE: rules.may_close, Act.REOPEN: rules.may_reopen}


@transaction.atomic
def set_status(
    *,
    ticket_id: UUID,
    status: str,
    by: User | None,
    now: datetime,
    note: str = "",
    expected_updated_at: datetime | None = None,
    actor: str | None = None,
) -> Ticket:
    """Move the ticket to `status` (a Status value); moving it to where it is changes nothing.

    `note` says why and is journalled with the move. Requesters may close and reopen their own
    tickets; the rest is for those who work on tickets. Raises Conflict with the remedy when the
    lifecycle has no such move, InvalidInput for a word that is no status.
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=actor, now=now, expected_updated_at=expected_updated_at)
    ticket = recording.ticket
    try:
        act = lifecycle.act_for(ticket.status, status)
        lifecycle.check_reopen(ticket.status, ticket.closed_at, now) if act is Act.REOPEN else None
    except lifecycle.Refused as refused:
        error = Conflict if status in lifecycle.STATUSES else InvalidInput
        message = f"{ticket.reference}: {refused.remedy}"
        raise error("wrong_status", message, {"status": refused.remedy}) from None
    if act is None:
        return ticket
    demand(recording, _MAY.get(act, rules.may_work_on_ticket), "Only those who work on tickets can change this status.")
    put_status(recording, move(recording, act), note=text("note", note, limit=5_000))
    recording.owner_acts()
    return finish(recording)


def resolve(*, ticket_id: UUID, by: User | None, now: datetime, note: str = "", actor: str | None = None) -> Ticket:
    """Resolve the ticket: clocks stop, escalations on it end. See `set_status`."""
    return set_status(ticket_id=ticket_id, status=Status.RESOLVED, by=by, now=now, note=note, actor=actor)


def close(*, ticket_id: UUID, by: User | None, now: datetime, note: str = "", actor: str | None = None) -> Ticket:
    """Close a resolved ticket. See `set_status`."""
    return set_status(ticket_id=ticket_id, status=Status.CLOSED, by=by, now=now, note=note, actor=actor)


def reopen(*, ticket_id: UUID, by: User | None, now: datetime, note: str = "", actor: str | None = None) -> Ticket:
    """Reopen a resolved ticket, or one closed not longer ago than lifecycle.REOPEN_WINDOW. See `set_status`."""
    return set_status(ticket_id=ticket_id, status=Status.REOPENED, by=by, now=now, note=note, actor=actor)
