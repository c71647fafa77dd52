"""Who looks, what is kept and what is about to be sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tocsin.domain.desk.enums import Doing
from tocsin.domain.desk.models import (
    Asset,
    AssetLink,
    Draft,
    Field,
    FieldValue,
    Follower,
    Held,
    Macro,
    Presence,
    SavedView,
    Snooze,
    Tagging,
    TimeSpent,
)
from tocsin.domain.desk.rules import may_change_view
from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.kernel.errors import NotFound

STALE = timedelta(seconds=60)  # pages say so every 20 s


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Somebody else on the ticket's page."""

    user: User
    replying: bool


def onlookers(ticket_id: UUID, user: User, now: datetime) -> list[Onlooker]:
    """Return who else looks at the ticket now, those who reply first."""
    found = Presence.objects.filter(ticket=ticket_id, seen_at__gt=now - STALE).exclude(user=user).select_related("user")
    looking = [Onlooker(one.user, one.doing == Doing.REPLYING) for one in found.order_by("user__name")[:20]]
    return sorted(looking, key=lambda one: not one.replying)


def onlookers_of(ticket_ids: list[UUID], user: User, now: datetime) -> dict[UUID, list[str]]:
    """Return for each ticket the names of the others who look at it now: one query."""
    looking: dict[UUID, list[str]] = {}
    found = Presence.objects.filter(ticket__in=ticket_ids, seen_at__gt=now - STALE).exclude(user=user)
    for ticket, name in found.order_by("user__name").values_list("ticket", "user__name"):
        looking.setdefault(ticket, []).append(name)
    return looking


def draft_of(ticket_id: UUID, user: User) -> Draft | None:
    """Return what this person was writing on the ticket."""
    return Draft.objects.filter(ticket=ticket_id, user=user).first()


def drafts_of(user: User) -> QuerySet[Draft]:
    """Return all that this person has begun to write, newest first."""
    return Draft.objects.filter(user=user).select_related("ticket").order_by("-updated_at")


def held_on(ticket_id: UUID) -> list[Held]:
    """Return the replies that are about to be sent."""
    return list(Held.objects.filter(ticket=ticket_id).select_related("author").order_by("due_at"))


def macros_for(user: User) -> QuerySet[Macro]:
    """Return the macros that this person can use: their own, their teams' and everybody's, most used first."""
    mine = Q(owner=user) | Q(team__in=user.teams.all()) | Q(owner=None, team=None)
    return Macro.objects.filter(mine).select_related("team", "owner").order_by("-uses", "name")


def access_macro(user: User, macro_id: UUID) -> Macro:
    """Return a macro that this person can use. Raises NotFound."""
    macro = macros_for(user).filter(pk=macro_id).first()
    if macro is None:
        raise NotFound("macro_not_found", "There is no such macro, or it is somebody else's.")
    return macro


def values_for(ticket: Ticket, user: User, next_update: str = "") -> dict[str, str]:
    """Return what a macro's variables are on this ticket. `next_update` is said by who knows the clocks."""
    requester = ticket.requester.name if ticket.requester else ""
    return {
        "requester": requester,
        "requester_first": requester.split(" ", maxsplit=1)[0],
        "customer": ticket.organisation.name if ticket.organisation else "",
        "reference": ticket.reference,
        "subject": ticket.subject,
        "service": ticket.service.name if ticket.service else "",
        "owner": ticket.owner.name if ticket.owner else "",
        "me": user.name,
        "my_first": user.name.split(" ", maxsplit=1)[0],
        "team": ticket.team.name if ticket.team else "",
        "next_update": next_update,
    }


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One of the organisation's own fields on a ticket."""

    field: Field
    value: str | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What stands on a ticket beyond its own columns."""

    tags: list[str]
    fields: list[FieldShown]
    assets: list[Asset]
    followers: list[User]
    following: bool
    minutes: int
    spent: list[TimeSpent]
    snooze: Snooze | None


def described(ticket: Ticket, user: User) -> Described:
    """Return everything of this app that a ticket's page shows: a constant number of queries."""
    values = {v.field_id: v.value for v in FieldValue.objects.filter(ticket=ticket)}
    own = Q(service=None) | Q(service=ticket.service_id) if ticket.service_id else Q(service=None)
    fields = Field.objects.filter(own, is_active=True)
    followers = [f.user for f in Follower.objects.filter(ticket=ticket).select_related("user").order_by("since")]
    spent = list(TimeSpent.objects.filter(ticket=ticket).select_related("user").order_by("-at"))
    return Described(
        tags=list(Tagging.objects.filter(ticket=ticket).order_by("tag__name").values_list("tag__name", flat=True)),
        fields=[FieldShown(field, values.get(field.pk)) for field in fields],
        assets=[link.asset for link in AssetLink.objects.filter(ticket=ticket).select_related("asset__owner")],
        followers=followers,
        following=any(one.pk == user.pk for one in followers),
        minutes=sum(one.minutes for one in spent),
        spent=spent,
        snooze=Snooze.objects.filter(ticket=ticket).select_related("by").first(),
    )


