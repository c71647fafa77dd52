"""Asking to be told, and giving it up: everybody for themselves, or a lead for somebody."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import Organisation, Service, User
from tocsin.domain.stakeholders import rules
from tocsin.domain.stakeholders.enums import Way
from tocsin.domain.stakeholders.links import feed_digest
from tocsin.domain.stakeholders.models import FeedKey, Subscription
from tocsin.domain.tickets.rules import may_see_ticket
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound
from tocsin.kernel.ids import new_id

OFFERED = (Way.MAIL, Way.CHAT, Way.PUSH, Way.FEED)
NOT_FOUND = "There is no such subscription."


@transaction.atomic
def subscribe(
    *, user: User, ways: Sequence[str], by: User, now: datetime, escalation: Escalation | None = None,
    service: Service | None = None, organisation: Organisation | None = None,
) -> Subscription:  # fmt: skip
    """Let `user` be told about one thing by `ways`; asking again changes the ways.

    What they may not see does not exist for them (NotFound). A service is followed by people of the house; a customer by
    them and by its own people.
    """
    if by.pk != user.pk and not rules.may_subscribe_others.test(by):
        raise NotAllowed("not_allowed", "Leads and escalation managers subscribe others. Ask one of them.")
    chosen = [way.value for way in OFFERED if way.value in set(ways)]
    if not chosen:
        problem = "Choose at least one way to be told."
        raise InvalidInput("ways", problem, {"ways": problem})
    if not _may_follow(user, escalation, service, organisation):
        raise NotFound("nothing_to_follow", "There is no such thing to follow, or they may not see it.")
    same = {"user": user, "escalation": escalation, "service": service, "organisation": organisation}
    found = Subscription.objects.select_for_update().filter(**same, ended_at__isnull=True).first()
    if found is not None:
        found.ways = chosen
        found.save(update_fields=["ways"])
        return found
    made = Subscription.objects.create(
        id=new_id(), **same, ways=chosen, made_at=now, made_by=f"person:{by.pk}", is_demo=user.is_demo
    )  # fmt: skip
    _note(made, "subscription.made", f"person:{by.pk}", now)
    return made


def _may_follow(
    user: User, escalation: Escalation | None, service: Service | None, organisation: Organisation | None
) -> bool:
    if sum(one is not None for one in (escalation, service, organisation)) != 1:
        return False
    if escalation is not None:
        return bool(may_see_ticket.test(user, escalation.ticket))
    if organisation is not None and user.organisation_id == organisation.pk:
        return user.is_active
    return bool(rules.of_the_house.test(user))


@transaction.atomic
def unsubscribe(*, subscription_id: UUID, by: User | None, now: datetime) -> Subscription:
    """Give a subscription up. `by` None: by the signed link, whose holder may. Doing it twice is no fault."""
    found = (
        Subscription.objects.select_for_update(of=("self",)).select_related("user").filter(pk=subscription_id).first()
    )
    if found is None or (
        by is not None and not rules.owns_subscription.test(by, found) and not rules.may_subscribe_others.test(by)
    ):
        raise NotFound("subscription_not_found", NOT_FOUND)
    if found.ended_at is None:
        found.ended_at = now
        found.save(update_fields=["ended_at"])
        _note(found, "subscription.ended", f"person:{by.pk if by else found.user_id}", now)
    return found


@transaction.atomic
def make_feed_key(*, user: User, now: datetime) -> str:
    """Return a new secret for the address of this person's feed; the old address answers no more."""
    token = secrets.token_urlsafe(32)
    FeedKey.objects.update_or_create(user=user, defaults={"digest": feed_digest(token), "made_at": now})
    record(stream=f"person:{user.pk}", kind="updates_feed.made", actor=f"person:{user.pk}", at=now)
    return token


def _note(subscription: Subscription, kind: str, actor: str, now: datetime) -> None:
    data = {
        "subscription": str(subscription.pk), "escalation": _word(subscription.escalation_id),
        "service": _word(subscription.service_id), "organisation": _word(subscription.organisation_id),
        "ways": list(subscription.ways),
    }  # fmt: skip
    record(stream=f"person:{subscription.user_id}", kind=kind, actor=actor, at=now, data=data)


def _word(value: UUID | None) -> str | None:
    return str(value) if value else None
