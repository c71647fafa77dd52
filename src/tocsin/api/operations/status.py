"""Status pages, accounts, account escalations, the briefing."""

from uuid import UUID

from ninja import Router

from tocsin.api.auth import Caller
from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import shown
from tocsin.api.paging import cut
from tocsin.api.schemas import status as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Limit, Number, OrganisationName, Page, Slug
from tocsin.domain.people import queries as people
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.rules import is_staff, is_stakeholder
from tocsin.domain.status import actions, queries, rules
from tocsin.domain.status.logic.uptime import Uptime
from tocsin.domain.status.models import AccountEscalation, Component, StatusPage
from tocsin.domain.status.queries import AccountRow, Told
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import NotAllowed, NotFound

router = Router()
READ, WRITE, ESCALATE = Scope.TICKETS_READ, Scope.TICKETS_WRITE, Scope.ESCALATIONS_WRITE
TELLERS = "Status pages are kept by those who work on tickets. Readers use the page's own summary.json."


@operation(router, "GET", "/status-pages", scope=READ, answer=Page[schema.StatusPage])
def list_status_pages(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.StatusPage]:
    """List status pages by slug."""
    _demand_teller(request.caller)
    page, following = cut(queries.pages(), limit=limit, cursor=cursor, key=lambda one: one.slug)
    return Page(items=[_page(one) for one in page], next=following)


@operation(router, "GET", "/status-pages/{slug}", scope=READ, answer=schema.FullStatusPage)
def read_status_page(request: ApiRequest, slug: Slug) -> schema.FullStatusPage:
    """Read a status page with its components."""
    found = _page_of(request.caller, slug)
    reading = queries.reading(found, request.caller.now)
    return schema.FullStatusPage(
        **_page(found).model_dump(), state=reading.state, subscribers=queries.subscriber_count(found),
        components=[_component(line.component, line.uptime) for group in reading.groups for line in group.lines],
    )  # fmt: skip


@operation(router, "GET", "/status-pages/{slug}/incidents", scope=READ, answer=Page[schema.StatusIncident])
def list_status_incidents(
    request: ApiRequest, slug: Slug, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.StatusIncident]:
    """List what readers were told and what is planned: the last 200, oldest first."""
    found = queries.told(_page_of(request.caller, slug).incidents.order_by("-starts_at")[:200])
    page, following = cut(
        found, limit=limit, cursor=cursor, key=lambda one: f"{one.incident.starts_at.isoformat()} {one.incident.pk}"
    )
    return Page(items=[_incident(one) for one in page], next=following)


@operation(router, "POST", "/status-pages/{slug}/incidents", scope=WRITE, answer=schema.StatusIncident, status=201)
def open_status_incident(request: ApiRequest, slug: Slug, given: schema.NewIncident) -> schema.StatusIncident:
    """Tell readers of an incident, in their words. Subscribers are written to unless `notify` is false."""
    caller, page = request.caller, _page_of(request.caller, slug)
    ticket = tickets.access_ticket(caller.user, given.ticket) if given.ticket else None
    made = actions.open_incident(
        page_id=page.pk, title=given.title, body=given.body, state=given.state, ticket=ticket, notify=given.notify,
        affected={one.component: one.state for one in given.affected}, by=caller.user, now=caller.now,
    )  # fmt: skip
    return _incident(queries.told([made])[0])


@operation(
    router,
    "POST",
    "/status-pages/{slug}/incidents/{uuid:incident_id}/updates",
    scope=WRITE,
    answer=schema.StatusIncident,
    status=201,
)
def tell_status_update(
    request: ApiRequest, slug: Slug, incident_id: UUID, given: schema.NewUpdate
) -> schema.StatusIncident:
    """Tell readers the next word; resolved (or completed) ends it."""
    caller, page = request.caller, _page_of(request.caller, slug)
    found = queries.access_incident(page, incident_id)
    actions.tell(
        incident_id=found.pk, state=given.state, body=given.body, notify=given.notify, by=caller.user, now=caller.now
    )
    return _incident(queries.told([queries.access_incident(page, incident_id)])[0])


