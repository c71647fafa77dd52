"""SLA clocks as a fold over a ticket's history (SEMANTICS 2). Pure.

The history is the truth: whatever changes, the clocks are folded anew from it, so that a late
recomputation equals a punctual one. Each clock keeps a trace: every start, pause, resume,
recomputation, breach and stop with its cause and amounts, which answers "why did this (not) fire".
"""

from collections.abc import Sequence
from datetime import datetime

from tocsin.domain.sla.logic.standing import (
    BREACHED,
    CANCELLED,
    ENDED_STATUSES,
    FIRST_RESPONSE,
    INTERNAL,
    MET,
    NEXT_RESPONSE,
    NEXT_UPDATE,
    PAUSED,
    RESOLUTION,
    RUNNING,
    Calendar,
    ClockFold,
    Fact,
    Step,
    Terms,
    instant_at,
)

__all__ = [
    "BREACHED", "CANCELLED", "FIRST_RESPONSE", "INTERNAL", "MET", "NEXT_RESPONSE", "NEXT_UPDATE", "PAUSED",
    "RESOLUTION", "RUNNING", "Calendar", "ClockFold", "Fact", "Folding", "Step", "Terms", "fold", "instant_at",
]  # fmt: skip

_ANSWERED_ONCE = (FIRST_RESPONSE, RESOLUTION)  # a ticket has one of each; the others are armed again and again


