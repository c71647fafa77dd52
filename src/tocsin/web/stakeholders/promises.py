"""Promises: on a ticket, one by one, and the ledger of a person, a team, a customer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.people import queries as people
from tocsin.domain.people.models import Organisation, Team, User
from tocsin.domain.stakeholders import actions, queries, rules
from tocsin.domain.stakeholders.enums import PromiseState
from tocsin.domain.stakeholders.models import Promise
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput, TocsinError
from tocsin.web.access import now, staff, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.fields import Form
from tocsin.web.sheets import done, sheet
from tocsin.web.stakeholders.forms import CancelForm, PromiseForm, RenegotiateForm

GET_OR_POST = ["GET", "HEAD", "POST"]


@staff
@require_safe
def panel(request: HttpRequest, number: int) -> HttpResponse:
    """What was promised on a ticket, and when its audiences are told next: loaded after the page."""
    user = viewer(request)
    return _panel(request, tickets.access_ticket(user, number))


def _panel(request: HttpRequest, found: Ticket) -> HttpResponse:
    user = viewer(request)
    promises = queries.promises_on(found, user)
    escalations = queries.open_escalations_on(found)
    followed = queries.subscription_to_escalation(user, [one.pk for one in escalations])
    live = queries.live_communications(found.pk)
    context = {
        "ticket": found,
        "open": [one for one in promises if one.state == PromiseState.OPEN],
        "past": [one for one in promises if one.state != PromiseState.OPEN],
        "clocks": queries.owed_to(queries.clocks_of(found.pk)),
        "closing": bool(live) and all(one.state == "closing" for one in live),
        "live": live,
        "updates": queries.updates_on(found)[:5],
        "reads_inward": rules.may_read_inward.test(user, found),
        "escalations": [(one, followed.get(one.pk)) for one in escalations],
        "may_work": rules.may_make_promises.test(user, found),
        "now": now(request),
    }
    return render(request, "stakeholders/panel.html", context)


@worker
@require_http_methods(GET_OR_POST)
def new(request: HttpRequest, number: int) -> HttpResponse:
    """Write a promise down by hand."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    form = PromiseForm(request.POST or None, staff=choices.staff(), initial={"promiser": str(user.pk), "when": "1h"})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make_promise(
                ticket_id=found.pk, what=form.value("what"), due_at=_due(form, found, user, now(request)), by=user,
                now=now(request), promiser=choices.person_of(form.uuid("promiser")), to_kind=form.value("to_kind"),
                to_person=choices.person_of(form.uuid("to_person")), zone=user.zone,
            )  # fmt: skip
            return done(request, _ticket(found), f"Kept in mind: {made.what}.")
        except TocsinError as error:
            form.refuse(error)
    title = f"Promise on {found.reference}"
    return sheet(request, form, title=title, submit="Keep it in mind", cancel=_ticket(found))


def _due(form: Form, found: Ticket, user: User, at: datetime) -> datetime:
    """Return the time that a form names, by a choice or to the minute. Raises InvalidInput."""
    named = queries.due_named(form.value("when"), ticket=found, by=user, now=at)
    due_at: datetime | None = named or form.cleaned_data["due_at"]
    if due_at is None:
        problem = "Choose when, or give a time."
        raise InvalidInput("due_at", problem, {"due_at": problem})
    return due_at


@worker
@require_POST
def keep(request: HttpRequest, promise_id: UUID) -> HttpResponse:
    """Say that it was kept (or done, late)."""
    found = queries.access_promise(viewer(request), promise_id)
    kept = actions.keep_promise(promise_id=found.pk, by=viewer(request), now=now(request))
    if getattr(request, "htmx", False) and request.POST.get("panel"):
        return _panel(request, tickets.access_ticket(viewer(request), found.ticket.number))
    said = "Kept." if kept.state == PromiseState.KEPT else "Noted as done, late. It stays broken."
    return done(request, reverse("promises") if request.POST.get("back") else _ticket(found.ticket), said)


@worker
@require_http_methods(GET_OR_POST)
def renegotiate(request: HttpRequest, promise_id: UUID) -> HttpResponse:
    """Agree on another time."""
    user = viewer(request)
    found = queries.access_promise(user, promise_id)
    form = RenegotiateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new_one = actions.renegotiate_promise(
                promise_id=found.pk, due_at=_due(form, found.ticket, user, now(request)), reason=form.value("reason"),
                by=user, now=now(request),
            )  # fmt: skip
            return done(request, _ticket(found.ticket), f"The new time is kept in mind: {new_one.what}.")
        except TocsinError as error:
            form.refuse(error)
    return _sheet(request, form, found, "Another time", "Agree on it")


@worker
@require_http_methods(GET_OR_POST)
def cancel(request: HttpRequest, promise_id: UUID) -> HttpResponse:
    """Call it off, with the reason."""
    found = queries.access_promise(viewer(request), promise_id)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_promise(
                promise_id=found.pk, reason=form.value("reason"), by=viewer(request), now=now(request)
            )  # fmt: skip
            return done(request, _ticket(found.ticket), "The promise is called off.")
        except TocsinError as error:
            form.refuse(error)
    return _sheet(request, form, found, "Call it off", "Call it off")


def _sheet(request: HttpRequest, form: Form, found: Promise, title: str, submit: str) -> HttpResponse:
    return sheet(
        request, form, title=title, submit=submit, cancel=_ticket(found.ticket), template="stakeholders/promise_sheet.html",
        promise=found,
    )  # fmt: skip


@worker
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """The record of promises: mine, a team's, a customer's. Every choice stands in the address."""
    user, asked = viewer(request), request.GET
    whose: dict[str, Any] = {}
    team, organisation, person = _team(asked.get("team", "")), _organisation(asked.get("customer", "")), _person(asked)
    if team is not None:
        whose["team"] = team
    elif organisation is not None:
        whose["organisation"] = organisation
    elif asked.get("who") != "all":
        whose["by"] = person or user
    state = asked.get("state", PromiseState.OPEN.value)
    context = {
        "ledger": queries.ledger(user, now(request), state=state, **whose),
        "state": state, "states": PromiseState.choices, "team": team, "organisation": organisation, "person": person,
        "who": asked.get("who", ""), "teams": people.teams(), "organisations": people.organisations(),
        "people": choices.staff(), "section": "promises", "now": now(request), "scope": _scope(asked),
    }  # fmt: skip
    return render(request, "stakeholders/ledger.html", context)


def _scope(asked: Any) -> str:
    """Return whose ledger it is, as a part of an address."""
    kept = [(name, asked.get(name, "")) for name in ("team", "customer", "person", "who")]
    return "&".join(f"{name}={value}" for name, value in kept if value and value.replace("-", "").isalnum())


def _team(slug: str) -> Team | None:
    return next((one for one in people.teams() if one.slug == slug), None) if slug else None


def _organisation(pk: str) -> Organisation | None:
    return next((one for one in people.organisations() if str(one.pk) == pk), None) if pk else None


def _person(asked: Any) -> User | None:
    return (
        next((one for one in people.people() if str(one.pk) == asked.get("person")), None)
        if asked.get("person")
        else None
    )


def _ticket(found: Ticket) -> str:
    return reverse("ticket", args=[found.number])
