"""Rotations, restrictions and loads in words. Pure."""

from collections.abc import Mapping, Sequence
from datetime import time

from tocsin.domain.oncall.logic.schedule import Person, Restriction, Rotation, RotationKind
from tocsin.domain.oncall.logic.turns import week_pattern
from tocsin.web.words import duration

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT = tuple(name[:3] for name in DAYS)
WORKING, ALL_DAYS = frozenset(range(5)), frozenset(range(7))
MIDNIGHT = time()


def rotation_words(rotation: Rotation) -> str:
    """Return when turns change: "every week, hand-over Monday 09:00"."""
    at = f"{rotation.handover:%H:%M}"
    match rotation.kind:
        case RotationKind.HOURLY:
            return f"{_every(rotation.every, 'hour')}, counted from {at}"
        case RotationKind.DAILY:
            return f"{_every(rotation.every, 'day')}, hand-over {at}"
        case RotationKind.WEEKLY:
            return f"{_every(rotation.every, 'week')}, hand-over {DAYS[rotation.weekday]} {at}"
    return f"turns of {duration(rotation.length.total_seconds())}, counted from {at}"


def crews_words(rotation: Rotation, names: Mapping[Person, str]) -> str:
    """Return who takes turns, in order: "Ana, then Ben with Cy"."""
    crews = [" with ".join(names.get(person, "somebody") for person in crew) for crew in rotation.crews]
    return crews[0] if len(crews) == 1 else ", then ".join(crews)


def restriction_words(restrictions: Sequence[Restriction]) -> str:
    """Return when a rotation is on: "around the clock", or "Mon to Fri 08:00 to 18:00"."""
    if week_pattern(tuple(restrictions)) is None:
        return "around the clock"
    return "; ".join(_restriction(one) for one in restrictions)


def _restriction(one: Restriction) -> str:
    if one.days:
        later = f"{one.days} day{'s' if one.days > 1 else ''} later"
        return f"{weekdays(one.weekdays)} {one.start:%H:%M} to {one.end:%H:%M} {later}"
    if one.start == one.end == MIDNIGHT:
        return f"{weekdays(one.weekdays)} all day"
    overnight = " the next day" if one.end <= one.start else ""
    return f"{weekdays(one.weekdays)} {one.start:%H:%M} to {one.end:%H:%M}{overnight}"


def weekdays(days: frozenset[int]) -> str:
    """Return weekdays in words, runs of three and more as a range: "Mon to Fri", "Sat, Sun"."""
    if days == ALL_DAYS:
        return "every day"
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts = []
    for run in runs:
        if len(run) > 2:
            parts.append(f"{SHORT[run[0]]} to {SHORT[run[-1]]}")
        else:
            parts += [SHORT[day] for day in run]
    return ", ".join(parts)


def hours(value: float) -> str:
    """Return elapsed hours without a needless fraction: "168 h", "7.5 h"."""
    return f"{value:.0f} h" if abs(value - round(value)) < 0.05 else f"{value:.1f} h"


def _every(count: int, unit: str) -> str:
    return f"every {unit}" if count == 1 else f"every {count} {unit}s"
