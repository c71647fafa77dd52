"""What can be done to a ticket from its page: parse a form, call one action, go back."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.domain.desk import actions as desk
from tocsin.domain.desk import queries as working
from tocsin.domain.people import queries as people
from tocsin.domain.tickets import actions
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput, NotFound, TocsinError
from tocsin.web.access import now, viewer, worker
from tocsin.web.desk import choices
from tocsin.web.desk.briefs import brief_of
from tocsin.web.desk.forms import (
    AnswerForm,
    DetailsForm,
    HandOverForm,
    HolderForm,
    LinkForm,
    MessageForm,
    NewTicketForm,
    StatusForm,
)
from tocsin.web.desk.ticket import ticket_page
from tocsin.web.frontline.arbitrating import ask_arbiter, goes_to_arbiter
from tocsin.web.sheets import done, sheet
from tocsin.web.stakeholders import ticked
from tocsin.web.uploads import uploads_of

GET_OR_POST = ["GET", "HEAD", "POST"]


@worker
@require_http_methods(GET_OR_POST)
def new(request: HttpRequest) -> HttpResponse:
    """Log a call."""
    form = NewTicketForm(request.POST or None, services=choices.services(), teams=choices.teams())
    if request.method == "POST" and form.is_valid():
        try:
            return done(request, _address(_open(request, form)), "The ticket is open.")
        except TocsinError as error:
            form.refuse(error)
    context = {"form": form, "requesters": people.people()[:500]}
    return render(request, "desk/ticket_new.html", context, status=422 if form.errors else 200)


def _open(request: HttpRequest, form: NewTicketForm) -> Ticket:
    user = viewer(request)
    requester = people.find_person(form.value("requester"))
    if requester is None:
        problem = "Nobody is known by this address. Check it, or have an administrator add the person."
        raise NotFound("person_not_found", problem, {"requester": problem})
    return actions.open_ticket(
        subject=form.value("subject"),
        description=form.value("description"),
        requester=requester,
        service=choices.service_of(form.uuid("service")),
        team=choices.team_of(form.uuid("team")),
        owner=user if form.cleaned_data["take"] else None,
        impact=int(form.value("impact")),
        urgency=int(form.value("urgency")),
        category=form.value("category"),
        configuration_item=form.value("configuration_item"),
        channel=form.value("channel"),
        opened_at=form.cleaned_data["opened_at"],
        by=user,
        now=now(request),
    )


@worker
@require_POST
def take(request: HttpRequest, number: int) -> HttpResponse:
    """Own it; the word that says so carries the undo (check 20)."""
    found = tickets.access_ticket(viewer(request), number)
    before = found.owner
    actions.take(ticket_id=found.pk, by=viewer(request), now=now(request))
    undo = reverse("ticket_untake", args=[number]) if before is None else ""
    return done(request, _address(found), f"{found.reference} is yours.", undo)


@worker
@require_POST
def untake(request: HttpRequest, number: int) -> HttpResponse:
    """Give it back to its queue."""
    found = tickets.access_ticket(viewer(request), number)
    if found.owner_id == viewer(request).pk:
        actions.assign(ticket_id=found.pk, owner=None, team=None, by=viewer(request), now=now(request))
    return done(request, _address(found), f"{found.reference} is back in its queue.")


@worker
@require_POST
def message(request: HttpRequest, number: int) -> HttpResponse:
    """Reply or note. A reply that was overtaken by somebody's message is held and shown beside it (check 19)."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    form = MessageForm(request.POST)
    if not form.is_valid():
        problems = [str(problem) for errors in form.errors.values() for problem in errors]
        return ticket_page(request, found, draft=_draft(request), problems=problems, status=422)
    if form.value("kind") == "reply" and not form.cleaned_data["anyway"]:
        overtaken_by = tickets.later_message(found.pk, form.value("seen"))
        if overtaken_by is not None:
            return ticket_page(request, found, draft=_draft(request), stale=overtaken_by, status=409)
    try:
        _write(request, found, form)
    except TocsinError as error:
        return ticket_page(request, found, draft=_draft(request), problems=[error.message], status=error.status)
    return redirect(f"{_address(found)}?sent={form.value('kind')}")


