"""Folding the clocks of tickets anew, and writing what that changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.calendars.queries import business_calendars
from tocsin.domain.journal.actions import Fact as Entry
from tocsin.domain.journal.actions import record_many
from tocsin.domain.journal.publish import publish
from tocsin.domain.sla.actions.pairing import is_settled, number, paired
from tocsin.domain.sla.actions.storing import store
from tocsin.domain.sla.events import ClockBreached, ClocksChanged
from tocsin.domain.sla.history import histories, opening_of, terms_of
from tocsin.domain.sla.logic.clock import BREACHED, CANCELLED, ClockFold, Step, fold
from tocsin.domain.sla.logic.clock import Calendar as BusinessTime
from tocsin.domain.sla.models import Agreement, Clock
from tocsin.domain.sla.queries import agreement_for, consumed, keep_at_hand, standing_agreements
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.doorbell import DUE, ring
from tocsin.kernel.ids import new_id

AT_ONCE = 1_000  # tickets folded and written together

_COMPARED = (
    "state", "target_seconds", "due_at", "agreed_due_at", "breached_at", "stopped_at", "agreement_id", "calendar_id",
)  # fmt: skip
_AMOUNTS = ("cause", "consumed", "elapsed", "target")
_ENDS = ("met", BREACHED, CANCELLED, "answered_late")


class _Outcome:
    """What recomputing some tickets changes: rows to write, entries to journal, breaches to tell of."""

    def __init__(self, now: datetime, actor: str, cause: str, in_short: bool) -> None:
        self.now, self.actor, self.cause, self.in_short = now, actor, cause, in_short
        self.rows: list[Clock] = []
        self.entries: list[Entry] = []
        self.breached: list[Clock] = []
        self.opened = False

    def reconcile(self, stored: Sequence[Clock], folded: Sequence[Clock]) -> None:
        """Take in one ticket's clocks as its history has them now. What has ended stays as it ended.

        Only a history that comes in whole (`in_short`) may say otherwise: it was corrected at its source.
        """
        pairs = paired(stored, folded)
        for before, after in pairs:
            if self.in_short or not is_settled(before, after, had_clocks=bool(stored)):
                after.sequence = before.sequence if before is not None else number(after, stored)
                self.compare(before, after)
        known = {before.pk for before, _ in pairs if before is not None}
        for row in stored:
            if row.pk not in known:
                self.withdraw(row)

    def compare(self, before: Clock | None, after: Clock) -> None:
        """Take in a clock as the history has it now; nothing if only time has passed."""
        if before is not None:
            after.pk = before.pk
            if not _differs(before, after):
                return
        self.rows.append(after)
        if not self.in_short:
            self._journal(before, after)
        if after.breached_at is not None and (before is None or before.breached_at is None):
            self.breached.append(after)

    def withdraw(self, clock: Clock) -> None:
        """Cancel a clock that the history, by what is agreed now, does not have; one that has stopped is left as is."""
        if clock.stopped_at is not None:
            return
        old = list(clock.trace)
        if clock.running_since is not None:
            clock.elapsed_seconds += max((self.now - clock.running_since).total_seconds(), 0.0)
            clock.consumed_seconds = consumed(clock, self.now)
        clock.stopped_at, clock.running_since, clock.due_at = self.now, None, None
        if clock.breached_at is None:
            clock.state = CANCELLED
        cause = "no agreement promises this any more"
        used, wall = clock.consumed_seconds, clock.elapsed_seconds
        clock.trace = [*old, _step(Step(self.now, "cancelled", cause, used, wall, float(clock.target_seconds)))]
        self.rows.append(clock)
        self._steps(clock, clock.trace[len(old) :], {})

    def _journal(self, before: Clock | None, after: Clock) -> None:
        """Journal the steps that are new; where the past itself reads differently now, say so first."""
        old = before.trace if before is not None else []
        due = {"due_before": _text(before.due_at if before else None), "due_after": _text(after.due_at)}
        target = {"target_before": before.target_seconds if before else None, "target_after": after.target_seconds}
        if before is None or after.trace[: len(old)] == old:
            if after.trace[len(old) :]:
                self._steps(after, after.trace[len(old) :], due | target)
                return
            if before is None or not _moved(before, after):
                return
        data = {
            "rewritten": True,
            "cause": self.cause or "the history was corrected",
            "consumed": after.consumed_seconds,
        }
        self._add(after, "recomputed", data | due | target)
        known = {(step["what"], step["at"]) for step in old}
        last = [step for step in after.trace if (step["what"], step["at"]) not in known and step["what"] in _ENDS]
        self._steps(after, last, due | target)

    def _steps(self, clock: Clock, steps: Iterable[dict[str, Any]], moved: dict[str, Any]) -> None:
        for step in steps:
            data = {name: step[name] for name in _AMOUNTS} | {"since": step["at"], "due_at": _text(clock.due_at)}
            self._add(clock, step["what"], data | (moved if step["what"] in ("recomputed", "agreed") else {}))

    def _add(self, clock: Clock, what: str, data: dict[str, Any]) -> None:
        base = {"clock": str(clock.pk), "clock_kind": clock.kind}
        stream = f"ticket:{clock.ticket_id}"
        self.entries.append(Entry(stream=stream, kind=f"clock.{what}", at=self.now, actor=self.actor, data=base | data))

    def _journal_in_short(self) -> None:
        """One entry a ticket that tells how its clocks stand: their past was not lived through here."""
        by_ticket: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for clock in self.rows:
            told = {
                "clock": str(clock.pk),
                "clock_kind": clock.kind,
                "state": clock.state,
                "due_at": _text(clock.due_at),
            }
            past = {"breached_at": _text(clock.breached_at), "stopped_at": _text(clock.stopped_at)}
            by_ticket[clock.ticket_id].append(told | past)
        for ticket_id, clocks in by_ticket.items():
            stream, data = f"ticket:{ticket_id}", {"clocks": clocks}
            self.entries.append(Entry(stream=stream, kind="clock.rebuilt", at=self.now, actor=self.actor, data=data))

    def write(self) -> None:
        """Write rows and entries, ring, and tell the others."""
        if not self.rows:
            return
        if self.in_short:
            self._journal_in_short()
        store(self.rows)
        record_many(self.entries)
        if any(clock.due_at for clock in self.rows):
            ring(connection, DUE)
        for clock in self.breached:
            publish(ClockBreached(ticket_id=clock.ticket_id, clock_id=clock.pk, kind=clock.kind, at=self.now))
        ids = tuple(dict.fromkeys(clock.ticket_id for clock in self.rows))
        publish(ClocksChanged(ticket_ids=ids, at=self.now, opened=self.opened))


def recompute(
    *, ticket_ids: Sequence[UUID], now: datetime, actor: str = "engine", cause: str = "", in_short: bool = False,
    opened: Ticket | None = None,
) -> None:  # fmt: skip
    """Bring the clocks of these tickets in line with their history as of `now`, journal and publish what changed.

    Call with the tickets locked. A ticket to which no agreement applies has no running clocks. `cause`
    is journalled where the past reads differently than before, as after an edited agreement. `in_short`:
    one journal entry a ticket (clock.rebuilt) instead of one a step, for histories that come in whole.
    `opened`: the one ticket, opened at this moment, so that nothing has happened on it and it has no clocks yet.
    """
    with transaction.atomic(savepoint=False):
        among = standing_agreements()
        for part in batched(ticket_ids, AT_ONCE):
            outcome = _Outcome(now, actor, cause, in_short)
            if opened is not None:
                _start(opened, among, outcome)
            else:
                _recompute(part, among, outcome)


def _start(ticket: Ticket, among: Sequence[Agreement], outcome: _Outcome) -> None:
    """Start the clocks of a ticket that was opened at this moment."""
    outcome.opened = True
    agreement = agreement_for(ticket, among)
    if agreement is None:
        keep_at_hand(ticket, [], {})
        return
    calendars = business_calendars([agreement.calendar_id])
    outcome.reconcile([], fold_all([ticket], [agreement], outcome.now, calendars, opened=True)[ticket.pk])
    outcome.write()
    keep_at_hand(ticket, outcome.rows, calendars)


def _recompute(ticket_ids: Sequence[UUID], among: Sequence[Agreement], outcome: _Outcome) -> None:
    tickets = list(Ticket.objects.filter(pk__in=ticket_ids))
    stored: dict[UUID, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(ticket_id__in=ticket_ids):
        stored[clock.ticket_id].append(clock)
    folded = fold_all(tickets, among, outcome.now)
    for ticket in tickets:
        outcome.reconcile(stored[ticket.pk], folded[ticket.pk])
    outcome.write()


def fold_all(
    tickets: Sequence[Ticket],
    among: Sequence[Agreement],
    now: datetime,
    calendars: Mapping[UUID, BusinessTime] | None = None,
    *,
    opened: bool = False,
) -> dict[UUID, list[Clock]]:
    """Return the clocks that each ticket has by its history, as unsaved rows. Writes nothing.

    `calendars` by id; without them as they are stored. `opened`: their history is their opening.
    """
    facts = {ticket.pk: [opening_of(ticket)] for ticket in tickets} if opened else histories(tickets, among)
    if calendars is None:
        calendars = business_calendars(agreement.calendar_id for agreement in among)
    terms = {agreement.pk: terms_of(agreement) for agreement in among}
    found: dict[UUID, list[Clock]] = {}
    for ticket in tickets:
        agreement = agreement_for(ticket, among)
        if agreement is None:
            found[ticket.pk] = []
            continue
        calendar = calendars[agreement.calendar_id]
        clocks = fold(facts[ticket.pk], terms[agreement.pk], calendar, now)
        found[ticket.pk] = [_row(ticket, agreement, calendar, clock) for clock in clocks]
    return found


def _row(ticket: Ticket, agreement: Agreement, calendar: BusinessTime, clock: ClockFold) -> Clock:
    return Clock(
        id=new_id(), ticket_id=ticket.pk, kind=clock.kind, team_id=UUID(clock.team) if clock.team else None,
        sequence=clock.sequence, agreement_id=agreement.pk, calendar_id=agreement.calendar_id, priority=clock.priority,
        target_seconds=int(clock.target), agreed_due_at=clock.agreed_due_at, state=clock.state,
        started_at=clock.started_at, running_since=clock.running_since, consumed_seconds=clock.consumed,
        elapsed_seconds=clock.elapsed, due_at=clock.due_at(calendar), breached_at=clock.breached_at,
        stopped_at=clock.stopped_at, trace=[_step(step) for step in clock.trace],
    )  # fmt: skip


def _step(step: Step) -> dict[str, Any]:
    return {
        "at": step.at.isoformat(), "what": step.what, "cause": step.cause, "consumed": step.consumed,
        "elapsed": step.elapsed, "target": step.target,
    }  # fmt: skip


def _differs(before: Clock, after: Clock) -> bool:
    """Whether anything but the mere passing of time has changed."""
    return before.trace != after.trace or any(getattr(before, name) != getattr(after, name) for name in _COMPARED)


def _moved(before: Clock, after: Clock) -> bool:
    return (before.due_at, before.target_seconds) != (after.due_at, after.target_seconds)


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
