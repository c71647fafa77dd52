"""Leasing due deliveries for sending (SEMANTICS 5): leases, quiet hours, bundles, throttle."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfoNotFoundError

from django.db import connection, transaction

from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.notify import queries
from tocsin.domain.notify.actions.claiming import claim_next, claim_of_address
from tocsin.domain.notify.actions.codes import coded
from tocsin.domain.notify.actions.failing import record_failed
from tocsin.domain.notify.actions.parcel import Outgoing, Parcel
from tocsin.domain.notify.actions.streams import lock_streams
from tocsin.domain.notify.actions.tolls import hold_back_tolls
from tocsin.domain.notify.enums import LETTER, Urgency
from tocsin.domain.notify.logic.quiet import quiet_until
from tocsin.domain.notify.transport import TransportError

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTerms:
    """How deliveries of one channel are handed out."""

    seconds: float = 60  # how long a sender may hold a delivery
    bundle_over: int = 5  # more than so many due at once at one address go out as one message; 0: never
    per_minute: int = 20  # messages to one address; what is above waits; 0: no bound
    max_attempts: int = 6
    bundle_most: int = 500  # deliveries in one bundle


_PUT_BACK = (
    "UPDATE notify_delivery d SET state = CASE WHEN d.withdrawn_at IS NULL THEN 'pending' ELSE 'withdrawn' END,"
    " due_at = CASE WHEN d.withdrawn_at IS NULL THEN n.due_at END, lease = NULL, leased_at = NULL,"
    " attempts = d.attempts - 1 FROM unnest(%s::uuid[], %s::timestamptz[]) AS n(id, due_at)"
    " WHERE d.id = n.id AND d.lease = %s RETURNING d.id, d.withdrawn_at IS NULL"
)
_SENT_LAST_MINUTE = (
    "SELECT address, count(*), min(sent_at) FROM notify_delivery WHERE channel = %s AND address = ANY(%s)"
    " AND sent_at > %s AND state <> 'bundled' GROUP BY address"
)


def lease(*, channel: str, now: datetime, limit: int, terms: LeaseTerms) -> list[Parcel]:
    """Claim up to `limit` due deliveries of `channel` (those whose lease ended too), packed for sending.

    Safe beside any number of other senders; nobody waits for anybody. Deliveries in their person's quiet
    hours or over their address's bound are put back with a later time, with a journal entry, and those
    that were tried too often fail; none of these is returned. More than `terms.bundle_over` due at one
    address become one parcel, together with whatever else is due there.

    Must not run inside a transaction: a lease has to be committed before anything is sent.
    """
    token = uuid4()
    wanted = {"now": now, "channel": channel, "lease": token, "until": now + timedelta(seconds=terms.seconds)}
    claimed = claim_next(wanted | {"limit": limit}, bundle_over=terms.bundle_over)
    claimed = _give_up_on_exhausted(claimed, token, now, terms)
    ready = _defer_quiet(claimed, token, now)
    by_address: dict[tuple[str, UUID], list[Outgoing]] = defaultdict(list)
    for delivery in ready:
        by_address[delivery.address, delivery.user_id].append(delivery)
    for (address, user), group in by_address.items():
        due = max(len(group), group[0].crowd)
        if terms.bundle_over and due > terms.bundle_over and len(claimed) >= limit:
            # The batch has cut the storm off; one message should tell all of it.
            rest = wanted | {"address": address, "user": user, "limit": terms.bundle_most}
            more = _give_up_on_exhausted(claim_of_address(rest), token, now, terms)
            group.extend(_defer_quiet(more, token, now))
    blank = Parcel(lease=token, leased_at=now, seconds=terms.seconds, deliveries=())
    packed = [replace(blank, deliveries=tuple(g)) for group in by_address.values() for g in _packed(group, terms)]
    affordable = hold_back_tolls(channel, _throttle(channel, packed, now, terms), now, terms.max_attempts)
    return coded(affordable, now)


def release(*, parcels: Sequence[Parcel], now: datetime) -> None:
    """Give back what has not been tried (the sender stops, or its lease is about to end): due at once for others."""
    by_lease: dict[UUID, list[Outgoing]] = defaultdict(list)
    for parcel in parcels:
        by_lease[parcel.lease].extend(parcel.deliveries)
    for token, deliveries in by_lease.items():
        _put_back(token, [(delivery, now) for delivery in deliveries], "", now)


def _give_up_on_exhausted(claimed: list[Outgoing], token: UUID, now: datetime, terms: LeaseTerms) -> list[Outgoing]:
    """Fail those that were tried as often as allowed without ever an answer (they may be what kills senders)."""
    ready = []
    for delivery in claimed:
        if delivery.attempts <= terms.max_attempts:
            ready.append(delivery)
            continue
        parcel = Parcel(lease=token, leased_at=now, seconds=terms.seconds, deliveries=(delivery,))
        error = TransportError(f"gave up: {terms.max_attempts} tries without an answer", permanent=True)
        record_failed(parcel=parcel, error=error, now=now, max_attempts=terms.max_attempts)
    return ready


def _defer_quiet(claimed: list[Outgoing], token: UUID, now: datetime) -> list[Outgoing]:
    """Put back what its person's quiet hours hold at this moment; return the rest. High urgency ignores them."""
    # A letter wakes nobody: it may wait in a mailbox as well as here.
    quiet = queries.quiet_hours({d.user_id for d in claimed if d.urgency == Urgency.NORMAL and d.channel != LETTER})
    if not quiet:
        return claimed
    ready, waiting = [], []
    for delivery in claimed:
        until = _quiet(quiet.get(delivery.user_id), now) if delivery.urgency == Urgency.NORMAL else None
        if until is None:
            ready.append(delivery)
        else:
            waiting.append((delivery, until))
    _put_back(token, waiting, "quiet hours", now)
    return ready


