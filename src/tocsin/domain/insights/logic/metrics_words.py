"""Figures in words: what a number is written like, and the one sentence that says what matters. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from tocsin.domain.insights.logic.metrics import METRICS, Metric
from tocsin.domain.insights.logic.metrics_bands import Departure

SURE = 1.96  # standard errors: a change below it may be chance, and is not told
LEAST = 20  # rows in either period
MUCH = 0.25  # of medians and counts, relative


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A figure, the one of the period before, and what is wanted."""

    n: int
    value: float | None
    before_n: int = 0
    before: float | None = None
    goal: float | None = None
    p90: float | None = None


def written(metric: Metric, value: float | None) -> str:
    """Return a figure as people read it: "84 %", "2 h 10 m", "1.4", "312"; "–" where there is none."""
    if value is None:
        return "–"
    if metric.kind == "share":
        return percent(value)
    if metric.kind == "time":
        return length(value)
    return f"{value:,.0f}" if metric.kind == "count" else f"{value:.2f}"


def percent(value: float) -> str:
    """Return a share. Only nothing is 0 %, and only all of it is 100 %."""
    if 0 < value < 0.1 or 0.99 < value < 1:
        return f"{min(max(value * 100, 0.1), 99.9):.1f} %"
    return f"{value * 100:.0f} %"


def length(seconds: float) -> str:
    """Return a length of time in at most two units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} m"
    if whole < 48 * 3_600:
        hours, minutes = whole // 3_600, whole % 3_600 // 60
        return f"{hours} h {minutes} m" if minutes and hours < 10 else f"{hours} h"
    days, hours = whole // 86_400, whole % 86_400 // 3_600
    return f"{days} d {hours} h" if hours and days < 10 else f"{days} d"


def is_missed(metric: Metric, value: float | None, goal: float | None) -> bool:
    """Tell whether a figure is on the wrong side of its goal."""
    if value is None or goal is None or metric.better == "neither":
        return False
    return value < goal if metric.better == "high" else value > goal


def moved(metric: Metric, told: Told) -> int:
    """Return +1 or -1 where the figure rose or fell by more than chance, 0 otherwise."""
    if told.value is None or told.before is None or min(told.n, told.before_n) < LEAST:
        return 0
    change = told.value - told.before
    if metric.kind == "share":
        whole = (told.value * told.n + told.before * told.before_n) / (told.n + told.before_n)
        error = sqrt(whole * (1 - whole) * (1 / told.n + 1 / told.before_n))
        sure = error > 0 and abs(change) / error > SURE
    elif metric.kind == "count":
        sure = abs(change) > SURE * sqrt(told.value + told.before) and abs(change) > MUCH * told.before
    else:
        sure = told.before > 0 and abs(change) > MUCH * told.before
    return (change > 0) - (change < 0) if sure else 0


def is_worse(metric: Metric, told: Told) -> bool:
    """Tell whether it moved to the bad side by more than chance."""
    return moved(metric, told) == {"high": -1, "low": 1, "neither": 2}[metric.better]


# What is told first, where several things are true at once.
WEIGHTS = (
    "sla_resolution", "sla_first_response", "csat", "escalation_rate", "promises_kept", "time_acknowledge", "repeats",
    "ping_pong", "reopened", "fcr_broad", "time_resolve", "time_response",
)  # fmt: skip


def sentence(figures: Mapping[str, Told], days: int) -> list[str]:
    """Return the one sentence that stands above everything (UX "Insights"), and a half one on how many more there are.

    A missed goal with a worse trend comes before a missed goal, then what got worse, then what got better; what may be
    chance is not told.
    """
    opened = figures.get("opened")
    if opened is None or not opened.n:
        return ["No ticket was opened in this period."]
    known = [(METRICS[key], figures[key]) for key in WEIGHTS if key in figures and figures[key].value is not None]
    missed = [(m, t) for m, t in known if is_missed(m, t.value, t.goal) and t.n >= LEAST]
    worse = [(m, t) for m, t in known if is_worse(m, t)]
    both = [(m, t) for m, t in missed if is_worse(m, t)]
    better = [(m, t) for m, t in known if moved(m, t) and not is_worse(m, t)]
    for found in (both, missed, worse):
        if found:
            return [_said(*found[0]), *_others(len({m.key for m, _ in (*missed, *worse)}) - 1)]
    if better:
        return [_said(*better[0]), "Nothing got worse."]
    if opened.n == 1:
        return ["One ticket was opened, and no figure moved by more than chance."]
    return [f"{opened.n:,} tickets were opened in {days} days, and no figure moved by more than chance."]


def _said(metric: Metric, told: Told) -> str:
    name, n, value, goal, before = (
        metric.name, f"{told.n:,}", written(metric, told.value), written(metric, told.goal), written(metric, told.before)
    )  # fmt: skip
    missed, way = is_missed(metric, told.value, told.goal), moved(metric, told)
    if missed and way:
        return f"{name} stands at {value}: the goal is {goal}, and it was {before} in the period before (n = {n})."
    if missed:
        return f"{name} stands at {value}; the goal is {goal} (n = {n})."
    if way > 0:
        return f"{name} rose to {value} from {before} in the period before (n = {n})."
    return f"{name} fell to {value} from {before} in the period before (n = {n})."


def _others(count: int) -> list[str]:
    if count <= 0:
        return []
    return ["One more figure needs a look."] if count == 1 else [f"{count} more figures need a look."]


def departed(metric: Metric, found: Departure, goal: float) -> str:
    """Say how a metric left its band."""
    name, value, usual, wanted = (
        metric.name, written(metric, found.value), written(metric, found.usual), written(metric, goal)
    )  # fmt: skip
    if found.limit is None:
        return f"{name}: {value} in the last {found.weeks} weeks; before, {usual}. The goal is {wanted}."
    limit = written(metric, found.limit)
    return f"{name}: {value} last week. Usual is {usual}, chance reaches to {limit}; the goal is {wanted}."


def finding_of_groups(metric: Metric, groups: Sequence[tuple[str, float | None, int]]) -> str:
    """Return a chart's title: which group stands out, of (name, value, n); "" where too little is known."""
    known = [(name, value, n) for name, value, n in groups if value is not None and n >= LEAST]
    if len(known) < 2:
        return ""
    worst = (min if metric.better == "high" else max)(known, key=lambda one: one[1])
    return f"{metric.name}: {worst[0]} stands at {written(metric, worst[1])}, n = {worst[2]:,}"
