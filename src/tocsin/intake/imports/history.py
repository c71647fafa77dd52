"""A ticket's history from its logged events: one fold for import and replay, so both see the same ticket. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from tocsin.domain.tickets.logic.hops import Move, fold, holders_of
from tocsin.domain.tickets.logic.lifecycle import CLOSED, ENDED, NEW, OPEN, REOPENED
from tocsin.intake.imports.events import Case, LoggedEvent

DEFAULT_PRIORITY, DEFAULT_SCALE = 3, 2

_FIELDS = ("priority", "impact", "urgency", "service", "team", "line", "owner")
_values = attrgetter(*_FIELDS)

type Put = Callable[[str, object], None]


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One change of a ticket. Values are the log's names; `event` is the position of its row in the case."""

    event: int
    at: datetime
    field: str  # status, priority, impact, urgency, service, team, line, owner
    before: str
    after: str


@dataclass(slots=True)
class History:
    """A ticket as of the last event that was applied."""

    opened_at: datetime
    updated_at: datetime
    status: str = NEW
    priority: int = DEFAULT_PRIORITY
    impact: int = DEFAULT_SCALE
    urgency: int = DEFAULT_SCALE
    team: str = ""
    line: str = ""
    owner: str = ""
    service: str = ""
    organisation: str = ""
    category: str = ""
    item: str = ""
    subject: str = ""
    channel: str = "import"
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    unassigned_since: datetime | None = None
    team_since: datetime | None = None
    line_since: datetime | None = None
    last_owner_activity_at: datetime | None = None
    reopens: int = 0
    handovers: int = 0
    ping_pongs: int = 0
    state: str = ""  # the log's own word
    moves: list[Move] = field(default_factory=list)

    def apply(self, index: int, event: LoggedEvent) -> list[LoggedChange]:
        """Take in the next event and return what it changed.

        A row whose clock is behind the row before it (desks with several servers) counts as simultaneous with that
        one, so that order by time and order of events agree.
        """
        at = self.updated_at = max(event.at, self.updated_at)
        changes: list[LoggedChange] = []

        def put(name: str, value: object) -> None:
            before = getattr(self, name)
            if value != before:
                changes.append(LoggedChange(index, at, name, str(before), str(value)))
                setattr(self, name, value)

        for name, value in zip(_FIELDS, _values(event), strict=True):
            if value is not None:
                put(name, value)
        if event.status is not None and event.state != self.state:
            self._status(event, event.status, at, put)
        self._details(event)
        if changes:
            self._holders(changes, at)
        open_now = self.status not in ENDED
        self.unassigned_since = (self.unassigned_since or at) if open_now and not self.owner else None
        if self.owner and event.by == self.owner:
            self.last_owner_activity_at = at
        return changes

    def _details(self, event: LoggedEvent) -> None:
        self.organisation = event.organisation or self.organisation
        self.category = event.category or self.category
        self.item = event.item or self.item
        self.subject = event.subject or self.subject
        self.channel = event.channel or self.channel

    def _status(self, event: LoggedEvent, status: str, at: datetime, put: Put) -> None:
        before = self.status
        self.state = event.state
        if before in ENDED and status not in ENDED:
            self.reopens += 1
            self.resolved_at = self.closed_at = None
            status = REOPENED if status in (NEW, OPEN) else status
        elif status == NEW and before != NEW:
            status = OPEN  # a ticket is new only until somebody acts on it
        if status in ENDED:
            self.resolved_at = self.resolved_at or at
            self.closed_at = (self.closed_at or at) if status == CLOSED else None
        put("status", status)

    def _holders(self, changes: list[LoggedChange], at: datetime) -> None:
        changed = {change.field for change in changes}
        moved = changed & {"team", "owner"}
        if "line" in changed:
            self.line_since = at
        if moved:
            values = {"team": self.team, "owner": self.owner}
            self.moves += [Move(at, name, values[name]) for name in ("team", "owner") if name in moved]
            hops = fold(holders_of(self.moves))
            self.handovers, self.ping_pongs = hops.handovers, hops.ping_pongs
        if "team" in moved:
            self.team_since = at
        if "owner" in moved:
            self.last_owner_activity_at = None

    @property
    def is_open(self) -> bool:
        return self.status not in ENDED


def begin(case: Case) -> tuple[History, list[LoggedChange]]:
    """Return the ticket as its first row shows it, with its first changes.

    What it began with counts from `opened_at` (the row may have been written later): status new,
    the first team, priority and service. Owner and any other status count from the row itself.
    """
    first = case.events[0]
    opened = min(first.opened_at or first.at, first.at)
    history = History(opened_at=opened, updated_at=opened, unassigned_since=opened)
    history.priority = first.priority or DEFAULT_PRIORITY
    history.impact = first.impact or DEFAULT_SCALE
    history.urgency = first.urgency or DEFAULT_SCALE
    history.service, history.team, history.line = first.service or "", first.team or "", first.line or ""
    if history.team:
        history.team_since = opened
        history.moves.append(Move(opened, "team", history.team))
    history.line_since = opened if history.line else None
    began = ("status", "impact", "urgency", "priority", "service", "team", "line")
    values = [(name, str(getattr(history, name))) for name in began]
    changes = [LoggedChange(0, opened, name, "", value) for name, value in values if value]
    return history, changes + history.apply(0, first)


def steps(case: Case) -> Iterator[tuple[LoggedEvent, History, list[LoggedChange]]]:
    """Yield after each event: the event, the ticket as of now (the same object, moved on), what changed."""
    history, changes = begin(case)
    yield case.events[0], history, changes
    for index, event in enumerate(case.events[1:], 1):
        yield event, history, history.apply(index, event)


def whole(case: Case) -> tuple[History, list[LoggedChange]]:
    """Return the ticket after its last event, and all of its changes."""
    history, everything = begin(case)
    for index, event in enumerate(case.events[1:], 1):
        everything += history.apply(index, event)
    return history, everything
