"""The queue: what next (UX "Pages")."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tocsin.domain.desk import queries as desk
from tocsin.domain.desk.models import SavedView
from tocsin.domain.escalation import policies
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.logic.run import RunStatus
from tocsin.domain.escalation.models import Run
from tocsin.domain.people import queries as people
from tocsin.domain.people.rules import is_staff
from tocsin.domain.sla import queries as sla
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.enums import Priority, Status
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import QueueFilters
from tocsin.web.access import now, signed_in, staff, viewer
from tocsin.web.accounts.landing import landing
from tocsin.web.desk import choices, risk_column
from tocsin.web.desk.faces import Face, face
from tocsin.web.desk.views_of_queue import VIEWS, View
from tocsin.web.languages.catalogue import exact, say

SIZE = 50
TOTAL_CAP = 10_000  # counted no further
SORT_WORDS = {
    "breach": "next breach first",
    "priority": "gravest first",
    "newest": "newest first",
    "oldest": "oldest first",
    "updated": "last changed first",
    "number": "by number",
    risk_column.SORT: risk_column.SORT_WORDS,
}
COLUMNS = [
    ("clock", "Clock", "breach"),
    ("sev", "Severity", "priority"),
    ("subject", "Ticket", "number"),
    ("status", "State", ""),
    (risk_column.COLUMN, "Risk", risk_column.SORT),
    ("owner", "Owner, line", ""),
    ("customer", "Customer", ""),
    ("service", "Service", ""),
    ("tags", "Tags", ""),
    ("opened", "Opened", "newest"),
    ("last", "Last event", "updated"),
]
ALWAYS = ("clock", "sev", "subject")
USUAL = (*ALWAYS, "status", risk_column.COLUMN, "owner", "last")
DENSITIES = ("comfortable", "compact")
BULK_STATUSES = (Status.OPEN, Status.WAITING_CUSTOMER, Status.WAITING_VENDOR, Status.RESOLVED, Status.CLOSED)
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
    tags: list[str]
    looked_at: list[str]  # names of the others who have it open
    risk: risk_column.Cell | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of rows."""

    rows: list[Row]
    total: int
    number: int
    pages: int

    @property
    def total_text(self) -> str:
        """How many there are, in words where nobody needs to know exactly."""
        return f"more than {TOTAL_CAP:,}" if self.total > TOTAL_CAP else f"{self.total:,}"

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


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front door leads to the queue, and customers to the portal."""
    return redirect(landing(viewer(request)))


@staff
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show one view, filtered and sorted as the address says; the same address shows the same view again (check 22)."""
    view = _view(request.GET)
    filters = filters_of(view, request.GET)
    page = _page(request, view, filters)
    saved = _saved(request)
    there = [one for one in COLUMNS if one[0] != risk_column.COLUMN or risk_column.is_there()]
    shown = _columns(request.GET, saved, [css for css, _, _ in there])
    density = request.GET.get("density", "") or (saved.density if saved else "")
    context = {
        "view": view,
        "saved": saved,
        "tag": request.GET.get("tag", "")[:40],
        "shown": shown,
        "optional": [(css, name, css in shown) for css, name, _ in there if css not in ALWAYS],
        "dense": density == "compact",
        "bulk": _bulk() if may_work(request) else None,
        "current_view": "" if saved else view.key,
        "filters": {"q": filters.text, "sort": request.GET.get("sort", "")},
        "filtered": _is_filtered(request.GET),
        "page": page,
        "selects": _selects(request.GET),
        "columns": [
            {"css": css, "name": name, "sort": sort, "sorted": sort == filters.sort and bool(sort)}
            for css, name, sort in there
            if css in shown
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


def tickets_of_view(request: HttpRequest) -> QuerySet[Ticket]:
    """Return the tickets of the view that the address names, unsorted."""
    view = _view(request.GET)
    return _tickets(request, view, filters_of(view, request.GET))


def _tickets(request: HttpRequest, view: View, filters: QueueFilters) -> QuerySet[Ticket]:
    found = tickets.filtered(viewer(request), filters)
    if tag := request.GET.get("tag", "")[:40]:
        found = found.filter(taggings__tag__name=tag)
    if view.asleep:
        found = found.filter(pk__in=desk.asleep())
    elif view.awake:
        found = found.exclude(pk__in=desk.asleep())
    return escalation.escalated(found) if view.escalated else found


def _page(request: HttpRequest, view: View, filters: QueueFilters) -> Page:
    found = _tickets(request, view, filters)
    total = found.order_by()[: TOTAL_CAP + 1].count()
    pages = max(-(-total // SIZE), 1)
    number = min(max(filters.page, 1), pages)
    by_breach = filters.sort == "breach"
    start, found = (number - 1) * SIZE, found.select_related(*tickets.SHOWN)
    if by_breach:
        shown = sla.page_by_next_breach(found, total=total, start=start, size=SIZE)
    elif filters.sort == risk_column.SORT:
        shown = risk_column.page(found, start, SIZE)
    else:
        shown = list(found.order_by(*tickets.SORTS[filters.sort])[start : start + SIZE])
    return Page(rows=rows_of(request, shown), total=total, number=number, pages=pages)


def rows_of(request: HttpRequest, shown: list[Ticket]) -> list[Row]:
    """Return the lines for these tickets, in their order: a constant number of queries."""
    ids = [ticket.pk for ticket in shown]
    faces = sla.next_breaches(ids, now(request))
    runs = escalation.open_runs(ids)
    tags, onlookers = desk.tags_of(ids), desk.onlookers_of(ids, viewer(request), now(request))
    risks = risk_column.cells(ids, now(request))
    return [
        replace(
            _row(request, ticket, faces.get(ticket.pk), runs.get(ticket.pk, [])),
            tags=tags.get(ticket.pk, []),
            looked_at=onlookers.get(ticket.pk, []),
            risk=risks.get(ticket.pk),
        )
        for ticket in shown
    ]


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
        tags=[],
        looked_at=[],
    )


def level_of(runs: list[Run]) -> tuple[str, str]:
    """Return where the highest open ladder of a ticket stands, in words, and a class that is hot while nobody has answered."""
    if not runs:
        return "", ""
    top = max(runs, key=lambda run: run.level)
    levels = len(policies.content_of(top.version_id).levels)
    words = say(f"Level {top.level} of {levels}") if top.level else exact("Escalated")
    if top.status == RunStatus.ACKNOWLEDGED:
        return f"{words}, {exact('answered')}", ""
    if top.status in (RunStatus.SNOOZED, RunStatus.PENDING_APPROVAL):
        held = exact("snoozed") if top.status == RunStatus.SNOOZED else exact("pending approval")
        return f"{words}, {held}", ""
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


def may_work(request: HttpRequest) -> bool:
    """Say whether the viewer works on tickets (a stakeholder of the house looks only)."""
    return bool(is_staff.test(viewer(request)))


def _saved(request: HttpRequest) -> SavedView | None:
    wanted = _uuid(request.GET.get("saved", ""))
    return desk.saved_view(viewer(request), wanted) if wanted else None


def _columns(query: QueryDict, saved: SavedView | None, there: list[str]) -> list[str]:
    """Return which columns of those there are, are shown: as the address says, as the saved view says, or the usual ones."""
    wanted = query.getlist("col") or (saved.columns if saved else []) or list(USUAL)
    return [css for css in there if css in wanted or css in ALWAYS]


def _bulk() -> list[tuple[str, str]]:
    """Return what can be done to many at once."""
    acts = [("take", "Take them")]
    acts += [(f"status:{s.value}", f"Set to {s.label.lower()}") for s in BULK_STATUSES]
    acts += [(f"team:{t.pk}", f"Route to {t.name}") for t in people.teams()]
    acts += [(f"owner:{pk}", f"Give to {name}") for pk, name in choices.staff()]
    return acts


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
    return any(
        query.get(name) for name in ("q", "priority", "team", "service", "organisation", "status", "owner", "tag")
    )


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
