"""Who is told about a ticket, in the order in which an update leaves, each person once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from tocsin.domain.notify.queries import contacts
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Organisation, User
from tocsin.domain.stakeholders.enums import Audience, CommunicationState, Speaker, Way
from tocsin.domain.stakeholders.models import Communication, PlanAudience, Subscription, UpdateClock
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.rules import asked_of_many, may_see_internals, may_see_ticket

ORDER = tuple(Audience)
CHANNELS = {
    Way.MAIL: ("email",),
    Way.CHAT: ("slack", "teams", "mattermost", "rocket_chat", "telegram"),
    Way.PUSH: ("web_push", "ntfy", "gotify", "pushover"),
}


class Reader(NamedTuple):
    """All that telling somebody asks of them: there may be thousands."""

    pk: UUID
    name: str
    email: str
    zone: str
    role: str


class Recipient(NamedTuple):
    """One person, how they are told, and the subscription by which they asked for it (if they did).

    `house`: whether they may read our own wording; people of a customer never do.
    """

    user: Reader
    ways: tuple[str, ...]
    house: bool
    subscription: UUID | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        return _channels(self.ways)


@lru_cache(maxsize=64)
def _channels(ways: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(channel for way in ways for channel in CHANNELS.get(Way(way), ()))


@dataclass(slots=True)
class Group:
    """One audience of a ticket: what the plans of its escalations say together, and who it is."""

    audience: Audience
    row: PlanAudience
    ways: tuple[str, ...]
    recipients: list[Recipient] = field(default_factory=list)


def live_communications(ticket_id: UUID) -> list[Communication]:
    """Return the plans at work on a ticket (running, or waiting for their closing update), the oldest first."""
    found = Communication.objects.filter(ticket_id=ticket_id).exclude(state=CommunicationState.ENDED)
    return list(found.select_related("plan", "escalation__policy", "ticket").order_by("started_at", "pk"))


def groups_of(ticket: Ticket, *, besides: User | None = None) -> list[Group]:
    """Return the audiences of a ticket by all its plans together, with whom each holds now; `besides` tells, and is not told.

    Everybody is in one audience, the first in order. Who may not see the ticket (any more) is in none.
    """
    plans = [communication.plan_id for communication in live_communications(ticket.pk)]
    rows = list(
        PlanAudience.objects.filter(plan__in=plans).select_related("template__current").prefetch_related("people")
    )
    rows.sort(key=lambda row: plans.index(row.plan_id))
    groups: dict[Audience, Group] = {}
    for row in rows:
        group = groups.setdefault(Audience(row.audience), Group(Audience(row.audience), row, ()))
        group.ways = tuple(dict.fromkeys([*group.ways, *row.ways]))
    wanted = _wanted(ticket, rows, groups)
    taken = {besides.pk} if besides else set()
    for audience in ORDER:
        if audience not in groups:
            continue
        for one in wanted[audience]:
            if one.user.pk not in taken:
                taken.add(one.user.pk)
                groups[audience].recipients.append(one)
    return [groups[audience] for audience in ORDER if audience in groups]


def _wanted(
    ticket: Ticket, rows: Sequence[PlanAudience], groups: dict[Audience, Group]
) -> dict[Audience, list[Recipient]]:
    """Return who would be told, audience by audience; all of them may see the ticket."""
    wanted: dict[Audience, list[Recipient]] = {audience: [] for audience in ORDER}
    may_see, house = asked_of_many(may_see_ticket, ticket), asked_of_many(may_see_internals, None)

    def add(audience: Audience, people: Sequence[User], ways: tuple[str, ...]) -> None:
        wanted[audience] += [
            Recipient(Reader(one.pk, one.name, one.email, one.zone, one.role), ways, house(one))
            for one in people
            if one.is_active and may_see(one)
        ]

    if ticket.requester is not None and Audience.CUSTOMER in groups and groups[Audience.CUSTOMER].ways:
        add(Audience.CUSTOMER, [ticket.requester], (Way.THREAD,))
    for audience, one in _subscribers(ticket, may_see, house):
        wanted[audience].append(one)
    for row in rows:
        audience = Audience(row.audience)
        if groups[audience].ways:
            add(audience, list(row.people.all()), groups[audience].ways)
    if Audience.TEAM in groups and groups[Audience.TEAM].ways:
        members = list(ticket.team.members.all()) if ticket.team else []
        add(Audience.TEAM, [*([ticket.owner] if ticket.owner else []), *members], groups[Audience.TEAM].ways)
    return wanted


def _subscribers(
    ticket: Ticket, may_see: Callable[[User], bool], house: Callable[[User], bool]
) -> list[tuple[Audience, Recipient]]:
    """Return whose standing subscriptions this ticket concerns (its escalations, its service, its customer), the eldest first.

    Plain rows: one person of a kind is asked what that kind may see.
    """
    concerns = Q(escalation__ticket=ticket)
    if ticket.service_id:
        concerns |= Q(service=ticket.service_id)
    if ticket.organisation_id:
        concerns |= Q(organisation=ticket.organisation_id)
    rows = Subscription.objects.filter(concerns, ended_at__isnull=True, user__is_active=True).values_list(
        "pk", "ways", "user", "user__name", "user__email", "user__zone", "user__role", "user__sees_organisation",
        "user__organisation", "user__organisation__members_see_all",
    )  # fmt: skip
    kinds: dict[tuple[Any, ...], tuple[bool, bool, Audience]] = {}
    found = []
    for pk, ways, user, name, email, zone, role, sees_all, of, members_see_all in rows.order_by("made_at", "pk"):
        key = (role, sees_all, of, user == ticket.requester_id)
        if key not in kinds:
            one = _one_of(user, role, sees_all, of, bool(members_see_all))
            executive = one.role == Role.STAKEHOLDER and one.organisation is None
            audience = Audience.EXECUTIVES if executive else Audience.STAKEHOLDERS
            kinds[key] = (may_see(one), house(one), audience)
        sees, of_the_house, audience = kinds[key]
        if sees:
            found.append(
                (audience, Recipient(Reader(user, name, email, zone, role), tuple(ways), of_the_house, pk))
            )  # fmt: skip
    return found


def _one_of(user: UUID, role: str, sees_organisation: bool, organisation: UUID | None, members_see_all: bool) -> User:
    of = Organisation(id=organisation, members_see_all=members_see_all) if organisation else None
    return User(id=user, role=role, is_active=True, sees_organisation=sees_organisation, organisation=of)


def out_of_reach(group: Group) -> list[Reader]:
    """Return whom this update would not reach now: by chat or push only, with no verified method of that kind.

    A mail goes to the account's own address, a reply to the thread, a feed to whoever reads it.
    """
    wanted = {
        one.user.pk: one
        for one in group.recipients
        if one.channels and not {Way.MAIL, Way.THREAD, Way.FEED} & set(one.ways)
    }
    known = contacts(wanted)
    return [
        one.user
        for pk, one in wanted.items()
        if not any(method.channel in one.channels for method in (known[pk].methods if pk in known else ()))
    ]


def speaker_of(ticket: Ticket, speaker: str) -> User | None:
    """Return who owes an audience its updates: the role, else the ticket's owner, else its team's lead."""
    team = ticket.team
    found: dict[str, User | None] = {
        Speaker.OWNER: ticket.owner,
        Speaker.ESCALATION_MANAGER: team.escalation_manager if team else None,
        Speaker.TEAM_LEAD: team.lead if team else None,
        Speaker.ACCOUNT_MANAGER: ticket.organisation.account_manager if ticket.organisation else None,
    }
    candidates = [
        found.get(speaker),
        ticket.owner,
        team.lead if team else None,
        team.escalation_manager if team else None,
    ]
    return next((user for user in candidates if user is not None and user.is_active), None)


def clocks_of(ticket_id: UUID) -> list[UpdateClock]:
    """Return the update clocks of a ticket's live plans, the next due first, missed ones before them."""
    found = UpdateClock.objects.filter(communication__ticket_id=ticket_id).exclude(
        communication__state=CommunicationState.ENDED
    )
    clocks = list(found.select_related("communication__escalation__policy"))
    return sorted(clocks, key=lambda c: (c.missed_at is None, c.due_at is None, c.missed_at or c.due_at or c.from_at))


def owed_to(clocks: Iterable[UpdateClock]) -> list[UpdateClock]:
    """Return one clock for each audience, in the order in which an update leaves: what is missed, else what is due first.

    Several plans of a ticket may owe an audience an update, and one update serves them all. A clock that stands still owes
    nothing. `clocks` as `clocks_of` returns them.
    """
    first: dict[str, UpdateClock] = {}
    for clock in clocks:
        if clock.missed_at is not None or clock.due_at is not None:
            first.setdefault(clock.audience, clock)
    return [first[audience] for audience in ORDER if audience in first]