class _Ticket:
    """The state of the fold: what the ticket is like, and its clocks."""

    def __init__(self, terms: Terms, calendar: Calendar, opened: Fact) -> None:
        self.terms, self.calendar = terms, calendar
        self.opened_at, self.status, self.priority, self.team = opened.at, opened.status, opened.priority, opened.team
        self.team_since = opened.at
        self.clocks: list[ClockFold] = []
        self.withdrawn: list[ClockFold] = []  # not promised at this priority; they go on if they are promised again
        self.agreed: dict[str, datetime | None] = {}  # dates by hand, by kind
        self.active: list[tuple[datetime, datetime]] = []  # spans in which clocks ran, for retroactive starts
        self.active_since: datetime | None = None if self.is_paused or self.has_ended else opened.at
        self.replied = False

    @property
    def is_paused(self) -> bool:
        return self.status in self.terms.pause_statuses

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED_STATUSES

    def live(self, *kinds: str) -> list[ClockFold]:
        return [clock for clock in self.clocks if clock.is_live and (not kinds or clock.kind in kinds)]

    def target(self, kind: str) -> int | None:
        return self.terms.targets.get((kind, self.priority, self.team if kind == INTERNAL else ""))

    def advance(self, to: datetime) -> None:
        """Let time pass: clocks consume it, and those that come due on the way are breached."""
        for clock in self.live():
            due = clock.due_at(self.calendar)
            if due is not None and due <= to:
                self.breach(clock, due)
            if clock.running_since is not None and to > clock.running_since:
                clock.consume(*self._passed(clock.running_since, to))
                clock.running_since = to

    def _passed(self, since: datetime, to: datetime) -> tuple[float, float]:
        """Return business and wall seconds between two instants."""
        return self.calendar.business_time_between(since, to), (to - since).total_seconds()

    def credit(self, clock: ClockFold, since: datetime, to: datetime) -> None:
        """Let the clock have consumed what other clocks did: the time since then, less the pauses."""
        spans = [*self.active, (self.active_since, to)] if self.active_since is not None else self.active
        for start, end in spans:
            if max(start, since) < min(end, to):
                clock.consume(*self._passed(max(start, since), min(end, to)))

    def breach(self, clock: ClockFold, due: datetime) -> None:
        consumed, elapsed = clock.consumed, clock.elapsed
        if clock.running_since is not None and due > clock.running_since:
            business, wall = self._passed(clock.running_since, due)
            consumed, elapsed = round(consumed + business, 6), round(elapsed + wall, 6)
        cause = "the agreed date passed" if clock.agreed_due_at else "the whole target was consumed"
        clock.breached_at, clock.state = due, BREACHED
        clock.trace.append(Step(due, "breached", cause, consumed, elapsed, clock.target))

    def start(self, kind: str, at: datetime, cause: str, *, since: datetime | None = None) -> None:
        """Start the kind's next clock if the agreement has a target for it; `since`: retroactively, less pauses."""
        target = self.target(kind)
        if target is None or self.has_ended:
            return
        team = self.team if kind == INTERNAL else ""
        sequence = sum(1 for clock in self.clocks if (clock.kind, clock.team) == (kind, team)) + 1
        clock = ClockFold(kind, team, sequence, self.priority, float(target), since or at)
        if since is not None:
            self.credit(clock, since, at)
        if kind in _ANSWERED_ONCE:
            clock.agreed_due_at = self.agreed.get(kind)
        self.clocks.append(clock)
        self.run(clock, at)
        clock.note(at, "started", cause)
        if self.is_paused:
            clock.note(at, "paused", self.words)
        self.settle(clock, at)

    @property
    def words(self) -> str:
        return f"the ticket is {self.status.replace('_', ' ')}"

    def run(self, clock: ClockFold, at: datetime) -> None:
        """Let a live clock run, or wait where the ticket's status pauses it."""
        clock.running_since = None if self.is_paused else at
        if clock.breached_at is None:
            clock.state = PAUSED if self.is_paused else RUNNING

    def settle(self, clock: ClockFold, at: datetime) -> None:
        """After target or consumption jumped: what is used up is breached now, what no longer is was not."""
        if clock.agreed_due_at is not None:
            return
        if clock.breached_at is not None and not clock.is_used_up:
            clock.breached_at = None
            clock.state = PAUSED if clock.running_since is None else RUNNING
        elif clock.breached_at is None and clock.is_used_up:
            self.breach(clock, at)

    def stop(self, clock: ClockFold, at: datetime, cause: str) -> None:
        """The promise was answered: met in time, or answered after the breach."""
        clock.stopped_at, clock.running_since = at, None
        if clock.breached_at is None:
            clock.state = MET
            clock.note(at, "met", cause)
        else:
            clock.note(at, "answered_late", cause)

    def cancel(self, clock: ClockFold, at: datetime, cause: str) -> None:
        clock.stopped_at, clock.running_since = at, None
        if clock.breached_at is None:
            clock.state = CANCELLED
        clock.note(at, "cancelled", cause)

    def go_on(self, clock: ClockFold, at: datetime, cause: str) -> None:
        """A stopped clock runs again: what it had consumed is kept, and what it missed while not promised counts."""
        if clock.stopped_at is not None:
            self.credit(clock, clock.stopped_at, at)
        clock.stopped_at = None
        self.run(clock, at)
        clock.note(at, "resumed", cause)
        target = float(self.target(clock.kind) or clock.target)
        if (clock.priority, clock.target) != (self.priority, target):
            clock.priority, clock.target = self.priority, target
            clock.note(at, "recomputed", f"priority {self.priority}")
        self.settle(clock, at)

    # What happens to the ticket.

    def set_status(self, status: str, at: datetime) -> None:
        was_paused, had_ended = self.is_paused, self.has_ended
        self.status = status
        if self.has_ended and not had_ended:
            self._end(at)
        elif had_ended and not self.has_ended:
            self._reopen(at)
        elif self.is_paused and not was_paused:
            self._pause(at)
        elif was_paused and not self.is_paused:
            self._resume(at)

    def _end(self, at: datetime) -> None:
        self._close_span(at)
        for clock in self.live(RESOLUTION, INTERNAL):
            self.stop(clock, at, self.words)
        for clock in self.live():
            self.cancel(clock, at, self.words)
        self.withdrawn = [clock for clock in self.withdrawn if clock.kind == RESOLUTION]

    def _reopen(self, at: datetime) -> None:
        """The resolution clock goes on with what it had consumed; the team's clock begins anew."""
        self.active_since = None if self.is_paused else at
        self.team_since = at
        known = [clock for clock in self.clocks if clock.kind == RESOLUTION]
        for clock in known[-1:]:
            if self.target(RESOLUTION) is not None or clock.agreed_due_at is not None:
                self.withdrawn = [other for other in self.withdrawn if other is not clock]
                self.go_on(clock, at, self.words)
            elif clock not in self.withdrawn:
                self.withdrawn.append(clock)
        if not known:
            self.start(RESOLUTION, at, self.words, since=self.opened_at)
        self.start(INTERNAL, at, self.words)

    def _pause(self, at: datetime) -> None:
        self._close_span(at)
        for clock in self.live():
            self.run(clock, at)
            clock.note(at, "paused", self.words)

    def _resume(self, at: datetime) -> None:
        self.active_since = at
        for clock in self.live():
            self.run(clock, at)
            clock.note(at, "resumed", self.words)

    def _close_span(self, at: datetime) -> None:
        if self.active_since is not None:
            self.active.append((self.active_since, at))
            self.active_since = None

    def retarget(self, at: datetime, cause: str) -> None:
        """Priority or agreement changed: keep or restart what was consumed; targets that appear start retroactively."""
        for clock in self.live():
            target = self.target(clock.kind)
            if target is None and clock.agreed_due_at is None:
                self._withdraw(clock, at, cause)
                continue
            clock.priority, clock.target = self.priority, float(target or clock.target)
            if self.terms.restart_on_change:
                clock.consumed = clock.elapsed = 0.0
                clock.started_at = at
            clock.note(at, "recomputed", cause)
            self.settle(clock, at)
        if not self.has_ended:
            self._promise_again(at, cause)

    def _withdraw(self, clock: ClockFold, at: datetime, cause: str) -> None:
        self.cancel(clock, at, f"{cause}: no longer promised")
        self.withdrawn.append(clock)

    def _promise_again(self, at: datetime, cause: str) -> None:
        back = [clock for clock in self.withdrawn if self.target(clock.kind) is not None]
        self.withdrawn = [clock for clock in self.withdrawn if clock not in back]
        for clock in back:
            self.go_on(clock, at, f"{cause}: promised again")
        words = f"{cause}: promised from now on"
        had = {clock.kind for clock in self.clocks}
        if RESOLUTION not in had:
            self.start(RESOLUTION, at, words, since=self.opened_at)
        if FIRST_RESPONSE not in had and not self.replied:
            self.start(FIRST_RESPONSE, at, words, since=self.opened_at)
        if not self.live(INTERNAL):
            self.start(INTERNAL, at, words, since=self.team_since)

    def set_team(self, team: str, at: datetime) -> None:
        for clock in self.live(INTERNAL):
            self.stop(clock, at, "the ticket left the team")
        self.withdrawn = [clock for clock in self.withdrawn if clock.kind != INTERNAL]
        self.team, self.team_since = team, at
        self.start(INTERNAL, at, "the ticket reached the team")

    def reply(self, at: datetime) -> None:
        """A public reply by an agent: the only thing that meets response clocks and re-arms the next update."""
        self.replied = True
        self.withdrawn = [clock for clock in self.withdrawn if clock.kind in (RESOLUTION, INTERNAL)]
        for clock in self.live(FIRST_RESPONSE, NEXT_RESPONSE, NEXT_UPDATE):
            self.stop(clock, at, "public reply")
        self.start(NEXT_UPDATE, at, "public reply")

    def customer_wrote(self, at: datetime) -> None:
        """Arms the next response, unless the first is still owed or one is running: the earlier question counts."""
        if not self.live(FIRST_RESPONSE, NEXT_RESPONSE):
            self.start(NEXT_RESPONSE, at, "the customer wrote")

    def agree(self, kind: str, due: datetime | None, at: datetime) -> None:
        """Set or clear a manually agreed date; it sticks through recomputations until it is cleared."""
        self.agreed[kind] = due
        for clock in self.live(kind):
            clock.agreed_due_at = due
            clock.note(at, "agreed", f"agreed for {due.isoformat()}" if due else "the agreed date was cleared")
            if due is None and self.target(kind) is None:
                self._withdraw(clock, at, "the agreed date was cleared")
            elif due is None:
                self.settle(clock, at)
            elif clock.breached_at is not None and due > at:
                clock.breached_at = None
                self.run(clock, at)