@operation(router, "POST", "/status-pages/{slug}/maintenances", scope=WRITE, answer=schema.StatusIncident, status=201)
def plan_status_maintenance(request: ApiRequest, slug: Slug, given: schema.NewMaintenance) -> schema.StatusIncident:
    """Announce a maintenance; it begins and ends by itself."""
    caller, page = request.caller, _page_of(request.caller, slug)
    made = actions.plan_maintenance(
        page_id=page.pk, title=given.title, body=given.body, affected=given.components, starts_at=given.starts_at,
        ends_at=given.ends_at, notify=given.notify, by=caller.user, now=caller.now,
    )  # fmt: skip
    return _incident(queries.told([made])[0])


@operation(
    router,
    "POST",
    "/status-pages/{slug}/components/{uuid:component_id}/state",
    scope=WRITE,
    answer=schema.StatusComponent,
)
def set_status_component(
    request: ApiRequest, slug: Slug, component_id: UUID, given: schema.NewComponentState
) -> schema.StatusComponent:
    """Say how a component does, by hand or by a probe. An open incident that says worse is shown all the same."""
    caller, page = request.caller, _page_of(request.caller, slug)
    found = actions.set_component_state(
        page_id=page.pk, component_id=component_id, state=given.state, by=caller.user, now=caller.now
    )
    return _component(found, None)


@operation(router, "GET", "/briefing", scope=READ, answer=schema.Briefing)
def read_briefing(request: ApiRequest) -> schema.Briefing:
    """Read how escalations stand, in plain words, as far as the caller may know."""
    caller = request.caller
    if not (is_staff | is_stakeholder).test(caller.user):
        raise NotAllowed("not_allowed", "The briefing is for stakeholders and those who work here.")
    found = queries.briefing(caller.user, caller.now)
    briefs = [
        schema.Brief(
            escalation=one.key, subject=one.ticket.subject, organisation=shown.organisation_name(one.ticket.organisation),
            service=shown.service_name(one.ticket.service), priority=one.ticket.priority, impact=one.impact,
            state=one.state, owner=shown.person(one.owner), since=one.since, late=one.late,
            last_update_at=one.last_update.at if one.last_update else None, next_update_at=one.next_update_at,
            trend=one.trend.word, because=one.trend.because,
        )
        for one in found.briefs
    ]  # fmt: skip
    days = [schema.OpenOnDay(on=day, open=n) for day, n in found.days]
    return schema.Briefing(as_of=found.as_of, headline=" ".join(found.headline), escalations=briefs, days=days)


@operation(router, "GET", "/accounts", scope=READ, answer=Page[schema.Account])
def list_accounts(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Account]:
    """List customers with their health, those who fare worst first."""
    caller = request.caller
    _demand_accounts(caller)
    rows = queries.accounts(caller.now)
    page, following = cut(
        rows, limit=limit, cursor=cursor, key=lambda row: f"{row.health.points:03} {row.organisation.name}"
    )
    return Page(items=[_account(row) for row in page], next=following)


@operation(router, "GET", "/accounts/{uuid:organisation_id}", scope=READ, answer=schema.Account)
def read_account(request: ApiRequest, organisation_id: UUID) -> schema.Account:
    """Read how one customer fares, and why."""
    caller = request.caller
    _demand_accounts(caller)
    return _account(queries.account(organisation_id, caller.now).row)


@operation(
    router,
    "POST",
    "/accounts/{uuid:organisation_id}/escalations",
    scope=ESCALATE,
    answer=schema.FullAccountEscalation,
    status=201,
)
def escalate_account(
    request: ApiRequest, organisation_id: UUID, given: schema.NewAccountEscalation
) -> schema.FullAccountEscalation:
    """Take several tickets of a customer under one plan and clock; the caller owns it."""
    caller = request.caller
    _demand_accounts(caller)
    made = actions.open_account_escalation(
        organisation=people.organisation(organisation_id), title=given.title, concern=given.concern, plan=given.plan,
        tickets=[tickets.access_ticket(caller.user, number) for number in given.tickets], target_at=given.target_at,
        update_hours=given.update_hours, by=caller.user, now=caller.now,
    )  # fmt: skip
    return _full_account_escalation(made)


@operation(router, "GET", "/account-escalations", scope=READ, answer=Page[schema.AccountEscalation])
def list_account_escalations(
    request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.AccountEscalation]:
    """List account escalations by number. A customer's stakeholder gets those of the own company."""
    found = list(queries.account_escalations(request.caller.user))
    page, following = cut(found, limit=limit, cursor=cursor, key=lambda one: f"{one.number:020}")
    return Page(
        items=[schema.AccountEscalation.model_validate(_account_escalation(one)) for one in page], next=following
    )


