"""A ticket as risk sees it: what was known at each of its events, and nothing that was filled in later (SEMANTICS 10). Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})
WAITING = frozenset({"waiting_customer", "waiting_vendor", "waiting_change"})
ENDED = frozenset({"resolved", "closed"})
_HOUR = 3600.0
_DAY_FROM, _DAY_TO, _WORKDAYS = 8.0, 18.0, 5  # hours of work that are assumed where no calendar is known


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of a ticket: when it happened (UTC), and how the ticket stood from then on. "" is nothing."""

    at: datetime
    status: str = "open"
    priority: int = 3  # 1 gravest .. 4
    impact: int = 2  # 1 high .. 3 low
    urgency: int = 2
    by: str = ""  # who made the change
    team: str = ""
    line: str = ""
    owner: str = ""
    service: str = ""
    category: str = ""
    item: str = ""
    channel: str = ""
    organisation: str = ""
    requester: str = ""
    state: str = ""  # the desk's own, finer word for the status, where it has one
    said: str = ""  # customer, reply or note: this event is a message of that kind
    more: Mapping[str, str] = field(default_factory=lambda: NOTHING)  # the organisation's own fields


# The order is that of the columns. How each is said stands in words.py.
NUMBERS = (
    "age_hours", "worked_hours", "gap_hours", "worked_gap_hours", "opened_hour", "opened_weekday", "hour", "weekday",
    "has_owner", "by_owner", "priority", "impact", "urgency", "teams", "owners", "people", "waits", "reopenings", "events",
    "state_hours", "team_hours", "customer_messages", "unanswered",
)  # fmt: skip
# What is compared with how such tickets ended before. Pairs stand for combinations.
CATEGORIES: dict[str, tuple[str, ...]] = {
    "state": ("state",),
    "team": ("team",),
    "line": ("line",),
    "owner": ("owner",),
    "by": ("by",),
    "service": ("service",),
    "category": ("category",),
    "item": ("item",),
    "channel": ("channel",),
    "organisation": ("organisation",),
    "requester": ("requester",),
    "team and category": ("team", "category"),
    "team and priority": ("team", "priority"),
    "team and service": ("team", "service"),
    "team and state": ("team", "state"),
    "team and by": ("team", "by"),
    "state and the one before": ("before", "state"),
    "team before": ("team_before",),
    "team before and team": ("team_before", "team"),
    "team and owner": ("team", "owner"),
    "service and category": ("service", "category"),
    "service and line": ("service", "line"),
    "category and priority": ("category", "priority"),
    "organisation and service": ("organisation", "service"),
    "requester and service": ("requester", "service"),
}
BESIDE = ("team", "service")  # what each of the organisation's own fields is combined with


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whitelisted features of a ticket right after one of its events."""

    event: int  # 1 is the opening
    at: datetime
    numbers: tuple[float, ...]  # in the order of NUMBERS
    words: Mapping[str, str]  # single values that CATEGORIES combine, and the organisation's own fields
    open: bool


def worked_until(at: datetime) -> float:
    """Return working hours from an epoch to `at`: Monday to Friday, eight to six, UTC. Differences are what counts."""
    hours = at.timestamp() / _HOUR
    days = math.floor(hours / 24)
    weeks, weekday = divmod(days + 3, 7)  # 1970-01-01 was a Thursday
    length = _DAY_TO - _DAY_FROM
    whole = weeks * _WORKDAYS * length + min(weekday, _WORKDAYS) * length
    today = min(max(hours - days * 24 - _DAY_FROM, 0.0), length) if weekday < _WORKDAYS else 0.0
    return whole + today


@dataclass(slots=True)
class _Seen:
    """What has been counted up to the last event."""

    events: int = 0
    teams: int = 0
    owners: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    waits: int = 0
    reopenings: int = 0
    state: str = ""
    state_before: str = ""
    state_since: datetime | None = None
    team: str = ""
    team_before: str = ""
    team_since: datetime | None = None
    at: datetime | None = None
    ended: bool = False
    waiting: bool = False
    customer_messages: int = 0
    unanswered: int = 0


def snapshots(moments: Iterable[Moment], *, opened_at: datetime | None = None) -> list[Snapshot]:
    """Fold a ticket's events, in their order, into what was known after each of them.

    A snapshot depends on the events up to it only: folding a beginning of the history gives a beginning of the result.
    """
    seen, found, opened = _Seen(), [], opened_at
    for moment in moments:
        opened = min(opened or moment.at, moment.at)
        _take_in(seen, moment)
        found.append(_snapshot(seen, moment, opened))
        seen.at = moment.at
    return found


def _take_in(seen: _Seen, moment: Moment) -> None:
    seen.events += 1
    state = moment.state or moment.status
    if state != seen.state:
        seen.state_before, seen.state, seen.state_since = seen.state, state, moment.at
    if moment.team != seen.team or seen.team_since is None:
        seen.teams += bool(moment.team)
        seen.team_before, seen.team, seen.team_since = seen.team, moment.team, moment.at
    if moment.owner:
        seen.owners.add(moment.owner)
    if moment.by:
        seen.people.add(moment.by)
    waiting, ended = moment.status in WAITING, moment.status in ENDED
    seen.waits += waiting and not seen.waiting
    seen.reopenings += seen.ended and not ended
    seen.waiting, seen.ended = waiting, ended
    seen.customer_messages += moment.said == "customer"
    seen.unanswered = 0 if moment.said == "reply" else seen.unanswered + (moment.said == "customer")


def _snapshot(seen: _Seen, moment: Moment, opened: datetime) -> Snapshot:
    at, before = moment.at, seen.at or moment.at
    worked = worked_until(at)
    opened_utc, at_utc = opened.astimezone(UTC), at.astimezone(UTC)
    numbers = (
        (at - opened).total_seconds() / _HOUR,
        worked - worked_until(opened),
        (at - before).total_seconds() / _HOUR,
        worked - worked_until(before),
        opened_utc.hour,
        opened_utc.weekday(),
        at_utc.hour,
        at_utc.weekday(),
        float(bool(moment.owner)),
        float(bool(moment.owner) and moment.owner == moment.by),
        moment.priority,
        moment.impact,
        moment.urgency,
        seen.teams,
        len(seen.owners),
        len(seen.people),
        seen.waits,
        seen.reopenings,
        seen.events,
        (at - (seen.state_since or at)).total_seconds() / _HOUR,
        (at - (seen.team_since or at)).total_seconds() / _HOUR,
        seen.customer_messages,
        seen.unanswered,
    )
    words = {
        "state": seen.state, "before": seen.state_before, "team": moment.team, "team_before": seen.team_before,
        "line": moment.line, "owner": moment.owner, "by": moment.by, "service": moment.service,
        "category": moment.category, "item": moment.item, "channel": moment.channel,
        "organisation": moment.organisation, "requester": moment.requester, "priority": str(moment.priority),
        **moment.more,
    }  # fmt: skip
    return Snapshot(seen.events, at, tuple(map(float, numbers)), words, moment.status not in ENDED)


def category_keys(own_fields: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return CATEGORIES and the organisation's own fields, each by itself, beside the team and beside the service."""
    keys = dict(CATEGORIES)
    for name in own_fields:
        keys[name] = (name,)
        keys |= {f"{name} and {other}": (name, other) for other in BESIDE}
    return keys
