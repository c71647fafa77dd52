"""Time-driven triggers: each waits as a row with its due instant, kept true as tickets and clocks change."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from tocsin.domain.escalation import policies
from tocsin.domain.escalation.actions.firing import fire
from tocsin.domain.escalation.actions.locking import locked_ticket, maintenance_until
from tocsin.domain.escalation.facts import facts_of, trigger_facts
from tocsin.domain.escalation.logic import conditions
from tocsin.domain.escalation.logic.policy import TIME_DRIVEN, Trigger
from tocsin.domain.escalation.logic.triggers import Fired, Instant, TriggerFacts, due, has_fired
from tocsin.domain.escalation.logic.view import TicketView
from tocsin.domain.escalation.models import Watch
from tocsin.domain.escalation.policies import Published
from tocsin.domain.escalation.ticket_views import seen_tickets, views_of
from tocsin.domain.journal.actions import record
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket
from tocsin.kernel.doorbell import DUE, ring

log = structlog.get_logger()

type _Key = tuple[UUID, UUID, str]  # ticket, policy, key of the trigger

IN_WORDS = {
    "clock_at": "a clock reached its mark",
    "clock_breached": "a promise was broken",
    "clock_overdue_by": "a broken promise went on",
    "unassigned_for": "nobody took the ticket",
    "no_public_update_for": "the customer heard nothing",
    "owner_silent_for": "the owner has been silent since acknowledging",
    "waiting_at_line_for": "the ticket waited at one line",
}


def sync_watches(*, ticket_ids: Sequence[UUID], now: datetime) -> None:
    """Bring the watches of these tickets in line with what is true now. Call within the changing transaction."""
    live = policies.live()
    rules = [(p, t) for p in live for t in p.content.triggers if t.kind in TIME_DRIVEN]
    # Events that a maintenance window deferred wait here too, for its end; they are not computed from facts.
    deferred = {(p.id, t.key) for p in live for t in p.content.triggers if t.kind not in TIME_DRIVEN}
    known = {(w.ticket_id, w.policy_id, w.trigger): w for w in Watch.objects.filter(ticket_id__in=ticket_ids)}
    known = {key: watch for key, watch in known.items() if key[1:] not in deferred}
    if not rules and not known:
        return
    tickets = list(seen_tickets(ticket_ids))
    facts = facts_of(tickets)
    views = views_of((ticket for ticket in tickets if ticket.pk in facts), now) if rules else {}
    _write(_wanted(rules, facts, views, known), known)


def arm_opened(*, ticket: Ticket, live: Sequence[Published], now: datetime) -> None:
    """Arm the watches of a ticket that was opened at this moment (with its people): it has none yet."""
    rules = [(p, t) for p in live for t in p.content.triggers if t.kind in TIME_DRIVEN]
    if rules:
        facts, views = facts_of([ticket], opened=True), views_of([ticket], now, opened=True)
        _write(_wanted(rules, facts, views, {}), {})


def _wanted(
    rules: Sequence[tuple[Published, Trigger]], facts: Mapping[UUID, TriggerFacts], views: Mapping[UUID, TicketView],
    known: Mapping[_Key, Watch],
) -> dict[_Key, datetime | None]:  # fmt: skip
    """Return when each watch that there should be is due; None: as things stand it cannot come."""
    found: dict[_Key, datetime | None] = {}
    for ticket_id, fact in facts.items():
        matching: dict[UUID, bool] = {}
        for policy, trigger in rules:
            if policy.id not in matching:
                matching[policy.id] = conditions.holds(policy.content.match, views[ticket_id])
            if matching[policy.id]:
                key = (ticket_id, policy.id, trigger.key)
                found[key] = _due_at(trigger, fact, known.get(key))
    return found


def _due_at(trigger: Trigger, facts: TriggerFacts, watch: Watch | None) -> datetime | None:
    instant = due(trigger, facts)
    if instant is None or has_fired(instant, _fired(watch)):
        return None
    return instant.due_at


def _fired(watch: Watch | None) -> Fired | None:
    return Fired(watch.fired_anchor, watch.fired_mark) if watch is not None and watch.fired_at else None


def _write(wanted: dict[_Key, datetime | None], known: dict[_Key, Watch]) -> None:
    new = [
        Watch(ticket_id=key[0], policy_id=key[1], trigger=key[2], due_at=at)
        for key, at in wanted.items()
        if key not in known and at is not None
    ]
    moved = []
    for key, watch in known.items():
        at = wanted.get(key)
        if watch.due_at != at:
            watch.due_at = at
            moved.append(watch)
    if new:
        _keep(new)
    if moved:
        Watch.objects.bulk_update(moved, ["due_at"], batch_size=500)
    if any(watch.due_at for watch in (*new, *moved)):
        ring(connection, DUE)


_KEEP = """
INSERT INTO escalation_watch (id, ticket_id, policy_id, trigger, due_at)
SELECT id, ticket_id, policy_id, trigger, due_at FROM json_to_recordset(%s::json)
AS n(id uuid, ticket_id uuid, policy_id uuid, trigger text, due_at timestamptz)
ON CONFLICT DO NOTHING
"""


def _keep(new: Sequence[Watch]) -> None:
    """Insert watches that are not there yet, as one JSON text: every ticket that is opened has some."""
    rows = [
        {
            "id": str(one.pk), "ticket_id": str(one.ticket_id), "policy_id": str(one.policy_id), "trigger": one.trigger,
            "due_at": one.due_at.isoformat() if one.due_at else None,
        }
        for one in new
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [json.dumps(rows)])


def fire_watches(*, now: datetime, limit: int = 200) -> int:
    """Fire the watches that are due at `now` (the database's clock). Return how many were dealt with.

    Each watch is one transaction: a trigger that cannot be evaluated keeps no other from firing.
    """
    rows = Watch.objects.filter(due_at__lte=now).order_by("due_at").values_list("pk", "ticket_id")[:limit]
    done = 0
    for watch_id, ticket_id in list(rows):
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1 FROM tickets_ticket WHERE id = %s FOR UPDATE SKIP LOCKED", [ticket_id])
                    if cursor.fetchone() is None:
                        continue
                watch = Watch.objects.select_related("policy").filter(pk=watch_id, due_at__lte=now).first()
                if watch is not None:
                    _fire_one(watch, now)
                    done += 1
        except (OperationalError, InterfaceError):
            raise  # the database's trouble is no watch's fault: put to rest for it, the trigger would be lost
        except Exception as error:
            log.exception("watch.failed", watch=str(watch_id))
            _give_up(watch_id, ticket_id, now, error)
    return done


def _fire_one(watch: Watch, now: datetime) -> None:
    ticket = locked_ticket(watch.ticket_id)
    published, trigger = _rule(watch)
    facts = trigger_facts([ticket.pk]).get(ticket.pk)
    instant = due(trigger, facts) if trigger and facts else None
    if published is None or trigger is None or ticket.status not in OPEN_STATUSES:
        _rest(watch, None)
        return
    if trigger.kind in TIME_DRIVEN and (instant is None or has_fired(instant, _fired(watch))):
        _rest(watch, None)
        return
    if instant is not None and instant.due_at > now:
        _rest(watch, instant.due_at)
        return
    until = maintenance_until(ticket, now)
    if until is not None:
        data = {"policy": published.content.slug, "trigger": trigger.key, "until": until.isoformat()}
        record(stream=f"ticket:{ticket.pk}", kind="trigger.deferred", actor="engine", at=now, data=data)
        _rest(watch, until)
        return
    _mark_fired(watch, instant, now)
    fire(ticket=ticket, published=published, trigger=trigger, why=_why(trigger), actor="engine", now=now)


def _why(trigger: Trigger) -> str:
    return IN_WORDS.get(str(trigger.kind), "what a maintenance window deferred is still so")


def _rule(watch: Watch) -> tuple[Published | None, Trigger | None]:
    for policy in policies.live():
        if policy.id == watch.policy_id:
            return policy, next((t for t in policy.content.triggers if t.key == watch.trigger), None)
    return None, None


def _rest(watch: Watch, due_at: datetime | None) -> None:
    watch.due_at = due_at
    watch.save(update_fields=["due_at"])


def _mark_fired(watch: Watch, instant: Instant | None, now: datetime) -> None:
    watch.due_at, watch.fired_at = None, now
    if instant is not None:
        watch.fired_anchor, watch.fired_mark = instant.anchor, instant.mark
    watch.save()


def _give_up(watch_id: UUID, ticket_id: UUID, now: datetime, error: Exception) -> None:
    """A watch that fails is put to rest with an alarm; the next change of its ticket arms it again."""
    with transaction.atomic():
        Watch.objects.filter(pk=watch_id).update(due_at=None)
        data = {"ticket": str(ticket_id), "watch": str(watch_id), "error": f"{type(error).__name__}: {error}"[:300]}
        record(stream="system", kind="alarm.watch", actor="engine", at=now, data=data)


def next_watch_due() -> datetime | None:
    """When the next watch is due, or None."""
    return Watch.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first()
