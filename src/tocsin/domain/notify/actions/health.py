"""The engine's loops say that they live, and the auditor what it has found."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.models import Heartbeat

AUDITOR = "auditor"
BEAT_OUTSIDE = "outside"  # when the dead-man's switch was last told
FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Audit:
    """What has changed since the auditor (of whichever process) looked last."""

    began: tuple[str, ...]  # sources that are overdue now and were not
    ended: tuple[str, ...]  # sources that have caught up


def beat(*, name: str, now: datetime, data: Mapping[str, Any] | None = None) -> None:
    """Note that the loop `name` finished a round at `now`, with what it wants to be known. Never moves back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notify_heartbeat (name, at, data) VALUES (%s, %s, %s::jsonb) ON CONFLICT (name) DO UPDATE"
            " SET at = EXCLUDED.at, data = EXCLUDED.data WHERE notify_heartbeat.at <= EXCLUDED.at",
            [name, now, json.dumps(dict(data or {}))],
        )


def record_audit(*, overdue: Mapping[str, float], now: datetime) -> Audit:
    """Leave the auditor's beat with what is overdue ({source: seconds}), and return what that changes.

    Journalled on "system" when something begins or ceases to be overdue, once, however many auditors look.
    """
    with transaction.atomic():
        Heartbeat.objects.get_or_create(name=AUDITOR, defaults={"at": now})
        last = Heartbeat.objects.select_for_update().get(name=AUDITOR)
        known = set(last.data.get("overdue", {}))
        began, ended = tuple(sorted(overdue.keys() - known)), tuple(sorted(known - overdue.keys()))
        rounded = {name: round(seconds, 1) for name, seconds in overdue.items()}
        beat(name=AUDITOR, now=max(now, last.at), data={"overdue": rounded})
        if began:
            data = {"overdue": rounded, "new": list(began)}
            record(stream="system", kind="audit.overdue", actor="engine", at=now, data=data)
        if ended:
            data = {"overdue": rounded, "caught_up": list(ended)}
            record(stream="system", kind="audit.caught_up", actor="engine", at=now, data=data)
    return Audit(began, ended)


def forget_beats(*, before: datetime) -> int:
    """Delete beats of loops not heard of since `before` (processes that ended long ago); return how many."""
    deleted, _ = Heartbeat.objects.filter(at__lt=before).exclude(name=AUDITOR).delete()
    return deleted
