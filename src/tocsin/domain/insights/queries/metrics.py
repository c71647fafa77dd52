"""Figures: every page, answer and file reads them here, so that they are the same everywhere (SEMANTICS 9)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from tocsin.domain.insights.logic.metrics import (
    AGES,
    DIMENSIONS,
    IDS,
    LENGTHS,
    METRICS,
    NONE,
    OF_ESCALATIONS,
    SOURCES,
    Metric,
    Source,
)

LONGEST_BY_DAY, LONGEST_BY_WEEK = timedelta(days=32), timedelta(days=460)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is counted: from `start` (included) to `end` (excluded), UTC; days and weeks begin in `zone`.

    `where`: {dimension: its word in an address, or "none"}. `weekday` (1 Monday) and `hour` are of the opening.
    """

    start: datetime
    end: datetime
    now: datetime
    zone: str = "UTC"
    where: Mapping[str, str] = field(default_factory=dict)
    business: bool = True
    weekday: int | None = None
    hour: int | None = None

    def before(self) -> "Selection":
        """Return the period of the same length that ends where this begins."""
        return replace(self, start=self.start - (self.end - self.start), end=self.start)

    @property
    def step(self) -> str:
        """The width of one point of a trend: day, week or month."""
        length = self.end - self.start
        return "day" if length <= LONGEST_BY_DAY else "week" if length <= LONGEST_BY_WEEK else "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One metric over some rows. `value`: share 0 to 1, mean, count, or median in seconds; None where n is 0."""

    n: int
    hits: int = 0
    value: float | None = None
    p90: float | None = None