def access_message(ticket: Ticket, message_id: UUID) -> Message:
    """Return a message of the ticket. Raises NotFound."""
    message = Message.objects.filter(pk=message_id, ticket=ticket).first()
    if message is None:
        raise NotFound("message_not_found", "There is no such message on this ticket.")
    return message


def missing_fields(ticket: Ticket) -> list[str]:
    """Return the names of the fields that this ticket needs before it is resolved and does not have."""
    own = Q(service=None) | Q(service=ticket.service_id) if ticket.service_id else Q(service=None)
    needed = Field.objects.filter(own, is_active=True, required=True)
    return list(needed.exclude(values__ticket=ticket).values_list("name", flat=True))


def tags_of(ticket_ids: list[UUID]) -> dict[UUID, list[str]]:
    """Return the tags of each ticket: one query."""
    found: dict[UUID, list[str]] = {}
    rows = Tagging.objects.filter(ticket__in=ticket_ids).order_by("tag__name").values_list("ticket", "tag__name")
    for ticket, name in rows:
        found.setdefault(ticket, []).append(name)
    return found


def tags_like(text: str, limit: int = 20) -> list[str]:
    """Return tags that are in use and hold `text`, the commonest first."""
    found = Tagging.objects.filter(tag__name__contains=text.lower()).values("tag__name")
    return list(found.annotate(n=Count("id")).order_by("-n", "tag__name").values_list("tag__name", flat=True)[:limit])


def fields() -> list[Field]:
    """Return every field that was ever defined, those in use first."""
    return list(Field.objects.select_related("service").order_by("-is_active", "position", "name"))


def access_field(field_id: UUID) -> Field:
    """Return a field. Raises NotFound."""
    field = Field.objects.select_related("service").filter(pk=field_id).first()
    if field is None:
        raise NotFound("field_not_found", "There is no such field.")
    return field


def assets(text: str = "", *, only_active: bool = True) -> QuerySet[Asset]:
    """Return the register, the most critical first; `text` narrows it down by name, kind or serial number."""
    found = Asset.objects.select_related("owner", "organisation", "service").order_by("criticality", "name")
    if only_active:
        found = found.filter(is_active=True)
    wanted = text.replace("\x00", "").strip()
    like = Q(name__icontains=wanted) | Q(kind__icontains=wanted) | Q(serial__icontains=wanted)
    return found.filter(like) if wanted else found


def access_asset(asset_id: UUID) -> Asset:
    """Return a thing of the register. Raises NotFound."""
    asset = Asset.objects.select_related("owner", "organisation", "service").filter(pk=asset_id).first()
    if asset is None:
        raise NotFound("asset_not_found", "There is no such thing in the register.")
    return asset


def tickets_of_asset(asset_id: UUID, limit: int = 50) -> list[Ticket]:
    """Return the tickets that concern a thing, newest first."""
    found = Ticket.objects.filter(asset_links__asset=asset_id).select_related("organisation", "owner")
    return list(found.order_by("-opened_at")[:limit])


def assets_for(ticket: Ticket) -> list[Asset]:
    """Return what may be linked to a ticket: ours and its customer's."""
    own = (
        Q(organisation=None) | Q(organisation=ticket.organisation_id)
        if ticket.organisation_id
        else Q(organisation=None)
    )
    return list(assets().filter(own)[:500])


def views_of(user: User) -> list[SavedView]:
    """Return the saved views that this person has: their own, their teams', everybody's."""
    mine = Q(owner=user) | Q(team__in=user.teams.all()) | Q(owner=None, team=None)
    return list(SavedView.objects.filter(mine).select_related("team"))


def saved_view(user: User, view_id: UUID) -> SavedView | None:
    """Return a view that this person has, or None."""
    return next((view for view in views_of(user) if view.pk == view_id), None)


def views_with_rights(user: User) -> list[tuple[SavedView, bool]]:
    """Return the views with whether this person may change each."""
    return [(view, may_change_view.test(user, view)) for view in views_of(user)]


def asleep() -> QuerySet[Snooze, UUID]:
    """Return the ids of the tickets that sleep, as a subquery."""
    return Snooze.objects.values_list("ticket", flat=True)
