"""What one alert calls for, from what stands. Pure: values in, a deed out; taking.py carries it out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tocsin.intake.alerts.reading.alert import Alert, AlertState, Severity

ENDED = frozenset({"resolved", "closed"})  # statuses of a ticket on which nobody works
UNKNOWN = "unknown"


class Deed(StrEnum):
    """What is done, as the event's page names it."""

    OPEN = "opened a ticket"
    REOPEN = "reopened its ticket"
    REJOIN = "came back to its ticket"  # which was never resolved
    STORM = "opened the ticket of a storm"
    JOIN = "joined a storm"
    COUNT = "counted"
    NOTE = "noted"
    END = "ended"
    NO_TICKET = "opens no ticket by the settings"
    NOTHING_OPEN = "nothing is open for it"
    LATE = "older than its end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The latest alert with the same key."""

    firing: bool
    ticket_status: str  # "" where it has no ticket
    ended_at: datetime | None = None
    ended_as_sent: datetime | None = None  # by the sender's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """How much the integration has opened lately. `until`: a storm is on, and its ticket still open, before this."""

    opened: int  # tickets within the window
    most: int  # 0: storms are not bundled
    until: datetime | None = None


def decide(
    alert: Alert, before: Standing | None, storm: Storm, *, priority: int, reopen: timedelta, now: datetime
) -> Deed:
    """Return what `alert` calls for. `priority` is 0 where no ticket is wanted for alerts as grave as this."""
    firing = before is not None and before.firing
    if alert.state is not AlertState.FIRING:
        deed = Deed.END if alert.state is AlertState.RESOLVED else Deed.NOTE
        return deed if firing else Deed.NOTHING_OPEN
    if before is None:
        return _new(storm, priority, now)
    if firing and before.ticket_status not in ENDED:
        return Deed.COUNT
    if _is_late(alert, before):
        return Deed.LATE
    return _again(before, reopen, now) or _new(storm, priority, now)


def _again(before: Standing, reopen: timedelta, now: datetime) -> Deed | None:
    """Return how an alert comes back to the ticket that it had; None where it begins anew."""
    if before.ticket_status and before.ticket_status not in ENDED:
        return Deed.REJOIN
    lately = before.ended_at is not None and now - before.ended_at <= reopen
    return Deed.REOPEN if before.ticket_status and lately else None


def _new(storm: Storm, priority: int, now: datetime) -> Deed:
    if priority == 0:
        return Deed.NO_TICKET
    if storm.until is not None and now < storm.until:
        return Deed.JOIN
    return Deed.STORM if storm.most and storm.opened >= storm.most else Deed.OPEN


def _is_late(alert: Alert, before: Standing) -> bool:
    """Say whether the sender means what has ended already: messages overtake each other, and are repeated."""
    return not before.firing and None not in (alert.at, before.ended_as_sent) and alert.at <= before.ended_as_sent  # type: ignore[operator]  # neither is None


def priority_for(severity: Severity | None, priorities: Mapping[str, int]) -> int:
    """Return the priority (1 to 4, 0 for no ticket) that an integration gives to a severity."""
    return int(priorities.get(severity or UNKNOWN, 3))


def scales_for(priority: int, matrix: Mapping[tuple[int, int], int]) -> tuple[int, int]:
    """Return the impact and urgency that give `priority`, or what comes nearest; of several the most even pair."""
    return min(matrix, key=lambda cell: (abs(matrix[cell] - priority), abs(cell[0] - cell[1]), cell))


def is_milestone(size: int) -> bool:
    """Say whether a storm of so many alerts deserves a word on its ticket: 10, 20, 50, 100, 200, 500 ..."""
    while size >= 100 and size % 10 == 0:
        size //= 10
    return size in (10, 20, 50)
