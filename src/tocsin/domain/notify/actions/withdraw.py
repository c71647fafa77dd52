"""Taking back what has not gone out. Acknowledge wins (SEMANTICS 5, SECURITY 5)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.notify.actions.streams import lock_streams, stream_of
from tocsin.domain.notify.enums import TELLING, PageState
from tocsin.domain.notify.models import OPEN, Page

# Every open row is written to, also those that a sender holds: a lease that began to look at them before this commits
# finds them changed and must look again.
_WITHDRAW_DELIVERIES = (
    "UPDATE notify_delivery SET withdrawn_at = %(now)s,"
    " state = CASE WHEN state = 'pending' THEN 'withdrawn' ELSE state END,"
    " due_at = CASE WHEN state = 'pending' THEN NULL ELSE due_at END"
    " WHERE page_id = ANY(%(pages)s::uuid[]) AND state = ANY(%(open)s) AND withdrawn_at IS NULL"
    " RETURNING page_id, state"
)
_CLOSE_PAGES = (
    "UPDATE notify_page p SET state = CASE WHEN EXISTS (SELECT 1 FROM notify_delivery d WHERE d.page_id = p.id"
    " AND d.sent_at IS NOT NULL) THEN 'done' ELSE 'withdrawn' END"
    " WHERE p.id = ANY(%(pages)s::uuid[]) AND p.state = 'active'"
)


def withdraw(*, run: UUID, now: datetime, reason: str) -> int:
    """Take back every open page of `run`; return how many deliveries no longer go out.

    After the caller's transaction has committed no delivery of the run can be leased any more. One that a
    sender is sending at this moment is marked, and its record says "withdrawn while in flight".
    Warnings and notices stay: the answer to a run does not make them untrue.
    """
    return withdraw_many(runs={run: reason}, now=now)


def withdraw_many(*, runs: Mapping[UUID, str], now: datetime) -> int:
    """Like `withdraw`, for many runs ({run: reason}) with one set of statements."""
    return _withdraw(runs, None, now)


def withdraw_user(*, run: UUID, user_id: UUID, now: datetime, reason: str = "declined") -> int:
    """Take back the open pages of one person on `run`."""
    return _withdraw({run: reason}, user_id, now)


def withdraw_pages(*, pages: Collection[UUID], now: datetime, reason: str) -> int:
    """Take back these pages as far as they are open, notices too; return how many deliveries no longer go out."""
    with transaction.atomic():
        found = list(Page.objects.filter(pk__in=pages, state=PageState.ACTIVE).order_by("pk"))
        if not found:
            return 0
        lock_streams(stream_of(page.ticket, page.user_id) for page in found)
        touched = _close(found, now)
        record_many([_fact(page, touched[page.pk], reason, now) for page in found if page.pk in touched])
        return sum(len(states) for states in touched.values())


def _withdraw(runs: Mapping[UUID, str], user_id: UUID | None, now: datetime) -> int:
    if not runs:
        return 0
    with transaction.atomic():
        pages = _active_pages(runs, user_id)
        if not pages:
            return 0
        lock_streams(stream_of(page.ticket, page.user_id) for page in pages)
        touched = _close(pages, now)
        record_many([_fact(p, touched[p.pk], runs[p.run], now) for p in pages if p.run and p.pk in touched])
        return sum(len(states) for states in touched.values())


def _close(pages: Sequence[Page], now: datetime) -> dict[UUID, list[str]]:
    """Withdraw the open deliveries of these pages and close them; return the states that were touched, by page."""
    wanted: dict[str, Any] = {"pages": [page.pk for page in pages], "now": now, "open": OPEN}
    touched: dict[UUID, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_WITHDRAW_DELIVERIES, wanted)
        for page_id, state in cursor.fetchall():
            touched[page_id].append(state)
        cursor.execute(_CLOSE_PAGES, wanted)
    return touched


def _active_pages(runs: Mapping[UUID, str], user_id: UUID | None) -> list[Page]:
    active = Page.objects.filter(run__in=list(runs), state=PageState.ACTIVE).exclude(purpose__in=TELLING)
    if user_id is not None:
        active = active.filter(user_id=user_id)
    return list(active.only("pk", "run", "ticket", "user_id").order_by("pk"))


def _fact(page: Page, states: list[str], reason: str, now: datetime) -> Fact:
    data: dict[str, Any] = {
        "page": str(page.pk),
        "user": str(page.user_id),
        "run": str(page.run) if page.run else None,
        "reason": reason,
        "deliveries": len(states),
        "in_flight": states.count("leased"),
    }
    stream = stream_of(page.ticket, page.user_id)
    return Fact(stream=stream, kind="page.withdrawn", at=now, actor="engine", data=data)
