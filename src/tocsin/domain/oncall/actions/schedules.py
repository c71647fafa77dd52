"""Schedules and their layers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tocsin.domain.oncall.actions.recording import changed, locked
from tocsin.domain.oncall.logic import schedule as pure
from tocsin.domain.oncall.logic.definition import check_layers, rotation_to_json
from tocsin.domain.oncall.models import Layer, Schedule
from tocsin.domain.oncall.queries import layer_from
from tocsin.domain.oncall.rules import may_create_schedule, may_edit_schedule
from tocsin.domain.people.actions.checking import demand, short_name, words, zone_name
from tocsin.domain.people.models import Team, User
from tocsin.domain.people.rules import is_staff
from tocsin.kernel.errors import Conflict, InvalidInput
from tocsin.kernel.ids import new_id

EDITORS = "Only the lead or escalation manager of the schedule's team, or an administrator, can change it."
FIELDS = frozenset({"name", "zone", "team"})


@transaction.atomic
def create_schedule(
    *,
    name: str,
    slug: str,
    zone: str,
    by: User | None,
    now: datetime,
    team: Team | None = None,
    layers: Sequence[pure.Layer] = (),
    is_demo: bool = False,
    actor: str | None = None,
) -> Schedule:
    """Add a schedule, with its layers if they are known already (valid for all time).

    Raises Conflict if the name or slug is taken, InvalidInput for an unknown zone or layers that cannot be.
    """
    demand(by, may_create_schedule, "Only leads, escalation managers and administrators can add schedules.")
    row = Schedule(
        id=new_id(), name=words("name", name, limit=120), slug=short_name(slug), zone=zone_name(zone), team=team,
        is_demo=is_demo,
    )  # fmt: skip
    _check_free(row, "name", "slug")
    row.save(force_insert=True)
    _add(row, layers, 0, None)
    changed(row, "schedule.created", by, actor, now, {"schedule": row.pk, "zone": row.zone, "layers": _told(layers)})
    return row


@transaction.atomic
def edit_schedule(
    *, schedule_id: UUID, by: User | None, now: datetime, actor: str | None = None, **fields: Any
) -> Schedule:
    """Change name, zone or team. A new zone moves the hand-overs of layers without a zone of their own, past ones too.

    The slug stays: policies name the schedule by it. Raises InvalidInput for other fields, Conflict for a taken name.
    """
    row = locked(schedule_id)
    demand(by, may_edit_schedule, EDITORS, row)
    if unknown := sorted(set(fields) - FIELDS):
        problem = f"Choose among {', '.join(sorted(FIELDS))}."
        raise InvalidInput("bad_field", f"{', '.join(unknown)} cannot be changed here. {problem}")
    if "name" in fields:
        row.name = words("name", fields["name"], limit=120)
        _check_free(row, "name")
    if "zone" in fields:
        row.zone = zone_name(fields["zone"])
    if "team" in fields:
        row.team = fields["team"]
    row.save(update_fields=["name", "zone", "team"])
    changed(row, "schedule.edited", by, actor, now, {"zone": row.zone, "team": row.team_id})
    return row


@transaction.atomic
def set_layers(
    *, schedule_id: UUID, layers: Sequence[pure.Layer], by: User | None, now: datetime, actor: str | None = None
) -> None:
    """Let these be the layers from `now` on, the first being asked first. Those before stay true for the past.

    A layer that is the same as before, at the same place, goes on untouched. In a changed one the turns count from the rotation's own
    `starts`, so that a change of hours, say, leaves everybody's turn where it was. Raises InvalidInput.
    """
    row = locked(schedule_id)
    demand(by, may_edit_schedule, EDITORS, row)
    check_layers(layers)
    current = list(row.layers.filter(valid_until=None))
    wanted = [(position, _bare(layer)) for position, layer in enumerate(layers)]
    said = {(layer.position, _bare(layer_from(layer))): layer for layer in current}
    for place, stored in said.items():
        if place not in wanted:
            _end(stored, now)
    for position, layer in wanted:
        if (position, layer) not in said:
            _add(row, [layer], position, now if current else None)
    changed(row, "schedule.layers_set", by, actor, now, {"layers": _told(layers)})


@transaction.atomic
def set_layer(
    *, schedule_id: UUID, layer: pure.Layer, by: User | None, now: datetime, actor: str | None = None
) -> None:
    """Replace the layer of this name, or add it as the last, from `now` on. Raises InvalidInput."""
    locked(schedule_id)
    present = [
        layer_from(row) for row in Layer.objects.filter(schedule=schedule_id, valid_until=None).order_by("position")
    ]
    names = [one.name for one in present]
    layers = [layer if one.name == layer.name else one for one in present]
    if layer.name not in names:
        layers.append(layer)
    set_layers(schedule_id=schedule_id, layers=layers, by=by, now=now, actor=actor)


def _bare(layer: pure.Layer) -> pure.Layer:
    return replace(layer, valid_from=None, valid_until=None)


def _end(layer: Layer, now: datetime) -> None:
    """End a layer now; one that has not begun (or began at this very instant) leaves no trace."""
    if layer.valid_from is not None and layer.valid_from >= now:
        layer.delete()
    else:
        layer.valid_until = now
        layer.save(update_fields=["valid_until"])


def _add(schedule: Schedule, layers: Sequence[pure.Layer], first: int, valid_from: datetime | None) -> None:
    check_layers(layers)
    named = {person for layer in layers for rotation in layer.rotations for crew in rotation.crews for person in crew}
    people = _workers(named)
    for position, layer in enumerate(layers, start=first):
        row = Layer.objects.create(
            schedule=schedule, position=position, name=layer.name, zone=layer.zone, valid_from=valid_from,
            rotations=[rotation_to_json(rotation) for rotation in layer.rotations],
        )  # fmt: skip
        row.people.set({people[p] for rotation in layer.rotations for crew in rotation.crews for p in crew})


def _workers(named: set[str]) -> dict[str, User]:
    """Return {id as text: person}. Raises InvalidInput unless all are active members of staff."""
    try:
        found = {str(user.pk): user for user in User.objects.filter(pk__in=[UUID(person) for person in named])}
    except ValueError:
        found = {}
    wrong = [person for person in named if person not in found or not is_staff.test(found[person])]
    if wrong:
        names = ", ".join(sorted(found[person].name if person in found else person for person in wrong))
        problem = f"{names}: not an active member of staff. Choose somebody who is."
        raise InvalidInput("not_staff", problem, {"layers": problem})
    return found


def _check_free(row: Schedule, *fields: str) -> None:
    for field in fields:
        if Schedule.objects.exclude(pk=row.pk).filter(**{f"{field}__iexact": getattr(row, field)}).exists():
            problem = f"There is a schedule {getattr(row, field)!r} already."
            raise Conflict("schedule_exists", f"{problem} Choose another {field}.", {field: problem})


def _told(layers: Sequence[pure.Layer]) -> list[dict[str, Any]]:
    """The layers for the journal: people by id, so that it can be proven later who was to be on call."""
    return [
        {"zone": layer.zone, "rotations": [rotation_to_json(rotation) for rotation in layer.rotations]}
        for layer in layers
    ]
