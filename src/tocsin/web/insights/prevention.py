"""What prevention did: measures of problems, their rate before and after, and what chance leaves open."""

from dataclasses import dataclass

from django.urls import reverse

from tocsin.domain.problems import queries as problems
from tocsin.domain.problems.logic.effect import Effect, read
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
    judged = [(one, it) for one in rows[:200] if (it := read(one.figures)) is not None and it.before]
    return [_prevented(one, it) for one, it in judged[:MOST]]


def _prevented(one: Measure, it: Effect) -> Prevented:
    high = it.high if it.high < float("inf") else MOST_RATIO
    return Prevented(
        measure=one, href=reverse("problem", args=[one.problem.number]), before=f"{it.rate_before:.1f}",
        after=f"{it.rate_after:.1f}", change=f"{100 * (it.ratio - 1):+.0f} %",
        interval=f"{100 * (it.low - 1):+.0f} … {100 * (high - 1):+.0f} %", n=it.before + it.after,
        x=_place(it.ratio), low=_place(it.low), high=_place(high),
    )  # fmt: skip


def _place(ratio: float) -> float:
    return round(min(ratio, MOST_RATIO) / MOST_RATIO * WIDTH, 2)
