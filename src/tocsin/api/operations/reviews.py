"""Reviews: list, read, start; corrective actions; what ended escalations came from."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import Field

from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.paging import page_of
from tocsin.api.schemas import reviews as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Given, Limit, Page
from tocsin.domain.people.enums import Scope
from tocsin.domain.reviews import actions, queries
from tocsin.domain.reviews import models as rows
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import InvalidInput

router = Router()
READ, WRITE = Scope.TICKETS_READ, Scope.TICKETS_WRITE
REVIEWS = "Reviews are"
type ReviewNumber = Annotated[int, Field(ge=1, le=999_999_999_999_999, description="the review's number, without R-")]


class ReviewFilters(Given):
    state: Literal["", "draft", "meeting", "actions_open", "signed_off", "all"] = Field(
        "", description="empty: those at work"
    )
    q: str = Field("", max_length=200)
    limit: Limit = USUAL_LIMIT
    cursor: Cursor = ""


class ActionFilters(Given):
    state: Literal["", "overdue", "open", "done", "dropped", "all"] = Field("", description="empty: open ones")
    kind: Literal["", "prevent", "detect", "respond"] = ""
    limit: Limit = USUAL_LIMIT
    cursor: Cursor = ""


def _fields(row: rows.Review) -> dict[str, Any]:
    own = ("number", "id", "reference", "title", "state", "why", "version", "opened_at", "updated_at")
    return {name: getattr(row, name) for name in own} | {"facilitator": shown.person(row.facilitator)}


def _whole(row: rows.Review) -> schema.WholeReview:
    return schema.WholeReview(**_fields(row), document=queries.document_of(row))


def _action(row: rows.CorrectiveAction, request: ApiRequest) -> schema.CorrectiveAction:
    own = ("id", "title", "kind", "effort", "due_on", "state", "evidence", "tracker_url", "ended_at")
    return schema.CorrectiveAction(
        **{name: getattr(row, name) for name in own}, review=row.review.reference, owner=shown.known_person(row.owner),
        overdue=row.state == "open" and row.due_on < request.caller.now.date(),
    )  # fmt: skip


def _closing(row: rows.Closing, names: dict[UUID, str]) -> schema.Closing:
    own = ("ended_at", "done", "avoidable_by", "decision_missing", "article_missing", "filled_at")
    return schema.Closing(
        **{name: getattr(row, name) for name in own}, escalation=row.pk, ticket=row.escalation.ticket.reference,
        category=names.get(row.category_id, "") if row.category_id else "",
    )  # fmt: skip


@operation(router, "GET", "/reviews", scope=READ, answer=Page[schema.Review])
def list_reviews(request: ApiRequest, filters: Query[ReviewFilters]) -> Page[schema.Review]:
    """List reviews, the latest change first. For those who work here."""
    finding.demand_internals(request.caller, REVIEWS)
    found = queries.reviews(request.caller.user, which=filters.state, text=filters.q)
    page, following = page_of(found, order=("-updated_at", "-id"), limit=filters.limit, cursor=filters.cursor)
    return Page(items=[schema.Review(**_fields(row)) for row in page], next=following)


@operation(router, "POST", "/reviews", scope=WRITE, answer=schema.WholeReview, status=201)
def open_review(request: ApiRequest, given: schema.NewReview) -> schema.WholeReview:
    """Start a review of tickets' escalations, drafted at once."""
    caller = request.caller
    finding.demand_staff(caller, REVIEWS)
    ids = [pk for one in given.tickets for pk in queries.reviewable(tickets.access_ticket(caller.user, one))]
    made = actions.open_review(
        escalation_ids=ids, title=given.title, by=caller.user, now=caller.now,
        facilitator=finding.person_of(caller, "facilitator", given.facilitator),
    )  # fmt: skip
    return _whole(queries.access_review(caller.user, made.number))


