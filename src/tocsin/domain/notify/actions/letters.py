"""Letters: mail to customers, and to owners who answer by mail. In the outbox, so that none is lost; not pages.

A letter goes to one address, whatever contact methods its person has. It is never bundled, and no answer to a run
takes it back.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.actions.streams import stream_of
from tocsin.domain.notify.enums import LETTER, DeliveryState, PageState, Urgency
from tocsin.domain.notify.models import Delivery, Page
from tocsin.kernel.doorbell import OUTBOX, ring


@transaction.atomic
def post_letter(
    *, user_id: UUID, address: str, subject: str, body: str, data: Mapping[str, Any], ticket: UUID | None,
    due_at: datetime, now: datetime,
) -> Page:  # fmt: skip
    """Put one letter into the outbox, due at `due_at`. Belongs into the transaction of what it tells about.

    `data` is what the letter's transport reads: headers of the thread, the HTML side, ids of files.
    """
    page = Page.objects.create(
        user_id=user_id, ticket=ticket, purpose=LETTER, urgency=Urgency.NORMAL, subject=subject[:300], body=body,
        data=dict(data), state=PageState.ACTIVE, created_at=now,
    )  # fmt: skip
    Delivery.objects.create(
        page=page, user_id=user_id, channel=LETTER, address=address, state=DeliveryState.PENDING, due_at=due_at
    )
    told = {"page": str(page.pk), "user": str(user_id), "purpose": LETTER}
    record(stream=stream_of(ticket, user_id), kind="letter.posted", actor="system", at=now, data=told)
    if due_at <= now:
        ring(connection, OUTBOX, LETTER)
    return page


@transaction.atomic
def add_to_letter(*, page_id: UUID, body: str, html: str) -> bool:
    """Add a paragraph to a letter that has not left yet; False if it has (or is just leaving)."""
    waiting = Delivery.objects.select_for_update(of=("self",)).filter(
        page=page_id, state=DeliveryState.PENDING, attempts=0
    )
    if not waiting.exists():
        return False
    page = Page.objects.get(pk=page_id)
    page.body = f"{page.body}\n\n{body}"
    page.data = {**page.data, "html": f"{page.data.get('html', '')}{html}"}
    page.save(update_fields=["body", "data"])
    return True
