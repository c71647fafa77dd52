"""Layers as they are stored and typed in: plain JSON, checked before it is believed. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.domain.oncall.logic.schedule import Layer, Restriction, Rotation, RotationKind
from tocsin.kernel.errors import InvalidInput

MOST_LAYERS, MOST_ROTATIONS, MOST_CREWS, MOST_IN_CREW, MOST_RESTRICTIONS = 20, 10, 100, 10, 20
SHORTEST_TURN, LONGEST_TURN = timedelta(hours=1), timedelta(days=366)
MINUTE = timedelta(minutes=1)


def rotation_to_json(rotation: Rotation) -> dict[str, Any]:
    """Return the stored form; `rotation_from_json` gives the rotation back."""
    return {
        "kind": rotation.kind.value,
        "crews": [list(crew) for crew in rotation.crews],
        "starts": rotation.starts.isoformat(),
        "ends": rotation.ends and rotation.ends.isoformat(),
        "handover": rotation.handover.isoformat("minutes"),
        "weekday": rotation.weekday,
        "every": rotation.every,
        "minutes": rotation.length // MINUTE,
        "restrictions": [
            {
                "weekdays": sorted(one.weekdays), "start": one.start.isoformat("minutes"),
                "end": one.end.isoformat("minutes"), "days": one.days,
            }
            for one in rotation.restrictions
        ],
    }  # fmt: skip


def rotation_from_json(data: Mapping[str, Any]) -> Rotation:
    """Return the rotation. Raises KeyError, TypeError or ValueError for what `rotation_to_json` did not write."""
    return Rotation(
        kind=RotationKind(data["kind"]),
        crews=tuple(tuple(str(person) for person in crew) for crew in data["crews"]),
        starts=datetime.fromisoformat(data["starts"]),
        ends=datetime.fromisoformat(data["ends"]) if data.get("ends") else None,
        handover=time.fromisoformat(data.get("handover", "09:00")),
        weekday=int(data.get("weekday", 0)),
        every=int(data.get("every", 1)),
        length=int(data.get("minutes", 0)) * MINUTE,
        restrictions=tuple(
            Restriction(
                frozenset(int(day) for day in one["weekdays"]),
                time.fromisoformat(one["start"]),
                time.fromisoformat(one["end"]),
                int(one.get("days", 0)),
            )
            for one in data.get("restrictions", ())
        ),
    )


def check_layers(layers: Sequence[Layer]) -> None:
    """Raise InvalidInput, naming the field and the remedy, unless every layer can be worked with."""
    if len(layers) > MOST_LAYERS:
        _refuse("layers", f"At most {MOST_LAYERS} layers. Split the schedule.")
    names = [layer.name.casefold() for layer in layers]
    for number, layer in enumerate(layers):
        path = f"layers[{number}]"
        if not layer.name.strip() or len(layer.name) > 80 or "\x00" in layer.name:
            _refuse(f"{path}.name", "Give the layer a name of at most 80 characters.")
        if names.count(layer.name.casefold()) > 1:
            _refuse(f"{path}.name", f"Two layers are named {layer.name}. Rename one: overrides name a layer.")
        if layer.zone:
            _check_zone(f"{path}.zone", layer.zone)
        if not 1 <= len(layer.rotations) <= MOST_ROTATIONS:
            _refuse(f"{path}.rotations", f"A layer has between 1 and {MOST_ROTATIONS} rotations.")
        for place, rotation in enumerate(layer.rotations):
            _check_rotation(f"{path}.rotations[{place}]", rotation)


def _check_zone(path: str, name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        _refuse(path, f"{name!r} is no time zone. Write it as Europe/Prague.")


def _check_rotation(path: str, rotation: Rotation) -> None:
    if not 1 <= len(rotation.crews) <= MOST_CREWS:
        _refuse(f"{path}.crews", f"Name between 1 and {MOST_CREWS} crews to take turns.")
    for crew in rotation.crews:
        if not 1 <= len(crew) <= MOST_IN_CREW or len(set(crew)) != len(crew):
            _refuse(f"{path}.crews", f"A crew is between 1 and {MOST_IN_CREW} people, each once.")
    if any(at is not None and at.tzinfo is None for at in (rotation.starts, rotation.ends)):
        _refuse(f"{path}.starts", "Start and end need a zone.")
    if rotation.ends is not None and rotation.ends <= rotation.starts:
        _refuse(f"{path}.ends", "The end must be after the start.")
    _check_turns(path, rotation)
    if len(rotation.restrictions) > MOST_RESTRICTIONS:
        _refuse(f"{path}.restrictions", f"At most {MOST_RESTRICTIONS} restrictions.")
    for number, one in enumerate(rotation.restrictions):
        _check_restriction(f"{path}.restrictions[{number}]", one)


def _check_turns(path: str, rotation: Rotation) -> None:
    if not 0 <= rotation.weekday <= 6:
        _refuse(f"{path}.weekday", "Choose a weekday from 0 (Monday) to 6 (Sunday).")
    if rotation.handover.tzinfo is not None or rotation.handover.second or rotation.handover.microsecond:
        _refuse(f"{path}.handover", "Write the hand-over as a local time in whole minutes, such as 09:00.")
    if not 1 <= rotation.every <= 8_784 or not SHORTEST_TURN <= rotation.turn <= LONGEST_TURN or rotation.turn % MINUTE:
        _refuse(f"{path}.every", "A turn lasts whole minutes, between one hour and a year.")


def _check_restriction(path: str, one: Restriction) -> None:
    if not one.weekdays or not one.weekdays <= set(range(7)):
        _refuse(f"{path}.weekdays", "Choose at least one weekday, from 0 (Monday) to 6 (Sunday).")
    if any(at.tzinfo is not None or at.second or at.microsecond for at in (one.start, one.end)):
        _refuse(f"{path}.start", "Write times of day in whole minutes, such as 09:00.")
    if not 0 <= one.days <= 6:
        _refuse(f"{path}.days", "A window ends at most 6 days after the day on which it begins.")


def _refuse(path: str, problem: str) -> None:
    raise InvalidInput("bad_schedule", f"{path}: {problem}", {path: problem})
