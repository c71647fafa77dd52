"""Mailings: one text to many addresses outside, in bulk; each address has a letter, and a way to leave, of its own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.actions.streams import stream_of
from tocsin.domain.notify.enums import LETTER, DeliveryState, PageState, Urgency
from tocsin.domain.notify.models import Delivery
from tocsin.kernel.doorbell import OUTBOX, ring
from tocsin.kernel.ids import new_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """What everybody gets. `data` is what the letter's transport reads, `html` the HTML side of the text."""

    sender_id: UUID  # who answers for it: the letters are kept under this person
    subject: str
    body: str
    html: str
    data: Mapping[str, Any]
    lane: str  # takes turns with other lanes, so that a large mailing delays no other letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One address, and what stands below the text for it alone."""

    address: str
    foot: str
    html_foot: str
    data: dict[str, Any]


# Letters of one mailing that become due in the same second: no mail server is flooded, and a large mailing that is
# on its way does not count as an outbox that lags behind.
PACE = 50
# Rows travel as one JSON text; what all have in common travels once and is put together by the database.
_PAGES = (
    "INSERT INTO notify_page (id, user_id, run, cycle, level, ticket, purpose, urgency, subject, body, data, state,"
    " created_at) SELECT n.id, %s, NULL, 1, 0, NULL, %s, %s, %s, %s || n.foot,"
    " %s::jsonb || n.data || jsonb_build_object('html', %s || n.html_foot), %s, %s"
    " FROM json_to_recordset(%s::json) AS n(id uuid, foot text, html_foot text, data jsonb)"
)
_DELIVERIES = (
    "INSERT INTO notify_delivery (id, page_id, run, user_id, channel, address, lane, position, state, due_at, attempts,"
    " provider_id, error) SELECT n.delivery, n.id, NULL, %s, %s, n.address, %s, 0, %s,"
    " %s::timestamptz + n.second * interval '1 second', 0, '', ''"
    " FROM json_to_recordset(%s::json) AS n(id uuid, delivery uuid, address text, second int)"
)


@transaction.atomic
def post_mailing(*, mailing: Mailing, to: Sequence[Recipient], now: datetime) -> int:
    """Put one letter for each recipient into the outbox; return how many. Three statements, however many they are.

    They become due in the given order, PACE in a second.
    Belongs into the transaction of what it tells about.
    """
    if not to:
        return 0
    rows = json.dumps(
        [
            {
                "id": pk.hex, "delivery": delivery.hex, "address": one.address, "foot": one.foot,
                "html_foot": one.html_foot, "data": one.data, "second": place // PACE,
            }
            for place, (one, pk, delivery) in enumerate(zip(to, new_ids(len(to)), new_ids(len(to)), strict=True))
        ]
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            _PAGES,
            [
                mailing.sender_id, LETTER, Urgency.NORMAL, mailing.subject[:300], mailing.body, json.dumps(dict(mailing.data)),
                mailing.html, PageState.ACTIVE, now, rows,
            ],
        )  # fmt: skip
        cursor.execute(_DELIVERIES, [mailing.sender_id, LETTER, mailing.lane[:80], DeliveryState.PENDING, now, rows])
    told = {"letters": len(to), "lane": mailing.lane, "subject": mailing.subject[:300]}
    record(stream=stream_of(None, mailing.sender_id), kind="mailing.posted", actor="system", at=now, data=told)
    ring(connection, OUTBOX, LETTER)
    return len(to)


def withdraw_mailing(*, address: str, lane: str) -> int:
    """Take back what waits for an address that has left a mailing; return how much."""
    waiting = Delivery.objects.filter(channel=LETTER, lane=lane[:80], address=address, state=DeliveryState.PENDING)
    return waiting.update(state=DeliveryState.WITHDRAWN, due_at=None)
