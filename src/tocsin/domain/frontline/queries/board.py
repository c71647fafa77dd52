"""The hot board: where it burns, why, and who carries how much. A constant number of queries (UX "Hot board")."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.logic.run import RunStatus
from tocsin.domain.escalation.models import Escalation, Firing, Watch
from tocsin.domain.frontline.logic.heat import SOON, Heat, Signs, heat
from tocsin.domain.journal.models import Entry
from tocsin.domain.people.models import User
from tocsin.domain.sla.enums import TargetKind
from tocsin.domain.sla.models import Clock
from tocsin.domain.tickets.logic.lifecycle import ENDED
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket
from tocsin.domain.tickets.queries import visible_to

CANDIDATES = 200  # tickets that are looked at closely
SHOWN = 40  # of each column
TEN = 10
LATELY = timedelta(hours=24)
_ANSWERED = {RunStatus.ACKNOWLEDGED, RunStatus.SNOOZED}


@dataclass(frozen=True, slots=True)
class Hot:
    """One ticket on the board; `escalation` None: it is only likely."""

    ticket: Ticket
    heat: Heat
    escalation: Escalation | None = None
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody, or a team, carries. `person`, `team` (slug): which of them it is."""

    name: str
    tickets: int
    escalations: int
    hot: int
    person: UUID | None = None
    team: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """All columns, hottest first."""

    top: list[Hot]
    likely: list[Hot]
    requested: list[Hot]
    active: list[Hot]
    resolved: list[Escalation]
    unanswered: list[Hot]
    people: list[Load]
    teams: list[Load]


def hot_board(user: User, now: datetime, *, team: str = "", risks: Mapping[UUID, float] | None = None) -> Board:
    """Return the board for what this person may see; `team`: slug of one team. `risks`: {ticket id: 0 to 1}."""
    seen = visible_to(user)
    if team:
        seen = seen.filter(team__slug=team)
    open_now = list(
        Escalation.objects.filter(state=EscalationState.OPEN, ticket__in=seen)
        .select_related(
            "policy", "run", "owner", "ticket__owner", "ticket__team", "ticket__organisation", "ticket__service"
        )
        .order_by("opened_at")[:CANDIDATES]
    )
    escalated = {one.ticket_id for one in open_now}
    risks = risks or {}
    candidates = _candidates(seen, now, sorted(risks, key=lambda pk: -risks[pk])[:TEN])
    tickets = {ticket.pk: ticket for ticket in candidates} | {one.ticket_id: one.ticket for one in open_now}
    signs = _signs(tickets, open_now, now, risks)
    degrees = {pk: heat(sign, now) for pk, sign in signs.items()}
    calm = [Hot(tickets[pk], degrees[pk]) for pk in tickets if pk not in escalated and degrees[pk].reasons]
    likely = [one for one in calm if signs[one.ticket.pk].asked_at is None]
    requested, active = _columns(open_now, degrees, [one for one in calm if signs[one.ticket.pk].asked_at is not None])
    hottest = sorted([*likely, *requested, *active], key=_hotness)
    people, teams = _loads(seen, open_now, hottest)
    return Board(
        top=hottest[:TEN], likely=sorted(likely, key=_hotness)[:SHOWN], requested=requested[:SHOWN], active=active[:SHOWN],
        resolved=list(
            Escalation.objects.filter(ticket__in=seen, closed_at__gte=now - LATELY)
            .select_related("policy", "owner", "ticket").order_by("-closed_at")[:SHOWN]
        ),
        unanswered=[one for one in active if one.unanswered], people=people, teams=teams,
    )  # fmt: skip


def _hotness(one: Hot) -> tuple[float, int]:
    return -one.heat.degree, one.ticket.number


