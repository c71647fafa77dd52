"""The lifecycle of a ticket as one table: status x act -> status (SEMANTICS 1, ARCHITECTURE "tickets").

The words are plain strings here; `enums.Status` carries the same ones for the database.
"""

from datetime import datetime, timedelta
from enum import StrEnum

NEW = "new"
OPEN = "open"
WAITING_CUSTOMER = "waiting_customer"
WAITING_VENDOR = "waiting_vendor"
WAITING_CHANGE = "waiting_change"
RESOLVED = "resolved"
CLOSED = "closed"
REOPENED = "reopened"

STATUSES = (NEW, OPEN, WAITING_CUSTOMER, WAITING_VENDOR, WAITING_CHANGE, RESOLVED, CLOSED, REOPENED)
WAITING = frozenset({WAITING_CUSTOMER, WAITING_VENDOR, WAITING_CHANGE})
ENDED = frozenset({RESOLVED, CLOSED})

# A closed ticket may come back for this long; later a new, linked ticket keeps clocks and figures honest.
REOPEN_WINDOW = timedelta(days=14)


class Act(StrEnum):
    """What somebody does to a ticket that may move its status."""

    TOUCH = "touch"  # an agent acts on it without naming a status: takes, replies, notes
    CUSTOMER_MESSAGE = "customer_message"  # the customer writes
    WORK = "work"  # "open": back to work
    WAIT_CUSTOMER = "wait_customer"
    WAIT_VENDOR = "wait_vendor"
    WAIT_CHANGE = "wait_change"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"


class Refused(Exception):
    """This act is not possible in this status. `remedy` says in one sentence what to do instead."""

    def __init__(self, status: str, act: str, remedy: str) -> None:
        super().__init__(remedy)
        self.status = status
        self.act = act
        self.remedy = remedy


_WORKING = {
    Act.TOUCH: OPEN,
    Act.CUSTOMER_MESSAGE: OPEN,
    Act.WORK: OPEN,
    Act.WAIT_CUSTOMER: WAITING_CUSTOMER,
    Act.WAIT_VENDOR: WAITING_VENDOR,
    Act.WAIT_CHANGE: WAITING_CHANGE,
    Act.RESOLVE: RESOLVED,
}

TABLE: dict[str, dict[Act, str]] = {
    NEW: {**_WORKING, Act.CUSTOMER_MESSAGE: NEW},
    OPEN: _WORKING,
    WAITING_CUSTOMER: {**_WORKING, Act.TOUCH: WAITING_CUSTOMER},
    WAITING_VENDOR: {**_WORKING, Act.TOUCH: WAITING_VENDOR, Act.CUSTOMER_MESSAGE: WAITING_VENDOR},
    WAITING_CHANGE: {**_WORKING, Act.TOUCH: WAITING_CHANGE, Act.CUSTOMER_MESSAGE: WAITING_CHANGE},
    REOPENED: {**_WORKING, Act.CUSTOMER_MESSAGE: REOPENED, Act.REOPEN: REOPENED},
    RESOLVED: {
        Act.TOUCH: RESOLVED,
        Act.CUSTOMER_MESSAGE: REOPENED,
        Act.RESOLVE: RESOLVED,
        Act.CLOSE: CLOSED,
        Act.REOPEN: REOPENED,
    },
    CLOSED: {Act.TOUCH: CLOSED, Act.CUSTOMER_MESSAGE: REOPENED, Act.CLOSE: CLOSED, Act.REOPEN: REOPENED},
}

_ASKED = {
    OPEN: Act.WORK,
    WAITING_CUSTOMER: Act.WAIT_CUSTOMER,
    WAITING_VENDOR: Act.WAIT_VENDOR,
    WAITING_CHANGE: Act.WAIT_CHANGE,
    RESOLVED: Act.RESOLVE,
    CLOSED: Act.CLOSE,
    REOPENED: Act.REOPEN,
}


def after(status: str, act: Act) -> str:
    """Return the status that `act` leads to. Raises Refused with the remedy where the table has no cell."""
    try:
        return TABLE[status][act]
    except KeyError:
        raise Refused(status, act, _remedy(status, act)) from None


def act_for(current: str, wanted: str) -> Act | None:
    """Return the act that somebody means who asks for status `wanted`; None when nothing would change.

    Nobody can make a ticket "new": it is new only until somebody acts on it.
    """
    if current == wanted:
        return None
    if wanted not in _ASKED:
        raise Refused(current, wanted, _unknown(wanted))
    return _ASKED[wanted]


def may_reopen_until(closed_at: datetime | None) -> datetime | None:
    """Return the last instant at which a ticket closed at `closed_at` may come back; None: no limit (not closed)."""
    return None if closed_at is None else closed_at + REOPEN_WINDOW


def check_reopen(status: str, closed_at: datetime | None, now: datetime) -> None:
    """Raise Refused if the ticket was closed longer than REOPEN_WINDOW before `now`."""
    until = may_reopen_until(closed_at)
    if status == CLOSED and until is not None and now > until:
        days = REOPEN_WINDOW.days
        remedy = f"It was closed more than {days} days ago. Open a new ticket and link it to this one."
        raise Refused(status, Act.REOPEN, remedy)


def _remedy(status: str, act: Act) -> str:
    if act is Act.CLOSE:
        return "Only a resolved ticket can be closed. Resolve it first."
    if act is Act.REOPEN:
        return "It is not resolved or closed, so there is nothing to reopen. Go on working on it."
    if status == CLOSED and act is Act.RESOLVE:
        return "It is closed already. Reopen it if it needs more work."
    return f"It is {status}. Reopen it first."


def _unknown(wanted: str) -> str:
    if wanted == NEW:
        return "A ticket is new only until somebody acts on it. Choose open instead."
    return f"There is no status {wanted!r}. Choose one of {', '.join(_ASKED)}."
