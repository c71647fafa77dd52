"""The queue: what next (UX "Pages")."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tocsin.domain.escalation import policies
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.logic.run import RunStatus
from tocsin.domain.escalation.models import Run
from tocsin.domain.people import queries as people
from tocsin.domain.sla import queries as sla
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.enums import Priority, Status
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import QueueFilters
from tocsin.web.access import now, staff, viewer
from tocsin.web.desk.faces import Face, face
from tocsin.web.desk.views_of_queue import VIEWS, View

SIZE = 50
SORT_WORDS = {
    "breach": "next breach first",
    "priority": "gravest first",
    "newest": "newest first",
    "oldest": "oldest first",
    "updated": "last changed first",
    "number": "by number",
}
COLUMNS = [
    ("clock", "Clock", "breach"),
    ("sev", "Severity", "priority"),
    ("subject", "Ticket", "number"),
    ("status", "State", ""),
    ("owner", "Owner, line", ""),
    ("last", "Last event", "updated"),
]
WAITING = {Status.WAITING_CUSTOMER, Status.WAITING_VENDOR, Status.WAITING_CHANGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the queue."""

    ticket: Ticket
    face: Face | None
    level: str
    level_css: str
    waiting: str
    last_what: str
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of rows."""

    rows: list[Row]
    total: int
    number: int
    pages: int

    @property
    def first(self) -> int:
        return (self.number - 1) * SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def more(self) -> bool:
        return self.number < self.pages

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def after(self) -> int:
        return self.number + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """One filter above the list."""

    name: str
    label: str
    value: str
    choices: list[tuple[str, str]]


@staff
@require_safe
def home(_request: HttpRequest) -> HttpResponse:
    """The front door leads to the queue."""
    return redirect("queue")


@staff
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show one view, filtered and sorted as the address says; the same address shows the same view again (check 22)."""
    view = _view(request.GET)
    filters = filters_of(view, request.GET)
    page = _page(request, view, filters)
    context = {
        "view": view,
        "current_view": view.key,
        "filters": {"q": filters.text, "sort": request.GET.get("sort", "")},
        "filtered": _is_filtered(request.GET),
        "page": page,
        "selects": _selects(request.GET),
        "columns": [
            {"css": css, "name": name, "sort": sort, "sorted": sort == filters.sort and bool(sort)}
            for css, name, sort in COLUMNS
        ],
        "sort_words": SORT_WORDS[filters.sort],
        "newest": now(request).isoformat(),
    }
    return render(request, "desk/queue.html", context)


@staff
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """Say how many tickets of the view are new or changed since the page was drawn. Rows never jump by themselves (check 16)."""
    view = _view(request.GET)
    known = _instant(request.GET.get("known", ""))
    fresh = 0
    if known is not None:
        fresh = _tickets(request, view, filters_of(view, request.GET)).filter(updated_at__gt=known).count()
    query = request.GET.copy()
    query.pop("known", None)
    return render(request, "desk/queue_news.html", {"fresh": fresh, "address": f"?{query.urlencode()}"})


def filters_of(view: View, query: QueryDict) -> QueueFilters:
    """Return what the address asks for within a view; what it does not know is ignored."""
    priority = query.get("priority", "")
    sort = query.get("sort", "")
    return QueueFilters(
        status=query.get("status") or view.status,
        team=query.get("team") or view.team,
        owner=query.get("owner") or view.owner,
        priority=(int(priority),) if priority in {"1", "2", "3", "4"} else (),
        service=query.get("service", ""),
        organisation=_uuid(query.get("organisation", "")),
        text=query.get("q", "")[:200],
        sort=sort if sort in SORT_WORDS else view.sort,
        page=_number(query.get("page", "1")),
        size=SIZE,
    )


def _tickets(request: HttpRequest, view: View, filters: QueueFilters) -> QuerySet[Ticket]:
    found = tickets.filtered(viewer(request), filters)
    return escalation.escalated(found) if view.escalated else found


