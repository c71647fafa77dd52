"""Who is told that a task is overdue: its owner first, then the owner of the escalation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

PATIENCE = timedelta(minutes=15)  # between the notice to the task's owner and the one to the escalation's


@dataclass(frozen=True, slots=True)
class Notice:
    """Whom to tell now, and when to look again."""

    person: UUID | None
    next_at: datetime | None


def first_notice(due_at: datetime | None) -> datetime | None:
    """Return when the first notice of a task is due: the moment its time is over."""
    return due_at


def notice(*, sent: int, owner: UUID | None, escalation_owner: UUID | None, at: datetime) -> Notice:
    """Return whom to tell when a notice falls due at `at`, after `sent` earlier ones.

    A task that nobody owns, and one of the escalation's own owner, has one notice only: there is nobody else to tell.
    """
    if sent == 0 and owner is not None:
        follows = escalation_owner is not None and escalation_owner != owner
        return Notice(owner, at + PATIENCE if follows else None)
    return Notice(escalation_owner, None)
