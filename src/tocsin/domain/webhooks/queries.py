"""Reads of subscriptions and their log."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from tocsin.domain.webhooks.enums import DeliveryState
from tocsin.domain.webhooks.models import Delivery, Subscription, Try
from tocsin.kernel.errors import NotFound

PAGE = 100


def subscriptions() -> list[Any]:
    """Return all, by name, each with `waiting` and `given_up` of what is still in the log."""
    waiting = Count("deliveries", filter=Q(deliveries__state=DeliveryState.PENDING))
    given_up = Count("deliveries", filter=Q(deliveries__state=DeliveryState.FAILED))
    return list(Subscription.objects.order_by("name").annotate(waiting=waiting, given_up=given_up))


def subscription(subscription_id: UUID) -> Subscription:
    """Return one. Raises NotFound."""
    found = Subscription.objects.filter(pk=subscription_id).first()
    if found is None:
        raise NotFound("webhook_not_found", "There is no such webhook. It may have been removed meanwhile.")
    return found


def named(name: str) -> Subscription:
    """Return one by name or id. Raises NotFound."""
    for one in Subscription.objects.all():
        if name in (one.name, str(one.pk)):
            return one
    raise NotFound("webhook_not_found", f"There is no webhook {name}. `tocsin webhook list` names them.")


def log(subscription_id: UUID, *, state: str = "", before: datetime | None = None) -> list[Delivery]:
    """Return the newest deliveries, a page of them; `before` goes on."""
    rows = Delivery.objects.filter(subscription=subscription_id)
    if state in DeliveryState.values:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(made_at__lt=before)
    return list(rows.order_by("-made_at", "-pk")[:PAGE])


def delivery(delivery_id: UUID) -> Delivery:
    """Return one delivery with its subscription. Raises NotFound."""
    found = Delivery.objects.select_related("subscription").filter(pk=delivery_id).first()
    if found is None:
        raise NotFound("delivery_not_found", "There is no such delivery. The log keeps thirty days.")
    return found


def tries_of(delivery_id: UUID) -> list[Try]:
    """Return the attempts at one delivery, in order."""
    return list(Try.objects.filter(delivery=delivery_id).order_by("at", "pk"))


def health(now: datetime) -> dict[str, Any]:
    """Return how many wait and for how long, for monitoring: {"pending", "oldest_seconds"}."""
    due = Delivery.objects.filter(state=DeliveryState.PENDING, due_at__lte=now - timedelta(seconds=1))
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    return {"pending": due.count(), "oldest_seconds": (now - oldest).total_seconds() if oldest else 0.0}
