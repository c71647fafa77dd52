"""Tickets' own histories as moments, and when each outcome came true (SEMANTICS 10).

Only what was recorded at the time counts: changes, messages, and what is fixed at opening. A ticket's category and item
are kept as they stand now only, so nobody can tell what they were at an event: they are no features.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Min, QuerySet

from tocsin.domain.escalation.logic.triggers import RISK_WORDS
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.risk.enums import Outcome
from tocsin.domain.risk.logic.leaks import Verdict
from tocsin.domain.risk.logic.moments import Moment, snapshots
from tocsin.domain.risk.logic.outcomes import before, bounced_at, hours_until_ended, line_raised_at
from tocsin.domain.risk.logic.training import Sample
from tocsin.domain.sla.enums import TargetKind
from tocsin.domain.sla.models import Clock
from tocsin.domain.tickets.models import OPEN_STATUSES, Change, Message, Ticket

BATCH = 2_000
_FOLDED = ("status", "priority", "impact", "urgency", "team", "owner", "line", "service", "organisation")
_NUMBERS = frozenset({"priority", "impact", "urgency"})
_AT_OPENING = ("pk", "opened_at", "channel", "requester_id")
FIELDS = (
    *(Verdict(name.capitalize(), True, "Recorded at each change") for name in _FOLDED),
    *(Verdict(name.capitalize(), True, "Fixed at opening") for name in ("channel", "requester")),
    Verdict("Messages", True, "Recorded when each was written"),
    *(
        Verdict(name.capitalize(), False, "Only its last value is kept: nobody can tell what it was at an event")
        for name in ("category", "configuration item", "own fields")
    ),
    *(
        Verdict(name.capitalize(), False, "Known at a ticket's end only")
        for name in ("resolution", "rating", "cause", "time of resolution")
    ),
)


@dataclass(frozen=True, slots=True)
class Life:
    """A ticket's moments, oldest first, and when each outcome first came true on it."""

    ticket_id: UUID
    opened_at: datetime
    moments: tuple[Moment, ...]
    came_at: Mapping[str, datetime | None]


def ended_tickets() -> QuerySet[Ticket]:
    """Return the tickets whose outcome is known. Drills and what the demonstration's visitors open are no history."""
    return Ticket.objects.filter(is_drill=False).exclude(status__in=OPEN_STATUSES)


def lives(tickets: Sequence[UUID]) -> Iterator[Life]:
    """Yield the lives of these tickets; five queries for each batch."""
    for start in range(0, len(tickets), BATCH):
        yield from _batch(tickets[start : start + BATCH])


def _batch(ids: Sequence[UUID]) -> Iterator[Life]:
    changes: dict[UUID, list[tuple[datetime, str, str, str]]] = defaultdict(list)
    rows = Change.objects.filter(ticket__in=ids, field__in=_FOLDED).order_by("at", "id")
    for pk, at, field, after, actor in rows.values_list("ticket_id", "at", "field", "after", "actor"):
        changes[pk].append((at, field, after, actor))
    messages: dict[UUID, list[tuple[datetime, str, str]]] = defaultdict(list)
    for pk, at, kind, author in (
        Message.objects.filter(ticket__in=ids).order_by("at", "id").values_list("ticket_id", "at", "kind", "author_id")
    ):
        messages[pk].append((at, kind, str(author or "")))
    escalated = _escalated(ids)
    breached = dict(
        Clock.objects.filter(ticket__in=ids, kind=TargetKind.RESOLUTION, breached_at__isnull=False)
        .values_list("ticket_id").annotate(at=Min("breached_at"))
    )  # fmt: skip
    for pk, opened, channel, requester in Ticket.objects.filter(pk__in=ids).values_list(*_AT_OPENING):
        first = Moment(at=opened, status="new", channel=channel, requester=str(requester or ""))
        moments = tuple(_moments(first, changes[pk], messages[pk]))
        raised = [at for at in (escalated.get(pk), line_raised_at(moments)) if at is not None]
        came_at = {
            Outcome.ESCALATION.value: min(raised, default=None), Outcome.BREACH.value: breached.get(pk),
            Outcome.BOUNCE.value: bounced_at(moments),
        }  # fmt: skip
        yield Life(pk, opened, moments, came_at)


def _escalated(ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return when each was first escalated; what the risk trigger itself began must not prove it right."""
    rows = Escalation.objects.filter(ticket__in=ids, parent__isnull=True)
    rows = rows.exclude(reason_text__startswith=RISK_WORDS)
    return dict(rows.values_list("ticket_id").annotate(at=Min("opened_at")))


def _moments(
    first: Moment, changes: Sequence[tuple[datetime, str, str, str]], messages: Sequence[tuple[datetime, str, str]]
) -> Iterator[Moment]:
    """Fold changes and messages; what one person did at one instant is one moment."""
    told = [(at, 0, (field, after), actor) for at, field, after, actor in changes]
    told += [(at, 1, ("said", kind), f"person:{author}" if author else "") for at, kind, author in messages]
    told.sort(key=lambda one: (one[0], one[1]))
    now = first
    waiting = False
    for at, order, (field, after), actor in told:
        by = actor.removeprefix("person:") if actor.startswith("person:") else ""
        same = at == now.at and order == 0 and not now.said and (by == now.by or now.at == first.at)
        if waiting and not same:
            yield now
        now = _moved(now if same else replace(now, said=""), at, field, after, by)
        waiting = True
    yield now


def _moved(now: Moment, at: datetime, field: str, after: str, by: str) -> Moment:
    value = int(after) if field in _NUMBERS and after.isdigit() else after
    change: Callable[..., Moment] = replace
    return change(now, at=at, by=by, **{field: value})


def samples(
    outcome: str, tickets: Sequence[UUID], progress: Callable[[float], None] = lambda _done: None
) -> list[Sample]:
    """Return tickets to learn from, or to judge by."""
    found: list[Sample] = []
    for number, life in enumerate(lives(tickets)):
        came_at = life.came_at[outcome]
        seen = before(snapshots(life.moments, opened_at=life.opened_at), came_at)
        hours = hours_until_ended(life.moments, life.opened_at)
        found.append(Sample(str(life.ticket_id), life.opened_at, seen, came_at is not None, hours))
        if number % BATCH == 0:
            progress(number / max(len(tickets), 1))
    return found


def names_of(words: Sequence[str]) -> dict[str, str]:
    """Return {id: name} of what features name by their ids, for reasons in words. Others stay as they are."""
    ids: set[UUID] = set()
    for word in words:
        try:
            ids.add(UUID(word))
        except ValueError:
            continue
    found: dict[str, str] = {}
    for model in (User, Team, Service, Organisation):
        found |= {str(pk): name for pk, name in model.objects.filter(pk__in=ids).values_list("pk", "name")}
    return found
