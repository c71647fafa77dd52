"""What leased deliveries can be answered by: a code per page, and which deliveries go out as one message."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import connection

from tocsin.domain.notify.actions.parcel import Parcel
from tocsin.domain.notify.links import LIFETIME

FOUR_DIGITS = 8  # rounds of drawing four digits; whoever has thousands of pages in a week gets six
ROUNDS = 12

# Whatever stands in the way (the page has a code, the person has this code) leaves the row out; the next round looks.
# One row at a time: whoever waits for another sender's row then holds none itself.
_INSERT = (
    "INSERT INTO notify_answercode (page_id, user_id, code, made_at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
_KNOWN = "SELECT page_id, code FROM notify_answercode WHERE page_id = ANY(%s::uuid[])"
_FORGET = (
    "DELETE FROM notify_answercode WHERE id IN (SELECT id FROM notify_answercode WHERE user_id = ANY(%s::uuid[])"
    " AND made_at < %s FOR UPDATE SKIP LOCKED)"
)
_BUNDLE = "UPDATE notify_delivery SET bundle = %s WHERE id = ANY(%s::uuid[]) AND lease = %s"


def coded(parcels: Sequence[Parcel], now: datetime) -> list[Parcel]:
    """Return the parcels with the code of each page that asks for an answer, and note what goes out together.

    A bundle has no codes: it is answered as a whole, or page by page on the page it links to.
    """
    asking = {p.lead.page_id: p.lead.user_id for p in parcels if len(p.deliveries) == 1 and p.lead.asks}
    codes = _codes(asking, now) if asking else {}
    packed = []
    for parcel in parcels:
        deliveries = tuple(replace(d, code=codes.get(d.page_id, "")) for d in parcel.deliveries)
        if len(deliveries) > 1:
            with connection.cursor() as cursor:
                cursor.execute(_BUNDLE, [parcel.lead.id, [d.id for d in deliveries], parcel.lease])
        packed.append(replace(parcel, deliveries=deliveries))
    return packed


def _codes(pages: dict[UUID, UUID], now: datetime) -> dict[UUID, str]:
    """Return {page: code}, drawing one for those that have none. {page: its person}."""
    found = _known(pages)
    for tried in range(ROUNDS):
        without = [page for page in pages if page not in found]
        if not without:
            break
        with connection.cursor() as cursor:
            if tried == 0:
                cursor.execute(_FORGET, [list({pages[page] for page in without}), now - LIFETIME])
            for page in without:
                cursor.execute(_INSERT, [page, pages[page], _draw(4 if tried < FOUR_DIGITS else 6), now])
        found |= _known(without)
    return found


def _known(pages: Iterable[UUID]) -> dict[UUID, str]:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [list(pages)])
        return dict(cursor.fetchall())


def _draw(digits: int) -> str:
    """Return random digits that do not begin with 0, so that nobody loses one in typing."""
    return str(10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1)))
