"""SLA clocks as a fold over a ticket's history (SEMANTICS 2). Pure.

The history is the truth: whatever changes, the clocks are folded anew from it, so that a late
recomputation equals a punctual one. Each clock keeps a trace: every start, pause, resume,
recomputation, breach and stop with its cause and amounts, which answers "why did this (not) fire".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

FIRST_RESPONSE, NEXT_RESPONSE, NEXT_UPDATE = "first_response", "next_response", "next_update"
RESOLUTION, INTERNAL = "resolution", "internal"
RUNNING, PAUSED, MET, BREACHED, CANCELLED = "running", "paused", "met", "breached", "cancelled"
ENDED_STATUSES = frozenset({"resolved", "closed"})


class Calendar(Protocol):
    """What clocks need of a business calendar."""

    def add_business_time(self, start: datetime, seconds: float) -> datetime: ...

    def business_time_between(self, start: datetime, end: datetime) -> float: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed. `targets`: (kind, priority, team or "") -> business seconds."""

    targets: Mapping[tuple[str, int, str], int]
    pause_statuses: frozenset[str] = frozenset()
    restart_on_change: bool = False  # of priority or agreement; otherwise consumed time is kept


@dataclass(frozen=True, slots=True)
class Fact:
    """Something in the ticket's history. `kind`: opened, status, priority, team, agreement, reply, customer, agreed.

    `value` is the new status, priority or team; of `agreed` the kind of clock, with `due` (None: cleared).
    """

    at: datetime
    kind: str
    value: str = ""
    due: datetime | None = None
    status: str = "new"  # of opened
    priority: int = 0
    team: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a clock's trace. Amounts are business and wall seconds consumed at `at`."""

    at: datetime
    what: str  # started, paused, resumed, recomputed, agreed, met, breached, answered_late, cancelled
    cause: str
    consumed: float
    elapsed: float
    target: float


@dataclass(slots=True)
class ClockFold:
    """One clock as the history leaves it."""

    kind: str
    team: str
    sequence: int
    priority: int
    target: float
    started_at: datetime
    state: str = RUNNING
    running_since: datetime | None = None
    consumed: float = 0.0
    elapsed: float = 0.0
    agreed_due_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    trace: list[Step] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        return self.stopped_at is None

    def due_at(self, calendar: Calendar) -> datetime | None:
        """Return the breach instant if nothing else changes; None once breached, stopped or while paused."""
        if not self.is_live or self.breached_at is not None:
            return None
        if self.agreed_due_at is not None:
            return self.agreed_due_at
        if self.running_since is None:
            return None
        return calendar.add_business_time(self.running_since, max(self.target - self.consumed, 0.0))


def instant_at(
    *,
    calendar: Calendar,
    started_at: datetime,
    running_since: datetime | None,
    consumed: float,
    target: float,
    agreed_due_at: datetime | None,
    breached_at: datetime | None,
    percent: float,
    beyond: timedelta,
) -> datetime | None:
    """Return when the clock reaches `percent` of its target and `beyond` it (business time), if nothing else changes.

    A mark that has been passed already gives an instant by which it was; None: it cannot come as things stand.
    Remaining time is compared exactly, never a rounded percentage.
    """
    extra = beyond.total_seconds()
    if agreed_due_at is not None:
        whole = calendar.business_time_between(started_at, agreed_due_at)
        at_share = agreed_due_at if percent == 100 else calendar.add_business_time(started_at, whole * percent / 100)
        return calendar.add_business_time(at_share, extra) if extra else at_share
    mark = target * percent / 100 + extra
    if mark > consumed:
        return calendar.add_business_time(running_since, mark - consumed) if running_since else None
    if mark >= target and breached_at is not None:
        return breached_at if mark == target else running_since or breached_at
    return running_since or started_at


