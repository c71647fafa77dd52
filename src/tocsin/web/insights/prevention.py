"""What prevention did: measures of problems, their rate before and after, and what chance leaves open."""

from dataclasses import dataclass

from django.urls import reverse

from tocsin.domain.problems import queries as problems
from tocsin.domain.problems.models import Measure
from tocsin.web.insights.metrics_selecting import Chosen

MOST = 12
WIDTH, MOST_RATIO = 200, 2.0  # the axis goes from nothing left to twice as many


@dataclass(frozen=True, slots=True)
class Prevented:
    """One measure. Rates are per week; the bar shows the ratio after to before with its 95 % interval."""

    measure: Measure
    href: str
    before: str
    after: str
    change: str
    interval: str
    n: int
    x: float
    low: float
    high: float


def prevented(asked: Chosen) -> list[Prevented]:
    """Return the measures that were at work in the period and have been judged, the latest first."""
    rows = problems.measures().filter(starts_on__lt=asked.where.end.date()).order_by("-starts_on", "-made_at")
    judged = [one for one in rows[:200] if one.figures and one.figures.get("before")]
    return [_prevented(one) for one in judged[:MOST]]


def _prevented(one: Measure) -> Prevented:
    told = one.figures
    ratio, low = float(told["ratio"]), float(told["low"])
    high = float(told["high"]) if told["high"] is not None else MOST_RATIO
    return Prevented(
        measure=one, href=reverse("problem", args=[one.problem.number]), before=f"{told['before'] / told['before_weeks']:.1f}",
        after=f"{told['after'] / told['after_weeks']:.1f}", change=f"{100 * (ratio - 1):+.0f} %",
        interval=f"{100 * (low - 1):+.0f} … {100 * (high - 1):+.0f} %", n=told["before"] + told["after"],
        x=_place(ratio), low=_place(low), high=_place(high),
    )  # fmt: skip


def _place(ratio: float) -> float:
    return round(min(ratio, MOST_RATIO) / MOST_RATIO * WIDTH, 2)
