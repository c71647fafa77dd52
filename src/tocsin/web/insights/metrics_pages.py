"""Insights (leads, executives): one sentence, figures, trends, and the tickets behind every mark (UX "Pages")."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tocsin.domain.insights import queries, rules
from tocsin.domain.insights.logic.metrics import DIMENSIONS, IDS, METRICS, SOURCES, Metric, groups_for, is_rate_by
from tocsin.domain.insights.logic.metrics_words import (
    Told,
    finding_of_groups,
    is_missed,
    is_worse,
    moved,
    sentence,
)
from tocsin.domain.insights.models import MetricTarget
from tocsin.domain.insights.queries import Figure
from tocsin.domain.problems.rules import may_see_problems
from tocsin.kernel.errors import NotFound
from tocsin.web.access import insider, viewer
from tocsin.web.desk.bulk import FORMULA
from tocsin.web.insights import metrics_charts as charts
from tocsin.web.insights.metrics_selecting import PERIODS, Chosen, chosen
from tocsin.web.insights.prevention import prevented
from tocsin.web.insights.spoken import written
from tocsin.web.languages.catalogue import exact, say

STRIP = (
    "opened", "escalation_rate", "sla_resolution", "csat", "fcr_broad", "time_response", "time_resolve", "time_acknowledge",
)  # fmt: skip
PAGE, MOST_GROUPS = 50, 100
MOST_LINES = 20_000
USUAL_TREND = "escalation_rate"
CAUSES = {"reason": "By reason", "cause": "By cause", "type": "By type"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One figure as a page shows it."""

    metric: Metric
    figure: Figure
    value: str
    p90: str
    before: str  # how it moved, "" where it may be chance
    worse: bool
    goal: str
    missed: bool
    href: str
    rows: str


@insider
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """How it goes, and why, in five seconds."""
    asked = chosen(request)
    key = request.GET.get("trend", USUAL_TREND)
    key = key if key in METRICS and not SOURCES[METRICS[key].source].now else USUAL_TREND
    found, goals = told(asked)
    trends = queries.trends(asked.where, {key, "time_resolve"})
    figures = {name: Figure(n=one.n, value=one.value) for name, one in found.items()}
    heat, grid = charts.heat(asked)
    why = request.GET.get("why", "reason")
    why = why if why in CAUSES else "reason"
    many, first, last = queries.counted()
    shown = shown_figures(asked, found, STRIP)
    context = {
        "asked": asked, "periods": PERIODS, "section": "insights", "tab": "overview",
        "sentence": [say(part) for part in sentence(found, asked.days)],
        "strip": shown, "trend": charts.trend(METRICS[key], *trends[key], goals.get(key), asked), "trend_key": key,
        "bullets": charts.bullets(figures, goals, asked),
        "resolve": charts.trend(METRICS["time_resolve"], *trends["time_resolve"], goals.get("time_resolve"), asked),
        "spread": charts.spread(METRICS["time_resolve"], trends["time_resolve"][0], asked),
        "ages": charts.ages(asked), "pareto": charts.pareto(asked, why), "why": why, "whys": CAUSES,
        "flow": charts.flow(asked), "heat": heat, "grid": grid, "hours": range(24), "ratings": charts.ratings(asked),
        "groups": by_heading(shown_figures(asked, found, METRICS)),
        "prevented": prevented(asked), "may_see_problems": may_see_problems.test(viewer(request)),
        "counted": many, "first": first, "last": last, "may_set": rules.may_set_targets.test(viewer(request)),
        "trend_choices": [(name, METRICS[name].name) for name in METRICS if not SOURCES[METRICS[name].source].now],
    }  # fmt: skip
    return render(request, "insights/overview.html", context)


