"""What the desk's words mean to a customer."""

from dataclasses import dataclass
from datetime import datetime

from tocsin.domain.sla.enums import ClockState, TargetKind
from tocsin.domain.sla.models import Clock
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Standing:
    """How a request stands, in plain words. `css` is "" or a tone; the words say the same."""

    short: str
    long: str
    css: str = ""


_STANDINGS = {
    Status.NEW: Standing("Received", "We have it. Somebody will look at it shortly."),
    Status.OPEN: Standing("In work", "Somebody is working on it."),
    Status.WAITING_CUSTOMER: Standing("Waiting for you", "We need an answer from you to go on.", "is-accent"),
    Status.WAITING_VENDOR: Standing("Waiting for a supplier", "We have asked a supplier and are waiting for them."),
    Status.WAITING_CHANGE: Standing("Planned", "The solution is planned and will be put in place."),
    Status.RESOLVED: Standing("Solved", "We think it is solved. If not, say so and it opens again."),
    Status.CLOSED: Standing("Closed", "It is solved and closed."),
    Status.REOPENED: Standing("Open again", "You told us it was not solved. We are looking at it again."),
}
# How a move reads in the conversation.
MOVES = {
    Status.OPEN: "Somebody has begun to work on it",
    Status.WAITING_CUSTOMER: "Waiting for your answer",
    Status.WAITING_VENDOR: "Waiting for a supplier",
    Status.WAITING_CHANGE: "The solution is planned",
    Status.RESOLVED: "Marked as solved",
    Status.CLOSED: "Closed",
    Status.REOPENED: "Opened again",
}
# What a customer is promised, the nearest first; resolution and internal targets are the house's own.
_PROMISED = (TargetKind.NEXT_UPDATE, TargetKind.NEXT_RESPONSE, TargetKind.FIRST_RESPONSE)
_RUNNING = (ClockState.RUNNING, ClockState.BREACHED)


@dataclass(frozen=True, slots=True)
class Promise:
    """When we said we would write next. `late`: that time has passed."""

    at: datetime
    late: bool


def standing(ticket: Ticket) -> Standing:
    """Return how a ticket stands, for its customer."""
    return _STANDINGS[Status(ticket.status)]


def move(status: str) -> str:
    """Return how a move to `status` reads; "" for one that a customer need not hear of."""
    return MOVES.get(Status(status), "") if status in Status.values else ""


def promise(clocks: list[Clock], now: datetime) -> Promise | None:
    """Return the next promised update: the earliest due of the clocks that a customer is promised.

    A broken promise stays shown, as late, until it is answered; a paused clock promises no time.
    """
    found: list[Promise] = []
    for clock in clocks:
        if clock.kind not in _PROMISED or clock.stopped_at is not None or clock.state not in _RUNNING:
            continue
        at = clock.due_at or clock.breached_at
        if at is not None:
            found.append(Promise(at, at <= now))
    return min(found, key=lambda one: one.at, default=None)
