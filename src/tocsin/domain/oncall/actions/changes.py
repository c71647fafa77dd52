"""Overrides and one-off shifts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.oncall.actions.recording import changed, check_span, check_worker, locked
from tocsin.domain.oncall.models import Override, Schedule, Shift
from tocsin.domain.oncall.rules import may_edit_schedule, may_put_on_duty
from tocsin.domain.people.actions.checking import demand, words
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff
from tocsin.kernel.errors import InvalidInput, NotFound
from tocsin.kernel.ids import new_id

MOST_IMPORTED = 5_000
PUTTING = "You can take duty upon yourself; leads and those who run the schedule can give it to others."


@dataclass(frozen=True, slots=True)
class NewShift:
    """A shift to be imported. `source` names the file's event."""

    person: User
    starts_at: datetime
    ends_at: datetime
    reason: str
    source: str


@transaction.atomic
def add_override(
    *,
    schedule_id: UUID,
    person: User,
    starts_at: datetime,
    ends_at: datetime,
    by: User | None,
    now: datetime,
    layer: str = "",
    instead_of: User | None = None,
    reason: str = "",
    actor: str | None = None,
) -> Override:
    """Put `person` on call instead of everybody, of the people of `layer`, or of one person.

    The one made last counts. One that began before `now` counts from `now` on: history stays. Raises InvalidInput for
    a time that is over, a layer that is not there, both a layer and a person, or somebody who does not work here.
    """
    row = locked(schedule_id)
    _demand_duty(row, person, by)
    check_worker("person", person)
    check_span(starts_at, ends_at, now)
    starts_at = max(starts_at, now)
    if layer and instead_of is not None:
        problem = "Name a layer or a person to be replaced, not both."
        raise InvalidInput("layer_or_person", problem, {"layer": problem})
    if instead_of is not None and instead_of.pk == person.pk:
        problem = "Nobody can replace themselves."
        raise InvalidInput("same_person", problem, {"instead_of": problem})
    if layer and not row.layers.filter(name=layer, valid_until=None).exists():
        problem = f"There is no layer {layer!r} in this schedule."
        raise InvalidInput("no_layer", problem, {"layer": problem})
    override = Override.objects.create(
        id=new_id(), schedule=row, person=person, starts_at=starts_at, ends_at=ends_at, layer=layer, made_by=by,
        made_at=now, instead_of=instead_of, reason=words("reason", reason, limit=200, required=False),
    )  # fmt: skip
    told = {"override": override.pk, "person": person.pk, "starts_at": starts_at, "ends_at": ends_at}
    told |= {"layer": layer, "instead_of": instead_of and instead_of.pk}
    changed(row, "schedule.override_added", by, actor, now, told)
    return override


@transaction.atomic
def end_override(*, override_id: UUID, by: User | None, now: datetime, actor: str | None = None) -> None:
    """End an override now; one that has not begun is removed, one that is over stays. Raises NotFound, NotAllowed."""
    schedule_id = Override.objects.filter(pk=override_id).values_list("schedule", flat=True).first()
    schedule = locked(_there(schedule_id))
    row = Override.objects.select_related("person").get(pk=override_id)
    if by is None or by.pk != row.made_by_id:
        demand(by, may_put_on_duty, PUTTING, schedule)
    _end(row, schedule, "schedule.override_ended", {"override": row.pk}, by, actor, now)


@transaction.atomic
def add_shift(
    *,
    schedule_id: UUID,
    person: User,
    starts_at: datetime,
    ends_at: datetime,
    by: User | None,
    now: datetime,
    reason: str = "",
    actor: str | None = None,
) -> Shift:
    """Put `person` on call once, as well as whoever is on. Raises InvalidInput, NotAllowed."""
    row = locked(schedule_id)
    _demand_duty(row, person, by)
    check_worker("person", person)
    check_span(starts_at, ends_at, now)
    starts_at = max(starts_at, now)
    shift = Shift.objects.create(
        id=new_id(), schedule=row, person=person, starts_at=starts_at, ends_at=ends_at, made_by=by, made_at=now,
        reason=words("reason", reason, limit=200, required=False),
    )  # fmt: skip
    told = {"shift": shift.pk, "person": person.pk, "starts_at": starts_at, "ends_at": ends_at}
    changed(row, "schedule.shift_added", by, actor, now, told)
    return shift


@transaction.atomic
def end_shift(*, shift_id: UUID, by: User | None, now: datetime, actor: str | None = None) -> None:
    """End a one-off shift now; one that has not begun is removed, one that is over stays."""
    schedule_id = Shift.objects.filter(pk=shift_id).values_list("schedule", flat=True).first()
    schedule = locked(_there(schedule_id))
    row = Shift.objects.get(pk=shift_id)
    if by is None or by.pk != row.made_by_id:
        demand(by, may_put_on_duty, PUTTING, schedule)
    _end(row, schedule, "schedule.shift_ended", {"shift": row.pk}, by, actor, now)


@transaction.atomic
def replace_imported(
    *,
    schedule_id: UUID,
    source: str,
    shifts: Sequence[NewShift],
    by: User | None,
    now: datetime,
    actor: str | None = None,
) -> int:
    """Let these be the shifts that come from `source` (a calendar's name) from `now` on; return how many there are.

    Importing the same file again changes nothing; what has begun before stays as it was. Raises InvalidInput.
    """
    row = locked(schedule_id)
    demand(by, may_edit_schedule, "Only those who run the schedule can import shifts into it.", row)
    if len(shifts) > MOST_IMPORTED:
        problem = f"The calendar has {len(shifts)} shifts; {MOST_IMPORTED} are allowed. Import a shorter time."
        raise InvalidInput("too_many", problem, {"text": problem})
    prefix = f"{words('source', source, limit=30)}:"
    for shift in shifts:
        check_worker("person", shift.person)
        check_span(shift.starts_at, shift.ends_at)
    row.shifts.filter(source__startswith=prefix, starts_at__gte=now).delete()
    begun = set(row.shifts.filter(source__startswith=prefix).values_list("source", "starts_at"))
    coming = [s for s in shifts if s.ends_at > now and (f"{prefix}{s.source}"[:80], s.starts_at) not in begun]
    Shift.objects.bulk_create(
        Shift(
            id=new_id(), schedule=row, person=s.person, starts_at=s.starts_at, ends_at=s.ends_at,
            reason=words("reason", s.reason[:200], limit=200, required=False), source=f"{prefix}{s.source}"[:80],
            made_by=by, made_at=now,
        )
        for s in coming
    )  # fmt: skip
    changed(row, "schedule.shifts_imported", by, actor, now, {"source": source, "shifts": len(coming)})
    return len(coming)


def _demand_duty(schedule: Schedule, person: User, by: User | None) -> None:
    if by is not None and by.pk == person.pk and is_staff.test(by):
        return
    demand(by, may_put_on_duty, PUTTING, schedule)


def _there(schedule_id: UUID | None) -> UUID:
    if schedule_id is None:
        raise NotFound("change_not_found", "It is not there any more.")
    return schedule_id


def _end(
    row: Override | Shift, schedule: Schedule, kind: str, told: dict[str, object], by: User | None, actor: str | None,
    now: datetime,
) -> None:  # fmt: skip
    if row.ends_at <= now:
        return
    if row.starts_at < now:
        row.ends_at = now
        row.save(update_fields=["ends_at"])
    else:
        row.delete()
    changed(schedule, kind, by, actor, now, told)