@insider
@require_safe
def metric(request: HttpRequest, key: str) -> HttpResponse:
    """One metric: what it means, how it went, by what it differs."""
    found, asked = _metric(key), chosen(request)
    goals = _goals(asked)
    by = request.GET.get("by", "team")
    by = by if by in groups_for(found) else "team"
    whole, points = queries.trends(asked.where, [key])[key]
    _, before = queries.beside(asked.where, [key])[key]
    one = _shown(asked, found, _told(whole, before, goals.get(key)), whole)
    groups = queries.groups(asked.where, key, by)
    title = finding_of_groups(found, [(group.name, group.figure.value, group.figure.n) for group in groups])
    context = {
        "asked": asked, "periods": PERIODS, "section": "insights", "tab": "metric", "metric": found, "one": one,
        "trend": charts.trend(found, whole, points, goals.get(key), asked) if not SOURCES[found.source].now else None,
        "spread": charts.spread(found, whole, asked) if found.kind == "time" and whole.n else None,
        "by": by, "bys": [(name, DIMENSIONS[name][1]) for name in groups_for(found)], "by_name": DIMENSIONS[by][1],
        "finding": say(title), "target": queries.target_of(key, asked.where.where),
        "lines": [
            (
                group.name if by in IDS or by in ("category", "cause") else say(group.name),
                written(found, group.figure.value), written(found, group.figure.p90),
                _group_of(asked, found, by, group.key, request.path), _rows_of(asked, found, **{by: group.key}), group.figure,
                is_missed(found, group.figure.value, goals.get(key)),
            )
            for group in groups[:MOST_GROUPS]
        ],
        "unlisted": max(len(groups) - MOST_GROUPS, 0),
        "may_set": rules.may_set_targets.test(viewer(request)) and found.better != "neither",
    }  # fmt: skip
    return render(request, "insights/metric.html", context)


