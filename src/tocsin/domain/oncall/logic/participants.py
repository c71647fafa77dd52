"""Who takes turns in a schedule at all. Pure."""

from datetime import datetime

from tocsin.domain.oncall.logic.schedule import Person, Schedule


def participants(schedule: Schedule, at: datetime) -> tuple[Person, ...]:
    """Return everybody in the rotations in force at `at`, in the order of layers, rotations and crews; each once.

    Restrictions play no part: a round robin is among all who share the work, whoever is on call just then.
    """
    found: dict[Person, None] = {}
    for layer in schedule.layers:
        begun = layer.valid_from is None or layer.valid_from <= at
        if begun and (layer.valid_until is None or at < layer.valid_until):
            for rotation in layer.rotations:
                if rotation.starts <= at and (rotation.ends is None or at < rotation.ends):
                    found.update(dict.fromkeys(person for crew in rotation.crews for person in crew))
    return tuple(found)