@operation(router, "GET", "/account-escalations/{number}", scope=READ, answer=schema.FullAccountEscalation)
def read_account_escalation(request: ApiRequest, number: Number) -> schema.FullAccountEscalation:
    """Read an account escalation."""
    return _full_account_escalation(queries.access_account_escalation(request.caller.user, number))


@operation(
    router, "POST", "/account-escalations/{number}/updates", scope=ESCALATE, answer=schema.AccountUpdate, status=201
)
def update_account_escalation(
    request: ApiRequest, number: Number, given: schema.NewAccountUpdate
) -> schema.AccountUpdate:
    """Tell the customer's side the next word; the one after it is promised anew."""
    caller = request.caller
    found = queries.access_account_escalation(caller.user, number)
    said = actions.update_account_escalation(escalation_id=found.pk, body=given.body, by=caller.user, now=caller.now)
    return schema.AccountUpdate(id=said.pk, at=said.at, by=shown.known_person(said.by), body=said.body)


def _demand_teller(caller: Caller) -> None:
    if not rules.may_tell.test(caller.user):
        raise NotAllowed("not_allowed", TELLERS)


def _demand_accounts(caller: Caller) -> None:
    if not rules.may_see_accounts.test(caller.user):
        raise NotFound("account_not_found", "There is no such customer, or you may not see it.")


def _page_of(caller: Caller, slug: str) -> StatusPage:
    _demand_teller(caller)
    return queries.page_by_slug(slug)


def _page(one: StatusPage) -> schema.StatusPage:
    return schema.StatusPage(
        slug=one.slug, name=one.name, audience=one.audience, organisation=shown.organisation_name(one.organisation),
        time_zone=one.zone, updated_at=one.updated_at,
    )  # fmt: skip


def _component(one: Component, found: Uptime | None) -> schema.StatusComponent:
    return schema.StatusComponent(
        id=one.pk, group=one.group, name=one.name, state=one.state, own_state=one.own_state,
        service=shown.service_name(one.service), uptime_90_days=found.share if found else None,
    )  # fmt: skip


def _incident(one: Told) -> schema.StatusIncident:
    found = one.incident
    return schema.StatusIncident(
        id=found.pk, kind=found.kind, title=found.title, state=found.state, starts_at=found.starts_at,
        ends_at=found.ends_at,
        affected=[
            schema.AffectedComponent(id=part.component.pk, name=part.component.name, state=part.state)
            for part in one.affected
        ],
        updates=[
            schema.StatusUpdate(id=said.pk, at=said.at, state=said.state, body=said.body, mailed=said.mailed)
            for said in one.updates
        ],
    )  # fmt: skip


def _account(row: AccountRow) -> schema.Account:
    return schema.Account(
        organisation=OrganisationName(id=row.organisation.pk, name=row.organisation.name),
        account_manager=shown.person(row.organisation.account_manager), health=row.health.points, band=row.health.band,
        parts=[schema.HealthPart(key=one.key, points=one.points, words=one.words) for one in row.health.parts],
        open_tickets=row.signs.open_tickets, escalated=row.signs.escalated, good_ratings=row.signs.good,
        ratings=row.signs.ratings, account_escalation=row.escalation.number if row.escalation else None,
    )  # fmt: skip


def _account_escalation(one: AccountEscalation) -> dict[str, object]:
    return {
        "number": one.number, "reference": one.reference, "organisation": shown.organisation_name(one.organisation),
        "title": one.title, "state": one.state, "owner": shown.person(one.owner),
        "offered_to": shown.person(one.offered_to), "target_at": one.target_at,
        "next_update_at": one.next_update_at if one.ended_at is None else None, "opened_at": one.opened_at,
        "ended_at": one.ended_at, "outcome": one.outcome,
    }  # fmt: skip


def _full_account_escalation(one: AccountEscalation) -> schema.FullAccountEscalation:
    held = [row.ticket.number for row in queries.held(one) if row.removed_at is None]
    return schema.FullAccountEscalation.model_validate(
        {**_account_escalation(one), "concern": one.concern, "plan": one.plan, "tickets": held}
    )
