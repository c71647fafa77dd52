"""A schedule as it is drawn: the final schedule above its overrides, shifts, absences and layers. Pure but for names.

Everything comes from the very resolver that pages by (domain/oncall/logic/roster.py): a layer's lane is the
final view of a schedule that has only this layer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from tocsin.domain.oncall.logic.roster import Span, final_view
from tocsin.domain.oncall.logic.schedule import Absence, Override, Person, Schedule, Shift
from tocsin.web.oncall.grid import Block, Day, Lane, Window, block, days, stacked, summed
from tocsin.web.words import first_name, initials

COLOURS = 6


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that the timeline's template draws."""

    window: Window
    days: list[Day]
    lanes: list[Lane]
    now: float | None  # where the now line stands; None: outside


@dataclass(frozen=True, slots=True)
class Names:
    """People by id, as a picture calls them, each with a colour of their own for as long as there are colours."""

    names: Mapping[Person, str]
    colours: Mapping[Person, int]
    viewer: Person = ""

    def full(self, people: Sequence[Person]) -> str:
        return ", ".join(self.names.get(person, "somebody") for person in people)

    def firsts(self, people: Sequence[Person]) -> str:
        return ", ".join(first_name(self.names.get(person, "")) or "?" for person in people)

    def letters(self, people: Sequence[Person]) -> str:
        return " ".join(initials(self.names.get(person, "")) for person in people)

    def css(self, people: Sequence[Person]) -> str:
        return f"duty c{self.colours.get(people[0], 0)}" + (" own" if self.viewer in people else "")


def people_of(schedule: Schedule) -> list[Person]:
    """Return everybody whom a schedule may put on call, in order of first mention."""
    found: dict[Person, None] = {}
    for layer in schedule.layers:
        for rotation in layer.rotations:
            for crew in rotation.crews:
                found.update(dict.fromkeys(crew))
    made: list[Override | Shift] = [*schedule.overrides, *schedule.shifts]
    found.update(dict.fromkeys(change.person for change in made))
    for absence in schedule.absences:
        if absence.person in found and absence.cover:
            found[absence.cover] = None
    return list(found)


def naming(schedule: Schedule, names: Mapping[Person, str], viewer: Person = "") -> Names:
    """Return how the picture calls and colours people."""
    return Names(names, {person: number % COLOURS for number, person in enumerate(people_of(schedule))}, viewer)


def picture(schedule: Schedule, view: Sequence[Span], shown: Window, called: Names, now: datetime) -> Picture:
    """Draw a schedule: `view` is its final view of the window."""
    lanes = [_final(view, shown, called)]
    lanes += [lane for lane in (_overrides(schedule, shown, called), _shifts(schedule, shown, called)) if lane]
    absent = _absences(schedule, shown, called)
    lanes += [absent] if absent else []
    lanes += _layers(schedule, shown, called, now)
    here = shown.share(now) if shown.shows(now) else None
    return Picture(shown, days(shown, now.astimezone(shown.zone).date()), lanes, here)


def merged(view: Sequence[Span]) -> list[Span]:
    """Return the spans with touching ones of the same people joined: who, without the why."""
    found = []
    for _, group in groupby(view, key=lambda span: frozenset(span.people)):
        spans = list(group)
        found.append(Span(spans[0].start, spans[-1].end, spans[0].people, ()))
    return found


