"""Tickets: list, read, open, change, move."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from ninja import Query, Router
from pydantic import Field

from tocsin.api.etags import expected_at, version_of
from tocsin.api.operation import Answered, ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.paging import page_of
from tocsin.api.schemas import tickets as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Given, Limit, Number, Page
from tocsin.domain.desk import actions as desk
from tocsin.domain.desk import queries as working
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.rules import is_staff
from tocsin.domain.tickets import actions
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput, NotAllowed

router = Router()
HOUSE_ONLY = ("team", "owner", "tag", "escalated", "asleep")
READ, WRITE = Scope.TICKETS_READ, Scope.TICKETS_WRITE


class TicketFilters(Given):
    """The queue's own filters."""

    status: Literal["open", "waiting", "all"] | schema.StatusWord = Field(
        "open", description="open: neither resolved nor closed"
    )
    team: str = Field("", max_length=80, description="slug, mine, or none")
    owner: str = Field("", max_length=254, description="e-mail address, me, or none")
    priority: list[Annotated[int, Field(ge=1, le=4)]] = Field([], max_length=4)
    service: str = Field("", max_length=80, description="slug")
    organisation: UUID | None = None
    q: str = Field("", max_length=200, description="a reference such as T-1042, or words")
    tag: str = Field("", max_length=40)
    escalated: bool = Field(default=False, description="only with an open escalation")
    asleep: bool | None = Field(None, description="true: only what sleeps; false: only what is awake")
    sort: Literal["priority", "newest", "oldest", "updated", "number"] = "priority"
    limit: Limit = USUAL_LIMIT
    cursor: Cursor = ""


@operation(router, "GET", "/tickets", scope=READ, answer=Page[schema.Ticket])
def list_tickets(request: ApiRequest, filters: Query[TicketFilters]) -> Page[schema.Ticket]:
    """List tickets.

    Those that the caller may see, filtered as the queue's address does it. Customers filter by status, priority,
    service, organisation and words; the other filters speak of what they do not see.
    """
    caller = request.caller
    internal = finding.sees_internals(caller)
    used = [name for name in HOUSE_ONLY if getattr(filters, name) != TicketFilters.model_fields[name].default]
    if used and not internal:
        raise NotAllowed(
            "not_allowed", "These filters are for those who work on tickets.", dict.fromkeys(used, "Leave it out.")
        )
    rows, following = page_of(
        _filtered(request, filters).select_related(*tickets.SHOWN), order=tickets.SORTS[filters.sort], limit=filters.limit,
        cursor=filters.cursor, sort=filters.sort,
    )  # fmt: skip
    tags = working.tags_of([row.pk for row in rows]) if internal else {}
    return Page(items=[shown.ticket(row, internal=internal, tags=tags.get(row.pk, ())) for row in rows], next=following)


def _filtered(request: ApiRequest, given: TicketFilters) -> QuerySet[Ticket]:
    wanted = tickets.QueueFilters(
        status=given.status, team=given.team, owner=given.owner, priority=tuple(given.priority), service=given.service,
        organisation=given.organisation, text=given.q,
    )  # fmt: skip
    found = tickets.filtered(request.caller.user, wanted)
    if given.tag:
        found = found.filter(taggings__tag__name=given.tag)
    if given.asleep is not None:
        found = found.filter(pk__in=working.asleep()) if given.asleep else found.exclude(pk__in=working.asleep())
    return escalation.escalated(found) if given.escalated else found


@operation(router, "POST", "/tickets", scope=WRITE, answer=schema.Ticket, status=201)
def open_ticket(request: ApiRequest, given: schema.NewTicket) -> Answered:
    """Open a ticket.

    Its clocks start and its triggers are armed as from any other way in. Customers open tickets for themselves, and
    say neither team nor owner, configuration item or an earlier beginning.
    """
    caller = request.caller
    if not is_staff.test(caller.user):
        used = [name for name in ("team", "owner", "configuration_item", "opened_at") if getattr(given, name)]
        if used:
            raise NotAllowed("not_allowed", "Leave that to the service desk.", dict.fromkeys(used, "Leave it out."))
    made = actions.open_ticket(
        subject=given.subject, description=given.description,
        requester=finding.person_of(caller, "requester", given.requester) or caller.user,
        service=finding.service_of(caller, given.service), team=finding.team_of("team", given.team),
        owner=finding.person_of(caller, "owner", given.owner), impact=given.impact, urgency=given.urgency,
        category=given.category, configuration_item=given.configuration_item, opened_at=given.opened_at, channel="api",
        by=caller.user, now=caller.now,
    )  # fmt: skip
    return _answered(request, made, location=f"/api/v1/tickets/{made.number}")


