"""Texts and calls cost money: caps per person and for all, and an alarm when one is reached (SECURITY "Reaching out").

What is above a cap is tried again when the hour allows it, and its person's next method is used at once; nothing is
dropped. Counting what others hold at this moment too, two senders together stay below the cap.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.journal.publish import publish
from tocsin.domain.notify.actions.failing import record_failed
from tocsin.domain.notify.actions.once import first_time
from tocsin.domain.notify.actions.parcel import Parcel
from tocsin.domain.notify.enums import PHONES
from tocsin.domain.notify.events import TollCapReached
from tocsin.domain.notify.phones import why_not
from tocsin.domain.notify.transport import TransportError

HOUR = timedelta(hours=1)
LEAST_WAIT = timedelta(minutes=1)

# A bundle is one message. What is being sent counts as sent, also by others.
_SPENT = (
    "SELECT user_id, count(DISTINCT coalesce(bundle, id)), min(sent_at) FROM notify_delivery"
    " WHERE channel IN ('sms', 'voice') AND sent_at > %s AND sent_at IS NOT NULL GROUP BY user_id"
)
_IN_FLIGHT = (
    "SELECT user_id, count(DISTINCT coalesce(bundle, id)) FROM notify_delivery"
    " WHERE channel IN ('sms', 'voice') AND state = 'leased' AND NOT id = ANY(%s::uuid[]) GROUP BY user_id"
)


@dataclass(slots=True)
class _Spent:
    """How much went out within the hour, and when the first of it did."""

    by_person: Counter[UUID]
    oldest: dict[UUID, datetime]

    def room(self, person: UUID) -> tuple[bool, bool]:
        """Return (is there room for the person, is there room at all). A cap of 0 is none."""
        one, all_ = settings.PHONE_HOURLY_PERSON, settings.PHONE_HOURLY
        return not one or self.by_person[person] < one, not all_ or self.by_person.total() < all_

    def again_in(self, person: UUID | None, now: datetime) -> timedelta:
        """Return when the oldest within the hour is an hour old."""
        times = list(self.oldest.values()) if person is None else [self.oldest.get(person, now)]
        return max(min(times, default=now) + HOUR - now, LEAST_WAIT)


def hold_back_tolls(channel: str, parcels: Sequence[Parcel], now: datetime, max_attempts: int) -> list[Parcel]:
    """Return the parcels that may be sent; of a channel that costs nothing, all.

    A number that is not allowed (any more) fails for good; what is above a cap fails for now. Both are
    journalled and have the person's next method used.
    """
    if channel not in PHONES or not parcels:
        return list(parcels)
    allowed = []
    for parcel in parcels:
        reason = why_not(channel, parcel.lead.address)
        if reason:
            refused = TransportError(reason, permanent=True)
            record_failed(parcel=parcel, error=refused, now=now, max_attempts=max_attempts)
        else:
            allowed.append(parcel)
    spent = _spent([d.id for parcel in parcels for d in parcel.deliveries], now)
    ready = []
    for parcel in allowed:
        person = parcel.lead.user_id
        for_person, for_all = spent.room(person)
        if for_person and for_all:
            spent.by_person[person] += 1
            spent.oldest.setdefault(person, now)
            ready.append(parcel)
        else:
            _wait(parcel, spent, None if for_person else person, now, max_attempts)
    return ready


def _spent(own: Sequence[UUID], now: datetime) -> _Spent:
    found = _Spent(Counter(), {})
    with connection.cursor() as cursor:
        cursor.execute(_SPENT, [now - HOUR])
        for person, count, oldest in cursor.fetchall():
            found.by_person[person] += count
            found.oldest[person] = oldest
        cursor.execute(_IN_FLIGHT, [list(own)])
        for person, count in cursor.fetchall():
            found.by_person[person] += count
    return found


def _wait(parcel: Parcel, spent: _Spent, person: UUID | None, now: datetime, max_attempts: int) -> None:
    """Have the parcel tried again when there is room. `person`: whose cap is reached; None: that of all."""
    cap = settings.PHONE_HOURLY if person is None else settings.PHONE_HOURLY_PERSON
    whom = "everybody together" if person is None else "one person"
    answer = f"the cap of {cap} texts and calls an hour to {whom} is reached"
    error = TransportError(answer, retry_after=spent.again_in(person, now))
    record_failed(parcel=parcel, error=error, now=now, max_attempts=max_attempts)
    _alarm(person, cap, answer, now)


def _alarm(person: UUID | None, cap: int, reason: str, now: datetime) -> None:
    """Raise the alarm, once within an hour for each cap that is reached."""
    key = f"toll:{person or 'all'}:{now:%Y-%m-%dT%H}"
    with transaction.atomic():
        if not first_time(key=key, now=now):
            return
        data = {"user": str(person) if person else None, "cap": cap, "reason": reason}
        record(stream="system", kind="alarm.toll", actor="engine", at=now, data=data)
        publish(TollCapReached(user_id=person, cap=cap, at=now))
