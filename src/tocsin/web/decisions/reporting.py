"""The report of decisions: taken, asked for, and escalations that need not have been."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from tocsin.domain.decisions import queries
from tocsin.domain.decisions.queries import Report
from tocsin.web.access import catalogue_keeper, now

USUAL = timedelta(days=30)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run
HEAD = [
    "at", "kind", "ticket", "decision", "version", "amount", "unit", "by", "team", "approved_by", "right", "reason",
]  # fmt: skip


@catalogue_keeper
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the period that the address names; usually the last 30 days."""
    found = _report(request)
    context = {
        "report": found,
        "first": found.since.date(),
        "last": (found.until - timedelta(seconds=1)).date(),
        "section": "decisions",
    }
    return render(request, "decisions/report.html", context)


@catalogue_keeper
@require_safe
def as_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Every decision and every avoidable escalation of the period; what a spreadsheet would run is disarmed."""
    found = _report(request)
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff" + str(writer.writerow(HEAD))
        for row in _rows(found):
            yield str(writer.writerow([_plain(value) for value in row]))

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="decisions.csv"'
    return answer


def _report(request: HttpRequest) -> Report:
    """Return the report from the start of `from` to the end of `to`, days in UTC; what is no date counts as not given."""
    today = now(request).astimezone(UTC).date()
    last = _date(request.GET.get("to", "")) or today
    first = _date(request.GET.get("from", "")) or last - USUAL
    first = min(first, last)
    since = datetime.combine(first, time(), UTC)
    return queries.report(since=since, until=datetime.combine(last, time(), UTC) + timedelta(days=1))


def _date(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found is not None and 2000 <= found.year < 2190 else None


def _rows(found: Report) -> Iterator[list[str]]:
    for one in found.taken:
        yield [
            one.at.isoformat(), "taken", one.ticket.reference, one.decision.name, str(one.version),
            "" if one.amount is None else f"{one.amount:f}", one.decision.unit_name, one.by.email,
            one.team.name if one.team else "", one.approved_by.email if one.approved_by else "", one.right, one.reason,
        ]  # fmt: skip
    for mark in found.avoidable:
        yield [
            mark.at.isoformat(), "avoidable escalation", mark.escalation.ticket.reference, mark.decision.name,
            str(mark.version), "" if mark.amount is None else f"{mark.amount:f}", mark.decision.unit_name,
            mark.by.email, mark.team.name if mark.team else "", "", mark.right, mark.escalation.reason_text,
        ]  # fmt: skip


def _plain(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA) else value


class _Echo:
    """A file that gives back what is written: csv needs one."""

    def write(self, value: str) -> str:
        return value
