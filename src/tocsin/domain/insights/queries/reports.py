"""Reports of figures."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from tocsin.domain.insights import rules
from tocsin.domain.insights.models.reports import FigureReport, ReportReader
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import User
from tocsin.kernel.errors import NotFound


def reports() -> Sequence[FigureReport]:
    """Return every report by its next time, with how many get it (`getting`)."""
    getting = Count("readers", filter=Q(readers__left_at__isnull=True, readers__user__is_active=True))
    return list(FigureReport.objects.annotate(getting=getting).order_by("due_at", "name", "pk"))


def access_report(report_id: UUID) -> FigureReport:
    """Return a report. Raises NotFound."""
    found = FigureReport.objects.select_related("made_by").filter(pk=report_id).first()
    if found is None:
        raise NotFound("report_not_found", "There is no such report any more.")
    return found


def readers_of(report: FigureReport) -> list[ReportReader]:
    """Return who gets a report, and at the end who has left it."""
    rows = ReportReader.objects.filter(report=report).select_related("user")
    return sorted(rows, key=lambda one: (one.left_at is not None, one.user.name, str(one.pk)))


def reader(reader_id: UUID) -> ReportReader:
    """Return a reader with their report. Raises NotFound."""
    found = ReportReader.objects.select_related("report", "user").filter(pk=reader_id).first()
    if found is None:
        raise NotFound("report_not_found", "There is no such report any more.")
    return found


def reader_of(report: FigureReport, user: User) -> ReportReader | None:
    """Return somebody as a reader of a report who has not left it, or None."""
    return ReportReader.objects.filter(report=report, user=user, left_at__isnull=True).first()


def next_report_due() -> datetime | None:
    """When the next report is due, or None."""
    return FigureReport.objects.order_by("due_at").values_list("due_at", flat=True).first()


def possible_readers() -> list[User]:
    """Return who may be chosen as a reader: everybody who may see figures."""
    rows = User.objects.filter(is_active=True).exclude(role=Role.REQUESTER).order_by("name", "pk")
    return [user for user in rows if rules.may_read_insights.test(user)]