class _Ticket:
    """The state of the fold: what the ticket is like, and its clocks."""

    def __init__(self, terms: Terms, calendar: Calendar, opened: Fact) -> None:
        self.terms, self.calendar = terms, calendar
        self.opened_at, self.status, self.priority, self.team = opened.at, opened.status, opened.priority, opened.team
        self.clocks: list[ClockFold] = []
        self.active: list[tuple[datetime, datetime]] = []  # spans in which clocks ran, for retroactive starts
        self.active_since: datetime | None = None if self.paused else opened.at
        self.replied = False

    @property
    def paused(self) -> bool:
        return self.status in self.terms.pause_statuses

    @property
    def ended(self) -> bool:
        return self.status in ENDED_STATUSES

    def live(self, *kinds: str) -> list[ClockFold]:
        return [clock for clock in self.clocks if clock.is_live and (not kinds or clock.kind in kinds)]

    def target(self, kind: str) -> int | None:
        team = self.team if kind == INTERNAL else ""
        return self.terms.targets.get((kind, self.priority, team))

    def advance(self, to: datetime) -> None:
        """Let time pass: clocks consume it, and those that come due on the way are breached."""
        for clock in self.live():
            due = clock.due_at(self.calendar)
            if due is not None and due <= to:
                self._breach(clock, due)
            if clock.running_since is not None and to > clock.running_since:
                clock.consumed += self.calendar.business_time_between(clock.running_since, to)
                clock.elapsed += (to - clock.running_since).total_seconds()
                clock.running_since = to

    def _breach(self, clock: ClockFold, due: datetime) -> None:
        consumed, elapsed = clock.consumed, clock.elapsed
        if clock.running_since is not None and due > clock.running_since:
            consumed += self.calendar.business_time_between(clock.running_since, due)
            elapsed += (due - clock.running_since).total_seconds()
        cause = "the agreed date passed" if clock.agreed_due_at else "the whole target was consumed"
        clock.breached_at, clock.state = due, BREACHED
        clock.trace.append(Step(due, "breached", cause, consumed, elapsed, clock.target))

    def note(self, clock: ClockFold, at: datetime, what: str, cause: str) -> None:
        clock.trace.append(Step(at, what, cause, clock.consumed, clock.elapsed, clock.target))

    def start(self, kind: str, at: datetime, cause: str, *, retroactive: bool = False) -> None:
        """Start the kind's next clock if the agreement has a target for it; `retroactive`: as of the opening."""
        target = self.target(kind)
        if target is None or self.ended:
            return
        team = self.team if kind == INTERNAL else ""
        sequence = sum(1 for clock in self.clocks if (clock.kind, clock.team) == (kind, team)) + 1
        begun = self.opened_at if retroactive else at
        clock = ClockFold(kind, team, sequence, self.priority, float(target), begun)
        if retroactive:
            for start, end in self.active:
                clock.consumed += self.calendar.business_time_between(start, end)
                clock.elapsed += (end - start).total_seconds()
            if self.active_since is not None:
                clock.consumed += self.calendar.business_time_between(self.active_since, at)
                clock.elapsed += (at - self.active_since).total_seconds()
        if self.paused:
            clock.state = PAUSED
        else:
            clock.running_since = at
        self.clocks.append(clock)
        self.note(clock, at, "started", cause)
        if self.paused:
            self.note(clock, at, "paused", f"the ticket is {self.status.replace('_', ' ')}")

    def stop(self, clock: ClockFold, at: datetime, cause: str) -> None:
        """The promise was answered: met in time, or answered after the breach."""
        clock.stopped_at, clock.running_since = at, None
        if clock.breached_at is None:
            clock.state = MET
            self.note(clock, at, "met", cause)
        else:
            self.note(clock, at, "answered_late", cause)

    def cancel(self, clock: ClockFold, at: datetime, cause: str) -> None:
        clock.stopped_at, clock.running_since = at, None
        if clock.breached_at is None:
            clock.state = CANCELLED
        self.note(clock, at, "cancelled", cause)

    def set_status(self, status: str, at: datetime) -> None:
        was_paused, was_ended = self.paused, self.ended
        self.status = status
        words = f"the ticket is {status.replace('_', ' ')}"
        if self.ended and not was_ended:
            self._end(at, words)
        elif was_ended and not self.ended:
            self._continue(at, words)
        if self.ended:
            return
        if self.paused and not was_paused:
            self._pause(at, words)
        elif was_paused and not self.paused:
            self._resume(at, words)

    def _end(self, at: datetime, words: str) -> None:
        self._close_span(at)
        for clock in self.live(RESOLUTION, INTERNAL):
            self.stop(clock, at, words)
        for clock in self.live():
            self.cancel(clock, at, words)

    def _continue(self, at: datetime, words: str) -> None:
        """Reopened: the resolution clock goes on with what it had consumed; the team's clock begins anew."""
        self.active_since = None if self.paused else at
        for clock in [c for c in self.clocks if c.kind == RESOLUTION][-1:]:
            clock.stopped_at = None
            clock.running_since = None if self.paused else at
            clock.state = BREACHED if clock.breached_at else PAUSED if self.paused else RUNNING
            self.note(clock, at, "resumed", words)
        self.start(INTERNAL, at, words)

    def _pause(self, at: datetime, words: str) -> None:
        self._close_span(at)
        for clock in self.live():
            clock.running_since = None
            clock.state = BREACHED if clock.breached_at else PAUSED
            self.note(clock, at, "paused", words)

    def _resume(self, at: datetime, words: str) -> None:
        self.active_since = at
        for clock in self.live():
            clock.running_since = at
            clock.state = BREACHED if clock.breached_at else RUNNING
            self.note(clock, at, "resumed", words)

    def _close_span(self, at: datetime) -> None:
        if self.active_since is not None:
            self.active.append((self.active_since, at))
            self.active_since = None

    def retarget(self, at: datetime, cause: str) -> None:
        """Priority or agreement changed: keep or restart what was consumed; targets that appear start retroactively."""
        for clock in self.live():
            target = self.target(clock.kind)
            if target is None:
                self.cancel(clock, at, f"{cause}: no longer promised")
                continue
            clock.priority, clock.target = self.priority, float(target)
            if self.terms.restart_on_change:
                clock.consumed = clock.elapsed = 0.0
                clock.started_at = at
            if clock.breached_at is not None and clock.agreed_due_at is None and clock.consumed < clock.target:
                clock.breached_at = None
                clock.state = RUNNING if clock.running_since else PAUSED
            self.note(clock, at, "recomputed", cause)
            due = clock.due_at(self.calendar)
            if due is not None and clock.consumed >= clock.target and clock.agreed_due_at is None:
                self._breach(clock, at)
        known = {clock.kind for clock in self.clocks}
        for kind in (RESOLUTION, INTERNAL) + (() if self.replied else (FIRST_RESPONSE,)):
            if kind not in known:
                self.start(kind, at, f"{cause}: promised from now on", retroactive=kind != INTERNAL)

    def set_team(self, team: str, at: datetime) -> None:
        for clock in self.live(INTERNAL):
            self.stop(clock, at, "the ticket left the team")
        self.team = team
        self.start(INTERNAL, at, "the ticket reached the team")

    def reply(self, at: datetime) -> None:
        """A public reply by an agent: the only thing that meets response clocks and re-arms the next update."""
        self.replied = True
        for clock in self.live(FIRST_RESPONSE, NEXT_RESPONSE, NEXT_UPDATE):
            self.stop(clock, at, "public reply")
        self.start(NEXT_UPDATE, at, "public reply")

    def customer_wrote(self, at: datetime) -> None:
        """Arms the next response, unless the first is still owed or one is running: the earlier question counts."""
        if not self.live(FIRST_RESPONSE, NEXT_RESPONSE):
            self.start(NEXT_RESPONSE, at, "the customer wrote")

    def agree(self, kind: str, due: datetime | None, at: datetime) -> None:
        """Set or clear a manually agreed date; it sticks through recomputations until it is cleared."""
        for clock in self.live(kind):
            clock.agreed_due_at = due
            cause = f"agreed for {due.isoformat()}" if due else "the agreed date was cleared"
            if clock.breached_at is not None and (due is None or due > at):
                still = due is None and clock.consumed >= clock.target
                if not still:
                    clock.breached_at = None
                    clock.state = RUNNING if clock.running_since else PAUSED
            self.note(clock, at, "agreed", cause)


