"""Impact, urgency, the priority matrix, and what a ticket is about."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import Organisation, Service, User
from tocsin.domain.tickets import rules
from tocsin.domain.tickets.actions.opening import check_scales
from tocsin.domain.tickets.actions.recording import Recording, actor_of, begin, demand, finish, text
from tocsin.domain.tickets.events import DetailsChanged, PriorityChanged
from tocsin.domain.tickets.logic.priority import priority_of
from tocsin.domain.tickets.models import PriorityCell, Ticket
from tocsin.domain.tickets.queries import priority_cells
from tocsin.kernel.errors import InvalidInput, NotAllowed

_LIMITS = {"subject": 300, "description": 200_000, "category": 120, "configuration_item": 120}
_ROWS: dict[str, type[Service] | type[Organisation]] = {"service": Service, "organisation": Organisation}


@transaction.atomic
def set_impact_urgency(
    *,
    ticket_id: UUID,
    impact: int,
    urgency: int,
    by: User | None,
    now: datetime,
    expected_updated_at: datetime | None = None,
    actor: str | None = None,
) -> Ticket:
    """Set impact and urgency (1 high to 3 low); the priority follows from the matrix as it stands now."""
    recording = begin(ticket_id=ticket_id, by=by, actor=actor, now=now, expected_updated_at=expected_updated_at)
    demand(recording, rules.may_work_on_ticket, "Only those who work on tickets can set impact and urgency.")
    check_scales(impact, urgency)
    ticket = recording.ticket
    if (ticket.impact, ticket.urgency) == (impact, urgency):
        return ticket
    before = ticket.priority
    for name, value in (("impact", impact), ("urgency", urgency)):
        if getattr(ticket, name) != value:
            recording.change(name, getattr(ticket, name), value)
            recording.put(name, value)
    after = priority_of(impact, urgency, priority_cells())
    recording.fact("ticket.priority_changed", impact=impact, urgency=urgency, before=before, after=after)
    if after != before:
        recording.change("priority", before, after)
        recording.put("priority", after)
        recording.event(PriorityChanged, before=before, after=after)
    recording.owner_acts()
    return finish(recording)


@transaction.atomic
def set_priority_cell(
    *, impact: int, urgency: int, priority: int, by: User | None, now: datetime, actor: str | None = None
) -> None:
    """Say which priority (1 to 4) one impact and urgency give from now on. Tickets that have one keep it."""
    if by is not None and not rules.may_set_priority_matrix.test(by):
        raise NotAllowed("not_allowed", "Only administrators can change the priority matrix. Ask one of them.")
    check_scales(impact, urgency)
    if priority not in (1, 2, 3, 4):
        problem = "Choose 1 (critical) to 4 (low)."
        raise InvalidInput("bad_priority", problem, {"priority": problem})
    before = priority_of(impact, urgency, priority_cells())
    if before == priority:
        return
    PriorityCell.objects.update_or_create(impact=impact, urgency=urgency, defaults={"priority": priority})
    data = {"impact": impact, "urgency": urgency, "before": before, "after": priority}
    record(stream="system", kind="priority_matrix.changed", actor=actor_of(by, actor), at=now, data=data)


@transaction.atomic
def change_details(
    *,
    ticket_id: UUID,
    by: User | None,
    now: datetime,
    expected_updated_at: datetime | None = None,
    actor: str | None = None,
    **fields: Any,
) -> Ticket:
    """Change subject, description, category, configuration_item (text), service or organisation (rows or None).

    Raises InvalidInput for any other field. Only what differs is changed and told.
    """
    recording = begin(ticket_id=ticket_id, by=by, actor=actor, now=now, expected_updated_at=expected_updated_at)
    demand(recording, rules.may_work_on_ticket, "Only those who work on tickets can change its details.")
    changed = [name for name, value in fields.items() if _put_detail(recording, name, value)]
    if not changed:
        return recording.ticket
    recording.fact("ticket.details_changed", fields=sorted(changed))
    recording.event(DetailsChanged, fields=tuple(sorted(changed)))
    recording.owner_acts()
    return finish(recording)


def _put_detail(recording: Recording, name: str, value: Any) -> bool:
    """Set one detail and return whether it differs from before."""
    if name in _LIMITS and isinstance(value, str):
        label = name.replace("_", " ")
        value = text(label, value, limit=_LIMITS[name], required=name == "subject")
    elif not (name in _ROWS and (value is None or isinstance(value, _ROWS[name]))):
        known = ", ".join([*_LIMITS, *_ROWS])
        problem = f"{name} cannot be changed to this here. Choose one of {known} and a fitting value."
        raise InvalidInput("bad_detail", problem, {name: problem})
    before = getattr(recording.ticket, name)
    if before == value:
        return False
    if name in _ROWS:  # another customer or service may mean another agreement, from this moment on
        recording.change(name, before and before.pk, value and value.pk)
    recording.put(name, value)
    return True
