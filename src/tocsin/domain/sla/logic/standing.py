"""What a clock is, how it stands, and when it reaches a mark (SEMANTICS 2). Pure.

Consumed time is kept to the microsecond: sums of many spans stay exact, so that 100 % is a breach, not nearly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple, Protocol

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


class Fact(NamedTuple):
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

    @property
    def is_used_up(self) -> bool:
        """Whether the whole target is consumed. 100 % is a breach."""
        return self.consumed >= self.target

    def consume(self, business: float, wall: float) -> None:
        self.consumed = round(self.consumed + business, 6)
        self.elapsed = round(self.elapsed + wall, 6)

    def note(self, at: datetime, what: str, cause: str) -> None:
        self.trace.append(Step(at, what, cause, self.consumed, self.elapsed, self.target))

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
    trace: Sequence[Step] = (),
) -> datetime | None:
    """Return when the clock reaches `percent` of its target and `beyond` it (business time), if nothing else changes.

    None: it cannot come as things stand (the clock is paused before the mark). A mark that lies behind
    gives the instant at which it was passed, by the `trace`; without one an instant by which it was.
    Remaining time is compared exactly, never a rounded percentage.
    """
    extra = beyond.total_seconds()
    if agreed_due_at is not None:
        at_share = _share_of_agreed(calendar, started_at, agreed_due_at, percent)
        return calendar.add_business_time(at_share, extra) if extra else at_share
    mark = round(target * percent / 100 + extra, 6)
    if mark > consumed:
        return calendar.add_business_time(running_since, mark - consumed) if running_since else None
    passed = _passed_at(trace, mark, calendar)
    if passed is not None:
        return passed
    if mark >= target and breached_at is not None:
        return breached_at if mark == target else running_since or breached_at
    return running_since or started_at


def _share_of_agreed(calendar: Calendar, started_at: datetime, agreed: datetime, percent: float) -> datetime:
    """Percents of an agreed date count business time from the start to it; wall time where there is none between."""
    if percent == 100 or agreed <= started_at:
        return agreed
    whole = calendar.business_time_between(started_at, agreed)
    if whole <= 0:
        return started_at + (agreed - started_at) * percent / 100
    return calendar.add_business_time(started_at, whole * percent / 100)


def _passed_at(trace: Sequence[Step], mark: float, calendar: Calendar) -> datetime | None:
    """Return when consumption passed `mark`: at the last change of target if it was behind by then, else in its span."""
    begin = max((n for n, step in enumerate(trace) if step.what in ("started", "recomputed")), default=None)
    if begin is None:
        return None
    steps = trace[begin:]
    if steps[0].consumed >= mark:
        return steps[0].at
    for earlier, later in pairwise(steps):
        if later.consumed >= mark:
            return calendar.add_business_time(earlier.at, mark - earlier.consumed)
    return calendar.add_business_time(steps[-1].at, mark - steps[-1].consumed)
