"""Promises on tickets, and updates to everybody who waits for them."""

from uuid import UUID

from ninja import Router

from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.paging import cut
from tocsin.api.schemas import promises as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Limit, Number, Page
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import actions, queries
from tocsin.domain.stakeholders.models import Promise, Update
from tocsin.domain.status import actions as status
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import InvalidInput

router = Router()
OF_PAGES = {"pages": "status_pages", "state": "status_state", "title": "status_title"}
READ, WRITE = Scope.TICKETS_READ, Scope.TICKETS_WRITE


@operation(router, "GET", "/tickets/{number}/promises", scope=READ, answer=Page[schema.Promise])
def list_promises(
    request: ApiRequest, number: Number, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.Promise]:
    """List what was promised on a ticket. Customers see what was promised to them."""
    user = request.caller.user
    found = tickets.access_ticket(user, number)
    rows, following = cut(queries.promises_on(found, user), limit=limit, cursor=cursor, key=lambda one: str(one.pk))
    return Page(items=[_promise(one) for one in rows], next=following)


@operation(router, "POST", "/tickets/{number}/promises", scope=WRITE, answer=schema.Promise, status=201)
def make_promise(request: ApiRequest, number: Number, given: schema.NewPromise) -> schema.Promise:
    """Write a promise down. When it is not kept in time, that is a trigger."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    made = actions.make_promise(
        ticket_id=found.pk, what=given.what, due_at=given.due_at, to_kind=given.to_kind, by=caller.user, now=caller.now,
        promiser=finding.person_of(caller, "by", given.by), to_person=finding.person_of(caller, "to", given.to),
    )  # fmt: skip
    return _promise(queries.access_promise(caller.user, made.pk))


@operation(router, "POST", "/promises/{uuid:promise_id}/keep", scope=WRITE, answer=schema.Promise)
def keep_promise(request: ApiRequest, promise_id: UUID) -> schema.Promise:
    """Say that it is kept. From its due time on it is broken, and this notes that it was done late."""
    caller = request.caller
    found = queries.access_promise(caller.user, promise_id)
    actions.keep_promise(promise_id=found.pk, by=caller.user, now=caller.now)
    return _promise(queries.access_promise(caller.user, promise_id))


@operation(router, "POST", "/promises/{uuid:promise_id}/renegotiate", scope=WRITE, answer=schema.Promise)
def renegotiate_promise(request: ApiRequest, promise_id: UUID, given: schema.NewTime) -> schema.Promise:
    """Agree on another time before it is due; the answer is the promise that takes its place."""
    caller = request.caller
    found = queries.access_promise(caller.user, promise_id)
    new = actions.renegotiate_promise(
        promise_id=found.pk, due_at=given.due_at, reason=given.reason, by=caller.user, now=caller.now
    )
    return _promise(queries.access_promise(caller.user, new.pk))


@operation(router, "POST", "/promises/{uuid:promise_id}/cancel", scope=WRITE, answer=schema.Promise)
def cancel_promise(request: ApiRequest, promise_id: UUID, given: schema.Reason) -> schema.Promise:
    """Call it off, with the reason, before it is due."""
    caller = request.caller
    found = queries.access_promise(caller.user, promise_id)
    actions.cancel_promise(promise_id=found.pk, reason=given.reason, by=caller.user, now=caller.now)
    return _promise(queries.access_promise(caller.user, promise_id))


@operation(router, "GET", "/tickets/{number}/updates", scope=READ, answer=Page[schema.Update])
def list_updates(
    request: ApiRequest, number: Number, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.Update]:
    """List the updates that were sent about a ticket's escalations, in the words that are the caller's to read."""
    user = request.caller.user
    found = tickets.access_ticket(user, number)
    rows, following = cut(queries.updates_on(found), limit=limit, cursor=cursor, key=lambda one: str(one.pk))
    return Page(items=[_update(one, user) for one in rows], next=following)


@operation(router, "POST", "/tickets/{number}/updates", scope=WRITE, answer=schema.Update, status=201)
def send_update(request: ApiRequest, number: Number, given: schema.NewUpdate) -> schema.Update:
    """Tell every audience of the ticket's plans, each in its own words, and readers of status pages. It goes out at once."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    told = status.OnPages(pages=given.status_pages, state=given.status_state, title=given.status_title)
    try:
        sent = status.send_update_with_pages(
            ticket_id=found.pk, outward=given.outward, inward=given.inward, next_at=given.next_at, told=told,
            by=caller.user, now=caller.now,
        )  # fmt: skip
    except InvalidInput as error:
        fields = {OF_PAGES.get(name, name): problem for name, problem in error.fields.items()}
        raise InvalidInput(error.code, error.message, fields) from None
    return _update(sent, caller.user)


def _promise(found: Promise) -> schema.Promise:
    return schema.Promise(
        id=found.pk, ticket=found.ticket.number, what=found.what, to_kind=found.to_kind,
        to=shown.person(found.to_person), by=shown.person(found.by), source=found.source, said=found.said,
        zone=found.zone, state=found.state, made_at=found.made_at, due_at=found.due_at, settled_at=found.settled_at,
        done_at=found.done_at, reason=found.reason, renegotiates=found.renegotiates_id,
    )  # fmt: skip


def _update(found: Update, user: User) -> schema.Update:
    return schema.Update(
        id=found.pk, ticket=found.ticket.number, number=found.number, by=shown.person(found.by), at=found.at,
        text=queries.wording_for(user, found), next_at=found.next_at, closing=found.closing,
    )  # fmt: skip