@operation(router, "GET", "/reviews/{review_number}", scope=READ, answer=schema.WholeReview)
def read_review(request: ApiRequest, review_number: ReviewNumber) -> schema.WholeReview:
    """Read a review with its timeline, figures, causes, actions and signatures."""
    return _whole(queries.access_review(request.caller.user, review_number))


@operation(router, "GET", "/corrective-actions", scope=READ, answer=Page[schema.CorrectiveAction])
def list_corrective_actions(request: ApiRequest, filters: Query[ActionFilters]) -> Page[schema.CorrectiveAction]:
    """List corrective actions, the next due first. Days are UTC days."""
    caller = request.caller
    finding.demand_internals(caller, "Corrective actions are")
    found = queries.actions_where(caller.user, today=caller.now.date(), which=filters.state, kind=filters.kind)
    page, following = page_of(found.order_by(), order=("due_on", "id"), limit=filters.limit, cursor=filters.cursor)
    return Page(items=[_action(row, request) for row in page], next=following)


@operation(router, "POST", "/reviews/{review_number}/actions", scope=WRITE, answer=schema.CorrectiveAction, status=201)
def add_corrective_action(
    request: ApiRequest, review_number: ReviewNumber, given: schema.NewAction
) -> schema.CorrectiveAction:
    """Take a corrective action in a review."""
    caller = request.caller
    found = queries.access_review(caller.user, review_number)
    owner = finding.person_of(caller, "owner", given.owner)
    if owner is None:
        raise InvalidInput("owner", "Name an owner.", {"owner": "Name an owner."})
    made = actions.add_action(
        review_id=found.pk, title=given.title, kind=given.kind, owner=owner, due_on=given.due_on, effort=given.effort,
        tracker_url=given.tracker_url, by=caller.user, now=caller.now,
    )  # fmt: skip
    return _action(made, request)


@operation(
    router, "POST", "/reviews/{review_number}/actions/{uuid:action_id}/end", scope=WRITE, answer=schema.CorrectiveAction
)
def end_corrective_action(
    request: ApiRequest, review_number: ReviewNumber, action_id: UUID, given: schema.ActionEnd
) -> schema.CorrectiveAction:
    """Say that an action is done, with what shows it, or that it will not be done, with the reason."""
    caller = request.caller
    found = queries.access_review(caller.user, review_number)
    named = {"review_id": found.pk, "action_id": action_id}
    if given.state == "done":
        return _action(actions.end_action(**named, evidence=given.evidence, by=caller.user, now=caller.now), request)
    return _action(actions.drop_action(**named, why=given.evidence, by=caller.user, now=caller.now), request)


@operation(router, "GET", "/cause-categories", scope=READ, answer=Page[schema.CauseCategory])
def list_cause_categories(request: ApiRequest) -> Page[schema.CauseCategory]:
    """List what escalations may come from, as the organisation names it."""
    finding.demand_internals(request.caller, "Causes are")
    items = [schema.CauseCategory(id=UUID(pk), name=name) for pk, name in queries.category_choices()]
    return Page(items=items, next="")


@operation(router, "GET", "/escalations/{uuid:escalation_id}/closing", scope=READ, answer=schema.Closing)
def read_closing(request: ApiRequest, escalation_id: UUID) -> schema.Closing:
    """Read what an ended escalation came from."""
    return _closing(queries.closing_of(request.caller.user, escalation_id), queries.category_names())


@operation(router, "PUT", "/escalations/{uuid:escalation_id}/closing", scope=WRITE, answer=schema.Closing)
def fill_closing(request: ApiRequest, escalation_id: UUID, given: schema.ClosingFill) -> schema.Closing:
    """Say what an ended escalation came from, or correct it."""
    caller = request.caller
    found = queries.closing_of(caller.user, escalation_id)
    actions.fill_closing(
        escalation_id=found.pk, done=given.done, category=given.category, avoidable_by=given.avoidable_by,
        decision_missing=given.decision_missing, article=found.article, article_missing=given.article_missing,
        by=caller.user, now=caller.now,
    )  # fmt: skip
    return _closing(queries.closing_of(caller.user, escalation_id), queries.category_names())