@insider
@require_safe
def tickets(request: HttpRequest) -> HttpResponse:
    """The rows behind a figure: what every mark of every chart leads to."""
    found, asked = _metric(request.GET.get("metric", "opened")), chosen(request)
    page = min(_whole(request.GET.get("page", "")) or 1, 10_000)
    total, rows = queries.listed(asked.where, found.key, _marks(request), start=(page - 1) * PAGE, limit=PAGE)
    context = {
        "asked": asked, "periods": PERIODS, "section": "insights", "metric": found, "total": total, "page": page,
        "only": request.GET.get("only", ""), "pages": -(-total // PAGE),
        "rows": [(row, written(found, row.value) if found.elapsed and found.kind in ("time", "mean") else "") for row in rows],
        "what": say(_what(found, request.GET.get("only", ""))), "source": SOURCES[found.source],
        "marks": {name: request.GET[name] for name in MARKS if request.GET.get(name)},
    }  # fmt: skip
    return render(request, "insights/tickets.html", context)


MARKS = ("metric", "only", "least", "below", "moved_from", "moved_to", "weekday", "hour")


@insider
@require_safe
def tickets_csv(request: HttpRequest) -> HttpResponse:
    """The same list as a file, up to 20,000 lines."""
    found, asked = _metric(request.GET.get("metric", "opened")), chosen(request, selects=False)
    _, rows = queries.listed(asked.where, found.key, _marks(request), limit=MOST_LINES)
    lines = ([f"T-{r.number}", r.subject, r.at.isoformat(), r.hit, "" if r.value is None else r.value] for r in rows)
    return as_file(f"{found.key}-tickets.csv", ["reference", "subject", "at", "hit", "value"], lines)


@insider
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """Every figure of the page as a file: shares from 0 to 1, lengths of time in seconds."""
    asked = chosen(request, selects=False)
    found = queries.figures(asked.where)
    period = [asked.where.start.isoformat(), asked.where.end.isoformat()]
    head = ["metric", "name", "kind", "n", "hits", "value", "p90", "from", "until", "definition"]
    lines = (
        [
            key, METRICS[key].name, METRICS[key].kind, f.n, f.hits, plain_number(f.value), plain_number(f.p90), *period,
            METRICS[key].definition,
        ]
        for key, f in found.items()
    )  # fmt: skip
    return as_file("insights.csv", head, lines)


@insider
@require_safe
def metric_csv(request: HttpRequest, key: str) -> HttpResponse:
    """One metric over time, as a file."""
    found, asked = _metric(key), chosen(request, selects=False)
    _, points = queries.trends(asked.where, [key])[key]
    lines = (
        [
            p.day.isoformat(),
            p.end.isoformat(),
            p.figure.n,
            p.figure.hits,
            plain_number(p.figure.value),
            plain_number(p.figure.p90),
        ]
        for p in points
    )
    return as_file(f"{found.key}.csv", ["from", "until", "n", "hits", "value", "p90"], lines)


@insider
@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """For a screen on the wall: large, live, nothing to touch."""
    asked = chosen(request, selects=False)
    found, _ = told(asked)
    shown = shown_figures(asked, found, ("backlog", *STRIP))
    context = {"asked": asked, "strip": shown, "sentence": [say(part) for part in sentence(found, asked.days)]}
    live = bool(getattr(request, "htmx", False))
    return render(request, "insights/wall_live.html" if live else "insights/wall.html", context)


def told(asked: Chosen) -> tuple[dict[str, Told], dict[str, float]]:
    """Return every figure beside that of the period before and its goal, and the goals."""
    goals = _goals(asked)
    found = queries.beside(asked.where)
    return {key: _told(figure, before, goals.get(key)) for key, (figure, before) in found.items()}, goals


def _told(figure: Figure, before: Figure, goal: float | None) -> Told:
    return Told(n=figure.n, value=figure.value, before_n=before.n, before=before.value, goal=goal, p90=figure.p90)


def _goals(asked: Chosen) -> dict[str, float]:
    """Return the goals that were set for exactly this scope."""
    scope = {name: value for name, value in asked.where.where.items() if value}
    return {target.metric: target.goal for target in queries.targets() if target.scope == scope}


def shown_figures(asked: Chosen, found: Mapping[str, Told], keys: Iterable[str]) -> list[Shown]:
    """Return figures as pages show them, in the order of `keys`."""
    return [
        _shown(asked, METRICS[key], found[key], Figure(n=found[key].n, value=found[key].value, p90=found[key].p90))
        for key in keys
    ]


def _shown(asked: Chosen, found: Metric, one: Told, figure: Figure) -> Shown:
    way, before = moved(found, one), written(found, one.before)
    return Shown(
        metric=found, figure=figure, value=written(found, figure.value), p90=written(found, figure.p90) if figure.p90 else "",
        before=say(f"up from {before}" if way > 0 else f"down from {before}") if way else "",
        worse=is_worse(found, one), goal=written(found, one.goal) if one.goal is not None else "",
        missed=is_missed(found, one.value, one.goal), href=asked.link(reverse("insights_metric", args=[found.key])),
        rows=_rows_of(asked, found),
    )  # fmt: skip


def _group_of(asked: Chosen, found: Metric, by: str, key: str, path: str) -> str:
    """Return where a group leads: the figure within it, or its tickets where all within it are hits."""
    return _rows_of(asked, found, **{by: key}) if is_rate_by(found, by) else asked.link(path, **{by: key, "by": by})


def _rows_of(asked: Chosen, found: Metric, **changes: object) -> str:
    only = ("miss" if found.misses else "hit") if found.kind == "share" else None
    return asked.link(reverse("insights_tickets"), metric=found.key, only=only, **changes)


def by_heading(shown: Sequence[Shown]) -> list[tuple[str, list[Shown]]]:
    """Return figures under their headings."""
    headings: dict[str, list[Shown]] = {}
    for one in shown:
        headings.setdefault(one.metric.group, []).append(one)
    return list(headings.items())


def scope_words(target: MetricTarget) -> str:
    """Say where a target holds."""
    parts = []
    for name, value in target.scope.items():
        names = dict(queries.offered(name))
        parts.append(f"{exact(DIMENSIONS[name][1])}: {names.get(value, value)}")
    return ", ".join(parts) or exact("everywhere")


def _what(found: Metric, only: str) -> str:
    if only == "miss":
        return f"{found.name}: those that do not count as a hit"
    return f"{found.name}: those that count as a hit" if only == "hit" else found.name


def _metric(key: str) -> Metric:
    if key not in METRICS:
        raise NotFound("metric_not_found", "There is no such figure. Choose one on the page Insights.")
    return METRICS[key]


def _marks(request: HttpRequest) -> queries.Marks:
    asked = request.GET
    one, other = (asked.get(name, "")[:80].replace("\x00", "") for name in ("moved_from", "moved_to"))
    return queries.Marks(
        only=asked.get("only", ""), least=_whole(asked.get("least", "")), below=_whole(asked.get("below", "")),
        moved=(one, other) if one and other else None,
    )  # fmt: skip


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def plain_number(value: float | None) -> str:
    """Return a figure as files have it: "" where there is none."""
    return "" if value is None else repr(round(value, 6))


def as_file(name: str, head: Sequence[str], lines: Iterable[Sequence[object]]) -> HttpResponse:
    """Answer a CSV file; what a spreadsheet would run is disarmed."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_plain(str(value)) for value in line] for line in lines)
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _plain(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA) else value
