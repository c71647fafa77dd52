"""On-call schedules: who is on now, who will be, and overrides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Query, Router
from pydantic import Field

from tocsin.api.auth import Caller
from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.paging import cut
from tocsin.api.schemas import house as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Given, Instant, Limit, Page, Slug
from tocsin.domain.oncall import actions
from tocsin.domain.oncall import queries as oncall
from tocsin.domain.oncall.logic.words import in_words
from tocsin.domain.oncall.queries import OnCallNow
from tocsin.domain.oncall.rules import may_see_schedules
from tocsin.domain.people.enums import Scope
from tocsin.kernel.errors import NotAllowed, NotFound

router = Router()
READ, WRITE = Scope.ONCALL_READ, Scope.ONCALL_WRITE
MOST_AT_ONCE = 50


class Asked(Given):
    schedule: list[Slug] = Field([], max_length=MOST_AT_ONCE, description="slugs; none: all schedules")
    at: Instant | None = Field(None, description="without it now")


@operation(router, "GET", "/on-call", scope=READ, answer=schema.OnCallList)
def who_is_on(request: ApiRequest, asked: Query[Asked]) -> schema.OnCallList:
    """Say who is on call, in order and with the evidence, in several schedules at once. Unknown ones are left out."""
    caller = request.caller
    _demand_schedules(caller)
    at = asked.at or caller.now
    found = oncall.who_is_on_now(asked.schedule or None, at)
    return schema.OnCallList(items=[_on_call(one, at) for one in found.values()])


@operation(router, "GET", "/schedules", scope=READ, answer=Page[schema.Schedule])
def list_schedules(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Schedule]:
    """List schedules by slug."""
    _demand_schedules(request.caller)
    page, following = cut(oncall.schedules(), limit=limit, cursor=cursor, key=lambda row: row.slug)
    return Page(items=[shown.schedule(row) for row in page], next=following)


@operation(router, "GET", "/schedules/{slug}", scope=READ, answer=schema.Schedule)
def read_schedule(request: ApiRequest, slug: Slug) -> schema.Schedule:
    """Read a schedule."""
    return shown.schedule(oncall.access_schedule(request.caller.user, slug))


@operation(router, "GET", "/schedules/{slug}/on-call", scope=READ, answer=schema.OnCall)
def who_is_on_in(request: ApiRequest, slug: Slug, at: Instant | None = None) -> schema.OnCall:
    """Say who is on call in one schedule, in order and with the evidence: now, or at a given time."""
    caller = request.caller
    missing = NotFound("schedule_not_found", f"There is no schedule {slug!r}, or you may not see it.")
    if not may_see_schedules.test(caller.user):
        raise missing
    instant = at or caller.now
    found = oncall.who_is_on_now([slug], instant).get(slug)
    if found is None:
        raise missing
    return _on_call(found, instant)


@operation(router, "GET", "/schedules/{slug}/final-view", scope=READ, answer=schema.FinalView)
def read_final_view(
    request: ApiRequest,
    slug: Slug,
    start: Instant,
    end: Annotated[Instant, Field(description="at most 400 days later")],
) -> schema.FinalView:
    """Show who is on call over a span, without holes between the spans; a gap has no people."""
    oncall.access_schedule(request.caller.user, slug)
    said = oncall.schedule_of(slug)
    spans = oncall.final_view(slug, start, end)
    names = oncall.names_in(evidence for span in spans for evidence in span.evidence)
    told = [
        schema.Span(
            start=span.start, end=span.end,
            people=[
                schema.OnDuty(id=UUID(one.person), name=names.get(one.person, "somebody"), why=in_words(one, said, names))
                for one in span.evidence
            ],
        )
        for span in spans
    ]  # fmt: skip
    return schema.FinalView(schedule=slug, spans=told)


@operation(router, "GET", "/schedules/{slug}/overrides", scope=READ, answer=Page[schema.Override])
def list_overrides(
    request: ApiRequest, slug: Slug, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.Override]:
    """List the overrides of a schedule that are not over, by start."""
    caller = request.caller
    found = oncall.access_schedule(caller.user, slug)
    rows = oncall.overrides_after(found, caller.now)
    page, following = cut(rows, limit=limit, cursor=cursor, key=lambda row: f"{row.starts_at.isoformat()} {row.pk}")
    return Page(items=[shown.override(row, slug) for row in page], next=following)


@operation(router, "POST", "/schedules/{slug}/overrides", scope=WRITE, answer=schema.Override, status=201)
def add_override(request: ApiRequest, slug: Slug, given: schema.NewOverride) -> schema.Override:
    """Put somebody on call instead of everybody, of one layer's people, or of one person.

    Everybody who works here may take duty upon themselves; leads and those who run the schedule give it to others.
    """
    caller = request.caller
    found = oncall.access_schedule(caller.user, slug)
    made = actions.add_override(
        schedule_id=found.pk, person=finding.person_of(caller, "person", given.person) or caller.user,
        starts_at=given.starts_at, ends_at=given.ends_at, layer=given.layer,
        instead_of=finding.person_of(caller, "instead_of", given.instead_of), reason=given.reason, by=caller.user,
        now=caller.now,
    )  # fmt: skip
    return shown.override(made, slug)


@operation(router, "DELETE", "/overrides/{uuid:override_id}", scope=WRITE, answer=None, status=204)
def end_override(request: ApiRequest, override_id: UUID) -> None:
    """End an override now; one that has not begun is removed."""
    caller = request.caller
    if not may_see_schedules.test(caller.user):
        raise NotFound("override_not_found", "There is no such override.")
    actions.end_override(override_id=override_id, by=caller.user, now=caller.now)


def _on_call(found: OnCallNow, at: datetime) -> schema.OnCall:
    people: Sequence[tuple[tuple[UUID, str], str]] = list(zip(found.people, found.names, strict=True))
    told = [schema.OnDuty(id=pk, name=name, why=why) for (pk, why), name in people]
    return schema.OnCall(schedule=found.slug, name=found.name, at=at, people=told)


def _demand_schedules(caller: Caller) -> None:
    if not may_see_schedules.test(caller.user):
        raise NotAllowed("not_allowed", "Schedules are for those who work here. Ask the service desk.")
