"""What somebody, or a team, has promised and not yet kept: tickets with their clocks, and acknowledged escalations."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from tocsin.domain.escalation.logic.run import RunStatus
from tocsin.domain.escalation.models import Run
from tocsin.domain.frontline.logic.shift import Known, Stretch, brief, next_after
from tocsin.domain.knowledge.logic.steps import tried
from tocsin.domain.knowledge.models import Tick
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.people.models import Team, User
from tocsin.domain.sla import queries as sla
from tocsin.domain.sla.queries import ClockFace
from tocsin.domain.stakeholders import queries as stakeholders
from tocsin.domain.stakeholders.models import Promise as Given
from tocsin.domain.tickets.enums import HandoverState, MessageKind
from tocsin.domain.tickets.models import OPEN_STATUSES, Handover, Message, Ticket

AHEAD, BACK = timedelta(days=15), timedelta(hours=2)
MOST = 200  # tickets in one shift handover


@dataclass(frozen=True, slots=True)
class Promise:
    """Something promised: `what` in words; `due_at` None: no time was named."""

    what: str
    due_at: datetime | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """One ticket to hand over. `run`: an acknowledged escalation; `owned` False: the ticket is somebody else's."""

    ticket: Ticket
    promises: tuple[Promise, ...]
    brief: str
    run: Run | None = None
    owned: bool = True
    offered: str = ""  # to whom it is offered already

    @property
    def due_at(self) -> datetime | None:
        """When the first of its promises falls due."""
        return min((one.due_at for one in self.promises if one.due_at), default=None)


@dataclass(frozen=True, slots=True)
class Proposed:
    """Who comes next by the roster."""

    person: User
    at: datetime
    schedule: str


def held_by(user: User, now: datetime) -> list[Held]:
    """Return all open promises of a person, the first due first: what they own, and what they acknowledged elsewhere."""
    owned = Ticket.objects.filter(owner=user)
    return _held(owned, _acknowledged([user.pk]), now, ZoneInfo(user.zone))


def held_by_team(team: Team, now: datetime, *, zone: str) -> list[Held]:
    """Return all open promises of a team: every open ticket that lies there, whoever of it owns it, and its queue."""
    return _held(Ticket.objects.filter(team=team), {}, now, ZoneInfo(zone))


def _acknowledged(people: Sequence[UUID]) -> dict[UUID, Run]:
    """Return {ticket: the run that one of these acknowledged and that is still open}."""
    waits = Q()
    for pk in people:
        waits |= Q(state__acknowledger=str(pk))
    rows = Run.objects.filter(waits, ended_at__isnull=True, status__in=[RunStatus.ACKNOWLEDGED, RunStatus.SNOOZED])
    return {run.ticket_id: run for run in rows.select_related("escalation__policy").order_by("-started_at")}


def _held(
    tickets: QuerySet[Ticket], acknowledged: Mapping[UUID, Run], now: datetime, zone: ZoneInfo,
) -> list[Held]:  # fmt: skip
    shown = Ticket.objects.filter(is_drill=False, status__in=OPEN_STATUSES).select_related(
        "organisation", "owner", "service", "team"
    )
    mine = list(shown.filter(pk__in=tickets.values("pk")).order_by("priority", "opened_at")[:MOST])
    owned = {ticket.pk for ticket in mine}
    mine += list(shown.filter(pk__in=[pk for pk in acknowledged if pk not in owned]))
    ids = [ticket.pk for ticket in mine]
    faces, said, ticked, offered = sla.faces_of(ids, now), _notes(ids), _ticks(ids), _offered(ids, now)
    given = stakeholders.open_on_many(ids)
    rows = []
    for ticket in mine:
        run = acknowledged.get(ticket.pk)
        promises = _promises(faces[ticket.pk], run, _given_words(given.get(ticket.pk, ()), now))
        known = Known(
            subject=ticket.subject, description=ticket.description, tried=(ticked[ticket.pk], *said[ticket.pk]),
            facts=_facts(ticket), wanted=run.escalation.wanted if run else "",
            promises=[_worded(one, zone) for one in promises],
        )  # fmt: skip
        rows.append(Held(ticket, promises, brief(known), run, ticket.pk in owned, offered.get(ticket.pk, "")))
    return sorted(rows, key=lambda one: (one.due_at is None, one.due_at or now, one.ticket.number))


