"""Who is on call: at an instant, and over a span (SEMANTICS 11). Pure; one rule serves both.

The rule, at any instant (logic/board.py carries it out): each layer has the crews whose turn it is; an
override of that layer replaces them. A whole override, or else the first layer with somebody available,
answers. One-off shifts add to it. Then swaps replace people one by one, and absences hand their duty to the
agreed cover. Whoever is away without cover is passed over as long as anybody else is on; if nobody is, they
stay: better told than nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

from tocsin.domain.oncall.logic.board import Board, Change, Found, Item, Turn
from tocsin.domain.oncall.logic.schedule import Absence, Override, Person, Schedule, Shift
from tocsin.domain.oncall.logic.turns import Reason, Source, duties


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why one person is on call: the steps in order, from the rotation to who covers for whom."""

    person: Person
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is on call at an instant, in order, each with the evidence. Nobody: both are empty."""

    people: tuple[Person, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` until before `end` the same people are on call by the same evidence; nobody in a gap."""

    start: datetime
    end: datetime
    people: tuple[Person, ...]
    evidence: tuple[Evidence, ...]


def who_is_on(schedule: Schedule, at: datetime) -> OnCall:
    """Return who is on call at `at` (aware)."""
    board = Board(len(schedule.layers))
    for item in _items(schedule, at, at + datetime.resolution):
        board.put(item)
    found = board.resolve()
    return OnCall(tuple(found), _evidence(found))


def final_view(schedule: Schedule, start: datetime, end: datetime) -> list[Span]:
    """Return who is on call from `start` until before `end` (aware): spans in order, without holes between them."""
    if start >= end:
        return []
    items = list(_items(schedule, start, end))
    coming = sorted(items, key=lambda item: item.start, reverse=True)
    leaving = sorted(items, key=lambda item: item.end, reverse=True)
    edges = {start, *(item.start for item in items), *(item.end for item in items)}
    board, changes = Board(len(schedule.layers)), list[tuple[datetime, Found]]()
    for edge in sorted(edge for edge in edges if start <= edge < end):
        while coming and coming[-1].start <= edge:
            board.put(coming.pop())
        while leaving and leaving[-1].end <= edge:
            board.take(leaving.pop())
        found = board.resolve()
        if not changes or changes[-1][1] != found or tuple(changes[-1][1]) != tuple(found):
            changes.append((edge, found))
    ends = [*(at for at, _ in changes[1:]), end]
    return [Span(at, until, tuple(found), _evidence(found)) for (at, found), until in zip(changes, ends, strict=True)]


def _evidence(found: Found) -> tuple[Evidence, ...]:
    return tuple(Evidence(person, reasons) for person, reasons in found.items())


def _items(schedule: Schedule, start: datetime, end: datetime) -> Iterable[Item]:
    """Yield what is in force at any instant from `start` until before `end`."""
    for number, layer in enumerate(schedule.layers):
        zone = ZoneInfo(layer.zone or schedule.zone)
        turns = chain.from_iterable(duties(layer, rotation, zone, start, end) for rotation in layer.rotations)
        for turn, duty in enumerate(turns):
            yield Turn(duty.start, duty.end, number, turn, layer.name, duty)
    made: Iterable[Override | Shift | Absence] = chain(schedule.overrides, schedule.shifts, schedule.absences)
    for number, one in enumerate(made):
        if one.start < end and one.end > start and one.start < one.end:
            yield Change(one.start, one.end, number, one, _reason(one))


def _reason(made: Override | Shift | Absence) -> Reason:
    if isinstance(made, Override):
        if made.instead_of:
            return Reason(Source.SWAP, made.reason, made.start, made.end, other=made.instead_of)
        return Reason(Source.OVERRIDE, made.reason, made.start, made.end, made.layer, made.by)
    if isinstance(made, Shift):
        return Reason(Source.SHIFT, made.reason, made.start, made.end)
    source = Source.COVER if made.cover else Source.ABSENT
    return Reason(source, made.reason, made.start, made.end, other=made.person)
