"""What providers report later: delivered, or bounced. In any order, doubled or lost (SECURITY 6)."""

from datetime import datetime

from django.db import transaction

from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.notify.actions.failing import Failure, fail
from tocsin.domain.notify.actions.streams import lock_streams, stream_of
from tocsin.domain.notify.enums import DeliveryState
from tocsin.domain.notify.models import Delivery

ON_THE_WAY = [DeliveryState.SENT, DeliveryState.BUNDLED]


def record_receipt(*, channel: str, provider_id: str, delivered: bool, answer: str = "", now: datetime) -> bool:
    """Take a provider's later word on a message; return whether it moved anything.

    Receipts only move forward: delivered stays delivered, and doubled, late or contradicting ones
    change nothing. A bounce (`delivered` false) of something sent ends that method as a refusal does: the next
    one is due at once, and the page is unreachable when there is none. An unknown id changes nothing.
    """
    if not provider_id:
        return False
    found = Delivery.objects.filter(channel=channel, provider_id=provider_id, state__in=ON_THE_WAY)
    moved = False
    for delivery in found.select_related("page").order_by("pk"):
        if delivered:
            moved |= _deliver(delivery, answer, now)
        else:
            bounce = Failure(
                delivery=delivery.pk, held={"state__in": ON_THE_WAY}, answer=answer, kind="page.bounced", final=True
            )
            moved |= fail(bounce, now)
    return moved


def _deliver(delivery: Delivery, answer: str, now: datetime) -> bool:
    stream = stream_of(delivery.page.ticket, delivery.user_id)
    with transaction.atomic():
        lock_streams([stream])
        on_the_way = Delivery.objects.filter(pk=delivery.pk, state__in=ON_THE_WAY)
        changed = on_the_way.update(state=DeliveryState.DELIVERED, delivered_at=now)
        if changed:
            data = {"page": str(delivery.page_id), "delivery": str(delivery.pk), "answer": answer[:500]}
            record_many([Fact(stream=stream, kind="page.delivered", at=now, actor="engine", data=data)])
    return bool(changed)
