"""Taking stored events in, integration by integration in turns, so that a storm of one delays no other (SECURITY 10).

A worker takes an integration's turn (a lease), and takes its oldest events in, in order, for a second at most; then
whoever has waited longest is next. Each event is one transaction that begins with the integration's row, so two workers
never decide about one integration at once, and that ends with the event's own state: killed in between, it begins anew
and nothing was done; repeated, it does nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from tocsin.intake.alerts.counting import count
from tocsin.intake.alerts.enums import EventState
from tocsin.intake.alerts.grouping import actor_of, lock_tickets, take_alert
from tocsin.intake.alerts.models import Event, Integration, SeenMessage, Telling
from tocsin.intake.alerts.reading import Unreadable, decode, read
from tocsin.kernel.errors import TocsinError
from tocsin.kernel.failpoints import failpoint
from tocsin.kernel.steady import steady_seconds

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 6
ALONE_AFTER = 2  # tries, after which an event is taken alone: it may be what kills the worker
FIRST_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(hours=1)
TURN = timedelta(seconds=30)  # after which another worker may take the turn of one that says nothing
TURN_SECONDS = 1.0  # that one turn lasts, so that others have theirs
AT_ONCE = 50  # events in one turn
MOST_OUTCOMES = 20  # alerts of one event whose outcome is kept with it

_BEGIN = """
UPDATE alerts_integration SET turn = %(turn)s, turn_until = %(until)s, served_at = %(now)s WHERE id = (
  SELECT i.id FROM alerts_integration i
  WHERE (i.turn IS NULL OR i.turn_until <= %(now)s) AND EXISTS (
    SELECT 1 FROM alerts_event e WHERE e.integration_id = i.id AND e.state = 'stored' AND e.due_at <= %(now)s)
  ORDER BY i.served_at NULLS FIRST, i.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id
"""
_CLAIM = """
UPDATE alerts_event SET attempts = attempts + 1, due_at = %(now)s + least(
    %(first)s * power(3, least(attempts, 8)), %(longest)s)
WHERE id = ANY(%(ids)s) AND state = 'stored' RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Turn:
    integration: UUID
    token: UUID
    events: list[int]


def take_due(*, now: datetime, limit: int = AT_ONCE, going_on: Callable[[], bool] = lambda: True) -> int:
    """Take one turn: up to `limit` events of the integration that has waited longest. Return how many were looked at.

    Safe beside other workers. `going_on` is asked between events.
    """
    turn = _begin(now, limit)
    if turn is None:
        return 0
    end = steady_seconds() + TURN_SECONDS
    done = 0
    try:
        for event in turn.events:
            if done and (steady_seconds() > end or not going_on()):
                break
            if not take(event_id=event, turn=turn.token, now=now):
                break  # somebody else has the turn by now
            done += 1
    finally:
        _end(turn, turn.events[done:], now)
    return done


@transaction.atomic
def _begin(now: datetime, limit: int) -> Turn | None:
    with connection.cursor() as cursor:
        token = uuid4()
        cursor.execute(_BEGIN, {"turn": token, "until": now + TURN, "now": now})
        row = cursor.fetchone()
        if row is None:
            return None
        due = Event.objects.filter(integration=row[0], state=EventState.STORED, due_at__lte=now).order_by("id")
        found = list(due.values_list("id", "attempts")[:limit])
        worn = [pk for pk, attempts in found if attempts >= MOST_ATTEMPTS]
        _give_up(worn, now)
        found = [one for one in found if one[0] not in worn]
        suspect = bool(found) and found[0][1] >= ALONE_AFTER
        found = found[:1] if suspect else [one for one in found if one[1] < ALONE_AFTER]
        ids = [pk for pk, _ in found]
        terms: dict[str, Any] = {"ids": ids, "now": now, "first": FIRST_PAUSE, "longest": LONGEST_PAUSE}
        cursor.execute(_CLAIM, terms)
    return Turn(row[0], token, ids)


def _give_up(worn: list[int], now: datetime) -> None:
    """Set events aside that were begun too often and ended the worker each time."""
    if worn:
        Event.objects.filter(pk__in=worn).update(
            state=EventState.FAILED, due_at=None, done_at=now,
            reason=f"It was begun {MOST_ATTEMPTS} times and never came to an end.",
        )  # fmt: skip


@transaction.atomic
def _end(turn: Turn, left: list[int], now: datetime) -> None:
    """Give the turn back, and what was not reached: it was no try."""
    ours = Integration.objects.filter(pk=turn.integration, turn=turn.token)
    if ours.update(turn=None, turn_until=None) and left:
        Event.objects.filter(pk__in=left, state=EventState.STORED).update(due_at=now, attempts=F("attempts") - 1)


def take(*, event_id: int, turn: UUID, now: datetime) -> bool:
    """Take one event in. Return False if the turn is not ours any more. Raises when the database does not answer."""
    try:
        ours = _act(event_id, turn, now)
    except (OperationalError, InterfaceError):
        raise
    except Unreadable as unreadable:
        return _set_aside(event_id, turn, EventState.UNREADABLE, str(unreadable), now)
    except TocsinError as refused:
        return _set_aside(event_id, turn, EventState.FAILED, refused.message, now)
    except Exception as error:
        return _after_failure(event_id, turn, error, now)
    failpoint("events.committed")
    return ours


@transaction.atomic
def _act(event_id: int, turn: UUID, now: datetime) -> bool:
    held = _hold(event_id, turn)
    if held is None:
        return False
    integration, event = held
    if event is None:
        return True
    if not integration.enabled and not event.is_test:
        _finish(event, EventState.IGNORED, "The integration is paused. Take it in by Retry.", now)
        return True
    alerts = read(integration.kind, decode(bytes(event.body), event.content_type), integration.mapping)
    lock_tickets(integration, alerts)
    outcome = [take_alert(integration=integration, alert=alert, event_id=event.pk, now=now) for alert in alerts]
    count(tickets=[one.ticket_id for one in outcome if one.fires], actor=actor_of(integration), at=event.received_at)
    failpoint("events.before_commit")
    event.outcome = [one.as_dict() for one in outcome[:MOST_OUTCOMES]]
    state = EventState.TAKEN if any(one.acted for one in outcome) else EventState.IGNORED
    told = ", ".join(dict.fromkeys(str(one.did) for one in outcome))
    _finish(event, state, f"{len(outcome)} {'alert' if len(outcome) == 1 else 'alerts'}: {told}", now)
    return True


def _hold(event_id: int, turn: UUID) -> tuple[Integration, Event | None] | None:
    """Lock integration and event, in this order. None if the turn is not ours; no event if it was dealt with."""
    rows = Integration.objects.select_for_update(of=("self",), no_key=True)
    integration = rows.filter(turn=turn).first()
    if integration is None:
        return None
    waiting = Event.objects.select_for_update(of=("self",)).filter(pk=event_id, integration=integration)
    return integration, waiting.filter(state=EventState.STORED).first()


def _finish(event: Event, state: EventState, reason: str, now: datetime) -> None:
    event.state, event.reason, event.due_at, event.done_at = state, reason[:500].replace("\x00", ""), None, now
    event.save(update_fields=["state", "reason", "due_at", "done_at", "outcome"])


@transaction.atomic
def _set_aside(event_id: int, turn: UUID, state: EventState, reason: str, now: datetime) -> bool:
    held = _hold(event_id, turn)
    if held is None:
        return False
    if held[1] is not None:
        _finish(held[1], state, reason, now)
    return True


def _after_failure(event_id: int, turn: UUID, error: Exception, now: datetime) -> bool:
    """Leave it for a later try, as its claim has arranged; after the last one a person sees to it."""
    log.exception("an event could not be taken in", number=event_id)
    event = Event.objects.get(pk=event_id)
    said = f"{type(error).__name__}: {error}"[:400].replace("\x00", "")
    if event.attempts >= MOST_ATTEMPTS:
        return _set_aside(event_id, turn, EventState.FAILED, f"It could not be taken in. {said}", now)
    Event.objects.filter(pk=event_id, state=EventState.STORED).update(reason=said)
    return True


def forget_old(*, now: datetime) -> int:
    """Delete events that were dealt with long ago, and what only serves to know them again. Return how many went."""
    before = now - timedelta(days=settings.EVENT_KEEP_DAYS)
    done = (EventState.TAKEN, EventState.IGNORED, EventState.DISMISSED)
    old = Event.objects.filter(state__in=done, received_at__lt=before).order_by("id").values_list("pk", flat=True)
    count, _ = Event.objects.filter(pk__in=list(old[:5_000])).delete()
    SeenMessage.objects.filter(at__lt=before).delete()
    Telling.objects.filter(at__lt=before).delete()
    return count