def _page(request: HttpRequest, view: View, filters: QueueFilters) -> Page:
    found = _tickets(request, view, filters)
    total = found.count()
    pages = max(-(-total // SIZE), 1)
    number = min(max(filters.page, 1), pages)
    by_breach = filters.sort == "breach"
    ordered = sla.by_next_breach(found) if by_breach else found.order_by(*tickets.SORTS[filters.sort])
    shown = list(ordered.select_related(*tickets.SHOWN)[(number - 1) * SIZE : number * SIZE])
    return Page(rows=_rows(request, shown), total=total, number=number, pages=pages)


def _rows(request: HttpRequest, shown: list[Ticket]) -> list[Row]:
    ids = [ticket.pk for ticket in shown]
    faces = sla.next_breaches(ids, now(request))
    runs = escalation.open_runs(ids)
    return [_row(request, ticket, faces.get(ticket.pk), runs.get(ticket.pk, [])) for ticket in shown]


def _row(request: HttpRequest, ticket: Ticket, clock: sla.ClockFace | None, runs: list[Run]) -> Row:
    level, css = level_of(runs)
    what, at = _last(ticket)
    return Row(
        ticket=ticket,
        face=face_of(clock, now(request)) if clock else None,
        level=level,
        level_css=css,
        waiting=ticket.get_status_display() if ticket.status in WAITING else "",
        last_what=what,
        last_at=at,
    )


def level_of(runs: list[Run]) -> tuple[str, str]:
    """Return where the highest open ladder of a ticket stands, in words, and a class that is hot while nobody has answered."""
    if not runs:
        return "", ""
    top = max(runs, key=lambda run: run.level)
    levels = len(policies.content_of(top.version_id).levels)
    words = f"Level {top.level} of {levels}" if top.level else "Escalated"
    if top.status == RunStatus.ACKNOWLEDGED:
        return f"{words}, answered", ""
    if top.status in (RunStatus.SNOOZED, RunStatus.PENDING_APPROVAL):
        return f"{words}, {str(top.status).replace('_', ' ')}", ""
    return words, "is-breached"


def face_of(clock: sla.ClockFace, at: datetime) -> Face:
    """Draw what sla says of a clock."""
    return face(
        label=clock.label, state=clock.state, remaining=clock.remaining, consumed=clock.consumed,
        due_at=clock.due_at, now=at, clock_id=clock.clock_id,
    )  # fmt: skip


def _last(ticket: Ticket) -> tuple[str, datetime]:
    """Return the last event worth telling: who spoke last, or that something changed."""
    customer, reply = ticket.last_customer_message_at, ticket.last_public_reply_at
    if customer and (not reply or customer > reply):
        return "Customer wrote", customer
    if reply:
        return "We replied", reply
    if ticket.updated_at > ticket.opened_at:
        return "Changed", ticket.updated_at
    return "Opened", ticket.opened_at


def _view(query: QueryDict) -> View:
    return VIEWS.get(query.get("view", ""), VIEWS["next"])


def _selects(query: QueryDict) -> list[Select]:
    return [
        Select(
            name="priority", label="Severity", value=query.get("priority", ""),
            choices=[(str(p.value), f"Sev{p.value} {p.label}") for p in Priority],
        ),
        Select(
            name="team", label="Team", value=query.get("team", ""),
            choices=[(t.slug, f"{t.line} {t.name}" if t.line.startswith("L") else t.name) for t in people.teams()],
        ),
        Select(
            name="service", label="Service", value=query.get("service", ""),
            choices=[(s.slug, s.name) for s in people.services()],
        ),
        Select(
            name="organisation", label="Customer", value=query.get("organisation", ""),
            choices=[(str(o.pk), o.name) for o in people.organisations()],
        ),
    ]  # fmt: skip


def _is_filtered(query: QueryDict) -> bool:
    return any(query.get(name) for name in ("q", "priority", "team", "service", "organisation", "status", "owner"))


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else 1


def _instant(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else None