def _candidates(seen: QuerySet[Ticket], now: datetime, risky: Sequence[UUID]) -> list[Ticket]:
    """Return open tickets that may be hot: a breach near or past, a trigger near, hops, reopened, grave, risky."""
    breaching = Clock.objects.filter(stopped_at__isnull=True)
    near = breaching.filter(due_at__lte=now + SOON).order_by("due_at").values_list("ticket", flat=True)[:CANDIDATES]
    past = breaching.filter(breached_at__isnull=False).order_by("breached_at").values_list("ticket", flat=True)
    due = Watch.objects.filter(due_at__lte=now + SOON).order_by("due_at").values_list("ticket", flat=True)[:CANDIDATES]
    ids = {*near, *past[:CANDIDATES], *due, *risky}
    rows = seen.filter(status__in=OPEN_STATUSES).select_related("owner", "team", "organisation", "service")
    marked = list(rows.filter(pk__in=ids).order_by("priority", "opened_at")[:CANDIDATES])
    moved = list(rows.filter(ping_pongs__gt=0).order_by("-ping_pongs", "priority")[:TEN])
    grave = list(rows.filter(priority__lte=2).order_by("priority", "opened_at")[: CANDIDATES // 4])
    return list({ticket.pk: ticket for ticket in [*marked, *moved, *grave]}.values())


def _signs(
    tickets: Mapping[UUID, Ticket], open_now: Sequence[Escalation], now: datetime, risks: Mapping[UUID, float]
) -> dict[UUID, Signs]:
    ids = list(tickets)
    clocks: dict[UUID, Clock] = {}
    ticking = Clock.objects.filter(ticket__in=ids, stopped_at__isnull=True).filter(
        Q(breached_at__isnull=False) | Q(due_at__isnull=False)
    )
    for clock in ticking.order_by(Coalesce("breached_at", "due_at").desc()):
        clocks[clock.ticket_id] = clock
    watches: dict[UUID, Watch] = {}
    waiting = Watch.objects.filter(ticket__in=ids, due_at__lte=now + SOON, policy__enabled=True).select_related(
        "policy"
    )
    for watch in waiting.order_by("-due_at"):
        watches[watch.ticket_id] = watch
    asked = _asked(ids)
    silent = _unanswered(open_now)
    signs = {}
    for pk, ticket in tickets.items():
        face, watch_of = clocks.get(pk), watches.get(pk)
        since, level = silent.get(pk, (None, 0))
        last = ticket.last_customer_message_at
        waits = last is not None and (ticket.last_public_reply_at is None or ticket.last_public_reply_at < last)
        signs[pk] = Signs(
            priority=ticket.priority, breached_at=face.breached_at if face else None, due_at=face.due_at if face else None,
            clock=str(TargetKind(face.kind).label) if face else "", watch_at=watch_of.due_at if watch_of else None,
            watch=watch_of.policy.name if watch_of else "", handovers=ticket.handovers, ping_pongs=ticket.ping_pongs,
            reopens=ticket.reopens, waiting_since=last if waits and ticket.status not in ENDED else None,
            asked_at=asked.get(pk), unowned=ticket.owner_id is None, unanswered_since=since, level=level,
            risk=risks.get(pk),
        )  # fmt: skip
    return signs


def _asked(ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return {ticket: when its customer asked for an escalation}; what an escalation that has ended answered is over."""
    rows = Entry.objects.filter(stream__in=[f"ticket:{pk}" for pk in ids], kind="escalation.asked_for").order_by("at")
    asked = {UUID(stream.removeprefix("ticket:")): at for stream, at in rows.values_list("stream", "at")}
    ended = Escalation.objects.filter(ticket__in=list(asked), closed_at__isnull=False).order_by("closed_at")
    for ticket, closed_at in ended.values_list("ticket", "closed_at"):
        if ticket in asked and closed_at is not None and closed_at >= asked[ticket]:
            del asked[ticket]
    return asked


def _unanswered(open_now: Sequence[Escalation]) -> dict[UUID, tuple[datetime, int]]:
    """Return {ticket: (since when, level)} of runs that climb with nobody's answer."""
    climbing = {one.run.pk: one for one in open_now if one.run.status in (RunStatus.CLIMBING, RunStatus.EXHAUSTED)}
    first: dict[UUID, datetime] = {}
    rows = Firing.objects.filter(run__in=list(climbing), outcome="paged", cycle=F("run__cycle")).order_by("-fired_at")
    for firing in rows:
        first[firing.run_id] = firing.fired_at
    return {one.ticket_id: (first[pk], one.run.level) for pk, one in climbing.items() if pk in first}


def _columns(
    open_now: Sequence[Escalation], degrees: Mapping[UUID, Heat], asked: Sequence[Hot]
) -> tuple[list[Hot], list[Hot]]:
    """Return what is requested (it waits for approval, or the customer asked and no ladder is at work) and active."""
    requested: list[Hot] = list(asked)
    active: list[Hot] = []
    for one in open_now:
        waits = one.run.status == RunStatus.PENDING_APPROVAL
        unanswered = not waits and one.run.status not in _ANSWERED
        (requested if waits else active).append(Hot(one.ticket, degrees[one.ticket_id], one, unanswered))
    return sorted(requested, key=_hotness), sorted(active, key=_hotness)


type _Carrier = tuple[UUID | str, str]  # who, by id or slug, and the name


def _loads(
    seen: QuerySet[Ticket], open_now: Sequence[Escalation], hottest: Sequence[Hot]
) -> tuple[list[Load], list[Load]]:
    people: Counter[_Carrier] = Counter()
    teams: Counter[_Carrier] = Counter()
    owned = seen.filter(status__in=OPEN_STATUSES).order_by()
    carried = owned.values_list("owner_id", "owner__name", "team__slug", "team__name")
    query, parameters = carried.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT *, count(*) FROM ({query}) AS open_tickets (owner, name, slug, team) GROUP BY 1, 2, 3, 4",  # noqa: S608 - Django's own statement
            parameters,
        )
        for owner, name, slug, team, many in cursor.fetchall():
            if owner:
                people[(owner, name)] += many
            if slug:
                teams[(slug, team)] += many
    escalations = Counter(_person(one.owner) for one in open_now if one.owner)
    by_team = Counter(_team(one.ticket) for one in open_now if one.ticket.team)
    hot = Counter(_person(one.ticket.owner) for one in hottest[:TEN] if one.ticket.owner)
    hot_team = Counter(_team(one.ticket) for one in hottest[:TEN] if one.ticket.team)
    return _sorted(people, escalations, hot), _sorted(teams, by_team, hot_team)


def _person(one: User) -> _Carrier:
    return one.pk, one.name


def _team(ticket: Ticket) -> _Carrier:
    return (ticket.team.slug, ticket.team.name) if ticket.team else ("", "")


def _sorted(tickets: Counter[_Carrier], escalations: Counter[_Carrier], hot: Counter[_Carrier]) -> list[Load]:
    rows = [
        Load(
            one[1], tickets[one], escalations[one], hot[one], person=one[0] if isinstance(one[0], UUID) else None,
            team=one[0] if isinstance(one[0], str) else "",
        )
        for one in {*tickets, *escalations}
    ]  # fmt: skip
    return sorted(rows, key=lambda load: (-load.hot, -load.escalations, -load.tickets, load.name))[:15]
