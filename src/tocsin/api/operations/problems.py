"""Problems: list, read, open, write, move; what the detector proposes; measures and whether they worked."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router
from pydantic import Field

from tocsin.api.auth import Caller
from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.paging import page_of
from tocsin.api.schemas import problems as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Given, Limit, Page
from tocsin.domain.people.enums import Scope
from tocsin.domain.problems import actions, queries
from tocsin.domain.problems import models as rows
from tocsin.domain.tickets import queries as tickets

router = Router()
READ, WRITE = Scope.TICKETS_READ, Scope.TICKETS_WRITE
PROBLEMS = "Problems are"
type ProblemNumber = Annotated[int, Field(ge=1, le=999_999_999_999_999, description="the problem's number, without P-")]


class ProblemFilters(Given):
    state: str = Field("", max_length=12, description="a state; all, ended; empty: those at work")
    q: str = Field("", max_length=200)
    limit: Limit = USUAL_LIMIT
    cursor: Cursor = ""


class ProposalFilters(Given):
    state: Literal["proposed", "accepted", "merged", "rejected", "lapsed"] = "proposed"
    limit: Limit = USUAL_LIMIT
    cursor: Cursor = ""


def _problem(row: rows.Problem) -> schema.Problem:
    return schema.Problem(**_fields(row))


def _fields(row: rows.Problem) -> dict[str, Any]:
    own = (
        "number", "id", "reference", "title", "description", "state", "category", "configuration_item", "cause", "workaround",
        "change", "change_url", "opened_at", "updated_at", "fixed_at", "closed_at",
    )  # fmt: skip
    return {name: getattr(row, name) for name in own} | {
        "owner": shown.person(row.owner),
        "service": shown.service_name(row.service),
        "known_error": row.article.reference if row.article else "",
        "merged_into": row.merged_into.reference if row.merged_into else "",
    }


def _whole(row: rows.Problem) -> schema.WholeProblem:
    impact = queries.impact_of(row)
    told = {name: getattr(impact, name) for name in schema.Impact.model_fields}
    numbers = [one.number for one in queries.tickets_of(row)]
    return schema.WholeProblem(**_fields(row), impact=schema.Impact(**told), ticket_numbers=numbers)


def _proposal(row: rows.Proposal) -> schema.Proposal:
    own = {name: getattr(row, name) for name in schema.Proposal.model_fields if name != "problem"}
    return schema.Proposal(**own, problem=row.problem.reference if row.problem else "")


def _measure(row: rows.Measure) -> schema.Measure:
    told = {
        name: row.figures.get(name)
        for name in ("ratio", "low", "high", "before", "before_weeks", "after", "after_weeks")
    }
    return schema.Measure(
        id=row.pk, problem=row.problem.reference, kind=row.kind, title=row.title, owner=shown.known_person(row.owner),
        starts_on=row.starts_on, series=row.series, expected=row.expected, horizon_weeks=row.horizon, verdict=row.verdict,
        sentence=row.sentence, judged_on=row.judged_on, withdrawn_at=row.withdrawn_at, **told,
    )  # fmt: skip


def _tickets(caller: Caller, numbers: list[int]) -> list[UUID]:
    return [tickets.access_ticket(caller.user, number).pk for number in numbers]


@operation(router, "GET", "/problems", scope=READ, answer=Page[schema.Problem])
def list_problems(request: ApiRequest, filters: Query[ProblemFilters]) -> Page[schema.Problem]:
    """List problems, the latest change first. For those who work here."""
    finding.demand_internals(request.caller, PROBLEMS)
    found = queries.problems(which=filters.state, text=filters.q)
    page, following = page_of(found, order=("-updated_at", "-id"), limit=filters.limit, cursor=filters.cursor)
    return Page(items=[_problem(row) for row in page], next=following)


@operation(router, "POST", "/problems", scope=WRITE, answer=schema.WholeProblem, status=201)
def open_problem(request: ApiRequest, given: schema.NewProblem) -> schema.WholeProblem:
    """Open a problem with the tickets it caused. Who does not run problems opens a candidate."""
    caller = request.caller
    finding.demand_staff(caller, PROBLEMS)
    made = actions.open_problem(
        title=given.title, description=given.description, category=given.category,
        configuration_item=given.configuration_item, service=finding.service_of(caller, given.service),
        owner=finding.person_of(caller, "owner", given.owner), tickets=_tickets(caller, given.tickets), by=caller.user,
        now=caller.now,
    )  # fmt: skip
    return _whole(made)


@operation(router, "GET", "/problems/{problem_number}", scope=READ, answer=schema.WholeProblem)
def read_problem(request: ApiRequest, problem_number: ProblemNumber) -> schema.WholeProblem:
    """Read a problem with its impact and its tickets."""
    return _whole(queries.access_problem(request.caller.user, problem_number))


@operation(router, "PATCH", "/problems/{problem_number}", scope=WRITE, answer=schema.WholeProblem)
def change_problem(
    request: ApiRequest, problem_number: ProblemNumber, given: schema.ProblemChange
) -> schema.WholeProblem:
    """Write on a problem."""
    caller = request.caller
    found = queries.access_problem(caller.user, problem_number)
    fields = given.model_dump(exclude_unset=True, exclude_none=True)
    if "owner" in fields:
        fields["owner"] = finding.person_of(caller, "owner", given.owner)
    actions.change_problem(problem_id=found.pk, by=caller.user, now=caller.now, **fields)
    return _whole(queries.access_problem(caller.user, problem_number))


@operation(router, "POST", "/problems/{problem_number}/act", scope=WRITE, answer=schema.WholeProblem)
def move_problem(request: ApiRequest, problem_number: ProblemNumber, given: schema.ProblemMove) -> schema.WholeProblem:
    """Move a problem on: its cause is known, a fix is planned, it is fixed, verified, closed, reopened."""
    caller = request.caller
    found = queries.access_problem(caller.user, problem_number)
    actions.move(problem_id=found.pk, act=given.act, by=caller.user, now=caller.now, word=given.word)
    return _whole(queries.access_problem(caller.user, problem_number))


@operation(router, "POST", "/problems/{problem_number}/tickets", scope=WRITE, answer=schema.Linked)
def link_problem_tickets(
    request: ApiRequest, problem_number: ProblemNumber, given: schema.ProblemTickets
) -> schema.Linked:
    """Say that a problem caused these tickets. Saying it again changes nothing."""
    caller = request.caller
    found = queries.access_problem(caller.user, problem_number)
    count = actions.link_tickets(
        problem_id=found.pk, ticket_ids=_tickets(caller, given.tickets), by=caller.user, now=caller.now
    )
    return schema.Linked(linked=count)


@operation(router, "GET", "/proposals", scope=READ, answer=Page[schema.Proposal])
def list_proposals(request: ApiRequest, filters: Query[ProposalFilters]) -> Page[schema.Proposal]:
    """List what the detector proposes, the latest find first, with the figures behind it."""
    finding.demand_internals(request.caller, PROBLEMS)
    found = queries.proposals(filters.state)
    page, following = page_of(found, order=("-found_at", "-id"), limit=filters.limit, cursor=filters.cursor)
    return Page(items=[_proposal(row) for row in page], next=following)


@operation(router, "POST", "/proposals/{uuid:proposal_id}/accept", scope=WRITE, answer=schema.WholeProblem, status=201)
def accept_proposal(request: ApiRequest, proposal_id: UUID, given: schema.Acceptance) -> schema.WholeProblem:
    """Open a problem from a proposal, with its tickets."""
    caller = request.caller
    found = queries.access_proposal(caller.user, proposal_id)
    owner = finding.person_of(caller, "owner", given.owner)
    return _whole(actions.accept(proposal_id=found.pk, by=caller.user, now=caller.now, title=given.title, owner=owner))


@operation(router, "POST", "/proposals/{uuid:proposal_id}/reject", scope=WRITE, answer=schema.Proposal)
def reject_proposal(request: ApiRequest, proposal_id: UUID, given: schema.Rejection) -> schema.Proposal:
    """Turn a proposal down. It comes back when it has grown to `factor` times its rate."""
    caller = request.caller
    found = queries.access_proposal(caller.user, proposal_id)
    done = actions.reject(
        proposal_id=found.pk, reason=given.reason, factor=given.factor, by=caller.user, now=caller.now
    )
    return _proposal(done)


@operation(router, "GET", "/measures", scope=READ, answer=Page[schema.Measure])
def list_measures(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.Measure]:
    """List measures that are judged, the latest made first, with before, after and the interval."""
    finding.demand_internals(request.caller, "Measures are")
    page, following = page_of(queries.measures(), order=("-made_at", "-id"), limit=limit, cursor=cursor)
    return Page(items=[_measure(row) for row in page], next=following)


@operation(router, "POST", "/problems/{problem_number}/measures", scope=WRITE, answer=schema.Measure, status=201)
def add_measure(request: ApiRequest, problem_number: ProblemNumber, given: schema.NewMeasure) -> schema.Measure:
    """Take a measure on a problem: what it should lower, from when, by how much."""
    caller = request.caller
    found = queries.access_problem(caller.user, problem_number)
    made = actions.add_measure(
        problem_id=found.pk, kind=given.kind, title=given.title, series=given.series, starts_on=given.starts_on,
        expected=given.expected, horizon=given.horizon_weeks, owner=finding.person_of(caller, "owner", given.owner),
        by=caller.user, now=caller.now,
    )  # fmt: skip
    return _measure(made)
