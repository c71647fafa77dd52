"""Editing an agreement or a calendar: which running clocks would move; they move on confirmation (SEMANTICS 2)."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from tocsin.domain.calendars.logic.business import BusinessCalendar
from tocsin.domain.calendars.models import Calendar
from tocsin.domain.calendars.queries import business_calendars
from tocsin.domain.sla.actions.recomputing import AT_ONCE, fold_all, recompute
from tocsin.domain.sla.models import Agreement, Clock
from tocsin.domain.sla.queries import agreements
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket


@dataclass(frozen=True, slots=True)
class Moved:
    """A running clock that an edit moves. A due time of None: it would not run out as things stand.

    One that has run out is shown with the instant of its breach.
    """

    ticket_id: UUID
    reference: str
    kind: str
    due_before: datetime | None
    due_after: datetime | None


class _Undo(Exception):
    """Ends a preview: the edit that was tried is rolled back."""


def preview_agreement(*, edit: Callable[[], Agreement], now: datetime) -> list[Moved]:
    """Return the running clocks that `edit` (which saves an agreement) would move. Changes nothing, holds up nobody."""
    return _preview(edit, now)


def apply_agreement(*, edit: Callable[[], Agreement], now: datetime, actor: str = "engine") -> list[Moved]:
    """Save by `edit` and move the running clocks, in one transaction. Return those that moved."""
    return _apply(edit, now, actor, "the agreement was edited")


def preview_calendar(*, edit: Callable[[], Calendar], now: datetime) -> list[Moved]:
    """Return the running clocks that `edit` (which saves a calendar) would move. Changes nothing, holds up nobody."""
    return _preview(edit, now)


def apply_calendar(*, edit: Callable[[], Calendar], now: datetime, actor: str = "engine") -> list[Moved]:
    """Save by `edit` and move the running clocks, in one transaction. Return those that moved."""
    return _apply(edit, now, actor, "the calendar was edited")


def _preview(edit: Callable[[], object], now: datetime) -> list[Moved]:
    """Try the edit and take it back, then fold as the deed would. No ticket is locked or written."""
    ids = list(_open().values_list("pk", flat=True))
    before = _dues(_stored(ids))
    among, calendars = _as_edited(edit)
    after: _Dues = {}
    for part in batched(ids, AT_ONCE):
        folded = fold_all(list(Ticket.objects.filter(pk__in=part)), among, now, calendars)
        after |= _dues(clock for clocks in folded.values() for clock in clocks)
    return _moved(before, after)


def _as_edited(edit: Callable[[], object]) -> tuple[list[Agreement], dict[UUID, BusinessCalendar]]:
    """Return agreements and calendars as they would be after the edit, which is undone."""
    among: list[Agreement] = []
    calendars: dict[UUID, BusinessCalendar] = {}
    with suppress(_Undo), transaction.atomic():
        edit()
        among = agreements()
        calendars = business_calendars(agreement.calendar_id for agreement in among)
        raise _Undo
    return among, calendars


def _apply(edit: Callable[[], object], now: datetime, actor: str, cause: str) -> list[Moved]:
    with transaction.atomic():
        ids = list(_open().select_for_update(of=("self",)).values_list("pk", flat=True))
        before = _dues(_stored(ids))
        edit()
        recompute(ticket_ids=ids, now=now, actor=actor, cause=cause)
        found = _moved(before, _dues(_stored(ids)))
    # Tickets that were opened while others could not see the edit yet.
    with transaction.atomic():
        late = _open().exclude(pk__in=ids).select_for_update(of=("self",))
        recompute(ticket_ids=list(late.values_list("pk", flat=True)), now=now, actor=actor, cause=cause)
    return found


type _Key = tuple[UUID, str, UUID | None]  # a ticket has one live clock of a kind and team
type _Dues = dict[_Key, datetime | None]


def _open() -> QuerySet[Ticket]:
    return Ticket.objects.filter(status__in=OPEN_STATUSES).order_by("pk")


def _stored(ticket_ids: Sequence[UUID]) -> Iterable[Clock]:
    return Clock.objects.filter(ticket_id__in=ticket_ids, stopped_at__isnull=True).defer("trace")


def _dues(clocks: Iterable[Clock]) -> _Dues:
    live = (clock for clock in clocks if clock.stopped_at is None)
    return {(c.ticket_id, c.kind, c.team_id): c.due_at or c.breached_at for c in live}


def _moved(before: _Dues, after: _Dues) -> list[Moved]:
    keys = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    numbers = dict(Ticket.objects.filter(pk__in={key[0] for key in keys}).values_list("pk", "number"))
    keys.sort(key=lambda key: (numbers[key[0]], key[1], str(key[2])))
    return [Moved(key[0], f"T-{numbers[key[0]]}", key[1], before.get(key), after.get(key)) for key in keys]
