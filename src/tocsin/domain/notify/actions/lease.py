"""Claiming due deliveries for sending (SEMANTICS 5): leases, quiet hours, bundles, throttle."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfoNotFoundError

from django.db import connection, transaction

from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.notify import queries
from tocsin.domain.notify.actions.failing import record_failed
from tocsin.domain.notify.actions.parcel import Outgoing, Parcel
from tocsin.domain.notify.actions.streams import lock_streams
from tocsin.domain.notify.enums import Urgency
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


# One statement, so that a page taken back meanwhile cannot be leased: rows that changed after the statement began are
# looked at again when they are locked, and withdrawing changes every open row of the page.
_CLAIM = """
WITH due AS MATERIALIZED (
  SELECT d.id, d.state, d.due_at, d.lease, d.leased_at FROM notify_delivery d JOIN notify_page p ON p.id = d.page_id
  WHERE d.state IN ('pending', 'leased') AND d.due_at <= %(now)s AND d.channel = %(channel)s
    AND d.withdrawn_at IS NULL AND p.state = 'active' {only}
  ORDER BY d.due_at LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED
), taken AS (
  UPDATE notify_delivery d SET state = 'leased', lease = %(lease)s, leased_at = %(now)s, due_at = %(until)s,
    attempts = d.attempts + 1 FROM due WHERE d.id = due.id
  RETURNING d.id, d.page_id, d.user_id, d.channel, d.address, d.attempts, due.due_at
), lost AS (
  INSERT INTO notify_attempt (delivery_id, at, ended_at, outcome, answer, lease)
  SELECT id, leased_at, %(now)s, 'lease_lost', '', lease FROM due WHERE state = 'leased'
)
SELECT t.id, t.page_id, t.user_id, t.channel, t.address, t.attempts, p.run, p.cycle, p.level, p.ticket, p.purpose,
  p.urgency, p.subject, p.body, p.data, p.created_at, t.due_at
FROM taken t JOIN notify_page p ON p.id = t.page_id ORDER BY t.due_at, t.id
"""
_CLAIM_NEXT = _CLAIM.format(only="")
_CLAIM_ADDRESS = _CLAIM.format(only="AND d.address = %(address)s AND d.user_id = %(user)s")

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
    claimed = _claim(_CLAIM_NEXT, wanted | {"limit": limit})
    claimed = _give_up_on_exhausted(claimed, token, now, terms)
    ready = _defer_quiet(claimed, token, now)
    by_address: dict[tuple[str, UUID], list[Outgoing]] = defaultdict(list)
    for delivery in ready:
        by_address[delivery.address, delivery.user_id].append(delivery)
    for (address, user), group in by_address.items():
        if terms.bundle_over and len(group) > terms.bundle_over and len(claimed) >= limit:
            # The batch may have cut the storm off; one message should tell all of it.
            rest = wanted | {"address": address, "user": user, "limit": terms.bundle_most}
            more = _give_up_on_exhausted(_claim(_CLAIM_ADDRESS, rest), token, now, terms)
            group.extend(_defer_quiet(more, token, now))
    blank = Parcel(lease=token, leased_at=now, seconds=terms.seconds, deliveries=())
    packed = [replace(blank, deliveries=tuple(g)) for group in by_address.values() for g in _packed(group, terms)]
    return _throttle(channel, packed, now, terms)


def release(*, parcels: Sequence[Parcel], now: datetime) -> None:
    """Give back what has not been tried (the sender stops, or its lease is about to end): due at once for others."""
    by_lease: dict[UUID, list[Outgoing]] = defaultdict(list)
    for parcel in parcels:
        by_lease[parcel.lease].extend(parcel.deliveries)
    for token, deliveries in by_lease.items():
        _put_back(token, [(delivery, now) for delivery in deliveries], "", now)


def _claim(statement: str, wanted: Mapping[str, Any]) -> list[Outgoing]:
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(wanted))
        rows = cursor.fetchall()
    return [
        Outgoing(
            id=r[0], page_id=r[1], user_id=r[2], channel=r[3], address=r[4], attempts=r[5], run=r[6], cycle=r[7],
            level=r[8], ticket=r[9], purpose=r[10], urgency=r[11], subject=r[12], body=r[13],
            data=json.loads(r[14]) if isinstance(r[14], str) else r[14], created_at=r[15], due_at=r[16],
        )
        for r in rows
    ]  # fmt: skip


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
    quiet = queries.quiet_hours({d.user_id for d in claimed if d.urgency == Urgency.NORMAL})
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
    if not terms.bundle_over or len(group) <= terms.bundle_over:
        return [[delivery] for delivery in group]
    return [group[start : start + terms.bundle_most] for start in range(0, len(group), terms.bundle_most)]


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
