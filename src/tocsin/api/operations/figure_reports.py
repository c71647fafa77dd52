"""Reports of figures by mail: set up, change, take away, leave."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Router
from pydantic import Field

from tocsin.api.auth import Caller
from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding, shown
from tocsin.api.schemas import figure_reports as schema
from tocsin.domain.insights import actions, queries, rules
from tocsin.domain.insights.logic.metrics import DIMENSIONS
from tocsin.domain.insights.models import FigureReport
from tocsin.domain.people.enums import Scope
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound

router = Router()
READ, WRITE = Scope.TICKETS_READ, Scope.TICKETS_WRITE
WORDS = (*DIMENSIONS, "clock")
type ReportId = Annotated[UUID, Field(description="the report's id")]


@operation(router, "GET", "/figure-reports", scope=READ, answer=schema.Reports)
def list_figure_reports(request: ApiRequest) -> schema.Reports:
    """Every report of figures, the next one first."""
    _may_read(request.caller)
    return schema.Reports(items=[schema.ReportInList(**_fields(one)) for one in queries.reports()])


@operation(router, "POST", "/figure-reports", scope=WRITE, answer=schema.Report, status=201)
def set_up_figure_report(request: ApiRequest, given: schema.NewReport) -> schema.Report:
    """Set up a report. Leads, managers and administrators; readers are whoever may see figures."""
    return _saved(request.caller, None, given)


@operation(router, "GET", "/figure-reports/{uuid:report_id}", scope=READ, answer=schema.Report)
def read_figure_report(request: ApiRequest, report_id: ReportId) -> schema.Report:
    """Read a report: when it leaves, and who gets it."""
    _may_read(request.caller)
    return _report(queries.access_report(report_id))


@operation(router, "PUT", "/figure-reports/{uuid:report_id}", scope=WRITE, answer=schema.Report)
def change_figure_report(request: ApiRequest, report_id: ReportId, given: schema.NewReport) -> schema.Report:
    """Change a report as a whole; who has left it stays out."""
    _may_read(request.caller)
    return _saved(request.caller, queries.access_report(report_id).pk, given)


@operation(router, "DELETE", "/figure-reports/{uuid:report_id}", scope=WRITE, answer=None, status=204)
def remove_figure_report(request: ApiRequest, report_id: ReportId) -> None:
    """Take a report away; what was sent stays in the journal."""
    caller = request.caller
    _may_read(caller)
    actions.remove_report(report_id=report_id, by=caller.user, now=caller.now)


@operation(router, "POST", "/figure-reports/{uuid:report_id}/leave", scope=WRITE, answer=None, status=204)
def leave_figure_report(request: ApiRequest, report_id: ReportId) -> None:
    """Get a report no more, oneself."""
    caller = request.caller
    _may_read(caller)
    mine = queries.reader_of(queries.access_report(report_id), caller.user)
    if mine is None:
        raise NotFound("report_not_found", "You do not get this report.")
    actions.leave_report(reader_id=mine.pk, by=caller.user, now=caller.now)


def _saved(caller: Caller, report_id: UUID | None, given: schema.NewReport) -> schema.Report:
    _may_read(caller)
    unknown = next((word for word in given.scope if word not in WORDS), None)
    if unknown is not None:
        problem = f"There is no {unknown!r} to filter by. Choose from {', '.join(WORDS)}."
        raise InvalidInput("bad_scope", problem, {"scope": problem})
    readers = [found for word in given.readers if (found := finding.person_of(caller, "readers", word))]
    made = actions.save_report(
        report_id=report_id, name=given.name, scope=given.scope, cadence=given.cadence, weekday=given.weekday,
        hour=given.hour, readers=readers, by=caller.user, now=caller.now,
    )  # fmt: skip
    return _report(made)


def _may_read(caller: Caller) -> None:
    if not rules.may_read_insights.test(caller.user):
        raise NotAllowed("not_allowed", "Figures are for those who work here.")


def _fields(row: FigureReport) -> dict[str, Any]:
    names = ("id", "name", "scope", "cadence", "weekday", "hour", "zone", "due_at", "sent_at")
    return {name: getattr(row, name) for name in names}


def _report(row: FigureReport) -> schema.Report:
    readers = [
        schema.Reader(person=shown.known_person(one.user), left_at=one.left_at) for one in queries.readers_of(row)
    ]
    return schema.Report(**_fields(row), readers=readers)
