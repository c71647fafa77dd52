"""Named reads of clocks: where they stand, when they reach a mark, and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from tocsin.domain.calendars.logic.business import BusinessCalendar
from tocsin.domain.calendars.queries import business_calendar, business_calendars
from tocsin.domain.journal.models import Entry
from tocsin.domain.sla.enums import TargetKind
from tocsin.domain.sla.history import agreement_among
from tocsin.domain.sla.logic import clock as logic
from tocsin.domain.sla.models import Agreement, Clock
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import NotFound

_WHAT = {
    "started": "Started", "paused": "Paused", "resumed": "Resumed", "recomputed": "Recomputed", "agreed": "Agreed date",
    "met": "Kept", "breached": "Breached", "answered_late": "Answered late", "cancelled": "Cancelled",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClockFace:
    """A clock as a page shows it. `remaining`: business seconds, negative after the breach; `consumed`: a share."""

    clock_id: UUID
    kind: str
    label: str
    state: str
    due_at: datetime | None
    remaining: float
    consumed: float
    paused: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """One line of "why did this (not) fire": what happened to the clock, when, and why, with the amounts."""

    at: datetime
    what: str
    why: str
    consumed: float
    target: float


def clocks_of(ticket_ids: Sequence[UUID]) -> dict[UUID, list[Clock]]:
    """Return {ticket: its clocks, in order of kind and arming}; one query, with their calendars."""
    found: dict[UUID, list[Clock]] = defaultdict(list)
    if not ticket_ids:
        return found
    rows = Clock.objects.filter(ticket_id__in=ticket_ids).select_related("calendar", "team")
    for clock in _with_calendars(rows.order_by("kind", "sequence")):
        found[clock.ticket_id].append(clock)
    return found


def clocks_at_hand(ticket: Ticket) -> list[Clock] | None:
    """Return the clocks that were started on this very row in this transaction (`keep_at_hand`), None for none."""
    return getattr(ticket, "started_clocks", None)


def keep_at_hand(ticket: Ticket, clocks: Sequence[Clock], calendars: Mapping[UUID, BusinessCalendar]) -> None:
    """Keep clocks that were just written on the row of their ticket, for others who have it in their hands."""
    for clock in clocks:
        clock.business = calendars[clock.calendar_id]  # type: ignore[attr-defined]  # as in _with_calendars
    ticket.started_clocks = list(clocks)  # type: ignore[attr-defined]  # kept on the row they belong to


def _with_calendars(rows: Iterable[Clock]) -> list[Clock]:
    """Read the calendars of many clocks at once; `_calendar` finds them on the rows."""
    clocks = list(rows)
    calendars = business_calendars([clock.calendar_id for clock in clocks])
    for clock in clocks:
        clock.business = calendars[clock.calendar_id]  # type: ignore[attr-defined]  # kept on the row it belongs to
    return clocks


def _calendar(clock: Clock) -> BusinessCalendar:
    found: BusinessCalendar | None = getattr(clock, "business", None)
    return found if found is not None else business_calendar(clock.calendar_id)


def instant_at(clock: Clock, *, percent: float = 100.0, offset: timedelta = timedelta()) -> datetime | None:
    """Return when the clock reaches `percent` of its target plus `offset` of business time, if nothing else changes.

    A mark that lies behind gives the instant at which it was passed. None: as things stand it cannot
    come (paused before the mark), or no longer matters (answered or cancelled).
    """
    if clock.started_at is None or clock.stopped_at is not None:
        return None
    return logic.instant_at(
        calendar=_calendar(clock), started_at=clock.started_at, running_since=clock.running_since,
        consumed=clock.consumed_seconds, target=clock.target_seconds, agreed_due_at=clock.agreed_due_at,
        breached_at=clock.breached_at, percent=percent, beyond=offset, trace=_trace(clock),
    )  # fmt: skip


def _trace(clock: Clock) -> list[logic.Step]:
    return [logic.Step(**{**step, "at": datetime.fromisoformat(step["at"])}) for step in clock.trace]


def consumed(clock: Clock, now: datetime) -> float:
    """Return the business seconds consumed at `now`."""
    if clock.running_since is None:
        return clock.consumed_seconds
    passed = _calendar(clock).business_time_between(clock.running_since, now)
    return clock.consumed_seconds + max(passed, 0.0)


def explain(clock_id: UUID) -> list[Explained]:
    """Return why a clock did or did not run out: every step with its cause and amounts, in order. Raises NotFound.

    Steps come from the ticket's history by the agreement as it reads now. Where an edited agreement or calendar
    changed the past, the journal knows when that was and what moved.
    """
    row = Clock.objects.filter(pk=clock_id).first()
    if row is None:
        raise NotFound("clock_not_found", "There is no such clock.")
    rewritten = Entry.objects.filter(
        stream=f"ticket:{row.ticket_id}", kind="clock.recomputed", data__clock=str(row.pk), data__rewritten=True
    )
    told = [_explained(step) for step in row.trace]
    told += [_rewritten(entry) for entry in rewritten.order_by("position")]
    return sorted(told, key=lambda one: one.at)


def _explained(step: dict[str, str | float]) -> Explained:
    used, target = float(step["consumed"]), float(step["target"])
    why = f"{step['cause']}; {_length(used)} of {_length(target)} consumed"
    what = _WHAT.get(str(step["what"]), str(step["what"]))
    return Explained(datetime.fromisoformat(str(step["at"])), what, why, used, target)


def _rewritten(entry: Entry) -> Explained:
    data = entry.data
    due = [_instant(data[name]) for name in ("due_before", "due_after")]
    target = [_length(data[name]) for name in ("target_before", "target_after")]
    why = f"{data['cause']}; due {due[0]} before, {due[1]} now; target {target[0]} before, {target[1]} now"
    return Explained(entry.at, _WHAT["recomputed"], why, data["consumed"], data["target_after"])


def _instant(text: str | None) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC" if text else "not"


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes or not rest else f"{rest} s"


def faces_of(ticket_ids: Sequence[UUID], now: datetime) -> dict[UUID, list[ClockFace]]:
    """Return every clock of each ticket as pages show it; every id asked for is answered."""
    clocks = clocks_of(ticket_ids)
    return {ticket_id: [_face(clock, now) for clock in clocks.get(ticket_id, [])] for ticket_id in ticket_ids}


def next_breaches(ticket_ids: Sequence[UUID], now: datetime) -> dict[UUID, ClockFace]:
    """Return, for each ticket that has one, the clock that matters most: breached, then next to breach, then paused."""
    found: dict[UUID, ClockFace] = {}
    rows = Clock.objects.filter(stopped_at__isnull=True, ticket_id__in=ticket_ids).select_related("calendar", "team")
    by_ticket: dict[UUID, list[Clock]] = defaultdict(list)
    for clock in _with_calendars(rows):
        by_ticket[clock.ticket_id].append(clock)
    for ticket_id, clocks in by_ticket.items():
        found[ticket_id] = _face(min(clocks, key=_urgency), now)
    return found


def _urgency(clock: Clock) -> tuple[int, float]:
    if clock.breached_at is not None:
        return 0, clock.breached_at.timestamp()
    if clock.due_at is not None:
        return 1, clock.due_at.timestamp()
    return 2, clock.target_seconds - clock.consumed_seconds


def _face(clock: Clock, now: datetime) -> ClockFace:
    label = TargetKind(clock.kind).label
    if clock.team is not None:
        label = f"{label}: {clock.team.name}"
    used = consumed(clock, now)
    target = float(clock.target_seconds)
    if clock.agreed_due_at is not None and clock.started_at is not None:
        calendar = _calendar(clock)
        target = max(calendar.business_time_between(clock.started_at, clock.agreed_due_at), 1.0)
        remaining = calendar.business_time_between(now, clock.agreed_due_at)
        used = target - remaining
    else:
        remaining = target - used
    paused = clock.stopped_at is None and clock.running_since is None
    due_at = clock.due_at or clock.breached_at or clock.agreed_due_at
    return ClockFace(clock.pk, clock.kind, label, clock.state, due_at, remaining, used / target, paused)


def by_next_breach(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Order tickets by their next breach (those already breached first), tickets without one last."""
    live = Q(clocks__stopped_at__isnull=True)
    return tickets.annotate(
        breached=Min("clocks__breached_at", filter=live), breaches=Min("clocks__due_at", filter=live)
    ).order_by(F("breached").asc(nulls_last=True), F("breaches").asc(nulls_last=True), "priority", "opened_at", "pk")