@operation(router, "GET", "/tickets/{number}", scope=READ, answer=schema.Ticket)
def read_ticket(request: ApiRequest, number: Number) -> Answered:
    """Read a ticket."""
    found = tickets.access_ticket(request.caller.user, number)
    return _answered(request, found, tags=_tags(request, found))


@operation(router, "PATCH", "/tickets/{number}", scope=WRITE, answer=schema.Ticket, conditional=True)
def change_ticket(request: ApiRequest, number: Number, given: schema.TicketChange) -> Answered:
    """Change what a ticket is about, how grave it is, or its tags."""
    caller = request.caller
    with transaction.atomic():
        found = tickets.access_ticket(caller.user, number)
        named = given.model_fields_set
        details: dict[str, Any] = {
            name: getattr(given, name)
            for name in ("subject", "description", "category", "configuration_item")
            if getattr(given, name) is not None
        }
        if "service" in named:
            details["service"] = finding.service_of(caller, given.service)
        if "organisation" in named:
            finding.demand_staff(caller, "Changing the customer is")
            details["organisation"] = finding.organisation_of(given.organisation)
        by: dict[str, Any] = {"ticket_id": found.pk, "by": caller.user, "now": caller.now}
        actions.change_details(**by, expected_updated_at=expected_at(request), **details)
        if given.impact is not None or given.urgency is not None:
            actions.set_impact_urgency(
                **by, impact=given.impact or found.impact, urgency=given.urgency or found.urgency
            )
        if given.tags is not None:
            desk.set_tags(**by, tags=given.tags)
        changed = tickets.access_ticket(caller.user, number)
        return _answered(request, changed, tags=_tags(request, changed))


@operation(router, "POST", "/tickets/{number}/take", scope=WRITE, answer=schema.Ticket, conditional=True)
def take_ticket(request: ApiRequest, number: Number) -> Answered:
    """Own a ticket. What somebody else owns is not taken away (409)."""
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    actions.take(ticket_id=found.pk, by=caller.user, now=caller.now, expected_updated_at=expected_at(request))
    return _again(request, number)


@operation(router, "POST", "/tickets/{number}/assignment", scope=WRITE, answer=schema.Ticket, conditional=True)
def assign_ticket(request: ApiRequest, number: Number, given: schema.Assignment) -> Answered:
    """Give a ticket to an owner, a team's queue, or both.

    What somebody owns is moved by a lead, an escalation manager, or an accepted handover.
    """
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    finding.demand_staff(caller, "Assigning tickets is")
    actions.assign(
        ticket_id=found.pk, owner=finding.person_of(caller, "owner", given.owner), team=finding.team_of("team", given.team),
        by=caller.user, now=caller.now, expected_updated_at=expected_at(request),
    )  # fmt: skip
    return _again(request, number)


@operation(router, "POST", "/tickets/{number}/status", scope=WRITE, answer=schema.Ticket, conditional=True)
def move_ticket(request: ApiRequest, number: Number, given: schema.Move) -> Answered:
    """Move a ticket to another status.

    Requesters close and reopen their own; the lifecycle says which moves there are (409 with the remedy).
    """
    caller = request.caller
    found = tickets.access_ticket(caller.user, number)
    missing = working.missing_fields(found) if given.status == str(Status.RESOLVED) else []
    if missing:
        problem = f"Before it is resolved it needs: {', '.join(missing)}."
        raise InvalidInput("fields_missing", problem, {"status": problem})
    actions.set_status(
        ticket_id=found.pk, status=given.status, note=given.note, by=caller.user, now=caller.now,
        expected_updated_at=expected_at(request),
    )  # fmt: skip
    return _again(request, number)


def _again(request: ApiRequest, number: int) -> Answered:
    found = tickets.access_ticket(request.caller.user, number)
    return _answered(request, found, tags=_tags(request, found))


def _tags(request: ApiRequest, found: Ticket) -> list[str]:
    return working.tags_of([found.pk]).get(found.pk, []) if finding.sees_internals(request.caller) else []


def _answered(request: ApiRequest, found: Ticket, *, tags: list[str] | None = None, location: str = "") -> Answered:
    body = shown.ticket(found, internal=finding.sees_internals(request.caller), tags=tags or [])
    return Answered(body, version=version_of(found.updated_at), location=location)
