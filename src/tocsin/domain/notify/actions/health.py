"""The engine's loops say that they live."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from tocsin.domain.notify.models import Heartbeat


def beat(*, name: str, now: datetime, data: Mapping[str, Any] | None = None) -> None:
    """Note that the loop `name` finished a round at `now`, with what it wants to be known. Never moves back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notify_heartbeat (name, at, data) VALUES (%s, %s, %s::jsonb) ON CONFLICT (name) DO UPDATE"
            " SET at = EXCLUDED.at, data = EXCLUDED.data WHERE notify_heartbeat.at <= EXCLUDED.at",
            [name, now, json.dumps(dict(data or {}))],
        )


def forget_beats(*, before: datetime) -> int:
    """Delete beats of loops not heard of since `before` (processes that ended long ago); return how many."""
    deleted, _ = Heartbeat.objects.filter(at__lt=before).exclude(name="auditor").delete()
    return deleted


FORGET_AFTER = timedelta(days=1)
