"""Many tickets at once, with an undo; the next one to open; a view as CSV."""

import csv
from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tocsin.domain.desk import actions
from tocsin.domain.desk import queries as desk
from tocsin.domain.desk.actions import BulkResult
from tocsin.domain.sla import queries as sla
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.desk.queue import tickets_of_view

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run
MOST_ROWS = 20_000
LOOKED_THROUGH = 50


@worker
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Do one thing to every ticked ticket; say how many, and why others were not."""
    numbers = [int(one) for one in request.POST.getlist("ticket") if one.isascii() and one.isdigit() and len(one) < 19]
    what, _, to = request.POST.get("act", "").partition(":")
    chosen = _uuid(to)
    result = actions.act_on(
        numbers=numbers, act=what, by=viewer(request), now=now(request),
        team=choices.team_of(chosen) if what == "team" else None,
        owner=choices.person_of(chosen) if what == "owner" else None,
        word=request.POST.get("tag", "") if what == "tag" else to,
    )  # fmt: skip
    undo_at = reverse("bulk_undo", args=[result.act_id]) if result.act_id else ""
    _say(request, result, "changed", undo_at)
    return redirect(_back(request))


@worker
@require_POST
def undo(request: HttpRequest, act_id: UUID) -> HttpResponse:
    """Put back what the act changed, where nothing was changed since."""
    result = actions.undo(act_id=act_id, by=viewer(request), now=now(request))
    _say(request, result, "put back", "")
    return redirect(_back(request))


@worker
@require_safe
def next_one(request: HttpRequest) -> HttpResponse:
    """Open what is most pressing in this view and nobody else has open or owns; say so when there is none."""
    user = viewer(request)
    found = sla.by_next_breach(tickets_of_view(request)).filter(owner__isnull=True)
    pressing = list(found[:LOOKED_THROUGH])
    looked_at = desk.onlookers_of([ticket.pk for ticket in pressing], user, now(request))
    for ticket in pressing:
        if ticket.pk not in looked_at:
            return redirect("ticket", ticket.number)
    messages.success(request, "Everything in this view has an owner, or somebody is looking at it.")
    return redirect(_back(request))


@staff
@require_safe
def as_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The view as the address has it, up to 20,000 lines; what a spreadsheet would run is disarmed."""
    shown = tickets_of_view(request).select_related(*tickets.SHOWN).order_by("-opened_at")[:MOST_ROWS]
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff" + str(writer.writerow(HEAD))
        for ticket in shown.iterator(chunk_size=500):
            yield str(writer.writerow([_plain(value) for value in _row(ticket)]))

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="tickets.csv"'
    return answer


HEAD = [
    "reference", "subject", "status", "priority", "customer", "requester", "service", "team", "owner", "opened_at",
    "updated_at", "resolved_at", "handovers", "reopens",
]  # fmt: skip


def _row(ticket: Ticket) -> list[str]:
    return [
        ticket.reference, ticket.subject, ticket.status, str(ticket.priority),
        ticket.organisation.name if ticket.organisation else "", ticket.requester.email if ticket.requester else "",
        ticket.service.name if ticket.service else "", ticket.team.name if ticket.team else "",
        ticket.owner.email if ticket.owner else "", ticket.opened_at.isoformat(), ticket.updated_at.isoformat(),
        ticket.resolved_at.isoformat() if ticket.resolved_at else "", str(ticket.handovers), str(ticket.reopens),
    ]  # fmt: skip


def _plain(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA) else value


class _Echo:
    """A file that gives back what is written: csv needs one."""

    def write(self, value: str) -> str:
        return value


def _say(request: HttpRequest, result: BulkResult, what: str, undo_at: str) -> None:
    if result.done:
        messages.success(request, f"{result.done} ticket{'s' if result.done != 1 else ''} {what}.", extra_tags=undo_at)
    for reference, why in list(result.refused.items())[:3]:
        messages.error(request, f"{reference}: {why}")
    if len(result.refused) > 3:
        messages.error(request, f"and {len(result.refused) - 3} more were left as they are.")


def _back(request: HttpRequest) -> str:
    query = request.POST.get("back", "") or request.META.get("QUERY_STRING", "")
    return f"{reverse('queue')}?{query}" if query and not query.startswith("/") else reverse("queue")


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
