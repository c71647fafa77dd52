"""Promises whose time has come: the promiser is reminded ahead, a missed one is broken and escalates (SEMANTICS 3, 7)."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.stakeholders.actions.breaking import break_promise, escalate_broken, to_name
from tocsin.domain.stakeholders.enums import PromiseSource
from tocsin.domain.stakeholders.models import Promise
from tocsin.domain.tickets.actions.recording import begin, finish

log = structlog.get_logger(__name__)

TRY_AGAIN_AFTER = timedelta(minutes=10)

# The lock is on the ticket, as in every act on it; what another engine holds is passed over.
_CLAIM = """
SELECT t.id, p.id FROM stakeholders_promise p JOIN tickets_ticket t ON t.id = p.ticket_id
WHERE p.next_at <= %s ORDER BY p.next_at LIMIT 1 FOR UPDATE OF t SKIP LOCKED
"""


def act_on_due_promises(*, now: datetime, limit: int = 200) -> int:
    """Remind of, or break, the promises that are due by `now`; return how many. Safe for several engines at once.

    One that cannot be dealt with keeps no other from being so: it is put off, with an alarm in the journal.
    """
    done = 0
    while done < limit:
        found = _next(now)
        if found is None:
            break
        done += 1
    return done


def _next(now: datetime) -> UUID | None:
    promise_id: UUID | None = None
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_CLAIM, [now])
                row = cursor.fetchone()
            if row is None:
                return None
            promise_id = row[1]
            _act(promise_id, now)
    except (OperationalError, InterfaceError):
        raise  # the database's trouble, not that of a promise
    except Exception as error:
        if promise_id is None:
            raise
        log.exception("promise.failed", promise=str(promise_id))
        _put_off(promise_id, error, now)
    return promise_id


def _act(promise_id: UUID, now: datetime) -> None:
    promise = Promise.objects.select_related("by", "to_person", "organisation", "ticket").get(pk=promise_id)
    if promise.next_at is None or promise.next_at > now:
        return  # settled since it was found
    if now < promise.due_at:
        _remind(promise, now)
        return
    recording = begin(ticket_id=promise.ticket_id, by=None, actor="engine", now=now)
    break_promise(promise, recording)
    finish(recording)
    escalate_broken(promise, now)
    if promise.source == PromiseSource.RECOVERY:
        return  # its recovery tells of the missed call
    subject = f"Promise missed on {promise.ticket.reference}: {promise.what}"
    body = f"You promised {to_name(promise)}: {promise.what}. The time is over. Say sorry, and say what happens now."
    _tell(promise, subject, body, now)


def _remind(promise: Promise, now: datetime) -> None:
    """Tell whoever promised, ahead of time, once; from here on the due time itself is waited for."""
    promise.next_at = promise.due_at
    promise.save(update_fields=["next_at"])
    minutes = max(round((promise.due_at - now).total_seconds() / 60), 1)
    subject = f"Promise due in {minutes} min on {promise.ticket.reference}: {promise.what}"
    body = f"You promised {to_name(promise)}: {promise.what}. Keep it, or agree on another time before it is due."
    _tell(promise, subject, body, now)
    data = {"promise": str(promise.pk), "what": promise.what, "by_person": str(promise.by_id)}
    record(stream=f"ticket:{promise.ticket_id}", kind="promise.reminded", actor="engine", at=now, data=data)


def _tell(promise: Promise, subject: str, body: str, now: datetime) -> None:
    ticket = promise.ticket
    page = PageRequest(
        user_id=promise.by_id, ticket=ticket.pk, purpose="notice", urgency=Urgency.NORMAL, subject=subject[:300],
        body=f"{body}\n\n{ticket.reference}: {ticket.subject}",
        data={"reference": ticket.reference, "number": ticket.number, "priority": ticket.priority},
    )  # fmt: skip
    notify.enqueue(pages=[page], now=now)


def _put_off(promise_id: UUID, error: Exception, now: datetime) -> None:
    with transaction.atomic():
        Promise.objects.filter(pk=promise_id, next_at__isnull=False).update(next_at=now + TRY_AGAIN_AFTER)
        data = {"promise": str(promise_id), "error": f"{type(error).__name__}: {error}"[:300]}
        record(stream="system", kind="alarm.promise", actor="engine", at=now, data=data)