def between(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Return a span in words: "Mon 24 Nov 09:00 to 17:00 CET"; the second day only where it is another."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    day = "" if first.date() == last.date() else f"{last:%a} {last.day} {last:%b} "
    zones = f" {first.tzname()}" if first.utcoffset() != last.utcoffset() else ""
    return f"{first:%a} {first.day} {first:%b} {first:%H:%M}{zones} to {day}{last:%H:%M} {last.tzname()}"


def _duty(span: Span, shown: Window, called: Names, more: str = "") -> Block:
    title = f"{called.full(span.people)}: {between(span.start, span.end, shown.zone)}{more}"
    return block(
        shown, span.start, span.end, full=called.firsts(span.people), short=called.letters(span.people), title=title,
        css=called.css(span.people),
    )  # fmt: skip


def _gap(span: Span, shown: Window) -> Block:
    title = f"Nobody: {between(span.start, span.end, shown.zone)}"
    return block(shown, span.start, span.end, full="nobody", short="", title=title, css="gap")


def _final(view: Sequence[Span], shown: Window, called: Names) -> Lane:
    spans = merged(view)
    blocks = tuple(_duty(span, shown, called) if span.people else _gap(span, shown) for span in spans)
    return Lane("On call", "what counts", blocks, summed([one.title for one in blocks]), "final")


def _layers(schedule: Schedule, shown: Window, called: Names, now: datetime) -> list[Lane]:
    """Draw the layers by name: what was valid before, and what is now, on one line."""
    by_name: dict[str, list[int]] = {}
    for number, layer in enumerate(schedule.layers):
        by_name.setdefault(layer.name, []).append(number)
    lanes = []
    current = [layer.name for layer in schedule.layers if layer.valid_until is None or layer.valid_until > now]
    order = list(dict.fromkeys(current)) + [name for name in by_name if name not in current]
    for place, name in enumerate(order, start=1):
        layers = tuple(schedule.layers[number] for number in by_name[name])
        alone = Schedule(schedule.zone, layers)
        blocks = tuple(
            _duty(span, shown, called) for span in merged(final_view(alone, shown.start, shown.end)) if span.people
        )
        if not blocks and name not in current:
            continue
        hint = f"layer {place}" if name in current else "ended"
        lanes.append(Lane(name, hint, blocks, summed([one.title for one in blocks]) or "nobody", "layer"))
    return lanes


def _touching[Change: (Override, Shift, Absence)](made: Sequence[Change], shown: Window) -> list[Change]:
    return [one for one in made if one.start < shown.end and one.end > shown.start]


def _lane(name: str, hint: str, blocks: list[Block], css: str) -> Lane | None:
    placed = stacked(blocks)
    return Lane(name, hint, placed, summed([one.title for one in placed]), css) if placed else None


def _overrides(schedule: Schedule, shown: Window, called: Names) -> Lane | None:
    blocks = []
    for one in _touching(schedule.overrides, shown):
        whom = f" instead of {called.full([one.instead_of])}" if one.instead_of else ""
        where = f" in {one.layer}" if one.layer else ""
        why = f" ({one.reason})" if one.reason else ""
        blocks.append(_duty(Span(one.start, one.end, (one.person,), ()), shown, called, f"{whom}{where}{why}"))
    return _lane("Overrides", "and swaps", [replace(one, css=f"{one.css} made") for one in blocks], "override")


def _shifts(schedule: Schedule, shown: Window, called: Names) -> Lane | None:
    blocks = [
        _duty(Span(one.start, one.end, (one.person,), ()), shown, called, f" ({one.reason})" if one.reason else "")
        for one in _touching(schedule.shifts, shown)
    ]
    return _lane("Shifts", "once", [replace(one, css=f"{one.css} made") for one in blocks], "shift")


def _absences(schedule: Schedule, shown: Window, called: Names) -> Lane | None:
    """Draw who is away, of those whom the schedule may put on call."""
    blocks = []
    for one in _touching(schedule.absences, shown):
        if one.person not in called.colours:
            continue
        cover = f", {called.full([one.cover])} covers" if one.cover else ", nobody covers"
        title = f"{called.full([one.person])} is away: {between(one.start, one.end, shown.zone)}{cover}"
        name, letters = called.firsts([one.person]), called.letters([one.person])
        blocks.append(block(shown, one.start, one.end, full=f"{name} away", short=letters, title=title, css="away"))
    return _lane("Away", "absences", blocks, "absence")
