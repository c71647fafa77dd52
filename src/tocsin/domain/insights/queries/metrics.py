"""Figures: every page, answer and file reads them here, so that they are the same everywhere (SEMANTICS 9)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.domain.insights.logic.metrics import AGES, DIMENSIONS, LENGTHS, METRICS, SOURCES, Metric, Source, is_rate_by
from tocsin.domain.insights.queries.metrics_rates import escalation_rates
from tocsin.domain.insights.queries.metrics_rows import (
    NOTHING,
    Figure,
    Group,
    Selection,
    condition_of,
    length_of,
    names_of,
    rows_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One day, week or month of a trend, by its first day in the selection's zone; `end` is excluded."""

    day: date
    end: date
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a histogram: from `least` (included) to `below` (excluded, 0: open), seconds."""

    name: str
    least: int
    below: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row behind a figure."""

    number: int
    subject: str
    at: datetime
    hit: bool
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Which rows of a figure: those behind one mark of a chart.

    `only`: "hit" or "miss" of a share; `least` and `below` bound its length in seconds; `moved` (slugs) asks for moves
    from one team to another.
    """

    only: str = ""
    least: float | None = None
    below: float | None = None
    moved: tuple[str, str] | None = None


EVERY = Marks()


def figures(where: Selection, keys: Collection[str] = ()) -> dict[str, Figure]:
    """Return {metric: its figure} over the whole period; all metrics unless `keys` names some."""
    return {key: whole for key, (whole, _) in _measured(where, keys).items()}


def beside(where: Selection, keys: Collection[str] = ()) -> dict[str, tuple[Figure, Figure]]:
    """Return {metric: (its figure, that of the period of the same length before)}, both from one look at the rows."""
    before = where.before()
    found: dict[str, tuple[Figure, Figure]] = {}
    for key, (whole, parts) in _measured(where, keys, [before.start, where.start]).items():
        is_now = SOURCES[METRICS[key].source].now
        none = _empty(METRICS[key])
        found[key] = (whole, whole) if is_now else (parts.get(2, none), parts.get(1, none))
    return found


def trends(where: Selection, keys: Collection[str] = ()) -> dict[str, tuple[Figure, list[Point]]]:
    """Return {metric: (figure, its points in order)}, points without rows among them with n = 0."""
    days = _days(where)
    found: dict[str, tuple[Figure, list[Point]]] = {}
    zone = ZoneInfo(where.zone)
    # The first instant of each day: where clocks go forward at midnight, that is when they do.
    edges = [datetime.combine(day, time(), zone) for day in days]
    for key, (whole, parts) in _measured(where, keys, edges, whole=True).items():
        points = [
            Point(day=day, end=end, figure=parts.get(place, _empty(METRICS[key])))
            for place, (day, end) in enumerate(zip(days, [*days[1:], _next(days[-1], where.step)], strict=True), 1)
        ]
        found[key] = whole, points
    return found


def groups(where: Selection, key: str, dimension: str) -> list[Group]:
    """Return a metric's figure for each value of a dimension, those with the most rows first."""
    metric = METRICS[key]
    if is_rate_by(metric, dimension):
        return escalation_rates(where, dimension)
    source, columns = SOURCES[metric.source], _columns([metric], where)
    value = DIMENSIONS[dimension][0]
    condition, given = condition_of(where, source)
    rows = rows_of(
        f"SELECT {value} AS value, {', '.join(columns)} FROM {source.rows} WHERE {condition} AND ({metric.of}) "  # noqa: S608 - text of the registry
        "GROUP BY 1",
        given,
    )
    made = [(word, _figure(metric, values)) for word, *values in rows]
    names = names_of(dimension, [word for word, _ in made])
    listed = [Group(key=names[word][0], name=names[word][1], figure=figure) for word, figure in made]
    return sorted(listed, key=lambda one: (-one.figure.n, one.name))


def histogram(where: Selection, key: str, bars: Sequence[tuple[int, str]] = LENGTHS) -> list[Bar]:
    """Return how a metric's lengths of time (or the ages of what is open) are spread."""
    return _bars(_spread(where, METRICS[key], bars, by="0"), 0, bars)


def _spread(where: Selection, metric: Metric, bars: Sequence[tuple[int, str]], by: str) -> dict[tuple[int, int], int]:
    """Return {(value of `by`, place of the bar): rows}."""
    source, value = SOURCES[metric.source], length_of(metric, where)
    condition, given = condition_of(where, source)
    ends = [end for end, _ in bars if end]
    rows = rows_of(
        f"SELECT {by}, width_bucket({value}, ARRAY{ends}::float8[]), count(*) FROM {source.rows} "  # noqa: S608 - text of the registry
        f"WHERE {condition} AND ({metric.of}) AND {value} IS NOT NULL GROUP BY 1, 2",
        given,
    )
    return {(of, place): count for of, place, count in rows}


