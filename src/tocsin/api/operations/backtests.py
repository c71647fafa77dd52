"""Back-tests and shadows: ask, wait, read whom another policy would have paged."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router
from pydantic import Field

from tocsin.api.auth import Caller
from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding
from tocsin.api.paging import page_of
from tocsin.api.schemas import backtests as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Given, Limit, Page
from tocsin.domain.escalation.logic.spec_errors import PolicyErrors
from tocsin.domain.insights import models as rows
from tocsin.domain.insights.backtests import asking, queries, shadow_reports, shadowing, working
from tocsin.domain.insights.models.backtest import Kind, State
from tocsin.domain.people.enums import Scope
from tocsin.kernel.errors import InvalidInput

router = Router()
READ, WRITE = Scope.POLICIES_READ, Scope.POLICIES_WRITE
BACKTESTS = "Back-tests are"
type BackTestId = Annotated[UUID, Field(description="the back-test's id")]
type ShadowId = Annotated[UUID, Field(description="the shadow's id")]


class BackTestFilters(Given):
    policy: str = Field("", max_length=80, description="slug; empty: all")
    limit: Limit = USUAL_LIMIT
    cursor: Cursor = ""


class RowFilters(Given):
    change: str = Field("different", max_length=10, description="different, added, avoided, changed, same, all")
    person: str = Field("", max_length=40, description="id of somebody who is paged differently")
    limit: Limit = USUAL_LIMIT
    cursor: Cursor = ""


class ShadowFilters(Given):
    policy: str = Field("", max_length=80, description="slug; empty: all")


def _fields(row: rows.BackTest) -> dict[str, Any]:
    own = (
        "id", "kind", "trigger", "starts_at", "ends_at", "answers", "whose", "state", "tickets", "pieces",
        "pieces_done", "error", "created_at", "finished_at",
    )  # fmt: skip
    labels = [one["label"] for one in row.variants]
    return {name: getattr(row, name) for name in own} | {"policy": row.policy.slug, "variants": labels}


def _whole(row: rows.BackTest) -> schema.WholeBackTest:
    if row.state != State.DONE:
        return schema.WholeBackTest(**_fields(row), figures=None)
    if row.kind == Kind.SWEEP:
        points = [asdict(point) | {"share": point.share} for point in queries.points_of(row)]
        return schema.WholeBackTest(**_fields(row), figures=None, points=points)
    found = queries.result_of(row)
    people = [asdict(one) for one in found.people]
    return schema.WholeBackTest(**_fields(row), figures=asdict(found.figures), people=people)


def _variant(slug: str, number: int | None, draft: str) -> asking.Variant:
    if not draft:
        return asking.published(slug, number)
    try:
        return asking.draft(draft, slug)
    except PolicyErrors as refused:
        problems = {f"line {e.line} {e.field}".strip(): f"{e.message} {e.remedy}".strip() for e in refused.errors}
        raise InvalidInput("bad_policy", "The draft is not right; nothing was asked.", problems) from None


@operation(router, "GET", "/backtests", scope=READ, answer=Page[schema.BackTest])
def list_backtests(request: ApiRequest, filters: Query[BackTestFilters]) -> Page[schema.BackTest]:
    """List back-tests, newest first."""
    finding.demand_internals(request.caller, BACKTESTS)
    found = queries.backtests(filters.policy)
    page, following = page_of(found, order=("-created_at", "-id"), limit=filters.limit, cursor=filters.cursor)
    return Page(items=[schema.BackTest(**_fields(row)) for row in page], next=following)


@operation(router, "POST", "/backtests", scope=WRITE, answer=schema.WholeBackTest, status=201)
def ask_backtest(request: ApiRequest, given: schema.NewBackTest) -> schema.WholeBackTest:
    """Ask what a version or a draft would have done, or what each value of a threshold would. Workers find the answer."""
    caller = request.caller
    finding.demand_staff(caller, BACKTESTS)
    before = asking.published(given.policy, given.before)
    period: dict[str, Any] = {
        "starts_at": caller.now - timedelta(days=given.days), "ends_at": caller.now, "now": caller.now,
        "by": caller.user, "answers": given.answers, "whose": given.whose,
    }  # fmt: skip
    if given.trigger:
        made = asking.sweep(base=before, trigger=given.trigger, **period)
    else:
        made = asking.compare(before=before, after=_variant(given.policy, given.after, given.draft), **period)
    return _whole(queries.access_backtest(caller.user, made.pk))


@operation(router, "GET", "/backtests/{backtest_id}", scope=READ, answer=schema.WholeBackTest)
def read_backtest(request: ApiRequest, backtest_id: BackTestId) -> schema.WholeBackTest:
    """Read a back-test: how far it is, and what it found."""
    return _whole(queries.access_backtest(request.caller.user, backtest_id))


@operation(router, "GET", "/backtests/{backtest_id}/tickets", scope=READ, answer=Page[schema.BackTestRow])
def list_backtest_tickets(
    request: ApiRequest, backtest_id: BackTestId, filters: Query[RowFilters]
) -> Page[schema.BackTestRow]:
    """List the tickets of a comparison with both runs, newest first."""
    found = queries.access_backtest(request.caller.user, backtest_id)
    rows_found = queries.rows_of(found, change=filters.change, person=filters.person)
    page, following = page_of(rows_found, order=("-number", "-id"), limit=filters.limit, cursor=filters.cursor)
    items = [
        schema.BackTestRow(
            number=row.number, change=row.change, added=row.added, avoided=row.avoided, ended=row.ended, runs=row.detail["runs"]
        )
        for row in page
    ]  # fmt: skip
    return Page(items=items, next=following)


@operation(router, "POST", "/backtests/{backtest_id}/cancel", scope=WRITE, answer=schema.WholeBackTest)
def cancel_backtest(request: ApiRequest, backtest_id: BackTestId) -> schema.WholeBackTest:
    """Stop a back-test that is under way."""
    caller = request.caller
    queries.access_backtest(caller.user, backtest_id)
    working.cancel(backtest_id=backtest_id, by=caller.user, now=caller.now)
    return _whole(queries.access_backtest(caller.user, backtest_id))


def _shadow(caller: Caller, row: rows.Shadow) -> schema.Shadow:
    tally = shadow_reports.tally_of(row, row.started_at, row.stopped_at or caller.now)
    return schema.Shadow(
        id=row.pk, policy=row.policy.slug, started_at=row.started_at, stopped_at=row.stopped_at,
        looked_at=queries.looked(row), figures=asdict(queries.result(tally, {}).figures),
    )  # fmt: skip


@operation(router, "GET", "/shadows", scope=READ, answer=schema.Shadows)
def list_shadows(request: ApiRequest, filters: Query[ShadowFilters]) -> schema.Shadows:
    """List the drafts that run in the shadow, and those that did; the newest 200."""
    finding.demand_internals(request.caller, BACKTESTS)
    return schema.Shadows(items=[_shadow(request.caller, row) for row in queries.shadows(filters.policy)[:200]])


@operation(router, "POST", "/shadows", scope=WRITE, answer=schema.Shadow, status=201)
def start_shadow(request: ApiRequest, given: schema.NewShadow) -> schema.Shadow:
    """Let a draft run beside the live policy. It tells nobody anything."""
    caller = request.caller
    finding.demand_staff(caller, BACKTESTS)
    _variant(given.policy, None, given.draft or " ")
    return _shadow(caller, shadowing.start(slug=given.policy, text=given.draft, by=caller.user, now=caller.now))


@operation(router, "GET", "/shadows/{shadow_id}", scope=READ, answer=schema.Shadow)
def read_shadow(request: ApiRequest, shadow_id: ShadowId) -> schema.Shadow:
    """Read what a draft would have done differently so far."""
    return _shadow(request.caller, queries.access_shadow(request.caller.user, shadow_id))


@operation(router, "POST", "/shadows/{shadow_id}/stop", scope=WRITE, answer=schema.Shadow)
def stop_shadow(request: ApiRequest, shadow_id: ShadowId) -> schema.Shadow:
    """End a shadow; what it found stays."""
    caller = request.caller
    queries.access_shadow(caller.user, shadow_id)
    return _shadow(caller, shadowing.stop(shadow_id=shadow_id, by=caller.user, now=caller.now))
