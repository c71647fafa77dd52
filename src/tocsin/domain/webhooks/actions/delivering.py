"""Events on their way: leased, sent outside the transaction, and noted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify.actions import PageRequest, enqueue
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.notify.sealing import Unsealable, unseal
from tocsin.domain.people import queries as people
from tocsin.domain.people.enums import Role
from tocsin.domain.webhooks.enums import DeliveryState
from tocsin.domain.webhooks.logic.sending import GIVEN_UP_AFTER, GONE, pause_after
from tocsin.domain.webhooks.models import Delivery, Subscription, Try
from tocsin.kernel.ids import new_id

LEASE = timedelta(seconds=60)  # longer than the longest send
KEPT = timedelta(days=30)  # of what has ended
VERSION = 1  # of the body's shape

# At most a few of each receiver fly at once, over all processes: a slow one holds up nobody else's (fairness).
_LEASE = """
WITH flying AS (
    SELECT subscription_id, count(*) AS many FROM webhooks_delivery
    WHERE state = 'pending' AND lease IS NOT NULL AND due_at > %(now)s GROUP BY subscription_id
), ready AS (
    SELECT d.id, coalesce(flying.many, 0) + row_number() OVER (PARTITION BY d.subscription_id ORDER BY d.due_at, d.id) AS place
    FROM webhooks_delivery d JOIN webhooks_subscription s ON s.id = d.subscription_id
    LEFT JOIN flying ON flying.subscription_id = s.id
    WHERE d.state = 'pending' AND d.due_at <= %(now)s AND (s.enabled OR d.entry IS NULL)
), chosen AS (
    SELECT d.id FROM webhooks_delivery d JOIN ready USING (id)
    WHERE ready.place <= %(each)s AND d.state = 'pending' AND d.due_at <= %(now)s
    ORDER BY ready.place, d.due_at LIMIT %(limit)s
    FOR UPDATE OF d SKIP LOCKED
)
UPDATE webhooks_delivery d SET lease = %(lease)s, due_at = %(until)s, tries = d.tries + 1
FROM chosen WHERE d.id = chosen.id RETURNING d.id
"""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One event, ready to be signed and posted."""

    id: UUID
    lease: UUID
    url: str
    secret: str  # "" if no key opens it
    body: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one send. `status` None: no answer."""

    status: int | None
    answer: str
    milliseconds: int

    @property
    def good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@transaction.atomic
def lease(*, now: datetime, limit: int, each: int) -> list[Parcel]:
    """Take what is due, at most `limit` and `each` of one receiver, for a minute. Other processes pass it over."""
    token = new_id()
    known: dict[str, Any] = {"now": now, "limit": limit, "each": each, "lease": token, "until": now + LEASE}
    with connection.cursor() as cursor:
        cursor.execute(_LEASE, known)
        ids = [row[0] for row in cursor.fetchall()]
    rows = list(Delivery.objects.select_related("subscription").filter(pk__in=ids))
    _write_bodies([row for row in rows if not row.body])
    return [Parcel(row.pk, token, row.subscription.url, _opened(row.subscription), row.body) for row in rows]


def _write_bodies(rows: Sequence[Delivery]) -> None:
    """Say each event as it is at its first try; later tries and replays say the same."""
    entries = Entry.objects.in_bulk([row.entry for row in rows if row.entry is not None])
    for row in rows:
        entry = entries.get(row.entry) if row.entry is not None else None
        told: dict[str, object] = {
            "version": VERSION, "type": row.kind, "timestamp": row.made_at.isoformat(),
            "installation": settings.BASE_URL or "",
        }  # fmt: skip
        if entry is not None:
            told |= {"stream": entry.stream, "position": entry.position, "actor": entry.actor, "data": entry.data}
        else:
            told["data"] = {"words": "A test of this webhook. Nothing has happened."}
        row.body = json.dumps(told, ensure_ascii=False, sort_keys=True)
    Delivery.objects.bulk_update(rows, ["body"])


def _opened(subscription: Subscription) -> str:
    try:
        return unseal(subscription.secret).get("secret", "")
    except Unsealable:
        return ""


@transaction.atomic
def note_result(*, parcel: Parcel, result: Result, now: datetime, chance: float) -> None:
    """Note one try and what follows from it. A lease that has run out meanwhile leaves only the try.

    `chance`: 0 to 1, spreads the next tries.
    """
    row = Delivery.objects.select_for_update().filter(pk=parcel.id).first()
    if row is None:
        return
    Try.objects.create(
        delivery=row, at=now, status=result.status, answer=result.answer.replace("\x00", "")[:400],
        milliseconds=result.milliseconds,
    )  # fmt: skip
    if row.lease != parcel.lease or row.state != DeliveryState.PENDING:
        return
    row.lease = None
    if result.good:
        row.state, row.ended_at = DeliveryState.DELIVERED, now
    else:
        pause = pause_after(row.tries, chance)
        if pause is None or result.status == GONE:
            row.state, row.ended_at = DeliveryState.FAILED, now
        else:
            row.due_at = now + pause
    row.save(update_fields=["lease", "state", "ended_at", "due_at"])
    _note_health(row.subscription_id, result, now)


def _note_health(subscription_id: UUID, result: Result, now: datetime) -> None:
    if result.good:
        fields = {"delivered_at": now, "failing_since": None}
        Subscription.objects.filter(pk=subscription_id).update(**fields)
        return
    found = Subscription.objects.select_for_update().get(pk=subscription_id)
    found.failing_since = found.failing_since or now
    gone = result.status == GONE
    if found.enabled and (gone or now - found.failing_since >= GIVEN_UP_AFTER):
        found.enabled = False
        found.paused_because = "It answered 410: it wants no more." if gone else "Nothing arrived for five days."
        record(
            stream="system", kind="webhook.paused", actor="engine", at=now,
            data={"webhook": str(found.pk), "why": found.paused_because},
        )  # fmt: skip
        _tell_administrators(found, now)
    found.save(update_fields=["failing_since", "enabled", "paused_because"])


def _tell_administrators(found: Subscription, now: datetime) -> None:
    subject = f"The webhook {found.name} is paused"
    body = f"{found.paused_because} What happens meanwhile is not sent. Mend the receiver, then switch it on in the settings."
    watchers = people.people().filter(role=Role.ADMINISTRATOR).values_list("pk", flat=True)
    pages = [
        PageRequest(user_id=pk, purpose="warning", urgency=Urgency.NORMAL, subject=subject[:300], body=body)
        for pk in watchers
    ]
    enqueue(pages=pages, now=now)


def forget_old(*, now: datetime) -> int:
    """Drop what ended more than thirty days ago, some at a time; return how many."""
    old = Delivery.objects.filter(ended_at__lt=now - KEPT).values_list("pk", flat=True)[:5000]
    return Delivery.objects.filter(pk__in=list(old)).delete()[0]