NOTHING = Figure(n=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One day, week or month of a trend, by its first day in the selection's zone; `end` is excluded."""

    day: date
    end: date
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One value of a dimension: its word in an address, its name, its figure."""

    key: str
    name: str
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


def figures(where: Selection, keys: Collection[str] = ()) -> dict[str, Figure]:
    """Return {metric: its figure} over the whole period; all metrics unless `keys` names some."""
    return {key: whole for key, (whole, _) in _measured(where, keys, trend=False).items()}


def trends(where: Selection, keys: Collection[str] = ()) -> dict[str, tuple[Figure, list[Point]]]:
    """Return {metric: (figure, its points in order)}, points without rows among them with n = 0."""
    days = _days(where)
    found: dict[str, tuple[Figure, list[Point]]] = {}
    for key, (whole, by_day) in _measured(where, keys, trend=True).items():
        points = [
            Point(day=day, end=end, figure=by_day.get(day, _empty(METRICS[key])))
            for day, end in zip(days, [*days[1:], _next(days[-1], where.step)], strict=True)
        ]
        found[key] = whole, points
    return found


def groups(where: Selection, key: str, dimension: str) -> list[Group]:
    """Return a metric's figure for each value of a dimension, those with the most rows first."""
    metric = METRICS[key]
    source, columns = SOURCES[metric.source], _columns([metric], where)
    value = DIMENSIONS[dimension][0]
    condition, given = _condition(where, source)
    rows = _rows(
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
    metric = METRICS[key]
    source, value = SOURCES[metric.source], _length(metric, where)
    condition, given = _condition(where, source)
    ends = [end for end, _ in bars if end]
    rows = dict(
        _rows(
            f"SELECT width_bucket({value}, ARRAY{ends}::float8[]), count(*) FROM {source.rows} "  # noqa: S608 - text of the registry
            f"WHERE {condition} AND ({metric.of}) AND {value} IS NOT NULL GROUP BY 1",
            given,
        )
    )
    least = [0, *ends]
    return [
        Bar(name=name, least=least[place], below=end, count=rows.get(place, 0)) for place, (end, name) in enumerate(bars)
    ]


def backlog(where: Selection) -> dict[int, list[Bar]]:
    """Return {priority: the ages of the open tickets}."""
    found = {}
    for priority in (1, 2, 3, 4):
        if where.where.get("priority", str(priority)) == str(priority):
            found[priority] = histogram(
                replace(where, where={**where.where, "priority": str(priority)}), "backlog", AGES
            )
    return found


def heat(where: Selection) -> dict[tuple[int, int], int]:
    """Return {(weekday from 1 Monday, hour): tickets opened} in the selection's zone."""
    source = SOURCES["opened"]
    condition, given = _condition(where, source)
    local = "(t.opened_at AT TIME ZONE %(zone)s)"
    rows = _rows(
        f"SELECT extract(isodow FROM {local})::int, extract(hour FROM {local})::int, count(*) FROM {source.rows} "  # noqa: S608 - text of the registry
        f"WHERE {condition} GROUP BY 1, 2",
        given,
    )
    return {(weekday, hour): count for weekday, hour, count in rows}


def flow(where: Selection, limit: int = 14) -> list[tuple[Group, Group, int]]:
    """Return the moves from team to team in the period, the most frequent first: (from, to, count); `key`s are slugs."""
    condition, given = _condition(where, SOURCES["opened"], at="h.at")
    rows = _rows(
        "SELECT h.from_team, h.to_team, max(h.from_line), max(h.to_line), count(*) FROM insights_hopfact h "  # noqa: S608 - text of the registry
        f"JOIN insights_ticketfact t ON t.ticket_id = h.ticket_id WHERE {condition} "
        "GROUP BY 1, 2 ORDER BY 5 DESC, 1, 2 LIMIT %(limit)s",
        given | {"limit": limit},
    )
    names = names_of("team", {team for one, other, *_ in rows for team in (one, other)})

    def group(team: Any, line: str) -> Group:
        slug, name = names[team]
        return Group(key=slug, name=f"{line} {name}".strip(), figure=NOTHING)

    return [(group(one, line), group(other, to), count) for one, other, line, to, count in rows]


def listed(
    where: Selection, key: str, *, only: str = "", least: float | None = None, below: float | None = None,
    moved: tuple[str, str] | None = None, start: int = 0, limit: int = 50,
) -> tuple[int, list[Listed]]:  # fmt: skip
    """Return (how many, a page of) the rows behind a figure, the youngest first.

    `only`: "hit" or "miss" of a share; `least` and `below` bound its length in seconds; `moved` (slugs) asks for tickets
    that went from one team to another in the period.
    """
    metric = METRICS[key]
    source, value = SOURCES[metric.source], _length(metric, where) or "NULL::float8"
    condition, given = _condition(where, source)
    parts = [condition, f"({metric.of})"]
    if only in ("hit", "miss"):
        parts.append(f"({metric.hit})" if only == "hit" else f"NOT ({metric.hit})")
    if least is not None and metric.elapsed:
        parts.append(f"{value} >= %(least)s")
    if below and metric.elapsed:
        parts.append(f"{value} < %(below)s")
    if moved:
        parts.append(_MOVED)
        given |= {"from": moved[0], "to": moved[1]}
    given |= {"least": least, "below": below, "start": start, "limit": limit}
    rows = _rows(
        f"SELECT d.number, d.subject, {source.at}, ({metric.hit}), {value}, count(*) OVER () FROM {source.rows} "  # noqa: S608 - text of the registry
        f"JOIN tickets_ticket d ON d.id = t.ticket_id WHERE {' AND '.join(parts)} "
        f"ORDER BY {source.at} DESC, d.number DESC OFFSET %(start)s LIMIT %(limit)s",
        given,
    )
    found = [Listed(number=n, subject=subject, at=at, hit=hit, value=length) for n, subject, at, hit, length, _ in rows]
    return (rows[0][-1] if rows else 0), found


def names_of(dimension: str, values: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    """Return {value: (its word in an address, its name)}."""
    wanted = list(values)
    if dimension not in IDS:
        return {value: (str(value) or NONE, _NAMES.get(dimension, str)(value) if value else NONE) for value in wanted}
    table, word = IDS[dimension]
    rows = _rows(f"SELECT id, {word}, name FROM {table} WHERE id = ANY(%(ids)s)", {"ids": [v for v in wanted if v]})  # noqa: S608 - text of the registry
    known = {pk: (slug, name) for pk, slug, name in rows}
    return {value: known.get(value, (NONE, NONE)) for value in wanted}


def offered(dimension: str) -> list[tuple[str, str]]:
    """Return what a filter by this dimension may be set to: (word in an address, name), in order of names."""
    if dimension in IDS:
        table, word = IDS[dimension]
        return [(slug, name) for slug, name in _rows(f"SELECT {word}, name FROM {table} ORDER BY name", {})]  # noqa: S608 - text of the registry
    if dimension in OF_ESCALATIONS:
        rows = _rows(f"SELECT DISTINCT {dimension} FROM insights_escalationfact ORDER BY 1", {})  # noqa: S608 - text of the registry
    elif dimension == "cause":
        rows = _rows("SELECT DISTINCT category FROM problems_cause WHERE category <> '' ORDER BY 1 LIMIT 200", {})
    else:
        rows = _rows(
            f"SELECT DISTINCT {dimension} FROM insights_ticketfact WHERE {dimension}::text <> '' ORDER BY 1 LIMIT 200",  # noqa: S608 - text of the registry
            {},
        )
    return [names_of(dimension, [value])[value] for (value,) in rows]


def counted() -> tuple[int, datetime | None, datetime | None]:
    """Return (tickets that are counted, when the first was opened, when the last was)."""
    ((many, first, last),) = _rows("SELECT count(*), min(opened_at), max(opened_at) FROM insights_ticketfact", {})
    return many, first, last


_MOVED = (
    "EXISTS (SELECT 1 FROM insights_hopfact h JOIN people_team a ON a.id = h.from_team JOIN people_team b ON b.id = h.to_team "
    "WHERE h.ticket_id = t.ticket_id AND h.at >= %(start_at)s AND h.at < %(end)s AND a.slug = %(from)s AND b.slug = %(to)s)"
)
_WORDS = {
    "web": "Portal or desk", "email": "E-mail", "phone": "Phone", "api": "Program", "import": "Imported",
    "sla_at_risk": "SLA at risk", "sla_breached": "SLA breached",
}  # fmt: skip


def _word(value: Any) -> str:
    return _WORDS.get(str(value)) or str(value).replace("_", " ").capitalize()


_NAMES: dict[str, Any] = {
    "priority": lambda value: f"Sev{value}",
    "channel": _word,
    "type": _word,
    "reason": _word,
    "line": lambda value: str(value) if str(value).startswith("L") else _word(value),
}


def _measured(
    where: Selection, keys: Collection[str], *, trend: bool
) -> dict[str, tuple[Figure, dict[date, Figure]]]:
    """Measure with one statement for each source that is asked for."""
    wanted = [METRICS[key] for key in METRICS if not keys or key in keys]
    found: dict[str, tuple[Figure, dict[date, Figure]]] = {}
    for source in SOURCES.values():
        of_source = [metric for metric in wanted if metric.source == source.key]
        if not of_source:
            continue
        whole, by_day = _of_source(source, of_source, where, trend=trend and not source.now)
        for metric in of_source:
            found[metric.key] = whole[metric.key], by_day.get(metric.key, {})
    return {metric.key: found[metric.key] for metric in wanted}


def _of_source(
    source: Source, metrics: Sequence[Metric], where: Selection, *, trend: bool
) -> tuple[dict[str, Figure], dict[str, dict[date, Figure]]]:
    condition, given = _condition(where, source)
    columns = [column for metric in metrics for column in _columns([metric], where)]
    bucket = f"date_trunc('{where.step}', {source.at} AT TIME ZONE %(zone)s)::date" if trend else "NULL::date"
    rows = _rows(
        f"SELECT {'b.bucket, grouping(b.bucket)' if trend else 'NULL, 1'}, {', '.join(columns)} FROM {source.rows} "  # noqa: S608 - text of the registry
        f"CROSS JOIN LATERAL (SELECT {bucket} AS bucket) b WHERE {condition} "
        f"GROUP BY GROUPING SETS ({'(b.bucket), ' if trend else ''}())",
        given,
    )
    whole: dict[str, Figure] = {}
    by_day: dict[str, dict[date, Figure]] = {metric.key: {} for metric in metrics}
    for day, is_whole, *values in rows:
        for place, metric in enumerate(metrics):
            figure = _figure(metric, values[3 * place : 3 * place + 3])
            if is_whole:
                whole[metric.key] = figure
            else:
                by_day[metric.key][day] = figure
    return whole, by_day


def _columns(metrics: Sequence[Metric], where: Selection) -> list[str]:
    """Return three columns a metric: n, hits, and what its kind needs."""
    columns = []
    for metric in metrics:
        columns.append(f"count(*) FILTER (WHERE {metric.of})")
        columns.append(f"count(*) FILTER (WHERE ({metric.of}) AND ({metric.hit}))")
        length = _length(metric, where)
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


def _length(metric: Metric, where: Selection) -> str:
    return metric.business if where.business and metric.business else metric.elapsed


def _condition(where: Selection, source: Source, at: str = "") -> tuple[str, dict[str, Any]]:
    given: dict[str, Any] = {"start_at": where.start, "end": where.end, "zone": where.zone, "now": where.now}
    at = at or source.at
    parts = ["true"] if source.now else [f"{at} >= %(start_at)s AND {at} < %(end)s"]
    for name, value in where.where.items():
        if not value or name not in DIMENSIONS:
            continue
        given[name] = value
        parts.append(_fits(name, value, source))
    local = "(t.opened_at AT TIME ZONE %(zone)s)"
    if where.weekday is not None:
        parts.append(f"extract(isodow FROM {local}) = %(weekday)s")
        given["weekday"] = where.weekday
    if where.hour is not None:
        parts.append(f"extract(hour FROM {local}) = %(hour)s")
        given["hour"] = where.hour
    return " AND ".join(parts), given


def _fits(name: str, value: str, source: Source) -> str:
    column = DIMENSIONS[name][0]
    if name in OF_ESCALATIONS and source.key != "escalations":
        return f"EXISTS (SELECT 1 FROM insights_escalationfact z WHERE z.ticket_id = t.ticket_id AND z.{name} = %({name})s)"  # noqa: S608 - text of the registry
    if name in IDS:
        table, word = IDS[name]
        return f"{column} IS NULL" if value == NONE else f"{column} = (SELECT id FROM {table} WHERE {word} = %({name})s)"  # noqa: S608 - text of the registry
    return f"{column}::text = ''" if value == NONE else f"{column}::text = %({name})s"


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


def _rows(statement: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given or None)
        return list(cursor.fetchall())
