"""Subscribing by mail: asked, confirmed from the mailbox itself, left with one click (RFC 8058)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from tocsin.domain.journal.publish import publish
from tocsin.domain.people.sign_in import spend
from tocsin.domain.status.enums import Subscription
from tocsin.domain.status.events import SubscriberLeft, SubscriptionAsked
from tocsin.domain.status.models import StatusPage, Subscriber
from tocsin.kernel.errors import InvalidInput, NotFound

GOOD_FOR = timedelta(days=3)
LIMIT = "status_subscribe"


def ask(*, page: StatusPage, address: str, language: str, network: str, now: datetime) -> None:
    """Note that an address wants to be told and have it asked to confirm. Nobody learns whether it is known already.

    Raises InvalidInput for what is no address, and when too many were asked for (`network`: the network address it
    came from): no stranger fills somebody's mailbox.
    """
    cleaned = address.strip().lower()
    try:
        validate_email(cleaned)
    except ValidationError:
        problem = "Write an e-mail address, such as name@example.com."
        raise InvalidInput("bad_address", problem, {"address": problem}) from None
    if not spend(LIMIT, cleaned, network, now):
        problem = "That was asked for too often. Look into your mailbox, or try again in an hour."
        raise InvalidInput("too_often", problem, {"address": problem})
    with transaction.atomic():
        found = Subscriber.objects.select_for_update().filter(page=page, address=cleaned).first()
        if found is not None and found.state == Subscription.CONFIRMED:
            return
        if found is None:
            made = {"language": language, "asked_at": now}
            found, _ = Subscriber.objects.get_or_create(page=page, address=cleaned, defaults=made)
        found.state, found.language, found.asked_at = Subscription.ASKED, language, now
        found.save(update_fields=["state", "language", "asked_at"])
        publish(SubscriptionAsked(subscriber_id=found.pk, at=now))


@transaction.atomic
def confirm(*, subscriber_id: UUID, now: datetime) -> Subscriber:
    """Take an address's own word that it wants to be told. Saying it again changes nothing. Raises NotFound if run out."""
    found = _locked(subscriber_id)
    if found.state == Subscription.CONFIRMED:
        return found
    if found.state != Subscription.ASKED or now - found.asked_at > GOOD_FOR:
        raise NotFound("link_expired", "This link has run out. Ask for the updates once more on the status page.")
    found.state, found.confirmed_at, found.left_at = Subscription.CONFIRMED, now, None
    found.save(update_fields=["state", "confirmed_at", "left_at"])
    return found


@transaction.atomic
def leave(*, subscriber_id: UUID, now: datetime) -> Subscriber:
    """Stop writing to an address, what waits for it included. Saying it again changes nothing."""
    found = _locked(subscriber_id)
    if found.state != Subscription.LEFT:
        found.state, found.left_at = Subscription.LEFT, now
        found.save(update_fields=["state", "left_at"])
        publish(SubscriberLeft(subscriber_id=found.pk, at=now))
    return found


def forget_unconfirmed(*, now: datetime) -> int:
    """Forget addresses that never confirmed, and those that left a month ago; return how many."""
    never = Subscriber.objects.filter(state=Subscription.ASKED, asked_at__lt=now - 2 * GOOD_FOR)
    gone = Subscriber.objects.filter(state=Subscription.LEFT, left_at__lt=now - timedelta(days=30))
    return never.delete()[0] + gone.delete()[0]


def _locked(subscriber_id: UUID) -> Subscriber:
    found = Subscriber.objects.select_for_update(of=("self",)).filter(pk=subscriber_id).first()
    if found is None:
        raise NotFound("link_invalid", "This link leads nowhere any more. Ask again on the status page.")
    return found
