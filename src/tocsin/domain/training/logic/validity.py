"""How long something learnt counts, when its person is reminded, and by when it must be learnt. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

AHEAD = timedelta(days=30)


def months_later(at: datetime, months: int) -> datetime:
    """Return the same day so many months later; the last of a shorter month for days it does not have."""
    years, month = divmod(at.month - 1 + months, 12)
    year, month = at.year + years, month + 1
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))


def valid_until(at: datetime, months: int) -> datetime | None:
    """Return when it runs out; None: it holds for good."""
    return months_later(at, months) if months else None


def reminder_at(since: datetime, until: datetime) -> datetime:
    """Return when to remind: 30 days ahead, or a quarter of the time where it is short."""
    return until - min(AHEAD, (until - since) / 4)


def next_due(since: datetime, until: datetime | None, reminded: datetime | None) -> datetime | None:
    """Return what a completion waits for: its reminder, then its end; None if it never ends."""
    if until is None:
        return None
    return until if reminded is not None else reminder_at(since, until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What somebody has of one course. `state` as stored; "" never passed."""

    state: str = ""
    version: int = 0
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a course asks of somebody since when."""

    counts_from: int
    since: datetime
    within: timedelta
    renewal_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands with a course they must know. `what` is done, soon, waiting, renew, todo or overdue."""

    what: str
    due_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether they know it now: what runs out soon still counts, and so does what is to be renewed in time."""
        return self.what in ("done", "soon", "renew")


def standing(learnt: Learnt, asked: Asked, now: datetime) -> Standing:
    """Return how a person stands with a course at `now`.

    What was passed in a version that asks for renewal counts until the time for renewing it is over. What has run out
    is overdue at once: it was known when it would.
    """
    if learnt.state == "waiting":
        return Standing("waiting")
    running = learnt.state == "valid" and (learnt.valid_until is None or learnt.valid_until > now)
    if running and learnt.version >= asked.counts_from:
        soon = learnt.valid_until is not None and learnt.valid_until - now <= AHEAD
        return Standing("soon" if soon else "done", learnt.valid_until)
    if running:
        by = (asked.renewal_since or asked.since) + asked.within
        return Standing("overdue" if by <= now else "renew", by)
    if learnt.valid_until is not None and learnt.state in ("valid", "expired"):
        return Standing("overdue", learnt.valid_until)
    by = asked.since + asked.within
    return Standing("overdue" if by <= now else "todo", by)
