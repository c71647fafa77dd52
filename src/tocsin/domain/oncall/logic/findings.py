"""What is wrong with a schedule, found ahead: gaps, competing overrides, double bookings, unreachable people. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from tocsin.domain.oncall.logic.load import Stretch, stretches
from tocsin.domain.oncall.logic.roster import Span, final_view
from tocsin.domain.oncall.logic.schedule import Override, Person, Schedule
from tocsin.domain.oncall.logic.turns import Source


class FindingKind(StrEnum):
    GAP = "gap"  # nobody is on call
    OVERLAP = "overlap"  # two overrides want the same place; the later made one wins
    DOUBLE_BOOKED = "double_booked"  # one person in two schedules at once
    UNREACHABLE = "unreachable"  # somebody on call has no way to be told
    AWAY = "away"  # somebody on call is absent, nobody covers and nobody else is on


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem from `start` until before `end`. `schedules`: slugs, two for a double booking."""

    kind: FindingKind
    start: datetime
    end: datetime
    people: tuple[Person, ...] = ()
    schedules: tuple[str, ...] = ()


def findings(schedule: Schedule, start: datetime, end: datetime, unreachable: Collection[Person] = ()) -> list[Finding]:
    """Return the problems of one schedule in the span, by start. Double bookings need all schedules: see below."""
    view = final_view(schedule, start, end)
    return findings_in(schedule, view, unreachable)


def findings_in(schedule: Schedule, view: Sequence[Span], unreachable: Collection[Person] = ()) -> list[Finding]:
    """Return `findings` of a final view that is at hand already."""
    if not view:
        return []
    found = [
        *_gaps(schedule, view), *_unreachable(schedule, view, unreachable), *_away(schedule, view),
        *_overlaps(schedule, view[0].start, view[-1].end),
    ]  # fmt: skip
    return sorted(found, key=lambda finding: (finding.start, finding.kind, finding.people))


def double_bookings(views: Mapping[str, Sequence[Span]]) -> list[Finding]:
    """Return where one person is on call in two of the schedules {slug: final view} at once, by start."""
    by_slug = {slug: stretches(view) for slug, view in views.items()}
    found = []
    for one, other in combinations(sorted(by_slug), 2):
        for person in sorted(by_slug[one].keys() & by_slug[other].keys()):
            for common in _both(by_slug[one][person], by_slug[other][person]):
                found.append(Finding(FindingKind.DOUBLE_BOOKED, common.start, common.end, (person,), (one, other)))
    return sorted(found, key=lambda finding: (finding.start, finding.schedules, finding.people))


def _gaps(schedule: Schedule, view: Sequence[Span]) -> Iterator[Finding]:
    for span in view:
        if not span.people:
            yield Finding(FindingKind.GAP, span.start, span.end, schedules=(schedule.slug,))


def _unreachable(schedule: Schedule, view: Sequence[Span], people: Collection[Person]) -> Iterator[Finding]:
    for person, own in stretches(view).items():
        if person in people:
            for stretch in own:
                yield Finding(FindingKind.UNREACHABLE, stretch.start, stretch.end, (person,), (schedule.slug,))


def _away(schedule: Schedule, view: Sequence[Span]) -> Iterator[Finding]:
    for span in view:
        for evidence in span.evidence:
            if any(reason.source is Source.ABSENT for reason in evidence.reasons):
                yield Finding(FindingKind.AWAY, span.start, span.end, (evidence.person,), (schedule.slug,))


def _overlaps(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Finding]:
    touching = [one for one in schedule.overrides if one.start < end and one.end > start]
    for one, other in combinations(touching, 2):
        begin, until = max(one.start, other.start, start), min(one.end, other.end, end)
        if begin < until and _compete(one, other):
            yield Finding(FindingKind.OVERLAP, begin, until, (one.person, other.person), (schedule.slug,))


def _compete(one: Override, other: Override) -> bool:
    return one.person != other.person and (one.layer, one.instead_of) == (other.layer, other.instead_of)


def _both(one: Sequence[Stretch], other: Sequence[Stretch]) -> Iterator[Stretch]:
    """Yield what two sorted lists of stretches have in common."""
    left, right = 0, 0
    while left < len(one) and right < len(other):
        start, end = max(one[left].start, other[right].start), min(one[left].end, other[right].end)
        if start < end:
            yield Stretch(start, end)
        if one[left].end <= other[right].end:
            left += 1
        else:
            right += 1
