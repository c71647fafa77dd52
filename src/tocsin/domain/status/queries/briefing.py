"""The briefing: what executives and stakeholders are told of escalations. Plain words, nothing internal.

What people of the house have typed for each other (notes, what was tried, reasons, plans) is not read here at all: what
is said of an escalation is its ticket's subject, plain facts, and what the customer was told.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.logic.run import RunStatus
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import User
from tocsin.domain.sla.enums import TargetKind
from tocsin.domain.sla.models import Clock
from tocsin.domain.stakeholders.queries import owed_on
from tocsin.domain.status.enums import AccountState, Held
from tocsin.domain.status.logic.briefing import Course, Trend, daily_open, headline, impact, trend
from tocsin.domain.status.models import AccountEscalation, AccountUpdate
from tocsin.domain.status.queries.accounts import account_escalations
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Change, Message, Ticket
from tocsin.domain.tickets.queries import visible_to
from tocsin.kernel.errors import NotFound

MOST = 100
DAYS = 14
ANSWERED = {RunStatus.ACKNOWLEDGED, RunStatus.SNOOZED}


@dataclass(frozen=True, slots=True)
class Brief:
    """One escalated ticket (however many ladders are at work on it) in plain words. Times are aware."""

    key: UUID  # of the escalation that began first
    ticket: Ticket
    since: datetime
    impact: str
    state: str
    owner: User | None
    last_update: Message | None
    next_update_at: datetime | None
    trend: Trend
    late: bool


@dataclass(frozen=True, slots=True)
class OfAccount:
    """An account escalation as its stakeholders are told of it."""

    escalation: AccountEscalation
    last_update: str
    last_update_at: datetime | None
    tickets: int
    late: bool


@dataclass(frozen=True, slots=True)
class Briefing:
    """How things stand at `as_of`."""

    as_of: datetime
    headline: list[str]  # sentences
    briefs: list[Brief]
    accounts: list[OfAccount]
    days: list[tuple[date, int]]  # open at the end of each day, today as of now

    @property
    def most(self) -> int:
        return max((n for _, n in self.days), default=0)


def briefing(user: User, now: datetime) -> Briefing:
    """Return how things stand, as far as this person may know: one of a customer nothing of another (SECURITY 14)."""
    seen = visible_to(user)
    briefs = _briefs(_open(seen), now)
    said_last = AccountUpdate.objects.filter(escalation=OuterRef("pk")).order_by("-at")
    found = (
        account_escalations(user)
        .filter(state=AccountState.OPEN)
        .annotate(
            word=Subquery(said_last.values("body")[:1]),
            word_at=Subquery(said_last.values("at")[:1]),
            held_count=Count("held", filter=Q(held__state=Held.IN)),
        )[:MOST]
    )
    spans = _spans(seen, now)
    zone = timezone.get_current_timezone()
    today = now.astimezone(zone).date()
    ends = [
        datetime.combine(today - timedelta(days=back - 1), time(), tzinfo=zone) if back else now
        for back in range(DAYS - 1, -1, -1)
    ]
    counts = daily_open(spans, ends)
    week_ago = daily_open(spans, [now - timedelta(days=7)])[0]
    said = headline(len(briefs), week_ago, sum(one.owner is None for one in briefs), sum(one.late for one in briefs))
    return Briefing(
        as_of=now,
        headline=said,
        briefs=briefs,
        accounts=[_of_account(one, now) for one in found],
        days=[(today - timedelta(days=DAYS - 1 - n), count) for n, count in enumerate(counts)],
    )


def brief_of(user: User, escalation_id: UUID, now: datetime) -> tuple[Brief, list[Message]]:
    """Return one escalation, open or ended, and what the customer was told since it began, newest first.

    Raises NotFound for what this person may not know.
    """
    found = (
        Escalation.objects.select_related("ticket__owner", "ticket__service", "ticket__organisation", "owner", "run")
        .filter(pk=escalation_id, ticket__in=visible_to(user))
        .first()
    )
    if found is None:
        raise NotFound("escalation_not_found", "There is no such escalation, or you may not see it.")
    (brief,) = _briefs([found], now)
    said = Message.objects.filter(ticket=found.ticket, kind=MessageKind.REPLY, at__gte=found.opened_at)
    return brief, list(said.select_related("author").order_by("-at")[:20])


def _open(seen: QuerySet[Ticket]) -> list[Escalation]:
    rows = Escalation.objects.filter(state=EscalationState.OPEN, ticket__in=seen, parent__isnull=True)
    related = rows.select_related("ticket__owner", "ticket__service", "ticket__organisation", "owner", "run")
    return list(related.order_by("ticket__priority", "opened_at")[:MOST])


def _briefs(escalations: Sequence[Escalation], now: datetime) -> list[Brief]:
    """Return one brief for each ticket, in the given order."""
    by_ticket: dict[UUID, list[Escalation]] = defaultdict(list)
    for one in escalations:
        by_ticket[one.ticket_id].append(one)
    ids = list(by_ticket)
    replies = {
        one.ticket_id: one
        for one in Message.objects.filter(ticket__in=ids, kind=MessageKind.REPLY)
        .select_related("author")
        .order_by("ticket", "-at")
        .distinct("ticket")
    }
    clocks = _clocks(ids)
    moved = _moved(ids)
    return [_brief(mine, replies.get(pk), clocks.get(pk, _NO_CLOCKS), moved[pk], now) for pk, mine in by_ticket.items()]


def _brief(
    mine: list[Escalation], reply: Message | None, clocks: "_Clocks", moved: dict[str, datetime], now: datetime
) -> Brief:
    first = min(mine, key=lambda one: one.opened_at)
    ticket = first.ticket
    runs = [getattr(one, "run", None) for one in mine]
    ended = first.state != EscalationState.OPEN
    answered = ended or any(run is not None and run.status in ANSWERED for run in runs)
    owner = next((one.owner for one in mine if one.owner is not None), None) or ticket.owner
    course = Course(
        raised_at=moved.get("raised"), lowered_at=moved.get("lowered"), reopened_at=moved.get("reopened"),
        breached_at=clocks.broken_at, told_at=reply.at if reply else None, answered=answered,
        acknowledged_at=moved.get("owner") if answered else None,
    )  # fmt: skip
    state = "Ended" if ended else "Somebody has taken charge" if answered else "Somebody is being called"
    overdue = clocks.next_update_at is not None and clocks.next_update_at <= now
    return Brief(
        key=first.pk, ticket=ticket, since=first.opened_at, impact=impact(ticket.impact, ticket.urgency), state=state,
        owner=owner, last_update=reply, next_update_at=None if ended else clocks.next_update_at,
        trend=Trend("steady", "It has ended.") if ended else trend(course, now), late=not ended and (clocks.late or overdue),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Clocks:
    next_update_at: datetime | None
    broken_at: datetime | None
    late: bool


_NO_CLOCKS = _Clocks(None, None, False)


def _clocks(ids: Collection[UUID]) -> dict[UUID, _Clocks]:
    """Return by ticket: when the next word is promised, when a promise to the customer was last broken, whether one is.

    By the agreement and by the communication plans at work together.
    """
    promised = Clock.objects.filter(ticket__in=ids).exclude(kind=TargetKind.INTERNAL)
    words = promised.filter(kind__in=[TargetKind.NEXT_UPDATE, TargetKind.NEXT_RESPONSE, TargetKind.FIRST_RESPONSE])
    coming = dict(words.filter(due_at__isnull=False).values_list("ticket").annotate(at=Min("due_at")))
    broken = dict(promised.filter(breached_at__isnull=False).values_list("ticket").annotate(at=Max("breached_at")))
    late = set(promised.filter(breached_at__isnull=False, stopped_at=None).values_list("ticket", flat=True))
    plans = owed_on(ids)
    found = {}
    for pk in ids:
        owed_at, missed_at = plans.get(pk, (None, None))
        found[pk] = _Clocks(
            next_update_at=min(filter(None, [coming.get(pk), owed_at]), default=None),
            broken_at=max(filter(None, [broken.get(pk), missed_at]), default=None),
            late=pk in late or missed_at is not None,
        )
    return found


def _moved(ids: Collection[UUID]) -> dict[UUID, dict[str, datetime]]:
    """Return by ticket when it was last raised, lowered, reopened, and when somebody last took it over."""
    found: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    rows = Change.objects.filter(ticket__in=ids, field__in=["priority", "status", "owner"]).order_by("at", "pk")
    for ticket, at, field, before, after in rows.values_list("ticket", "at", "field", "before", "after"):
        if field == "priority" and before and after:
            found[ticket]["raised" if int(after) < int(before) else "lowered"] = at
        elif field == "status" and after == "reopened":
            found[ticket]["reopened"] = at
        elif field == "owner" and after:
            found[ticket]["owner"] = at
    return found


def _spans(seen: QuerySet[Ticket], now: datetime) -> list[tuple[datetime, datetime | None]]:
    """Return when tickets were escalated in the last weeks: one span a ticket, from its first to its last."""
    rows = Escalation.objects.filter(ticket__in=seen, parent__isnull=True)
    recent = rows.filter(closed_at=None, state=EscalationState.OPEN) | rows.filter(
        closed_at__gte=now - timedelta(days=DAYS)
    )
    spans: dict[UUID, tuple[datetime, datetime | None]] = {}
    for ticket, begin, end in recent.values_list("ticket", "opened_at", "closed_at"):
        first, last = spans.get(ticket, (begin, end))
        spans[ticket] = (min(begin, first), None if end is None or last is None else max(end, last))
    return list(spans.values())


def _of_account(one: AccountEscalation, now: datetime) -> OfAccount:
    late = one.target_at <= now or one.next_update_at <= now
    # As annotated by `briefing`.
    return OfAccount(one, one.word or "", one.word_at, one.held_count, late)  # type: ignore[attr-defined]
