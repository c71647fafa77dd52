"""Telling readers: written once, shown as they will read it, then sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.status import actions, links, queries
from tocsin.domain.status.enums import ComponentState
from tocsin.domain.status.logic.incidents import next_states
from tocsin.domain.status.logic.wording import findings
from tocsin.domain.status.models import Component, Incident, StatusPage
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.sheets import done, sheet
from tocsin.web.status.forms import STATES, IncidentForm, MaintenanceForm, TellForm

GET_OR_POST = ["GET", "HEAD", "POST"]
PREVIEW = "preview"


@worker
@require_safe
def incident(request: HttpRequest, slug: str, incident_id: UUID) -> HttpResponse:
    """One incident as those who tell see it: with the ticket behind it, and how many were written to."""
    page = queries.page_by_slug(slug)
    (one,) = queries.told([queries.access_incident(page, incident_id)])
    context = {"page": page, "one": one, "word": links.address_of(page), "section": "status"}
    return render(request, "status/incident_kept.html", context)


@worker
@require_http_methods(GET_OR_POST)
def new_incident(request: HttpRequest, slug: str) -> HttpResponse:
    """The first word. Nothing of the ticket is filled in but which component its service is."""
    page, components, ticket = _page_and_ticket(request, slug)
    first = _first(
        components, ticket, ComponentState.MAJOR if ticket and ticket.priority == 1 else ComponentState.PARTIAL
    )
    initial = {"ticket": ticket.number if ticket else None}
    form = IncidentForm(request.POST or None, components=components, first=first, initial=initial)
    if _is_sent(request) and form.is_valid():
        try:
            made = actions.open_incident(
                page_id=page.pk, title=form.value("title"), body=form.value("body"), affected=form.affected,
                state=form.value("state"), ticket=ticket, by=viewer(request), now=now(request),
                notify=form.cleaned_data["notify"],
            )  # fmt: skip
            return done(request, reverse("status_incident_kept", args=[slug, made.pk]), "Readers are told.")
        except TocsinError as error:
            form.refuse(error)
    return _sheet(request, page, form, title="Tell of an incident")


@worker
@require_http_methods(GET_OR_POST)
def new_maintenance(request: HttpRequest, slug: str) -> HttpResponse:
    """Announce a maintenance."""
    page, components, ticket = _page_and_ticket(request, slug)
    initial = {"ticket": ticket.number if ticket else None}
    first = _first(components, ticket, ComponentState.MAINTENANCE)
    form = MaintenanceForm(request.POST or None, components=components, first=first, zone=page.zone, initial=initial)
    if _is_sent(request) and form.is_valid():
        try:
            made = actions.plan_maintenance(
                page_id=page.pk, title=form.value("title"), body=form.value("body"), affected=list(form.affected),
                starts_at=form.cleaned_data["starts_at"], ends_at=form.cleaned_data["ends_at"], ticket=ticket,
                by=viewer(request), now=now(request), notify=form.cleaned_data["notify"],
            )  # fmt: skip
            return done(request, reverse("status_incident_kept", args=[slug, made.pk]), "It is announced.")
        except TocsinError as error:
            form.refuse(error)
    return _sheet(request, page, form, title="Plan maintenance")


@worker
@require_http_methods(GET_OR_POST)
def tell(request: HttpRequest, slug: str, incident_id: UUID) -> HttpResponse:
    """The next word."""
    page = queries.page_by_slug(slug)
    found = queries.access_incident(page, incident_id)
    where = reverse("status_incident_kept", args=[slug, incident_id])
    states = next_states(found.kind, found.state)
    if not states:
        return done(request, where, "It has ended. Open a new incident if it has come back.")
    form = TellForm(
        request.POST or None, states=states, components=queries.component_choices(page),
        first={one.component_id: one.state for one in found.affected.all()},
        initial={"state": found.state, "seen": found.updated_at.isoformat()},
    )  # fmt: skip
    if _is_sent(request) and form.is_valid():
        try:
            actions.tell(
                incident_id=found.pk, state=form.value("state"), body=form.value("body"), by=viewer(request),
                now=now(request), affected=form.affected if found.kind == "incident" else None,
                expected_updated_at=_instant(form.value("seen")), notify=form.cleaned_data["notify"],
            )  # fmt: skip
            return done(request, where, "Readers are told.")
        except TocsinError as error:
            form.refuse(error)
    return _sheet(request, page, form, title=f"Update: {found.title}", incident=found)


def _sheet(
    request: HttpRequest, page: StatusPage, form: Any, *, title: str, incident: Incident | None = None
) -> HttpResponse:
    """Draw the sheet; checked input is shown as readers will see it, with what may not be meant for them."""
    preview: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        text = "\n".join(filter(None, [given.get("title", ""), given["body"]]))
        state = given.get("state") or "scheduled"
        components = {one.pk: one for one in queries.component_choices(page)}
        preview = {
            "title": given.get("title") or (incident.title if incident else ""),
            "body": given["body"], "state": STATES[state],
            "affected": [
                (components[pk].name, str(ComponentState(made).label)) for pk, made in form.affected.items()
            ],
            "findings": findings(text, (name for _, name in _colleagues())),
            "mails": queries.subscriber_count(page) if given["notify"] else 0,
        }  # fmt: skip
    where = reverse("status_page", args=[page.slug])
    return sheet(
        request, form, title=title, submit="Preview", cancel=where, template="status/tell.html", page=page, preview=preview,
        maintenance=incident is not None and incident.kind == "maintenance",
    )  # fmt: skip


def _colleagues() -> list[tuple[str, str]]:
    return [(str(person.pk), person.name) for person in tickets.people_who_may_own()]


def _is_sent(request: HttpRequest) -> bool:
    return request.method == "POST" and request.POST.get("step") != PREVIEW


def _page_and_ticket(request: HttpRequest, slug: str) -> tuple[StatusPage, list[Component], Ticket | None]:
    page = queries.page_by_slug(slug)
    number = (request.POST.get("ticket") or request.GET.get("ticket") or "").strip()
    known = number.isascii() and number.isdigit() and len(number) < 19
    ticket = tickets.access_ticket(viewer(request), int(number)) if known else None
    return page, queries.component_choices(page), ticket


def _first(components: list[Component], ticket: Ticket | None, state: str) -> dict[UUID, str]:
    if ticket is None or ticket.service_id is None:
        return {}
    return {one.pk: state for one in components if one.service_id == ticket.service_id}


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
