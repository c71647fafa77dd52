"""What the acts on schedules share: the lock, the stamp, the journal, the event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.domain.journal.publish import publish
from tocsin.domain.oncall.events import ScheduleChanged
from tocsin.domain.oncall.models import Schedule
from tocsin.domain.people.actions.checking import actor_of, tell
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.kernel.errors import InvalidInput, NotFound
from tocsin.kernel.ids import new_id


def locked(schedule_id: UUID) -> Schedule:
    """Return the schedule, locked, with its team. Raises NotFound."""
    row = Schedule.objects.select_for_update(of=("self",)).select_related("team").filter(pk=schedule_id).first()
    if row is None:
        raise NotFound("schedule_not_found", "There is no such schedule.")
    return row


def changed(
    schedule: Schedule, kind: str, by: User | None, actor: str | None, now: datetime, data: Mapping[str, Any]
) -> None:
    """Give the schedule a new stamp, journal the change and tell who listens."""
    schedule.stamp = new_id()
    schedule.save(update_fields=["stamp"])
    who = actor_of(by, actor)
    tell(f"schedule:{schedule.slug}", kind, who, now, data)
    publish(ScheduleChanged(at=now, actor=who, schedule_id=schedule.pk))


def check_span(starts_at: datetime, ends_at: datetime, now: datetime | None = None) -> None:
    """Raise InvalidInput unless both have a zone, the end is after the start and, with `now`, not yet over."""
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        problem = "Give both times with a zone."
    elif ends_at <= starts_at:
        problem = "The end must be after the start."
    elif now is not None and ends_at <= now:
        problem = "The end has passed already. Who was on call then is history."
    else:
        return
    raise InvalidInput("bad_span", problem, {"ends_at": problem})


def check_worker(field: str, person: User) -> None:
    """Raise InvalidInput unless this is an active member of staff."""
    if not is_staff.test(person):
        problem = f"{person.name} is not an active member of staff. Choose somebody who is."
        raise InvalidInput("not_staff", problem, {field: problem})