def _bars(spread: Mapping[tuple[int, int], int], of: int, bars: Sequence[tuple[int, str]]) -> list[Bar]:
    least = [0, *(end for end, _ in bars if end)]
    return [
        Bar(name=name, least=least[place], below=end, count=spread.get((of, place), 0))
        for place, (end, name) in enumerate(bars)
    ]


def backlog(where: Selection) -> dict[int, list[Bar]]:
    """Return {priority: the ages of the open tickets}."""
    spread = _spread(where, METRICS["backlog"], AGES, by="t.priority")
    asked = where.where.get("priority", "")
    return {priority: _bars(spread, priority, AGES) for priority in (1, 2, 3, 4) if asked in ("", str(priority))}


def heat(where: Selection) -> dict[tuple[int, int], int]:
    """Return {(weekday from 1 Monday, hour): tickets opened} in the selection's zone."""
    source = SOURCES["opened"]
    condition, given = condition_of(where, source)
    # By quarters of an hour first, of which there are few: every zone lies a whole number of them from UTC.
    rows = rows_of(
        "SELECT extract(isodow FROM q.local)::int, extract(hour FROM q.local)::int, sum(q.many)::int FROM ("  # noqa: S608 - text of the registry
        "SELECT date_bin('15 minutes', t.opened_at, 'epoch') AT TIME ZONE %(zone)s AS local, count(*) AS many "
        f"FROM {source.rows} WHERE {condition} GROUP BY date_bin('15 minutes', t.opened_at, 'epoch')) q GROUP BY 1, 2",
        given,
    )
    return {(weekday, hour): count for weekday, hour, count in rows}


def satisfaction(where: Selection, dimension: str = "team") -> list[tuple[Group, tuple[int, int, int, int, int]]]:
    """Return for each value of a dimension how often 1, 2, 3, 4 and 5 were given, those with the most ratings first."""
    condition, given = condition_of(where, SOURCES["ratings"])
    value = DIMENSIONS[dimension][0]
    counts = ", ".join(f"count(*) FILTER (WHERE x.score = {score})" for score in range(1, 6))
    rows = rows_of(
        f"SELECT {value}, {counts} FROM {SOURCES['ratings'].rows} WHERE {condition} GROUP BY 1 ORDER BY count(*) DESC, 1",  # noqa: S608 - text of the registry
        given,
    )
    names = names_of(dimension, [word for word, *_ in rows])
    return [
        (
            Group(key=names[word][0], name=names[word][1], figure=Figure(n=sum(many), hits=many[3] + many[4])),
            (a, b, c, d, e),
        )
        for word, *many in rows
        for a, b, c, d, e in [many]
    ]


def flow(where: Selection, limit: int = 14) -> list[tuple[Group, Group, int]]:
    """Return the moves from team to team in the period, the most frequent first: (from, to, count); `key`s are slugs."""
    condition, given = condition_of(where, SOURCES["moves"])
    rows = rows_of(
        "SELECT x.from_team, x.to_team, max(x.from_line), max(x.to_line), count(*) "  # noqa: S608 - text of the registry
        f"FROM {SOURCES['moves'].rows} WHERE {condition} "
        "GROUP BY 1, 2 ORDER BY 5 DESC, 1, 2 LIMIT %(limit)s",
        given | {"limit": limit},
    )
    names = names_of("team", {team for one, other, *_ in rows for team in (one, other)})

    def group(team: Any, line: str) -> Group:
        slug, name = names[team]
        return Group(key=slug, name=f"{line} {name}".strip(), figure=NOTHING)

    return [(group(one, line), group(other, to), count) for one, other, line, to, count in rows]


def listed(
    where: Selection, key: str, marks: Marks = EVERY, *, start: int = 0, limit: int = 50
) -> tuple[int, list[Listed]]:
    """Return (how many, a page of) the rows behind a figure, or behind one mark of its chart, the youngest first."""
    metric = METRICS[key]
    source, value = SOURCES[metric.source], length_of(metric, where) or "NULL::float8"
    condition, given = condition_of(where, source)
    parts = [condition, f"({metric.of})"]
    if marks.only in ("hit", "miss"):
        parts.append(f"({metric.hit})" if marks.only == "hit" else f"NOT ({metric.hit})")
    if marks.least is not None and metric.elapsed:
        parts.append(f"{value} >= %(least)s")
    if marks.below and metric.elapsed:
        parts.append(f"{value} < %(below)s")
    if marks.moved and source.key == "moves":
        parts.append(_MOVED)
        given |= {"from": marks.moved[0], "to": marks.moved[1]}
    given |= {"least": marks.least, "below": marks.below, "start": start, "limit": limit}
    rows = rows_of(
        f"SELECT d.number, d.subject, {source.at}, ({metric.hit}), {value}, count(*) OVER () FROM {source.rows} "  # noqa: S608 - text of the registry
        f"JOIN tickets_ticket d ON d.id = t.ticket_id WHERE {' AND '.join(parts)} "
        f"ORDER BY {source.at} DESC, d.number DESC OFFSET %(start)s LIMIT %(limit)s",
        given,
    )
    found = [Listed(number=n, subject=subject, at=at, hit=hit, value=length) for n, subject, at, hit, length, _ in rows]
    return (rows[0][-1] if rows else 0), found


