"""Two on one review: who else is on it now, and what its fields say as texts that can be compared."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tocsin.domain.people.models import User
from tocsin.domain.reviews.models import Review, Writing

STALE = timedelta(seconds=60)  # pages say so every 20 s
FIELDS = ("title", "summary", "went_well", "agenda", "facilitator", "meeting_at", "mitigated_at", "participants")


def values_of(review: Review) -> dict[str, str]:
    """Return the fields that `actions.write` writes, as texts for logic.together."""
    values = {name: getattr(review, name) for name in FIELDS if name != "participants"}
    return {name: as_text(value) for name, value in values.items()} | {
        "participants": as_text(list(review.participants.all()))
    }


def as_text(value: Any) -> str:
    """Return a field's value as a text: people by id, instants in UTC to the minute, as forms give them."""
    if isinstance(value, list):
        return " ".join(sorted(str(one.pk) for one in value))
    if isinstance(value, User):
        return str(value.pk)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
    return str(value or "")


def others_on(review_id: UUID, user: User, now: datetime) -> list[Writing]:
    """Return who else has the review open now, those who write first."""
    found = Writing.objects.filter(review=review_id, seen_at__gt=now - STALE).exclude(user=user).select_related("user")
    return sorted(found.order_by("user__name")[:20], key=lambda one: not one.part)
