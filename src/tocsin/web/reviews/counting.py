"""The counts beside the tabs of reviews."""

from datetime import datetime

from django.utils import timezone

from tocsin.domain.people.models import User
from tocsin.domain.reviews import queries


def tabs(user: User, now: datetime) -> dict[str, int]:
    """Return what waits behind the tabs: actions that are overdue, escalations to close."""
    counts = queries.action_counts(user, today=timezone.localdate(now))
    return {"overdue": counts["overdue"], "open": counts["open"], "to_close": queries.to_close_count(user)}
