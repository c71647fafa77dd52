"""How good a schedule is, from 0 to 100, and every point that it lost with the reason. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from tocsin.domain.oncall.logic.findings import Finding, FindingKind, findings_in
from tocsin.domain.oncall.logic.load import HOUR, stretches
from tocsin.domain.oncall.logic.roster import Span
from tocsin.domain.oncall.logic.schedule import Person, Schedule

# The most that each thing can cost; together 100. Uncovered time weighs heaviest: it is what hurts.
GAPS, UNREACHABLE, AWAY, ALONE, LONG, REST = 40, 20, 10, 10, 10, 10
LONGEST = timedelta(days=7, hours=1)  # in one stretch; the hour is the longer week of a DST change
REST_BETWEEN = timedelta(hours=11)  # the daily rest of the European Working Time Directive (2003/88/EC, article 3)


@dataclass(frozen=True, slots=True)
class Loss:
    """Points lost, and why, in words."""

    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class Quality:
    """`score` is 100 less the losses, never below 0. The heaviest loss first."""

    score: int
    losses: tuple[Loss, ...] = ()


def quality(schedule: Schedule, view: Sequence[Span], unreachable: Collection[Person] = ()) -> Quality:
    """Judge a final view (of some weeks, at best). An empty span has nothing to lose."""
    if not view:
        return Quality(100)
    found = findings_in(schedule, view, unreachable)
    total = view[-1].end - view[0].start
    possible = [
        _share(GAPS, "of the time nobody is on call", _hours(found, FindingKind.GAP), total),
        _share(UNREACHABLE, "of the time somebody on call cannot be reached", _joint(found), total),
        _share(AWAY, "of the time only somebody who is away is on call", _hours(found, FindingKind.AWAY), total),
        _alone(view),
        _long(view),
        _rest(view),
    ]
    losses = sorted((loss for loss in possible if loss.points), key=lambda loss: -loss.points)
    return Quality(max(0, 100 - sum(loss.points for loss in losses)), tuple(losses))


def _share(most: int, words: str, part: timedelta, total: timedelta) -> Loss:
    """Lose at least a point for any, and everything for a quarter or more."""
    share = part / total
    points = min(most, max(1, round(most * share * 4))) if part else 0
    return Loss(points, f"{share:.1%} {words} ({part / HOUR:.0f} h)")


def _hours(found: Sequence[Finding], kind: FindingKind) -> timedelta:
    return sum((finding.end - finding.start for finding in found if finding.kind is kind), timedelta())


def _joint(found: Sequence[Finding]) -> timedelta:
    """How long somebody unreachable is on, counting hours with two of them once."""
    covered, until = timedelta(), None
    for finding in found:  # they come by start
        if finding.kind is FindingKind.UNREACHABLE:
            start = finding.start if until is None else max(finding.start, until)
            if finding.end > start:
                covered, until = covered + (finding.end - start), finding.end
    return covered


def _alone(view: Sequence[Span]) -> Loss:
    """One person who carries nearly everything is worn out, and is missing everywhere when away."""
    hours = {person: sum((s.end - s.start for s in own), timedelta()) / HOUR for person, own in stretches(view).items()}
    covered = sum((span.end - span.start for span in view if span.people), timedelta()) / HOUR
    most = max(hours.values(), default=0)
    share = most / covered if covered else 0
    fair = 1 / len(hours) if hours else 1
    points = ALONE if len(hours) == 1 else round(ALONE * max(0, share - max(0.6, fair)) / 0.4)
    return Loss(min(ALONE, points), f"one person carries {share:.0%} of the covered time")


def _long(view: Sequence[Span]) -> Loss:
    long = [s for own in stretches(view).values() for s in own if s.end - s.start > LONGEST]
    longest = max((s.end - s.start for s in long), default=timedelta())
    days = longest / timedelta(days=1)
    return Loss(min(LONG, 2 * len(long)), f"stretches longer than a week: {len(long)}, the longest {days:.0f} days")


def _rest(view: Sequence[Span]) -> Loss:
    short = 0
    for own in stretches(view).values():
        pairs = pairwise(own)
        short += sum(1 for one, other in pairs if timedelta() < other.start - one.end < REST_BETWEEN)
    hours = REST_BETWEEN / HOUR
    return Loss(min(REST, short), f"rests of less than {hours:.0f} hours between two stretches: {short}")
