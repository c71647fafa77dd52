"""Charts as data: what charts.js draws and what the table beside it shows are the same numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate
from typing import Any

from django.urls import reverse

from tocsin.domain.feedback.logic.satisfaction import Bar as Part
from tocsin.domain.feedback.logic.satisfaction import diverging
from tocsin.domain.insights import queries
from tocsin.domain.insights.logic.metrics import METRICS, Metric
from tocsin.domain.insights.logic.metrics_words import length
from tocsin.domain.insights.queries import Figure, Group, Point
from tocsin.web.insights.metrics_selecting import Chosen
from tocsin.web.insights.spoken import number, percent, short, words, written
from tocsin.web.languages.catalogue import exact, say

MOST_GROUPS, WAYS = 12, 14
CLOCKS = ("first_response", "next_response", "next_update", "resolution", "internal")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a chart's table."""

    name: str
    cells: tuple[str, ...]
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart. `title` states the finding; `data` is for the script; `head` and `lines` are the table."""

    key: str
    title: str
    note: str = ""
    head: tuple[str, ...]
    lines: tuple[Line, ...]
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"chart-{self.key}"


def trend(metric: Metric, whole: Figure, points: Sequence[Point], goal: float | None, asked: Chosen) -> Chart:
    """A metric over time: its line, its goal, and on how many rows each point stands; times also their 90th percentile."""
    rows = reverse("insights_tickets")
    hrefs = [
        asked.link(rows, metric=metric.key, from_=p.day, to=p.end - timedelta(days=1)) if p.figure.n else ""
        for p in points
    ]
    series = [_series("median" if metric.kind == "time" else metric.name, metric, [p.figure.value for p in points])]
    if metric.kind == "time":
        series.append(_series("90th percentile", metric, [p.figure.p90 for p in points]) | {"dashed": True})
    name = say(metric.name)
    value, n = written(metric, whole.value), f"{whole.n:,}"
    title = say(f"{name} stands at {value} (n = {n})")
    if metric.kind == "time":
        p90 = written(metric, whole.p90)
        title = say(f"{name}: half within {value}, nine of ten within {p90} (n = {n})")
    head = (exact("From"), *(one["name"] for one in series), "n")
    lines = tuple(
        Line(
            name=p.day.isoformat(), href=href,
            cells=(*(one["texts"][place] for one in series), number(p.figure.n)),
        )
        for place, (p, href) in enumerate(zip(points, hrefs, strict=True))
    )  # fmt: skip
    data = {
        "kind": "trend", "unit": metric.kind, "labels": [p.day.isoformat() for p in points], "series": series,
        "counts": [p.figure.n for p in points], "hrefs": hrefs,
        "goal": goal, "goalText": say(f"goal {written(metric, goal)}") if goal is not None else "",
    }  # fmt: skip
    return Chart(key=f"trend-{metric.key}", title=title, head=head, lines=lines, data=data)


def _series(name: str, metric: Metric, values: Sequence[float | None]) -> dict[str, Any]:
    return {"name": say(name), "values": list(values), "texts": [written(metric, value) for value in values]}


def spread(metric: Metric, whole: Figure, asked: Chosen) -> Chart:
    """How a length of time is spread, with median and 90th percentile."""
    bars = queries.histogram(asked.where, metric.key)
    n, rows = sum(bar.count for bar in bars), reverse("insights_tickets")
    hrefs = [
        asked.link(rows, metric=metric.key, least=bar.least or None, below=bar.below or None) if bar.count else ""
        for bar in bars
    ]
    marks = [
        {"at": _place(bars, value), "text": f"{exact(word)} {length(value)}"}
        for word, value in (("median", whole.value), ("90th percentile", whole.p90))
        if value is not None
    ]
    most = max(bars, key=lambda bar: bar.count)
    title = (
        say(f"{say(metric.name)}: most often {words()[most.name]}") if n else say("Nothing was measured in this period")
    )
    names = [words()[bar.name] for bar in bars]
    return Chart(
        key=f"spread-{metric.key}", title=title, head=(exact("Length"), exact("Tickets"), exact("Share")),
        lines=tuple(
            Line(name=name, href=href, cells=(number(bar.count), percent(bar.count / n) if n else "–"))
            for name, bar, href in zip(names, bars, hrefs, strict=True)
        ),
        data={
            "kind": "bars", "unit": "count", "labels": names, "hrefs": hrefs, "marks": marks,
            "series": [{"name": exact("Tickets"), "values": [b.count for b in bars], "texts": [number(b.count) for b in bars]}],
        } if n else {},
    )  # fmt: skip


def _place(bars: Sequence[queries.Bar], value: float) -> int:
    return next((place for place, bar in enumerate(bars) if not bar.below or value < bar.below), len(bars) - 1)


def ages(asked: Chosen) -> Chart:
    """How old the open tickets are, by severity."""
    found = queries.backlog(asked.where)
    bars = next(iter(found.values()), [])
    rows = reverse("insights_tickets")
    total = sum(bar.count for of in found.values() for bar in of)
    old = sum(of[-1].count + of[-2].count for of in found.values())
    names = [words()[bar.name] for bar in bars]
    hrefs = [asked.link(rows, metric="backlog", least=bar.least or None, below=bar.below or None) for bar in bars]
    title = say(f"{old:,} of {total:,} open tickets are older than two weeks") if total else say("Nothing is open")
    series = [
        {
            "name": f"Sev{priority}",
            "values": [b.count for b in of],
            "texts": [number(b.count) for b in of],
            "stack": True,
        }
        for priority, of in found.items()
    ]
    return Chart(
        key="ages", title=title, head=(exact("Age"), *(str(one["name"]) for one in series), exact("All")),
        lines=tuple(
            Line(
                name=name, href=hrefs[place] if any(of[place].count for of in found.values()) else "",
                cells=(*(number(of[place].count) for of in found.values()), number(sum(of[place].count for of in found.values()))),
            )
            for place, name in enumerate(names)
        ),
        data={"kind": "bars", "unit": "count", "labels": names, "hrefs": hrefs, "series": series} if total else {},
    )  # fmt: skip


def pareto(asked: Chosen, dimension: str) -> Chart:
    """What escalations are about, the most frequent first, with the share that is reached."""
    every = queries.groups(asked.where, "escalations", dimension)
    found, rest = every[:MOST_GROUPS], every[MOST_GROUPS:]
    total, rows = sum(one.figure.n for one in every), reverse("insights_tickets")
    reached = [many / total for many in accumulate(one.figure.n for one in found)] if total else []
    hrefs = [asked.link(rows, metric="escalations", **{dimension: one.key}) for one in found]
    names = [say(one.name) for one in found]
    title, note = say("Nothing was escalated in this period"), ""
    if rest:
        many, others = len(rest), number(sum(one.figure.n for one in rest))
        note = say(f"{many} rarer ones are not drawn; they stand behind {others} more escalations.")
    if found:
        title = say(f"{names[0]} is behind {percent(found[0].figure.n / total)} of {total:,} escalations")
    return Chart(
        key="pareto", title=title, note=note, head=(exact("Reason"), exact("Escalations"), exact("Share reached")),
        lines=tuple(
            Line(name=name, href=href, cells=(number(one.figure.n), percent(share)))
            for name, one, href, share in zip(names, found, hrefs, reached, strict=True)
        ),
        data={
            "kind": "pareto", "unit": "count", "labels": names, "hrefs": hrefs,
            "series": [
                {"name": exact("Escalations"), "values": [o.figure.n for o in found], "texts": [number(o.figure.n) for o in found]},
                {"name": exact("Share reached"), "values": reached, "texts": [percent(share) for share in reached]},
            ],
        } if found else {},
    )  # fmt: skip


def flow(asked: Chosen) -> Chart:
    """How tickets move between teams: from the left to the right."""
    moves, rows = queries.flow(asked.where, WAYS), reverse("insights_tickets")
    hrefs = [asked.link(rows, metric="moves", moved_from=one.key, moved_to=other.key) for one, other, _ in moves]
    title, note = say("No ticket moved between teams in this period"), ""
    if len(moves) == WAYS:
        drawn = sum(many for _, _, many in moves)
        note = say(f"Drawn are the {WAYS} most frequent ways: {drawn:,} moves.")
    if moves:
        one, other, many = moves[0]
        title = say(f"Most moves go from {one.name} to {other.name}: {many:,}")
    links = [
        {"from": f"{one.name} ▸", "to": f"▸ {other.name}", "value": many, "href": href}
        for (one, other, many), href in zip(moves, hrefs, strict=True)
    ]
    return Chart(
        key="flow", title=title, note=note, head=(exact("From"), exact("To"), exact("Moves")),
        lines=tuple(
            Line(name=one.name, href=href, cells=(other.name, number(many)))
            for (one, other, many), href in zip(moves, hrefs, strict=True)
        ),
        data={"kind": "flow", "links": links} if moves else {},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullet:
    """Attainment of one kind of clock: a bar from 0 to 200 and, where there is a goal, where it stands."""

    metric: Metric
    figure: Figure
    text: str
    width: float
    goal: float | None
    goal_text: str
    missed: bool
    href: str


def bullets(found: Mapping[str, Figure], goals: Mapping[str, float], asked: Chosen) -> list[Bullet]:
    """Return the clocks that were decided in the period."""
    made = []
    for key in (f"sla_{kind}" for kind in CLOCKS):
        figure, metric, goal = found[key], METRICS[key], goals.get(key)
        if figure.value is not None:
            made.append(
                Bullet(
                    metric=metric, figure=figure, text=percent(figure.value), width=round(200 * figure.value, 2),
                    goal=round(200 * goal, 2) if goal is not None else None,
                    goal_text=percent(goal) if goal is not None else "", missed=goal is not None and figure.value < goal,
                    href=asked.link(reverse("insights_tickets"), metric=key, only="miss"),
                )
            )  # fmt: skip
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One hour of the week: `shade` 0 (nothing, hatched) to 6 (the most)."""

    count: int
    shown: str
    shade: int
    href: str
    words: str


