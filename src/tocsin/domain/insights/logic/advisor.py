"""One threshold of a trigger, swept over a range: what each value would have warned of, and what it would cost. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from tocsin.domain.escalation.logic.durations import format_duration
from tocsin.domain.escalation.logic.policy import Policy, Trigger, TriggerKind
from tocsin.domain.insights.logic.backtest import Tally, leaf, quantile

MOST_POINTS = 12
_PERCENTS = (25.0, 40.0, 50.0, 60.0, 70.0, 75.0, 80.0, 85.0, 90.0, 95.0, 100.0)
_FACTORS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
_TIMED = frozenset(
    {
        TriggerKind.CLOCK_OVERDUE_BY,
        TriggerKind.UNASSIGNED_FOR,
        TriggerKind.NO_PUBLIC_UPDATE_FOR,
        TriggerKind.OWNER_SILENT_FOR,
        TriggerKind.WAITING_AT_LINE_FOR,
    }
)
_COUNTED = frozenset({TriggerKind.HANDOVERS, TriggerKind.REOPENED})


@dataclass(frozen=True, slots=True)
class Point:
    """One value of the threshold, and what the history says of it. Rates are per week of the period."""

    label: str
    warned: int
    breaches: int
    lead_minutes: int | None  # median, of the breaches that were warned
    pages_a_week: float
    nights_a_week: float
    noise: int  # tickets that ended well and were escalated all the same
    fired: int
    is_present: bool = False  # the value that the policy has

    @property
    def share(self) -> float:
        """Share of breaches that were warned, 0 to 1."""
        return self.warned / self.breaches if self.breaches else 0.0


def sweepable(policy: Policy) -> list[Trigger]:
    """Return the triggers that have a threshold that can be swept."""
    known = _TIMED | _COUNTED | {TriggerKind.CLOCK_AT}
    return [trigger for trigger in policy.triggers if trigger.kind in known]


def values_of(trigger: Trigger) -> list[float]:
    """Return the values to try, in order, the present one among them: percent, seconds, or a count."""
    if trigger.kind is TriggerKind.CLOCK_AT:
        return sorted({*_PERCENTS, trigger.percent})[:MOST_POINTS]
    if trigger.kind in _COUNTED:
        return [float(n) for n in sorted({*range(1, 8), trigger.count})]
    present = trigger.after.total_seconds()
    return sorted({max(60.0, round(present * factor / 60) * 60.0) for factor in _FACTORS} | {present})


def present(trigger: Trigger) -> float:
    """Return the value that the trigger has."""
    if trigger.kind is TriggerKind.CLOCK_AT:
        return trigger.percent
    return float(trigger.count) if trigger.kind in _COUNTED else trigger.after.total_seconds()


def with_value(policy: Policy, key: str, value: float) -> Policy:
    """Return the policy with another threshold of one of its triggers."""
    return replace(policy, triggers=tuple(_set(t, value) if t.key == key else t for t in policy.triggers))


def _set(trigger: Trigger, value: float) -> Trigger:
    if trigger.kind is TriggerKind.CLOCK_AT:
        return replace(trigger, percent=value)
    if trigger.kind in _COUNTED:
        return replace(trigger, count=int(value))
    return replace(trigger, after=timedelta(seconds=value))


def in_words(trigger: Trigger, value: float) -> str:
    """Return a value as people write it: 75 %, 30m, 3."""
    if trigger.kind is TriggerKind.CLOCK_AT:
        return f"{value:g} %"
    return f"{value:g}" if trigger.kind in _COUNTED else format_duration(timedelta(seconds=value))


def points(found: Tally, variants: Sequence[dict[str, Any]], weeks: float, present_value: float) -> list[Point]:
    """Return the points of a swept history in the order of their values."""
    breaches = leaf(found, "breaches")
    told = []
    for number, variant in enumerate(variants):
        side: Tally = found.get("sides", {}).get(str(number), {})
        told.append(
            Point(
                variant["label"], leaf(side, "warned"), breaches, quantile(side.get("lead_minutes", {}), 0.5),
                leaf(side, "pages") / weeks, leaf(side, "nights") / weeks, leaf(side, "noise", "tickets"),
                leaf(side, "tickets"), variant["value"] == present_value,
            )
        )  # fmt: skip
    return told


def knee(found: Sequence[Point]) -> int | None:
    """Return the index of the point that warns most for its pages: the one furthest above the line between the ends.

    None where there is no trade-off: fewer than three points, or all alike.
    """
    if len(found) < 3:
        return None
    most_pages, fewest = max(p.pages_a_week for p in found), min(p.pages_a_week for p in found)
    most, least = max(p.warned for p in found), min(p.warned for p in found)
    if most == least or most_pages == fewest:
        return None

    def gain(point: Point) -> float:
        return (point.warned - least) / (most - least) - (point.pages_a_week - fewest) / (most_pages - fewest)

    best = max(range(len(found)), key=lambda n: (gain(found[n]), -found[n].pages_a_week))
    return best if gain(found[best]) > 0 else None
