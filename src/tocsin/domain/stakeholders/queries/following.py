"""Updates, clocks and subscriptions as people read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.domain.escalation.enums import EscalationState
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders.enums import Audience, CommunicationState
from tocsin.domain.stakeholders.links import feed_digest
from tocsin.domain.stakeholders.models import Communication, FeedKey, Subscription, Told, Update, UpdateClock
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import visible_to
from tocsin.domain.tickets.rules import may_see_internals
from tocsin.kernel.errors import NotFound

FEED_LENGTH = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NextUpdate:
    """When somebody is told next about an escalation: the soonest of its audiences."""

    escalation_id: UUID
    at: datetime | None  # null: missed and not made good, or nobody is owed one
    missed: tuple[str, ...]  # audiences that wait in vain, in words
    audience: str  # whose is next, in words
    last_at: datetime | None
    closing: bool


def next_updates(escalation_ids: Iterable[UUID]) -> dict[UUID, NextUpdate]:
    """Return {escalation: its next update} of those with a live plan; three queries, however many they are."""
    live = Communication.objects.filter(escalation_id__in=list(escalation_ids)).exclude(state=CommunicationState.ENDED)
    communications = list(live)
    clocks: dict[UUID, list[UpdateClock]] = {one.pk: [] for one in communications}
    for clock in UpdateClock.objects.filter(communication__in=communications):
        clocks[clock.communication_id].append(clock)
    last = dict(
        Update.objects.filter(ticket__in={one.ticket_id for one in communications})
        .order_by("ticket", "at").values_list("ticket", "at")
    )  # fmt: skip
    return {one.escalation_id: _next(one, clocks[one.pk], last.get(one.ticket_id)) for one in communications}


def _next(communication: Communication, clocks: list[UpdateClock], last_at: datetime | None) -> NextUpdate:
    due = [(clock.due_at, clock) for clock in clocks if clock.due_at is not None]
    soonest = min(due, key=lambda pair: pair[0], default=None)
    missed = tuple(str(Audience(clock.audience).label) for clock in clocks if clock.missed_at is not None)
    return NextUpdate(
        escalation_id=communication.escalation_id, at=soonest[0] if soonest else None, missed=missed,
        audience=str(Audience(soonest[1].audience).label) if soonest else "", last_at=last_at,
        closing=communication.state == CommunicationState.CLOSING,
    )  # fmt: skip


def owed_on(ticket_ids: Iterable[UUID]) -> dict[UUID, tuple[datetime | None, datetime | None]]:
    """Return {ticket: (when the next word of its plans is owed outside the team, since when one is missed)}; one query."""
    found: dict[UUID, tuple[datetime | None, datetime | None]] = {}
    clocks = UpdateClock.objects.filter(
        communication__ticket__in=list(ticket_ids), communication__state=CommunicationState.RUNNING
    ).exclude(audience=Audience.TEAM)
    for ticket, due_at, missed_at in clocks.values_list("communication__ticket", "due_at", "missed_at"):
        due, missed = found.get(ticket, (None, None))
        found[ticket] = (
            min(filter(None, [due, due_at]), default=None),
            max(filter(None, [missed, missed_at]), default=None),
        )
    return found


def next_clock_due() -> datetime | None:
    """Return when the next audience waits in vain (UTC), or None."""
    found = UpdateClock.objects.filter(due_at__isnull=False).order_by("due_at")
    return found.values_list("due_at", flat=True).first()


def updates_on(ticket: Ticket) -> list[Update]:
    """Return the updates of a ticket, the latest first."""
    return list(Update.objects.filter(ticket=ticket).select_related("by", "ticket").order_by("-at"))


def customer_waits_until(ticket: Ticket) -> datetime | None:
    """Return when the customer was told to expect the next update; None if nothing is owed, or it is late."""
    clocks = UpdateClock.objects.filter(
        communication__ticket=ticket, audience=Audience.CUSTOMER, due_at__isnull=False,
        communication__state=CommunicationState.RUNNING,
    )  # fmt: skip
    return clocks.order_by("due_at").values_list("due_at", flat=True).first()


@dataclass(frozen=True, slots=True)
class Heard:
    """One update as one person may read it."""

    update: Update
    text: str


def heard_by(user: User, limit: int = FEED_LENGTH) -> list[Heard]:
    """Return what `user` was told, the latest first, in the wording that is theirs, of tickets they may still see."""
    told = Told.objects.filter(user=user, update__ticket__in=visible_to(user)).select_related(
        "update__ticket", "update__by"
    )
    return [Heard(one.update, wording_for(user, one.update)) for one in told.order_by("-at")[:limit]]


def wording_for(user: User, update: Update) -> str:
    """Return an update's words for this reader: our own only for people of the house."""
    inward = update.inward if may_see_internals.test(user, update.ticket) else ""
    return f"{update.outward}\n\n{inward}".strip()


def reader_of_feed(token: str) -> User:
    """Return whose feed an address is. Raises NotFound, also for somebody who has left."""
    found = FeedKey.objects.select_related("user__organisation").filter(digest=feed_digest(token)).first()
    if found is None or not found.user.is_active:
        raise NotFound("feed_not_found", "There is no such feed. Make a new address on the page of your subscriptions.")
    return found.user


def has_feed(user: User) -> bool:
    """Whether `user` has an address for their feed."""
    return FeedKey.objects.filter(user=user).exists()


def subscriptions_of(user: User) -> list[Subscription]:
    """Return what `user` follows, the latest first."""
    found = Subscription.objects.filter(user=user, ended_at__isnull=True)
    return list(
        found.select_related("escalation__ticket", "escalation__policy", "service", "organisation").order_by("-made_at")
    )


def subscription_to_escalation(user: User, escalation_ids: Iterable[UUID]) -> dict[UUID, Subscription]:
    """Return {escalation: the standing subscription of `user` to it}."""
    found = Subscription.objects.filter(user=user, ended_at__isnull=True, escalation__in=list(escalation_ids))
    return {one.escalation_id: one for one in found if one.escalation_id is not None}


def subscription_of(subscription_id: UUID) -> Subscription:
    """Return a subscription with what it follows. Raises NotFound."""
    related = ("user", "escalation__ticket", "escalation__policy", "service", "organisation")
    found = Subscription.objects.select_related(*related).filter(pk=subscription_id).first()
    if found is None:
        raise NotFound("subscription_not_found", "There is no such subscription.")
    return found


def open_escalations_on(ticket: Ticket) -> list[Escalation]:
    """Return the escalations that a person can follow on a ticket: open ones that are nobody's child."""
    found = Escalation.objects.filter(ticket=ticket, state=EscalationState.OPEN, parent__isnull=True)
    return list(found.select_related("policy").order_by("opened_at"))


def escalation_to_follow(user: User, escalation_id: UUID) -> Escalation:
    """Return an escalation on a ticket that `user` may see. Raises NotFound."""
    found = Escalation.objects.select_related("ticket__organisation", "policy").filter(pk=escalation_id).first()
    if found is None or not visible_to(user).filter(pk=found.ticket_id).exists():
        raise NotFound("escalation_not_found", "There is no such escalation, or you may not see it.")
    return found
