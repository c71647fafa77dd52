"""What figures are read from: a selection of rows as SQL, and names for the values that they are grouped by."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from tocsin.domain.insights.logic.metrics import DIMENSIONS, IDS, NONE, OF_ESCALATIONS, Metric, Source

MOST_OFFERED = 200  # values of one filter
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
class Group:
    """One value of a dimension: its word in an address, its name, its figure."""

    key: str
    name: str
    figure: Figure


def names_of(dimension: str, values: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    """Return {value: (its word in an address, its name)}."""
    wanted = list(values)
    if dimension not in IDS:
        return {value: (str(value) or NONE, _NAMES.get(dimension, str)(value) if value else NONE) for value in wanted}
    table, word = IDS[dimension]
    rows = rows_of(f"SELECT id, {word}, name FROM {table} WHERE id = ANY(%(ids)s)", {"ids": [v for v in wanted if v]})  # noqa: S608 - text of the registry
    known = {pk: (slug, name) for pk, slug, name in rows}
    return {value: known.get(value, (NONE, NONE)) for value in wanted}


def offered(dimension: str) -> list[tuple[str, str]]:
    """Return what a filter by this dimension may be set to: (word in an address, name), in order of names."""
    return all_offered([dimension])[dimension]


def all_offered(dimensions: Collection[str] = tuple(DIMENSIONS)) -> dict[str, list[tuple[str, str]]]:
    """Return {dimension: the same}. What stands on the facts of tickets is found by one look at all of them."""
    found: dict[str, list[tuple[str, str]]] = {}
    for dimension in dimensions:
        if dimension in IDS:
            table, word = IDS[dimension]
            rows = rows_of(f"SELECT {word}, name FROM {table} ORDER BY name", {})  # noqa: S608 - text of the registry
            found[dimension] = [(slug, name) for slug, name in rows]
        elif dimension == "cause":
            rows = rows_of("SELECT DISTINCT category FROM problems_cause WHERE category <> '' ORDER BY 1 LIMIT 200", {})
            found[dimension] = _as_offers(dimension, [value for (value,) in rows])
    for table, names in (
        ("insights_ticketfact", [one for one in dimensions if one not in found and one not in OF_ESCALATIONS]),
        ("insights_escalationfact", [one for one in dimensions if one in OF_ESCALATIONS]),
    ):
        rows = rows_of(f"SELECT DISTINCT {', '.join(names)} FROM {table}", {}) if names else []  # noqa: S608 - text of the registry
        for place, name in enumerate(names):
            values = {row[place] for row in rows if row[place] not in ("", None)}
            found[name] = _as_offers(name, sorted(values)[:MOST_OFFERED])
    return {dimension: found[dimension] for dimension in dimensions}


def _as_offers(dimension: str, values: Sequence[Any]) -> list[tuple[str, str]]:
    return [names_of(dimension, [value])[value] for value in values]


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


def length_of(metric: Metric, where: Selection) -> str:
    """Return the SQL of a metric's length, in the hours that are asked for; "" where it has none."""
    return metric.business if where.business and metric.business else metric.elapsed


def condition_of(where: Selection, source: Source) -> tuple[str, dict[str, Any]]:
    """Return the WHERE clause of a selection over a source, and what it is given."""
    given: dict[str, Any] = {"start_at": where.start, "end": where.end, "zone": where.zone, "now": where.now}
    parts = ["true"] if source.now else [f"{source.at} >= %(start_at)s AND {source.at} < %(end)s"]
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
    if name in OF_ESCALATIONS and not source.escalations:
        return f"EXISTS (SELECT 1 FROM insights_escalationfact z WHERE z.ticket_id = t.ticket_id AND z.{name} = %({name})s)"  # noqa: S608 - text of the registry
    if name in IDS:
        table, word = IDS[name]
        if value == NONE:
            return f"{column} IS NULL"
        return f"{column} = (SELECT id FROM {table} WHERE {word} = %({name})s)"  # noqa: S608 - text of the registry
    return f"{column}::text = ''" if value == NONE else f"{column}::text = %({name})s"


def rows_of(statement: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, given or None)
        return list(cursor.fetchall())