def heat(asked: Chosen) -> tuple[str, list[tuple[str, list[Cell]]]]:
    """Return (the finding, for each weekday its 24 cells)."""
    found = queries.heat(asked.where)
    most, rows = max(found.values(), default=0), reverse("insights_tickets")

    def cell(day: int, hour: int) -> Cell:
        many = found.get((day, hour), 0)
        name = exact(DAYS[day - 1])
        return Cell(
            count=many, shown=short(many), shade=-(-6 * many // most) if many else 0, words=f"{name} {hour:02d}:00, {many:,}",
            href=asked.link(rows, metric="opened", weekday=day, hour=str(hour)) if many else "",
        )  # fmt: skip

    grid = [(exact(DAYS[day - 1]), [cell(day, hour) for hour in range(24)]) for day in range(1, 8)]
    if not found:
        return say("Nothing was opened in this period"), grid
    (day, hour), many = max(found.items(), key=lambda one: (one[1], -one[0][0], -one[0][1]))
    name, clock = exact(DAYS[day - 1]), f"{hour:02d}:00"
    return say(f"Most tickets come on {name} from {clock}: {many:,}"), grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """What one team's customers gave."""

    group: Group
    counts: tuple[int, int, int, int, int]
    parts: list[Part]
    share: str
    href: str


def ratings(asked: Chosen) -> list[Rated]:
    """Return the ratings by team, for diverging bars."""
    rows = reverse("insights_tickets")
    return [
        Rated(
            group=group, counts=counts, parts=diverging(counts), share=percent(group.figure.hits / group.figure.n),
            href=asked.link(rows, metric="csat", team=group.key),
        )
        for group, counts in queries.satisfaction(asked.where)[:MOST_GROUPS]
    ]  # fmt: skip
