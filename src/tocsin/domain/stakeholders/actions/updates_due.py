"""An audience waited for its update in vain: that escalates, and whoever owes it is told (SEMANTICS 7)."""

from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Sum

from tocsin.domain.escalation.actions.firing import look_at
from tocsin.domain.escalation.logic.triggers import Happening
from tocsin.domain.journal.actions import record
from tocsin.domain.journal.publish import publish
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.actions import PageRequest
from tocsin.domain.notify.enums import Urgency
from tocsin.domain.stakeholders.enums import Audience
from tocsin.domain.stakeholders.events import UpdateMissed
from tocsin.domain.stakeholders.models import PlanAudience, UpdateClock
from tocsin.domain.stakeholders.queries.audiences import speaker_of
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import ticket_of

log = structlog.get_logger(__name__)

TRY_AGAIN_AFTER = timedelta(minutes=10)
_CLAIM = """
SELECT t.id, c.id FROM stakeholders_updateclock c JOIN stakeholders_communication m ON m.id = c.communication_id
JOIN tickets_ticket t ON t.id = m.ticket_id
WHERE c.due_at <= %s ORDER BY c.due_at LIMIT 1 FOR UPDATE OF t SKIP LOCKED
"""


def miss_due_updates(*, now: datetime, limit: int = 200) -> int:
    """Mark the updates that did not come by `now` and let them escalate; return how many. Safe for several engines.

    A missed clock stands still until an update is sent: it escalates once, and is not paged again and again.
    """
    done = 0
    while done < limit and _next(now):
        done += 1
    return done


def _next(now: datetime) -> bool:
    clock_id = None
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_CLAIM, [now])
                row = cursor.fetchone()
            if row is None:
                return False
            clock_id = row[1]
            _miss(clock_id, now)
    except (OperationalError, InterfaceError):
        raise  # the database's trouble, not that of a clock
    except Exception as error:
        if clock_id is None:
            raise
        log.exception("update.failed", clock=clock_id)
        with transaction.atomic():
            UpdateClock.objects.filter(pk=clock_id, due_at__isnull=False).update(due_at=now + TRY_AGAIN_AFTER)
            data = {"clock": clock_id, "error": f"{type(error).__name__}: {error}"[:300]}
            record(stream="system", kind="alarm.update", actor="engine", at=now, data=data)
    return True


def _miss(clock_id: int, now: datetime) -> None:
    clock = UpdateClock.objects.select_related("communication").get(pk=clock_id)
    if clock.due_at is None or clock.due_at > now:
        return  # an update came since it was found
    communication = clock.communication
    due_at, clock.missed_at = clock.due_at, clock.due_at
    clock.due_at, clock.misses = None, clock.misses + 1
    clock.save(update_fields=["missed_at", "due_at", "misses"])
    ticket = ticket_of(communication.ticket_id)
    label = Audience(clock.audience).label
    data = {
        "audience": clock.audience, "due_at": due_at.isoformat(), "escalation": str(communication.escalation_id),
    }  # fmt: skip
    record(stream=f"ticket:{ticket.pk}", kind="update.missed", actor="engine", at=now, data=data)
    publish(
        UpdateMissed(
            escalation_id=communication.escalation_id, ticket_id=ticket.pk, audience=clock.audience, at=now
        )
    )  # fmt: skip
    clocks = UpdateClock.objects.filter(communication__ticket=ticket)
    misses = clocks.aggregate(n=Sum("misses"))["n"] or 0
    happening = Happening(kind="promise", text=f"for {label.lower()}", missed=misses, missed_what="update")
    look_at(ticket_id=ticket.pk, happening=happening, actor="engine", now=now)
    _tell_speaker(clock, ticket, label, now)


def _tell_speaker(clock: UpdateClock, ticket: Ticket, label: str, now: datetime) -> None:
    row = PlanAudience.objects.filter(plan=clock.communication.plan_id, audience=clock.audience).first()
    speaker = speaker_of(ticket, row.speaker) if row else ticket.owner
    if speaker is None:
        return
    page = PageRequest(
        user_id=speaker.pk, ticket=ticket.pk, purpose="notice", urgency=Urgency.NORMAL,
        subject=f"Update overdue on {ticket.reference}: {label} waits"[:300],
        body=f"{label} waits for the next update on {ticket.reference}, and its time is over. Send one, even if it only says "
        f"that there is nothing new yet.\n\n{ticket.reference}: {ticket.subject}",
        data={"reference": ticket.reference, "number": ticket.number, "priority": ticket.priority},
    )  # fmt: skip
    notify.enqueue(pages=[page], now=now)
