"""Integrations: who sends events, what became of them, and what was not understood. For administrators."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.people import queries as people
from tocsin.intake.alerts import handling, queries, samples, setting_up
from tocsin.intake.alerts.enums import EventState
from tocsin.intake.alerts.models import Event, Integration
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import administrator, now, viewer
from tocsin.web.control.integration_forms import IntegrationForm, initial
from tocsin.web.desk import choices
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]
ALARMING = {EventState.UNREADABLE, EventState.FAILED}
SHOWN_BODY = 50_000  # characters
PLACE = "<your token>"


@administrator
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every integration, how it does, and whether something of it waits for a person."""
    standings = queries.standings(now(request))
    rows = [{"integration": one, "standing": standings[one.pk]} for one in queries.integrations()]
    return render(request, "control/integrations.html", {"rows": rows, "section": "settings"})


@administrator
@never_cache
@require_safe
def detail(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """One integration: its address, its settings, what fires, and its latest events."""
    found = queries.access_integration(viewer(request), integration_id)
    only = request.GET.get("only", "")
    before = request.GET.get("before", "")
    events = queries.events_of(
        found.pk, only=only, before=int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
    )
    context = {
        "integration": found, "standing": queries.standings(now(request))[found.pk], "events": _rows(events),
        "alerts": queries.alerts_of(found.pk), "only": only, "states": _states(), "last": events[-1].pk if len(events) == 50 else None,
        "address": _address(found.prefix + "…"), "sample": _sample(found, PLACE, now(request)), "section": "settings",
        "old_token": found.old_until is not None and found.old_until > now(request),
    }  # fmt: skip
    return render(request, "control/integration.html", context)


def _states() -> list[tuple[str, str]]:
    return [("", "All"), ("late", "Waiting for you"), *((s.value, s.label) for s in EventState)]


def _rows(events: list[Event]) -> list[dict[str, object]]:
    return [{"event": one, "alarming": one.state in ALARMING, "state": EventState(one.state).label} for one in events]


@administrator
@never_cache
@sensitive_post_parameters("secret")
@require_http_methods(GET_OR_POST)
def new(request: HttpRequest) -> HttpResponse:
    """Add an integration and show its address: this once."""
    form = _form(request, None)
    if request.method == "POST" and form.is_valid():
        try:
            token, row = setting_up.add_integration(wanted=_wanted(form), by=viewer(request), now=now(request))
            return _shown_once(request, token, row)
        except TocsinError as error:
            form.refuse(error)
    lead = "A monitoring system sends its events to an address of its own; they become tickets, and what is grave is paged."
    return sheet(request, form, title="New integration", submit="Add it", cancel=reverse("integrations"), lead=lead)


@administrator
@never_cache
@sensitive_post_parameters("secret")
@require_http_methods(GET_OR_POST)
def edit(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Change how events are taken in from now on."""
    found = queries.access_integration(viewer(request), integration_id)
    form = _form(request, found)
    where = reverse("integration", args=[found.pk])
    if request.method == "POST" and form.is_valid():
        try:
            setting_up.edit_integration(
                integration_id=found.pk, wanted=_wanted(form), by=viewer(request), now=now(request)
            )
            return done(request, where, f"{form.value('name')} is changed.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Change {found.name}", submit="Save", cancel=where)


@administrator
@never_cache
@require_http_methods(GET_OR_POST)
def rotate(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Make a new address. The old one may stay good for a day."""
    found = queries.access_integration(viewer(request), integration_id)
    if request.method == "POST":
        keep = request.POST.get("keep") != "0"
        token, row = setting_up.rotate_token(
            integration_id=found.pk, by=viewer(request), now=now(request), keep_old=keep
        )
        return _shown_once(request, token, row)
    context = {"integration": found, "section": "settings"}
    return render(request, "control/integration_rotate.html", context)


@administrator
@require_POST
def pause(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Pause or resume."""
    wanted = request.POST.get("enabled") == "1"
    row = setting_up.pause_integration(
        integration_id=integration_id, enabled=wanted, by=viewer(request), now=now(request)
    )
    said = f"{row.name} goes on." if wanted else f"{row.name} is paused: its events are kept and not taken in."
    return done(request, reverse("integration", args=[row.pk]), said)


@administrator
@require_POST
def test(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Store a sample event that goes the whole way."""
    found = queries.access_integration(viewer(request), integration_id)
    number = handling.send_test(integration=found, by=viewer(request), now=now(request))
    messages.success(request, f"Event {number} is stored. In a moment this page says what became of it.")
    return redirect("event_detail", number)


@administrator
@require_http_methods(GET_OR_POST)
def remove(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Remove an integration with its events; tickets stay."""
    found = queries.access_integration(viewer(request), integration_id)
    if request.method == "POST":
        name = setting_up.remove_integration(integration_id=found.pk, by=viewer(request), now=now(request))
        return done(request, reverse("integrations"), f"{name} is removed.")
    lead = "Its address closes at once, and its events and alerts go. Tickets that it opened stay."
    return sheet(
        request, None, title=f"Remove {found.name}", submit="Remove it", lead=lead, cancel=reverse("integration", args=[found.pk])
    )  # fmt: skip


@administrator
@require_POST
def retry_late(request: HttpRequest, integration_id: UUID) -> HttpResponse:
    """Take everything in again that was not understood or failed."""
    count = handling.retry_late(integration_id=integration_id, by=viewer(request), now=now(request))
    said = f"{count} {'event is' if count == 1 else 'events are'} taken in again."
    return done(request, reverse("integration", args=[integration_id]), said)


@administrator
@never_cache
@require_safe
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event as it came, and what became of it."""
    found = queries.access_event(viewer(request), event_id)
    context = {
        "event": found, "state": EventState(found.state).label, "alarming": found.state in ALARMING,
        "body": _readable(bytes(found.body))[:SHOWN_BODY], "size": len(found.body), "section": "settings",
    }  # fmt: skip
    return render(request, "control/event.html", context)


@administrator
@require_POST
def retry(request: HttpRequest, event_id: int) -> HttpResponse:
    """Take one event in again."""
    handling.retry_event(event_id=event_id, by=viewer(request), now=now(request))
    return done(request, reverse("event_detail", args=[event_id]), "It is taken in again.")


@administrator
@require_POST
def dismiss(request: HttpRequest, event_id: int) -> HttpResponse:
    """Say that nothing need be done."""
    row = handling.dismiss_event(event_id=event_id, by=viewer(request), now=now(request))
    return done(request, reverse("integration", args=[row.integration_id]), f"Event {row.pk} is dismissed.")


def _form(request: HttpRequest, present: Integration | None) -> IntegrationForm:
    customers = [(str(one.pk), one.name) for one in people.organisations()]
    return IntegrationForm(
        request.POST or None, initial=initial(present), services=choices.services(), teams=choices.teams(),
        customers=customers,
    )  # fmt: skip


def _wanted(form: IntegrationForm) -> setting_up.Settings:
    customer = form.uuid("organisation")
    return setting_up.Settings(
        name=form.value("name"), kind=form.value("kind"), service=choices.service_of(form.uuid("service")),
        team=choices.team_of(form.uuid("team")),
        organisation=people.organisation(customer) if customer else None,
        signing=form.value("signing"), secret=form.value("secret"), priorities=form.priorities(),
        key_template=form.value("key_template"), mapping=form.paths(), on_resolved=form.value("on_resolved"),
        reopen_minutes=form.cleaned_data["reopen_minutes"], per_minute=form.cleaned_data["per_minute"],
        storm_tickets=form.cleaned_data["storm_tickets"], storm_minutes=form.cleaned_data["storm_minutes"],
    )  # fmt: skip


def _shown_once(request: HttpRequest, token: str, row: Integration) -> HttpResponse:
    context = {
        "integration": row, "address": _address(token), "sample": _sample(row, token, now(request)), "section": "settings",
    }  # fmt: skip
    return render(request, "control/integration_made.html", context)


def _address(token: str) -> str:
    """Return where events go, by the configured address and never by the request's own host."""
    return f"{settings.BASE_URL}/events/{token}"


def _sample(row: Integration, token: str, at: Any) -> str:
    body = json.dumps(samples.sample(row.kind, at))
    return f"curl -X POST '{_address(token)}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"


def _readable(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
