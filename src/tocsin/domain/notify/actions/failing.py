"""When a method does not work: try later, use the next one at once, and say so when none is left (SEMANTICS 5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.journal.publish import publish
from tocsin.domain.notify.actions.parcel import Parcel
from tocsin.domain.notify.actions.streams import lock_streams, stream_of
from tocsin.domain.notify.enums import AttemptOutcome, DeliveryState, PageState
from tocsin.domain.notify.events import PageFailing, PageUnreachable
from tocsin.domain.notify.logic.backoff import retry_after
from tocsin.domain.notify.models import OPEN, Attempt, Delivery, Page
from tocsin.domain.notify.transport import TransportError
from tocsin.kernel.doorbell import OUTBOX, ring

WORKED = [DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.BUNDLED]


class _Overtaken(Exception):
    """Another method of the same page was recorded between our look and our lock: look again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One method of one page did not work. `held` is the fence: these columns must still have these values."""

    delivery: UUID
    held: dict[str, Any]
    answer: str
    kind: str = "page.failed"  # of the journal entry
    final: bool = True
    retry_at: datetime | None = None  # None when final


def record_failed(*, parcel: Parcel, error: TransportError, now: datetime, max_attempts: int) -> int:
    """Record that the provider did not accept; return how many deliveries were still ours to record.

    A permanent error, or the last allowed try, ends the method; otherwise it is tried again later. Either way
    the page's next method becomes due now. When no method is left and none has worked, the page is
    unreachable: PageFailing and then PageUnreachable are published in the same transaction.
    """
    done = 0
    for one in parcel.deliveries:
        final = error.permanent or one.attempts >= max_attempts
        retry_at = None if final else now + retry_after(one.attempts, error.retry_after)
        held = {"lease": parcel.lease}
        done += fail(Failure(delivery=one.id, held=held, answer=error.answer, final=final, retry_at=retry_at), now)
    return done


def fail(failure: Failure, now: datetime) -> bool:
    """Write one failure and what follows from it; False (and nothing written) if the fence no longer holds."""
    while True:
        try:
            with transaction.atomic():
                return _fail(failure, now)
        except _Overtaken:
            # Ends: each time another method of the page has been finished meanwhile, and it has few.
            continue


def _fail(failure: Failure, now: datetime) -> bool:
    """Locks, in the order of everybody: the ticket (by those who hear PageFailing), the stream, the row."""
    seen = Delivery.objects.select_related("page").filter(pk=failure.delivery, **failure.held).first()
    if seen is None:
        return False
    foreseen = failure.final and seen.withdrawn_at is None and _none_left(seen)
    if foreseen:
        publish(PageFailing(page_id=seen.page.pk, run=seen.page.run, ticket=seen.page.ticket))
    lock_streams([stream_of(seen.page.ticket, seen.user_id)])
    fenced = Delivery.objects.select_for_update(of=("self",)).select_related("page")
    delivery = fenced.filter(pk=failure.delivery, **failure.held).first()
    if delivery is None:
        return False
    withdrawn = delivery.withdrawn_at is not None
    _write(delivery, failure, now)
    unreachable = failure.final and not withdrawn and _none_left(delivery)
    if unreachable and not foreseen:
        raise _Overtaken
    facts = [_fact(delivery, failure, now)]
    if unreachable:
        Page.objects.filter(pk=delivery.page_id).update(state=PageState.UNREACHABLE)
        facts.append(_unreachable_fact(delivery, now))
    elif not withdrawn:
        _use_next_method(delivery, now)
    record_many(facts)
    if unreachable:
        _publish_unreachable(delivery.page, now)
    return True


def _write(delivery: Delivery, failure: Failure, now: datetime) -> None:
    if delivery.lease is not None:
        outcome = AttemptOutcome.REFUSED if failure.final else AttemptOutcome.RETRY
        Attempt.objects.create(
            delivery=delivery, at=delivery.leased_at or now, ended_at=now, outcome=outcome,
            answer=failure.answer[:500], lease=delivery.lease,
        )  # fmt: skip
    if delivery.withdrawn_at is not None:
        delivery.state, delivery.due_at = DeliveryState.WITHDRAWN, None
    elif failure.final:
        delivery.state, delivery.due_at = DeliveryState.FAILED, None
    else:
        delivery.state, delivery.due_at = DeliveryState.PENDING, failure.retry_at
    delivery.lease, delivery.error = None, failure.answer[:500]
    delivery.save(update_fields=["state", "due_at", "lease", "error"])


def _none_left(delivery: Delivery) -> bool:
    """Say whether no other method of the page is still to come or has worked."""
    others = Delivery.objects.filter(page_id=delivery.page_id).exclude(pk=delivery.pk)
    return not others.filter(state__in=[*OPEN, *WORKED]).exists()


def _use_next_method(delivery: Delivery, now: datetime) -> None:
    """Make the page's next untried method due now, or close the page if an earlier one has worked and none is left."""
    waiting = Delivery.objects.filter(page_id=delivery.page_id, state=DeliveryState.PENDING, attempts=0)
    following = waiting.order_by("position").first()
    if following is not None:
        Delivery.objects.filter(pk=following.pk, state=DeliveryState.PENDING, due_at__gt=now).update(due_at=now)
        ring(connection, OUTBOX, following.channel)
    elif not Delivery.objects.filter(page_id=delivery.page_id, state__in=OPEN).exists():
        Page.objects.filter(pk=delivery.page_id, state=PageState.ACTIVE).update(state=PageState.DONE)


def _publish_unreachable(page: Page, now: datetime) -> None:
    publish(
        PageUnreachable(page_id=page.pk, run=page.run, cycle=page.cycle, level=page.level, user_id=page.user_id, at=now)
    )


def _fact(delivery: Delivery, failure: Failure, now: datetime) -> Fact:
    data: dict[str, Any] = {
        "page": str(delivery.page_id),
        "delivery": str(delivery.pk),
        "user": str(delivery.user_id),
        "channel": delivery.channel,
        "attempt": delivery.attempts,
        "answer": failure.answer[:500],
        "final": failure.final,
        "retry_at": failure.retry_at.isoformat() if failure.retry_at else None,
    }
    if delivery.withdrawn_at is not None:
        data |= {"note": "withdrawn while in flight", "retry_at": None}
    stream = stream_of(delivery.page.ticket, delivery.user_id)
    return Fact(stream=stream, kind=failure.kind, at=now, actor="engine", data=data)


def _unreachable_fact(delivery: Delivery, now: datetime) -> Fact:
    page = delivery.page
    data = {
        "page": str(page.pk),
        "user": str(page.user_id),
        "run": str(page.run) if page.run else None,
        "cycle": page.cycle,
        "level": page.level,
        "purpose": page.purpose,
        "reason": "every method failed",
    }
    stream = stream_of(page.ticket, page.user_id)
    return Fact(stream=stream, kind="page.unreachable", at=now, actor="engine", data=data)