def _promises(faces: Sequence[ClockFace], run: Run | None, more: Sequence[Promise]) -> tuple[Promise, ...]:
    running = [face for face in faces if face.state in ("running", "paused", "breached")]
    found = [
        Promise(f"{face.label} (paused)" if face.paused else face.label, face.due_at, face.remaining < 0)
        for face in running
    ]
    found += [Promise(f"acknowledged: {run.escalation.policy.name}")] if run else []
    return tuple(sorted([*found, *more], key=lambda one: (one.due_at is None, str(one.due_at or ""))))


def _given_words(given: Sequence[Given], now: datetime) -> list[Promise]:
    """Return what people promised on a ticket and have not yet kept."""
    return [
        Promise(f"promised to {one.made_to or 'somebody'}: {one.what}", one.due_at, one.due_at <= now) for one in given
    ]


def _worded(one: Promise, zone: ZoneInfo) -> str:
    if one.due_at is None:
        return one.what
    return f"{one.what} by {one.due_at.astimezone(zone):%d %b %H:%M %Z}" + (" (late)" if one.late else "")


def _facts(ticket: Ticket) -> list[str]:
    return [
        f"priority {ticket.get_priority_display().lower()}",
        ticket.get_status_display().lower(),
        f"service {ticket.service.name}" if ticket.service else "",
        f"item {ticket.configuration_item}" if ticket.configuration_item else "",
        f"customer {ticket.organisation.name}" if ticket.organisation else "",
        f"passed on {ticket.handovers} times" if ticket.handovers > 1 else "",
    ]


def _notes(ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return the last three notes on each ticket, oldest first."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = Message.objects.filter(ticket__in=ids, kind=MessageKind.NOTE).order_by("at")
    for pk, body in rows.values_list("ticket_id", "body"):
        found[pk] = [*found[pk][-2:], body]
    return found


def _ticks(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return what was tried by runbooks on each ticket, in words."""
    ticks: dict[UUID, list[tuple[str, str, str, str]]] = defaultdict(list)
    rows = Tick.objects.filter(ticket__in=ids).select_related("article").order_by("article__title", "step")
    for one in rows:
        ticks[one.ticket_id].append((one.article.title, one.text, one.result, one.word))
    return defaultdict(str, {pk: tried(found) for pk, found in ticks.items()})


def _offered(ids: Sequence[UUID], now: datetime) -> dict[UUID, str]:
    rows = Handover.objects.filter(ticket__in=ids, state=HandoverState.OFFERED, expires_at__gt=now)
    return {
        one.ticket_id: (one.to_user or one.to_team).name  # type: ignore[union-attr]  # an offer has an addressee
        for one in rows.select_related("to_user", "to_team")
    }


def proposed_for(person: User | None, team: Team | None, now: datetime) -> list[Proposed]:
    """Return who comes next by the roster, the schedules in which the giver has duty first; nobody twice.

    For a person: the schedules in which they are on call now or were two hours ago; failing those, their teams'.
    For a team: its own schedules.
    """
    views = {
        slug: [Stretch(span.start, span.end, tuple(span.people)) for span in oncall.final_view(slug, now - BACK, now + AHEAD)]
        for slug in oncall.schedules_of()
    }  # fmt: skip
    teams = [team.pk] if team else [one.pk for one in person.teams.all()] if person else []
    own = {one.slug: one.name for one in oncall.schedules_of_teams(teams)}
    names = {one.slug: one.name for one in oncall.schedules()}
    giver = str(person.pk) if person else ""
    on_duty = [
        slug for slug, view in views.items() if giver and any(giver in one.people and one.start <= now for one in view)
    ]
    found: dict[str, tuple[datetime, str]] = {}
    for slug in [*on_duty, *[one for one in own if one not in on_duty]]:
        following = next_after(views[slug], giver, now)
        if following is not None:
            found.setdefault(following.person, (following.at, names[slug]))
    people = User.objects.filter(is_active=True).in_bulk([UUID(pk) for pk in found])
    return [Proposed(people[UUID(pk)], at, name) for pk, (at, name) in found.items() if UUID(pk) in people]
