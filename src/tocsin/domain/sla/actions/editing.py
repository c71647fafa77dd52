"""Editing an agreement or a calendar: which running clocks would move; they move on confirmation (SEMANTICS 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.calendars.models import Calendar
from tocsin.domain.sla.actions.recomputing import recompute
from tocsin.domain.sla.models import Agreement, Clock
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """A running clock that an edit moves. A due time of None: it would not run out as things stand."""

    ticket_id: UUID
    reference: str
    kind: str
    due_before: datetime | None
    due_after: datetime | None


class _Undo(Exception):
    """Ends a preview: everything that was tried is rolled back."""


def preview_agreement(*, edit: Callable[[], Agreement], now: datetime) -> list[Moved]:
    """Return the running clocks that `edit` (which saves an agreement) would move. Changes nothing."""
    return _previewed(edit, now)


def apply_agreement(*, edit: Callable[[], Agreement], now: datetime) -> list[Moved]:
    """Save by `edit` and move the running clocks, in one transaction. Return those that moved."""
    with transaction.atomic():
        return _moved(edit, now)


def preview_calendar(*, edit: Callable[[], Calendar], now: datetime) -> list[Moved]:
    """Return the running clocks that `edit` (which saves a calendar) would move. Changes nothing."""
    return _previewed(edit, now)


def apply_calendar(*, edit: Callable[[], Calendar], now: datetime) -> list[Moved]:
    """Save by `edit` and move the running clocks, in one transaction. Return those that moved."""
    with transaction.atomic():
        return _moved(edit, now)


def _previewed(edit: Callable[[], object], now: datetime) -> list[Moved]:
    """Do it for real and take it back: a preview that computed otherwise than the deed would be worth nothing."""
    moved: list[Moved] = []
    try:
        with transaction.atomic():
            moved = _moved(edit, now)
            raise _Undo
    except _Undo:
        return moved


def _moved(edit: Callable[[], object], now: datetime) -> list[Moved]:
    ids = list(
        Ticket.objects.select_for_update(of=("self",))
        .filter(status__in=OPEN_STATUSES)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    before = _dues(ids)
    edit()
    for start in range(0, len(ids), AT_ONCE):
        recompute(ticket_ids=ids[start : start + AT_ONCE], now=now)
    after = _dues(ids)
    return [
        Moved(key[0], after.get(key, before.get(key, ("", None)))[0], key[1], _due(before, key), _due(after, key))
        for key in sorted(before.keys() | after.keys(), key=str)
        if _due(before, key) != _due(after, key)
    ]


type _Key = tuple[UUID, str, UUID | None, int]


def _dues(ids: list[UUID]) -> dict[_Key, tuple[str, datetime | None]]:
    rows = Clock.objects.filter(ticket_id__in=ids, stopped_at__isnull=True).select_related("ticket")
    return {(c.ticket_id, c.kind, c.team_id, c.sequence): (c.ticket.reference, c.due_at or c.breached_at) for c in rows}


def _due(dues: dict[_Key, tuple[str, datetime | None]], key: _Key) -> datetime | None:
    return dues[key][1] if key in dues else None