def _require_fields(found: Ticket, status: str) -> None:
    """Raise InvalidInput while a field that a resolved ticket needs is empty."""
    missing = working.missing_fields(found) if status == Status.RESOLVED else []
    if missing:
        problem = f"Before it is resolved it needs: {', '.join(missing)}. Fill them in under Fields."
        raise InvalidInput("fields_missing", problem, {"status": problem})


def _write(request: HttpRequest, found: Ticket, form: MessageForm) -> None:
    """Save a note at once; hold a reply for as long as it can be taken back (check 20)."""
    user, files = viewer(request), uploads_of(request)
    _require_fields(found, form.value("status"))
    if form.value("kind") == "reply":
        ticked.remember(request, found, form.value("body"), user, now(request))
    if form.value("kind") == "reply" and settings.UNDO_SECONDS > 0:
        desk.hold(
            ticket_id=found.pk, body=form.value("body"), status=form.value("status"), seen=form.value("seen"), files=files,
            by=user, now=now(request), undo=timedelta(seconds=settings.UNDO_SECONDS),
        )  # fmt: skip
        return
    actions.add_message(
        ticket_id=found.pk, kind=form.value("kind"), body=form.value("body"), by=user, now=now(request), files=files
    )
    desk.drop_draft(ticket_id=found.pk, by=user)
    if form.value("status") and form.value("kind") == "reply":
        actions.set_status(ticket_id=found.pk, status=form.value("status"), by=user, now=now(request))


@worker
@require_http_methods(GET_OR_POST)
def status(request: HttpRequest, number: int) -> HttpResponse:
    """Move it to another status, with a word on why."""
    found = tickets.access_ticket(viewer(request), number)
    form = StatusForm(request.POST or None, statuses=_moves(found))
    if request.method == "POST" and form.is_valid():
        try:
            _require_fields(found, form.value("status"))
            actions.set_status(
                ticket_id=found.pk,
                status=form.value("status"),
                note=form.value("note"),
                by=viewer(request),
                now=now(request),
            )
            return done(request, _address(found), f"{found.reference}: {Status(form.value('status')).label}.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Status of {found.reference}", submit="Set the status", cancel=_address(found))


def _moves(found: Ticket) -> list[tuple[str, str]]:
    """Return where the lifecycle lets it go from here."""
    moves = []
    for word in Status:
        try:
            act = lifecycle.act_for(found.status, word)
            if act is not None:
                lifecycle.after(found.status, act)
                moves.append((word.value, str(word.label)))
        except lifecycle.Refused:
            continue
    return moves


