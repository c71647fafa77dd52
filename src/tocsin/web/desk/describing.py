"""The small acts on a ticket: tags, fields, things, time, following, sleeping, merging, splitting, children."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.domain.desk import actions
from tocsin.domain.desk import queries as desk
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput, TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.desk.working_forms import (
    AssetChoiceForm,
    ChildForm,
    FieldsForm,
    MergeForm,
    SnoozeForm,
    SplitForm,
    TagsForm,
    TimeForm,
)
from tocsin.web.fields import Form
from tocsin.web.sheets import done, sheet

GET_OR_POST = ["GET", "HEAD", "POST"]


def _sheet(
    request: HttpRequest, found: Ticket, form: Form, act: Callable[[], str], *, title: str, submit: str, **more: Any
) -> HttpResponse:
    """Show a form; when it is posted and good, act and go where the act says."""
    where = _address(found)
    if request.method == "POST" and form.is_valid():
        try:
            said = act()
            return done(request, more.pop("to", where), said)
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=title, submit=submit, cancel=where)


@worker
@require_http_methods(GET_OR_POST)
def tags(request: HttpRequest, number: int) -> HttpResponse:
    """Replace the tags."""
    found = tickets.access_ticket(viewer(request), number)
    present = ", ".join(desk.tags_of([found.pk]).get(found.pk, []))
    form = TagsForm(request.POST or None, initial={"tags": present}, known=desk.tags_like(""))

    def act() -> str:
        words = form.value("tags").split(",")
        kept = actions.set_tags(ticket_id=found.pk, tags=words, by=viewer(request), now=now(request))
        return f"Tagged {', '.join(kept)}." if kept else "No tags."

    return _sheet(request, found, form, act, title=f"Tags of {found.reference}", submit="Set the tags")


@worker
@require_http_methods(GET_OR_POST)
def fields(request: HttpRequest, number: int) -> HttpResponse:
    """Fill in the organisation's own fields."""
    found = tickets.access_ticket(viewer(request), number)
    form = FieldsForm(request.POST or None, shown=desk.described(found, viewer(request)).fields)

    def act() -> str:
        actions.set_fields(ticket_id=found.pk, values=form.typed(), by=viewer(request), now=now(request))
        return "The fields are set."

    return _sheet(request, found, form, act, title=f"Fields of {found.reference}", submit="Save")


@worker
@require_http_methods(GET_OR_POST)
def asset(request: HttpRequest, number: int) -> HttpResponse:
    """Say which thing it concerns."""
    found = tickets.access_ticket(viewer(request), number)
    offered = [(str(a.pk), f"{a.name}, {a.kind}" if a.kind else a.name) for a in desk.assets_for(found)]
    form = AssetChoiceForm(request.POST or None, assets=offered)

    def act() -> str:
        chosen = form.uuid("asset")
        if chosen is not None:
            actions.link_asset(ticket_id=found.pk, asset_id=chosen, by=viewer(request), now=now(request))
        return "Linked."

    return _sheet(request, found, form, act, title=f"What {found.reference} concerns", submit="Link")


@worker
@require_POST
def asset_off(request: HttpRequest, number: int, asset_id: UUID) -> HttpResponse:
    """Take a thing off."""
    found = tickets.access_ticket(viewer(request), number)
    actions.unlink_asset(ticket_id=found.pk, asset_id=asset_id, by=viewer(request), now=now(request))
    return done(request, _address(found), "Taken off.")


@worker
@require_POST
def follow(request: HttpRequest, number: int) -> HttpResponse:
    """Follow, or follow no more."""
    found = tickets.access_ticket(viewer(request), number)
    if request.POST.get("stop"):
        actions.unfollow(ticket_id=found.pk, by=viewer(request), now=now(request))
        return done(request, _address(found), f"You no longer follow {found.reference}.")
    actions.follow(ticket_id=found.pk, by=viewer(request), now=now(request))
    return done(request, _address(found), f"You follow {found.reference}: you are told what happens on it.")


@worker
@require_http_methods(GET_OR_POST)
def snooze(request: HttpRequest, number: int) -> HttpResponse:
    """Let it sleep; its clocks go on."""
    found = tickets.access_ticket(viewer(request), number)
    form = SnoozeForm(request.POST or None)

    def act() -> str:
        until = form.wakes_at(now(request), viewer(request).zone)
        if until is None:
            raise InvalidInput(
                "until", "Choose how long, or give a time.", {"until": "Choose how long, or give a time."}
            )
        actions.snooze(
            ticket_id=found.pk, until=until, reason=form.value("reason"), by=viewer(request), now=now(request)
        )
        return f"{found.reference} sleeps. Its clocks go on; a message of the customer wakes it."

    return _sheet(request, found, form, act, title=f"Let {found.reference} sleep", submit="Let it sleep")


@worker
@require_POST
def wake(request: HttpRequest, number: int) -> HttpResponse:
    """Wake it now."""
    found = tickets.access_ticket(viewer(request), number)
    actions.wake(ticket_id=found.pk, by=viewer(request), now=now(request), why="woken by hand")
    return done(request, _address(found), f"{found.reference} is awake.")


@worker
@require_http_methods(GET_OR_POST)
def spent(request: HttpRequest, number: int) -> HttpResponse:
    """Note time."""
    found = tickets.access_ticket(viewer(request), number)
    form = TimeForm(request.POST or None)

    def act() -> str:
        minutes = int(form.cleaned_data["minutes"])
        actions.log_time(
            ticket_id=found.pk, minutes=minutes, what=form.value("what"), by=viewer(request), now=now(request)
        )
        return f"{minutes} minutes noted."

    return _sheet(request, found, form, act, title=f"Time on {found.reference}", submit="Note it")


@worker
@require_http_methods(GET_OR_POST)
def merge(request: HttpRequest, number: int) -> HttpResponse:
    """Merge it into another ticket of the same customer."""
    found = tickets.access_ticket(viewer(request), number)
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            into = tickets.access_ticket(viewer(request), form.number())
            actions.merge(from_id=found.pk, into_id=into.pk, by=viewer(request), now=now(request))
            return done(request, _address(into), f"{found.reference} is merged into {into.reference}.")
        except TocsinError as error:
            form.refuse(error)
    title = f"Merge {found.reference} into another"
    return sheet(request, form, title=title, submit="Merge", cancel=_address(found))


@worker
@require_http_methods(GET_OR_POST)
def split(request: HttpRequest, number: int, message_id: UUID) -> HttpResponse:
    """Make a ticket of its own out of one message."""
    found = tickets.access_ticket(viewer(request), number)
    desk.access_message(found, message_id)
    form = SplitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.split(
                ticket_id=found.pk,
                message_id=message_id,
                subject=form.value("subject"),
                by=viewer(request),
                now=now(request),
            )
            return done(request, _address(made), f"{made.reference} was made out of {found.reference}.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title="Make a ticket of its own", submit="Open the ticket", cancel=_address(found))


@worker
@require_http_methods(GET_OR_POST)
def child(request: HttpRequest, number: int) -> HttpResponse:
    """Open a ticket for a part of this one."""
    found = tickets.access_ticket(viewer(request), number)
    form = ChildForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_child(
                ticket_id=found.pk, subject=form.value("subject"), description=form.value("description"),
                by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, _address(made), f"{made.reference} is a child of {found.reference}.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"A part of {found.reference}", submit="Open the ticket", cancel=_address(found))


def _address(found: Ticket) -> str:
    return reverse("ticket", args=[found.number])
