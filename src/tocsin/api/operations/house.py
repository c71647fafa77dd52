"""Who there is: the caller, people, teams, customers, services."""

from uuid import UUID

from ninja import Router

from tocsin.api.auth import Caller
from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import shown
from tocsin.api.paging import cut, page_of
from tocsin.api.schemas import house as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Limit, Page, Slug, Word
from tocsin.domain.people import queries as people
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.rules import may_see_people
from tocsin.kernel.errors import NotAllowed, NotFound

router = Router()
READ = Scope.ONCALL_READ


@operation(router, "GET", "/me", scope="", answer=schema.Me)
def who_am_i(request: ApiRequest) -> schema.Me:
    """Say who calls, and with what scopes: to try a token."""
    caller = request.caller
    token = caller.token
    return schema.Me(
        id=caller.user.pk, name=caller.user.name, email=caller.user.email, role=caller.user.role,
        scopes=sorted(caller.scopes), token=token.name if token else "", expires_at=token.expires_at if token else None,
    )  # fmt: skip


@operation(router, "GET", "/people", scope=READ, answer=Page[schema.FullPerson])
def list_people(
    request: ApiRequest, q: Word = "", everybody: bool = False, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.FullPerson]:
    """List people by name. `q` looks in names and addresses; `everybody`: the deactivated too."""
    _demand_directory(request.caller)
    found = people.people(q, only_active=not everybody)
    rows, following = page_of(found, order=("name", "email"), limit=limit, cursor=cursor)
    return Page(items=[shown.full_person(row) for row in rows], next=following)


@operation(router, "GET", "/people/{uuid:person_id}", scope=READ, answer=schema.FullPerson)
def read_person(request: ApiRequest, person_id: UUID) -> schema.FullPerson:
    """Read a person. Customers read themselves."""
    return shown.full_person(people.access_person(request.caller.user, person_id))


@operation(router, "GET", "/teams", scope=READ, answer=Page[schema.Team])
def list_teams(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Team]:
    """List teams by slug."""
    _demand_directory(request.caller)
    page, following = cut(people.teams(), limit=limit, cursor=cursor, key=lambda row: row.slug)
    return Page(items=[shown.team(row) for row in page], next=following)


@operation(router, "GET", "/teams/{slug}", scope=READ, answer=schema.FullTeam)
def read_team(request: ApiRequest, slug: Slug) -> schema.FullTeam:
    """Read a team with its active members."""
    if not may_see_people.test(request.caller.user):
        raise NotFound("team_not_found", f"There is no team {slug!r}.")
    found = people.team_by_slug(slug)
    members = [shown.known_person(row) for row in people.members_of_team(found.pk)]
    return schema.FullTeam(**shown.team(found).model_dump(), members=members)


@operation(router, "GET", "/organisations", scope=READ, answer=Page[schema.Organisation])
def list_organisations(
    request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = ""
) -> Page[schema.Organisation]:
    """List customers by name."""
    _demand_directory(request.caller)
    page, following = cut(people.organisations(), limit=limit, cursor=cursor, key=lambda row: row.name)
    return Page(items=[shown.organisation(row) for row in page], next=following)


@operation(router, "GET", "/organisations/{uuid:organisation_id}", scope=READ, answer=schema.Organisation)
def read_organisation(request: ApiRequest, organisation_id: UUID) -> schema.Organisation:
    """Read a customer."""
    if not may_see_people.test(request.caller.user):
        raise NotFound("organisation_not_found", "There is no such organisation.")
    return shown.organisation(people.organisation(organisation_id))


@operation(router, "GET", "/services", scope=READ, answer=Page[schema.Service])
def list_services(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Service]:
    """List services by slug; customers get those that are offered to them, without their teams."""
    internal = may_see_people.test(request.caller.user)
    rows = people.services() if internal else people.offered_services()
    page, following = cut(rows, limit=limit, cursor=cursor, key=lambda row: row.slug)
    items = [
        schema.Service(slug=row.slug, name=row.name, team=shown.team_name(row.team) if internal else None)
        for row in page
    ]
    return Page(items=items, next=following)


def _demand_directory(caller: Caller) -> None:
    """Raise NotAllowed for customers: who works here is shown to those who work here."""
    if not may_see_people.test(caller.user):
        raise NotAllowed("not_allowed", "The directory is for those who work here. Ask the service desk.")
