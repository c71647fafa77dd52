"""Figures of the service desk: the numbers of the page Insights."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from ninja import Query, Router
from pydantic import Field

from tocsin.api.auth import Caller
from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.schemas import metrics as schema
from tocsin.domain.insights import actions, queries, rules
from tocsin.domain.insights.logic.metrics import DIMENSIONS, METRICS, groups_for
from tocsin.domain.insights.models import MetricTarget
from tocsin.domain.insights.queries import Figure, Selection
from tocsin.domain.people.enums import Scope
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound

router = Router()
READ, WRITE = Scope.TICKETS_READ, Scope.TICKETS_WRITE
USUAL = timedelta(days=90)
type Key = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_]+$", description="key of a metric")]


@operation(router, "GET", "/metrics", scope=READ, answer=schema.Figures)
def list_metrics(request: ApiRequest, filters: Query[schema.Filters]) -> schema.Figures:
    """Every figure over a period, each with its definition and the number of rows that it stands on."""
    where = _where(request.caller, filters)
    found = queries.figures(where)
    items = [_figure(key, figure) for key, figure in found.items()]
    return schema.Figures(start=where.start, until=where.end, clock=filters.clock, items=items)


@operation(router, "GET", "/metrics/{key}", scope=READ, answer=schema.Trend)
def get_metric(request: ApiRequest, key: Key, filters: Query[schema.Filters]) -> schema.Trend:
    """One figure over time, by day, week or month as the period is long."""
    _known(request.caller, key)
    where = _where(request.caller, filters)
    whole, points = queries.trends(where, [key])[key]
    return schema.Trend(
        figure=_figure(key, whole), start=where.start, until=where.end, step=where.step,
        points=[
            schema.Point(
                start=p.day, until=p.end, n=p.figure.n, hits=p.figure.hits, value=p.figure.value, p90=p.figure.p90
            )
            for p in points
        ],
    )  # fmt: skip


@operation(router, "GET", "/metrics/{key}/by/{dimension}", scope=READ, answer=schema.Groups)
def get_metric_groups(request: ApiRequest, key: Key, dimension: Key, filters: Query[schema.Filters]) -> schema.Groups:
    """One figure for each team, service, customer ..., those with the most rows first."""
    _known(request.caller, key)
    if dimension not in groups_for(METRICS[key]):
        names = ", ".join(groups_for(METRICS[key]))
        raise NotFound("dimension_not_found", f"This figure is not known by {dimension}. Choose one of {names}.")
    found = queries.groups(_where(request.caller, filters), key, dimension)
    items = [
        schema.Group(
            value=one.key, name=one.name, n=one.figure.n, hits=one.figure.hits, figure=one.figure.value, p90=one.figure.p90
        )
        for one in found
    ]  # fmt: skip
    return schema.Groups(items=items)


@operation(router, "GET", "/metric-targets", scope=READ, answer=schema.Targets)
def list_metric_targets(request: ApiRequest) -> schema.Targets:
    """What metrics should come to, who answers for each, and which have left their band."""
    _may_read(request.caller)
    return schema.Targets(items=[_target(one) for one in queries.targets()])


@operation(router, "POST", "/metric-targets", scope=WRITE, answer=schema.Target, status=201)
def set_metric_target(request: ApiRequest, given: schema.NewTarget) -> schema.Target:
    """Set a target, or change it where the same metric has one in the same scope. Leads, managers and administrators."""
    caller = request.caller
    _may_read(caller)
    owner = finding.person_of(caller, "owner", given.owner) or caller.user
    made = actions.set_target(
        metric=given.metric, scope=given.scope, goal=given.goal, owner=owner, by=caller.user, now=caller.now
    )
    return _target(queries.access_target(made.pk))


@operation(router, "POST", "/metric-targets/{uuid:target_id}/clear", scope=WRITE, answer=schema.Target)
def clear_metric_target(request: ApiRequest, target_id: UUID) -> schema.Target:
    """Take a target away; the answer is what it was."""
    caller = request.caller
    _may_read(caller)
    found = _target(queries.access_target(target_id))
    actions.clear_target(target_id=target_id, by=caller.user, now=caller.now)
    return found


def _may_read(caller: Caller) -> None:
    if not rules.may_read_insights.test(caller.user):
        raise NotAllowed("not_allowed", "Figures are for those who work here.")


def _known(caller: Caller, key: str) -> None:
    _may_read(caller)
    if key not in METRICS:
        raise NotFound("metric_not_found", "There is no such figure. GET /metrics lists them.")


def _where(caller: Caller, filters: schema.Filters) -> Selection:
    _may_read(caller)
    until = filters.until or caller.now
    start = filters.start or until - USUAL
    for name, at in (("start", start), ("until", until)):
        if at.tzinfo is None or not 1970 <= at.year < 2190:
            problem = "Give a time with a zone, from 1970 until before 2190."
            raise InvalidInput("bad_time", problem, {name: problem})
    if start >= until:
        problem = "The period must begin before it ends."
        raise InvalidInput("bad_period", problem, {"start": problem})
    where = {name: getattr(filters, name).replace("\x00", "") for name in DIMENSIONS}
    return Selection(
        start=start, end=until, now=caller.now, zone=caller.user.zone, where={n: v for n, v in where.items() if v},
        business=filters.clock == "business",
    )  # fmt: skip


def _figure(key: str, figure: Figure) -> schema.Figure:
    metric = METRICS[key]
    return schema.Figure(
        metric=key, name=metric.name, definition=metric.definition, kind=metric.kind, better=metric.better, n=figure.n,
        hits=figure.hits, value=figure.value, p90=figure.p90,
    )  # fmt: skip


def _target(found: MetricTarget) -> schema.Target:
    return schema.Target(
        id=found.pk, metric=found.metric, scope=found.scope, goal=found.goal, owner=shown.person(found.owner),
        departed_at=found.departed_at, departure=found.departure,
    )  # fmt: skip
