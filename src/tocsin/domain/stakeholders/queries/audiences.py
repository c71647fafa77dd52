"""Who is told about a ticket, in the order in which an update leaves, each person once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from django.db.models import Q

from tocsin.domain.notify.queries import contacts
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders.enums import Audience, CommunicationState, Speaker, Way
from tocsin.domain.stakeholders.models import Communication, PlanAudience, Subscription, UpdateClock
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.rules import asked_of_many, may_see_internals, may_see_ticket

ORDER = tuple(Audience)
# All that telling somebody asks of them: there may be thousands.
_OF_A_READER = (
    *(f"user__{name}" for name in ("name", "email", "zone", "role", "is_active", "sees_organisation", "organisation")),
    "user__organisation__members_see_all",
)
CHANNELS = {
    Way.MAIL: ("email",),
    Way.CHAT: ("slack", "teams", "mattermost", "rocket_chat", "telegram"),
    Way.PUSH: ("web_push", "ntfy", "gotify", "pushover"),
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person, how they are told, and the subscription by which they asked for it (if they did).

    `house`: whether they may read our own wording; people of a customer never do.
    """

    user: User
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
    may_see = asked_of_many(may_see_ticket, ticket)
    for audience in ORDER:
        if audience not in groups:
            continue
        for one in wanted.get(audience, []):
            if one.user.pk not in taken and one.user.is_active and may_see(one.user):
                taken.add(one.user.pk)
                groups[audience].recipients.append(one)
    return [groups[audience] for audience in ORDER if audience in groups]


def _wanted(
    ticket: Ticket, rows: Sequence[PlanAudience], groups: dict[Audience, Group]
) -> dict[Audience, list[Recipient]]:
    wanted: dict[Audience, list[Recipient]] = {audience: [] for audience in ORDER}
    house = asked_of_many(may_see_internals, None)
    for subscription in subscriptions_to(ticket):
        user = subscription.user
        house_executive = user.role == Role.STAKEHOLDER and user.organisation_id is None
        audience = Audience.EXECUTIVES if house_executive else Audience.STAKEHOLDERS
        wanted[audience].append(Recipient(user, tuple(subscription.ways), house(user), subscription.pk))
    for row in rows:
        audience = Audience(row.audience)
        if groups[audience].ways:
            wanted[audience] += [Recipient(user, groups[audience].ways, house(user)) for user in row.people.all()]
    if ticket.requester is not None and Audience.CUSTOMER in groups and groups[Audience.CUSTOMER].ways:
        wanted[Audience.CUSTOMER].insert(0, Recipient(ticket.requester, (Way.THREAD,), house(ticket.requester)))
    if Audience.TEAM in groups and groups[Audience.TEAM].ways:
        members = list(ticket.team.members.all()) if ticket.team else []
        own = [ticket.owner] if ticket.owner else []
        ways = groups[Audience.TEAM].ways
        wanted[Audience.TEAM] += [Recipient(user, ways, house(user)) for user in (*own, *members)]
    return wanted


def subscriptions_to(ticket: Ticket) -> list[Subscription]:
    """Return the standing subscriptions that this ticket concerns: its escalations, its service, its customer."""
    concerns = Q(escalation__ticket=ticket)
    if ticket.service_id:
        concerns |= Q(service=ticket.service_id)
    if ticket.organisation_id:
        concerns |= Q(organisation=ticket.organisation_id)
    found = Subscription.objects.filter(concerns, ended_at__isnull=True, user__is_active=True)
    found = found.select_related("user__organisation").only("ways", *_OF_A_READER)
    return list(found.order_by("made_at", "pk"))


def out_of_reach(group: Group) -> list[User]:
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