FEW = 2_000  # so many tickets are sorted faster than they are looked for among all clocks
WINDOWS = (500, 4_000, 32_000)


def page_by_next_breach(tickets: QuerySet[Ticket], *, total: int, start: int, size: int) -> list[Ticket]:
    """Return one page of `tickets` in the order of their next breach; `total` is how many there are (or more than FEW).

    Of many, the most pressing clocks are read in their order, a window at a time, until enough of them belong to
    `tickets`; only a page far down makes the database sort them all.
    """
    if total > FEW:
        clocks = Clock.objects.filter(Q(breached_at__isnull=False) | Q(due_at__isnull=False), stopped_at__isnull=True)
        pressing = clocks.order_by(Coalesce("breached_at", "due_at")).values_list("ticket_id", flat=True)
        for window in WINDOWS:
            ids = list(dict.fromkeys(pressing[:window]))
            found = {ticket.pk: ticket for ticket in tickets.filter(pk__in=ids)} if start + size <= len(ids) else {}
            if len(found) >= start + size:
                return [found[pk] for pk in ids if pk in found][start : start + size]
    return list(by_next_breach(tickets)[start : start + size])


def next_clock_due() -> datetime | None:
    """When the next clock breaches if nothing changes, or None."""
    return Clock.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first()


def agreements() -> list[Agreement]:
    """Return every agreement with calendar and targets, by name."""
    rows = Agreement.objects.select_related("calendar", "organisation", "service").prefetch_related("targets")
    return list(rows.order_by("name"))


_STANDING = """
SELECT (SELECT coalesce(string_agg(ctid::text || xmin::text, ' ' ORDER BY ctid), '') FROM sla_agreement)
    || '/' || (SELECT coalesce(string_agg(ctid::text || xmin::text, ' ' ORDER BY ctid), '') FROM sla_target)
"""
_kept: dict[str, Sequence[Agreement]] = {}  # the last read, under what its rows' versions were


def standing_agreements() -> Sequence[Agreement]:
    """Return `agreements` as they are stored now, without reading them again while no row has a new version.

    For folding only: the rows are shared by everybody in this process, so nobody may change them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STANDING)
        (versions,) = cursor.fetchone()
    found = _kept.get(versions)
    if found is None:
        found = tuple(agreements())
        _kept.clear()
        _kept[versions] = found
    return found


def agreement_for(ticket: Ticket, among: Sequence[Agreement] | None = None) -> Agreement | None:
    """Return the agreement that applies: of customer and service, else customer, else service, else the default."""
    known = agreements() if among is None else among
    return agreement_among(known, ticket.organisation_id, ticket.service_id)


__all__ = [
    "ClockFace", "Explained", "agreement_for", "agreements", "by_next_breach", "clocks_at_hand", "clocks_of", "consumed", "explain",
    "faces_of", "instant_at", "keep_at_hand", "next_breaches", "next_clock_due", "page_by_next_breach", "standing_agreements",
]  # fmt: skip
