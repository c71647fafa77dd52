"""What a sender records before and after it hands a parcel to a provider. Every write is fenced by the lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.notify.actions.parcel import Outgoing, Parcel
from tocsin.domain.notify.actions.streams import lock_streams, stream_of
from tocsin.domain.notify.enums import TELLING
from tocsin.domain.notify.models import Delivery
from tocsin.domain.notify.transport import Sent
from tocsin.kernel.failpoints import failpoint


@dataclass(frozen=True, slots=True)
class Standing:
    """Which deliveries of a parcel may not be sent after all."""

    withdrawn: frozenset[UUID]
    lost: frozenset[UUID]  # another worker holds them, or has finished them


_RECORD_SENT = (
    "UPDATE notify_delivery SET state = CASE WHEN delivered_at IS NOT NULL THEN 'delivered' WHEN id = %s THEN 'sent'"
    " ELSE 'bundled' END, sent_at = %s, due_at = NULL, lease = NULL, provider_id = %s, error = ''"
    " WHERE id = ANY(%s::uuid[]) AND lease = %s RETURNING id, leased_at, withdrawn_at IS NOT NULL"
)
_RECORD_ATTEMPTS = (
    "INSERT INTO notify_attempt (delivery_id, at, ended_at, outcome, answer, lease)"
    " SELECT n.id, n.at, %s, %s, %s, %s FROM unnest(%s::uuid[], %s::timestamptz[]) AS n(id, at)"
)
_TOLD = (  # one method that worked is enough for what asks for no answer
    "UPDATE notify_delivery d SET state = 'withdrawn', due_at = NULL FROM notify_page p WHERE p.id = d.page_id"
    " AND p.id = ANY(%s::uuid[]) AND d.state = 'pending' AND (p.run IS NULL OR p.purpose = ANY(%s))"
)
_CLOSE_PAGES = (
    "UPDATE notify_page p SET state = 'done' WHERE p.id = ANY(%s::uuid[]) AND p.state = 'active' AND NOT EXISTS"
    " (SELECT 1 FROM notify_delivery d WHERE d.page_id = p.id AND d.state IN ('pending', 'leased'))"
)


def standing(*, parcel: Parcel) -> Standing:
    """Look once more, just before sending: an answer may have come, or the lease gone to somebody else.

    A look without a lock: what changes after it counts as in flight.
    """
    ids = [delivery.id for delivery in parcel.deliveries]
    rows = Delivery.objects.filter(pk__in=ids, lease=parcel.lease).values_list("pk", "withdrawn_at")
    held = dict(rows)
    return Standing(
        withdrawn=frozenset(pk for pk, withdrawn_at in held.items() if withdrawn_at is not None),
        lost=frozenset(pk for pk in ids if pk not in held),
    )


def record_sent(*, parcel: Parcel, sent: Sent, now: datetime) -> int:
    """Record that the provider has accepted; return how many deliveries were still ours to record.

    Fewer than the parcel holds (mostly 0 of 1) means that the lease ended and another worker took over: nothing
    is written about those, by anybody but the one who holds them now.
    """
    done = 0
    # One ticket at a time: a bundle spans tickets whose locks others hold in an order of their own.
    in_order = sorted(parcel.deliveries, key=lambda d: (d.stream, d.id))
    for stream, group in groupby(in_order, key=lambda d: d.stream):
        done += _record_sent(stream, list(group), parcel, sent, now)
    return done


def _record_sent(stream: str, deliveries: Sequence[Outgoing], parcel: Parcel, sent: Sent, now: datetime) -> int:
    known = {delivery.id: delivery for delivery in deliveries}
    provider_id, answer = sent.provider_id[:200], sent.answer[:500]
    with transaction.atomic():
        lock_streams([stream])
        with connection.cursor() as cursor:
            cursor.execute(_RECORD_SENT, [parcel.lead.id, now, provider_id, list(known), parcel.lease])
            rows = cursor.fetchall()
            if not rows:
                return 0
            ids, leased = [row[0] for row in rows], [row[1] for row in rows]
            cursor.execute(_RECORD_ATTEMPTS, [now, "sent", answer, parcel.lease, ids, leased])
            pages = [known[pk].page_id for pk in ids]
            cursor.execute(_TOLD, [pages, list(TELLING)])
            cursor.execute(_CLOSE_PAGES, [pages])
        bundled = len(parcel.deliveries) if len(parcel.deliveries) > 1 else 0
        record_many([_fact(known[pk], sent, withdrawn, bundled, now) for pk, _, withdrawn in rows])
        failpoint("sender.recording")
    return len(rows)


def _fact(delivery: Outgoing, sent: Sent, withdrawn: bool, bundled: int, now: datetime) -> Fact:
    data = {
        "page": str(delivery.page_id),
        "delivery": str(delivery.id),
        "user": str(delivery.user_id),
        "channel": delivery.channel,
        "attempt": delivery.attempts,
        "provider_id": sent.provider_id[:200],
        "answer": sent.answer[:500],
    }
    if withdrawn:
        data["note"] = "withdrawn while in flight"
    if bundled:
        data["bundle_of"] = bundled
    return Fact(stream=delivery.stream, kind="page.sent", at=now, actor="engine", data=data)


def settle_withdrawn(*, now: datetime, limit: int = 100) -> int:
    """Close deliveries that were withdrawn in flight and whose sender is not heard of any more; return how many.

    Whether they went out is unknown, and their entry says so. A sender that did not stop but skipped
    them closes them by this way too.
    """
    stale = Delivery.objects.filter(state="leased", withdrawn_at__isnull=False, due_at__lte=now)
    found = list(stale.values_list("pk", "lease", "page__ticket", "user_id")[:limit])
    return sum(
        _close_withdrawn(pk, token, stream_of(ticket, user), now, "unknown") for pk, token, ticket, user in found
    )


def record_withdrawn(*, parcel: Parcel, withdrawn: frozenset[UUID], now: datetime) -> int:
    """Close deliveries of `parcel` that were taken back before the sender had begun with them; return how many."""
    mine = [delivery for delivery in parcel.deliveries if delivery.id in withdrawn]
    return sum(_close_withdrawn(d.id, parcel.lease, d.stream, now, "not sent") for d in mine)


def _close_withdrawn(pk: UUID, token: UUID | None, stream: str, now: datetime, sent: str) -> int:
    with transaction.atomic():
        lock_streams([stream])
        held = Delivery.objects.filter(pk=pk, lease=token, state="leased", withdrawn_at__isnull=False)
        changed = held.update(state="withdrawn", lease=None, due_at=None)
        if changed:
            data = {"delivery": str(pk), "note": "withdrawn while in flight", "outcome": sent}
            record_many([Fact(stream=stream, kind="page.withdrawn", at=now, actor="engine", data=data)])
    return changed