def fold(facts: Sequence[Fact], terms: Terms, calendar: Calendar, now: datetime) -> list[ClockFold]:
    """Return every clock that the history ever had, as of `now`. `facts` are in order of time; the first is opened.

    The opening may lie in the past (a retroactive start): pauses in the history since are credited.
    """
    if not facts or facts[0].kind != "opened":
        raise ValueError("a history begins with the opening of its ticket")
    ticket = _Ticket(terms, calendar, facts[0])
    for kind in (FIRST_RESPONSE, RESOLUTION, INTERNAL):
        ticket.start(kind, facts[0].at, "the ticket was opened")
    for fact in facts[1:]:
        ticket.advance(fact.at)
        _tell(ticket, fact)
    ticket.advance(max(now, facts[-1].at))
    return ticket.clocks


def _tell(ticket: _Ticket, fact: Fact) -> None:
    match fact.kind:
        case "status":
            ticket.set_status(fact.value, fact.at)
        case "priority":
            ticket.priority = int(fact.value)
            ticket.retarget(fact.at, f"priority {fact.value}")
        case "agreement":
            ticket.retarget(fact.at, "another agreement applies")
        case "team":
            ticket.set_team(fact.value, fact.at)
        case "reply":
            ticket.reply(fact.at)
        case "customer":
            ticket.customer_wrote(fact.at)
        case "agreed":
            ticket.agree(fact.value, fact.due, fact.at)
        case _:
            raise ValueError(f"unknown fact {fact.kind}")