def _quiet(hours: tuple[Any, Any, str] | None, now: datetime) -> datetime | None:
    if hours is None:
        return None
    try:
        return quiet_until(starts=hours[0], ends=hours[1], zone=hours[2], now=now)
    except (ZoneInfoNotFoundError, ValueError):
        return None  # a person with a broken zone is told now rather than at a wrong time


def _packed(group: list[Outgoing], terms: LeaseTerms) -> list[list[Outgoing]]:
    """Return what each message carries. What a bundle could not say (a one-time link, a code) goes alone."""
    alone = [[delivery] for delivery in group if delivery.goes_alone]
    together = [delivery for delivery in group if not delivery.goes_alone]
    if not terms.bundle_over or len(together) <= terms.bundle_over:
        return alone + [[delivery] for delivery in together]
    return alone + [together[start : start + terms.bundle_most] for start in range(0, len(together), terms.bundle_most)]


def _throttle(channel: str, parcels: list[Parcel], now: datetime, terms: LeaseTerms) -> list[Parcel]:
    """Put back what is above the bound of its address until the oldest message of the last minute is a minute old."""
    if not terms.per_minute or not parcels:
        return parcels
    with connection.cursor() as cursor:
        addresses = list({parcel.lead.address for parcel in parcels})
        cursor.execute(_SENT_LAST_MINUTE, [channel, addresses, now - MINUTE])
        sent: dict[str, tuple[int, datetime]] = {address: (n, oldest) for address, n, oldest in cursor.fetchall()}
    ready, waiting = [], []
    going: dict[str, int] = defaultdict(int)
    for parcel in parcels:
        count, oldest = sent.get(parcel.lead.address, (0, now))
        if count + going[parcel.lead.address] < terms.per_minute:
            going[parcel.lead.address] += 1
            ready.append(parcel)
        else:
            waiting += [(delivery, oldest + MINUTE) for delivery in parcel.deliveries]
    if waiting:
        _put_back(parcels[0].lease, waiting, "throttled", now)
    return ready


def _put_back(token: UUID, waiting: Iterable[tuple[Outgoing, datetime]], reason: str, now: datetime) -> None:
    """Make leased deliveries pending again with a new time. Journalled when there is a reason to tell.

    One stream at a time, so that this never holds one and waits for another.
    """
    in_order = sorted(waiting, key=lambda pair: (pair[0].stream, pair[0].id))
    for stream, group in groupby(in_order, key=lambda pair: pair[0].stream):
        later = {delivery.id: (delivery, until) for delivery, until in group}
        with transaction.atomic():
            lock_streams([stream])
            with connection.cursor() as cursor:
                cursor.execute(_PUT_BACK, [list(later), [until for _, until in later.values()], token])
                done = cursor.fetchall()
            if reason:
                record_many([_deferred(*later[pk], reason, now) for pk, waits in done if waits])


def _deferred(delivery: Outgoing, until: datetime, reason: str, now: datetime) -> Fact:
    data = {
        "page": str(delivery.page_id),
        "delivery": str(delivery.id),
        "user": str(delivery.user_id),
        "channel": delivery.channel,
        "reason": reason,
        "until": until.isoformat(),
    }
    return Fact(stream=delivery.stream, kind="page.deferred", at=now, actor="engine", data=data)