def counted() -> tuple[int, datetime | None, datetime | None]:
    """Return (tickets that are counted, when the first was opened, when the last was)."""
    ((many, first, last),) = rows_of("SELECT count(*), min(opened_at), max(opened_at) FROM insights_ticketfact", {})
    return many, first, last


_MOVED = (
    "x.from_team = (SELECT id FROM people_team WHERE slug = %(from)s) "
    "AND x.to_team = (SELECT id FROM people_team WHERE slug = %(to)s)"
)


def _measured(
    where: Selection, keys: Collection[str], edges: Sequence[datetime] = (), *, whole: bool = False
) -> dict[str, tuple[Figure, dict[int, Figure]]]:
    """Measure with one statement for each source that is asked for: the whole, and the parts that begin at `edges`.

    With `edges` everything from the first on is counted, the parts by their places from 1; the whole then only if it is
    asked for, or where the source is of now and has no parts.
    """
    wanted = [METRICS[key] for key in METRICS if not keys or key in keys]
    found: dict[str, tuple[Figure, dict[int, Figure]]] = {}
    for source in SOURCES.values():
        of_source = [metric for metric in wanted if metric.source == source.key]
        if of_source:
            found |= _of_source(source, of_source, where, () if source.now else edges, whole=whole)
    return {metric.key: found[metric.key] for metric in wanted}


def _of_source(
    source: Source, metrics: Sequence[Metric], where: Selection, edges: Sequence[datetime], *, whole: bool
) -> dict[str, tuple[Figure, dict[int, Figure]]]:
    begin = where.start if whole or not edges else min(edges[0], where.start)
    condition, given = condition_of(replace(where, start=begin), source)
    columns = ", ".join(column for metric in metrics for column in _columns([metric], where))
    if edges:
        # The database finds the part of an instant among sorted edges four times as fast as it converts it to a day.
        given["edges"] = list(edges)
        parts = f"CROSS JOIN LATERAL (SELECT width_bucket({source.at}, %(edges)s::timestamptz[]) AS part) b"
        rows = rows_of(
            f"SELECT b.part, {columns} FROM {source.rows} {parts} WHERE {condition} "  # noqa: S608 - text of the registry
            f"GROUP BY {'GROUPING SETS ((b.part), ())' if whole else 'b.part'}",
            given,
        )
    else:
        rows = rows_of(f"SELECT NULL, {columns} FROM {source.rows} WHERE {condition}", given)  # noqa: S608 - text of the registry
    found = {metric.key: (_empty(metric), dict[int, Figure]()) for metric in metrics}
    for part, *values in rows:
        for place, metric in enumerate(metrics):
            figure = _figure(metric, values[3 * place : 3 * place + 3])
            if part is None:
                found[metric.key] = figure, found[metric.key][1]
            else:
                found[metric.key][1][part] = figure
    return found


def _columns(metrics: Sequence[Metric], where: Selection) -> list[str]:
    """Return three columns a metric: n, hits, and what its kind needs."""
    columns = []
    for metric in metrics:
        columns.append(f"count(*) FILTER (WHERE {metric.of})")
        columns.append(f"count(*) FILTER (WHERE ({metric.of}) AND ({metric.hit}))")
        length = length_of(metric, where)
        if metric.kind == "time":
            columns.append(
                f"percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY {length}) FILTER (WHERE {metric.of})"
            )
        elif metric.kind == "mean":
            columns.append(f"(avg({length}) FILTER (WHERE {metric.of}))::float8")
        else:
            columns.append("NULL")
    return columns


def _figure(metric: Metric, values: Sequence[Any]) -> Figure:
    n, hits, more = values
    if metric.kind == "count":
        return Figure(n=n, hits=n, value=float(n))
    if metric.kind == "share":
        return Figure(n=n, hits=hits, value=hits / n if n else None)
    if metric.kind == "mean":
        return Figure(n=n, hits=hits, value=more)
    return Figure(n=n, value=more[0] if more else None, p90=more[1] if more else None)


def _empty(metric: Metric) -> Figure:
    return Figure(n=0, value=0.0) if metric.kind == "count" else NOTHING


def _days(where: Selection) -> list[date]:
    """Return the first days of the steps from `start` up to `end`."""
    zone = ZoneInfo(where.zone)
    first = where.start.astimezone(zone).date()
    last = (where.end - timedelta(microseconds=1)).astimezone(zone).date()
    if where.step == "week":
        first -= timedelta(days=first.weekday())
    elif where.step == "month":
        first = first.replace(day=1)
    days = [first]
    while (following := _next(days[-1], where.step)) <= last:
        days.append(following)
    return days


def _next(day: date, step: str) -> date:
    if step == "month":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days=7 if step == "week" else 1)