@worker
@require_http_methods(GET_OR_POST)
def details(request: HttpRequest, number: int) -> HttpResponse:
    """Change what it is about, and how grave it is."""
    found = tickets.access_ticket(viewer(request), number)
    initial = {
        "subject": found.subject, "impact": found.impact, "urgency": found.urgency, "service": found.service_id,
        "category": found.category, "configuration_item": found.configuration_item,
    }  # fmt: skip
    form = DetailsForm(request.POST or None, initial=initial, services=choices.services())
    if request.method == "POST" and form.is_valid():
        try:
            _change(request, found, form)
            return done(request, _address(found), "Changed.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(request, form, title=f"Details of {found.reference}", submit="Save", cancel=_address(found))


def _change(request: HttpRequest, found: Ticket, form: DetailsForm) -> None:
    by, at = viewer(request), now(request)
    actions.change_details(
        ticket_id=found.pk, by=by, now=at, subject=form.value("subject"), category=form.value("category"),
        configuration_item=form.value("configuration_item"), service=choices.service_of(form.uuid("service")),
    )  # fmt: skip
    actions.set_impact_urgency(
        ticket_id=found.pk, impact=int(form.value("impact")), urgency=int(form.value("urgency")), by=by, now=at
    )


@worker
@require_http_methods(GET_OR_POST)
def assign(request: HttpRequest, number: int) -> HttpResponse:
    """Give it to a person or a queue at once; a handover asks first."""
    found = tickets.access_ticket(viewer(request), number)
    initial = {"to_user": found.owner_id, "to_team": found.team_id}
    form = HolderForm(request.POST or None, initial=initial, people=choices.staff(), teams=choices.teams())
    if request.method == "POST" and form.is_valid():
        try:
            actions.assign(
                ticket_id=found.pk, owner=choices.person_of(form.uuid("to_user")), team=choices.team_of(form.uuid("to_team")),
                by=viewer(request), now=now(request),
            )  # fmt: skip
            return done(request, _address(found), "Assigned.")
        except TocsinError as error:
            form.refuse(error)
    lead = "Takes effect at once. To ask first and to give a brief, hand it over instead."
    return sheet(request, form, title=f"Assign {found.reference}", submit="Assign", cancel=_address(found), lead=lead)


@worker
@require_http_methods(GET_OR_POST)
def hand_over(request: HttpRequest, number: int) -> HttpResponse:
    """Offer it to somebody with a brief that is already written from the ticket."""
    user = viewer(request)
    found = tickets.access_ticket(user, number)
    if goes_to_arbiter(found, user):
        return ask_arbiter(request, found)
    initial = {"brief": brief_of(found, user, now(request))} if request.method != "POST" else None
    form = HandOverForm(request.POST or None, initial=initial, people=choices.staff(), teams=choices.teams())
    if request.method == "POST" and form.is_valid():
        try:
            actions.offer_handover(
                ticket_id=found.pk, to_user=choices.person_of(form.uuid("to_user")),
                to_team=choices.team_of(form.uuid("to_team")), brief=form.value("brief"), by=user, now=now(request),
            )  # fmt: skip
            return done(request, _address(found), "Offered. You own it until it is accepted.")
        except TocsinError as error:
            form.refuse(error)
    return sheet(
        request,
        form,
        title=f"Hand {found.reference} over",
        submit="Offer it",
        cancel=_address(found),
        template="desk/hand_over.html",
    )


@worker
@require_http_methods(GET_OR_POST)
def answer_handover(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """Accept with one button; declining asks why. A GET only shows the form."""
    found = tickets.access_handover(viewer(request), handover_id)
    form = AnswerForm(request.POST or None)
    accept = request.POST.get("accept") == "yes"
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_handover(
                handover_id=handover_id,
                accept=accept,
                answer=form.value("answer"),
                by=viewer(request),
                now=now(request),
            )
            said = f"{found.ticket.reference} is yours." if accept else "Declined. The sender goes on owning it."
            return done(request, _address(found.ticket), said)
        except TocsinError as error:
            form.refuse(error)
    where = _address(found.ticket)
    return sheet(request, form, title=f"Decline {found.ticket.reference}", submit="Decline the handover", cancel=where)


@worker
@require_POST
def withdraw_handover(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    found = tickets.access_handover(viewer(request), handover_id)
    actions.withdraw_handover(handover_id=handover_id, by=viewer(request), now=now(request))
    return done(request, _address(found.ticket), "The offer is withdrawn.")


@worker
@require_http_methods(GET_OR_POST)
def link(request: HttpRequest, number: int) -> HttpResponse:
    """Say how it belongs to another ticket."""
    found = tickets.access_ticket(viewer(request), number)
    form = LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            other = tickets.access_ticket(viewer(request), _number(form.value("to")))
            actions.link(
                from_id=found.pk, to_id=other.pk, kind=form.value("kind"), by=viewer(request), now=now(request)
            )
            return done(request, _address(found), f"Linked to {other.reference}.")
        except TocsinError as error:
            form.refuse(error) if error.fields else form.add_error("to", error.message)
    return sheet(request, form, title=f"Link {found.reference}", submit="Link", cancel=_address(found))


def _number(text: str) -> int:
    digits = text.strip().upper().removeprefix("T-").removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else 0


def _draft(request: HttpRequest) -> dict[str, str]:
    return {"kind": request.POST.get("kind", "reply"), "body": request.POST.get("body", "")}


def _address(found: Ticket) -> str:
    return reverse("ticket", args=[found.number])
