"""Alerts of monitoring as a trigger: so many of one ticket within a window (SEMANTICS 3)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from tocsin.domain.escalation import policies
from tocsin.domain.escalation.actions.firing import look_at
from tocsin.domain.escalation.logic.policy import Trigger, TriggerKind
from tocsin.domain.escalation.logic.triggers import Happening, fires
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.escalation.policies import Published
from tocsin.domain.journal.models import Entry

JUDGED = ("trigger.fired", "trigger.not_fired", "trigger.deferred")


def alert_window() -> timedelta:
    """Return the longest window in which any live policy counts alerts; zero if none does, so none need be counted."""
    return max((trigger.within for _, trigger in _counting(policies.live())), default=timedelta())


def judge_alerts(*, ticket_id: UUID, told: Sequence[datetime], actor: str, now: datetime) -> list[Escalation]:
    """Hold the alerts told of a ticket against the triggers that count them; return what began. In the alert's transaction.

    `told`: when each came, of at least `alert_window`. A trigger that has been judged (fired, refused or deferred) is
    not judged again before its window has passed: a storm writes one line in the journal, not one for each alert.
    """
    happening = Happening(kind="alert", told=told, at=now)
    live = policies.live()
    due = [
        published
        for published, trigger in _counting(live)
        if fires(trigger, happening) and not _judged(ticket_id, published, trigger, now)
    ]
    once = list({published.id: published for published in due}.values())
    return look_at(ticket_id=ticket_id, happening=happening, actor=actor, now=now, live=once) if once else []


def _counting(live: Sequence[Published]) -> list[tuple[Published, Trigger]]:
    return [
        (published, trigger)
        for published in live
        for trigger in published.content.triggers
        if trigger.kind is TriggerKind.ALERT_COUNT
    ]


def _judged(ticket_id: UUID, published: Published, trigger: Trigger, now: datetime) -> bool:
    said = Entry.objects.filter(stream=f"ticket:{ticket_id}", kind__in=JUDGED, at__gt=now - trigger.within)
    return said.filter(data__policy=published.content.slug, data__trigger=trigger.key).exists()