class Folding:
    """The fold of `fold`, told its history piece by piece: for walks that ask for the clocks after every fact."""

    def __init__(self, opened: Fact, terms: Terms, calendar: Calendar) -> None:
        self._ticket = _Ticket(terms, calendar, opened)
        for kind in (FIRST_RESPONSE, RESOLUTION, INTERNAL):
            self._ticket.start(kind, opened.at, "the ticket was opened")

    def tell(self, fact: Fact) -> None:
        """Take in what happened next."""
        self._ticket.advance(fact.at)
        _tell(self._ticket, fact)

    def advance(self, to: datetime) -> None:
        """Let time pass without anything happening."""
        self._ticket.advance(to)

    @property
    def clocks(self) -> list[ClockFold]:
        """Every clock so far. They change when more is told."""
        return self._ticket.clocks


def fold(facts: Sequence[Fact], terms: Terms, calendar: Calendar, now: datetime) -> list[ClockFold]:
    """Return every clock that the history ever had, as of `now`. `facts` are in order of time; the first is opened.

    The opening may lie in the past (a retroactive start): pauses in the history since are credited.
    """
    if not facts or facts[0].kind != "opened":
        raise ValueError("a history begins with the opening of its ticket")
    folding = Folding(facts[0], terms, calendar)
    for fact in facts[1:]:
        folding.tell(fact)
    folding.advance(max(now, facts[-1].at))
    return folding.clocks


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
