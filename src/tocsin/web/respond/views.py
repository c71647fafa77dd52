"""Answering a page: by the link in a message (no sign-in, the token speaks for its person) or signed in.

GET shows the present state and changes nothing, ever: mail scanners and unfurlers click everything.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tocsin.domain.escalation import actions
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.logic.said import Said, Verb
from tocsin.domain.escalation.views import RespondView
from tocsin.domain.notify import links
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.swarms import queries as swarms
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import InvalidInput, NotFound, TocsinError
from tocsin.web.access import now, public, viewer, worker

METHODS = ["GET", "HEAD", "POST"]
SNOOZES = [(15, "15 minutes"), (30, "30 minutes"), (60, "1 hour"), (120, "2 hours"), (240, "4 hours")]


@public
@never_cache
@require_http_methods(METHODS)
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link. A link of an earlier cycle shows how things stand now and acts on nothing."""
    try:
        claim = links.read_token(token, now=now(request))
        person = people.person(claim.user)
        view = escalation.respond_view(claim.run, person, now(request), cycle=claim.cycle)
    except NotFound as error:
        return render(request, "respond/gone.html", {"message": error.message}, status=404)
    if not person.is_active:
        return render(request, "respond/gone.html", {"message": "Its person has no account any more."}, status=404)
    return _respond(request, view, person, claim.cycle, via="link")


@worker
@never_cache
@require_http_methods(METHODS)
def by_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The same for somebody who is signed in."""
    tickets.access_ticket(viewer(request), escalation.run_of(run_id).ticket.number)
    view = escalation.respond_view(run_id, viewer(request), now(request))
    return _respond(request, view, viewer(request), None, via="page")


def _respond(request: HttpRequest, view: RespondView, person: User, cycle: int | None, *, via: str) -> HttpResponse:
    done = refused = ""
    status = 200
    if request.method == "POST":
        try:
            said = _said(request)
            done = actions.answer_page(
                run_id=view.run_id, cycle=cycle, by=person, said=said, via=via, now=now(request)
            ).message
        except TocsinError as error:
            refused, status = error.message, error.status
        view = escalation.respond_view(view.run_id, person, now(request), cycle=cycle)
    open_now = view.status not in ("resolved", "cancelled", "expired", "de_escalated") and not view.stale
    signed_in = request.user.is_authenticated
    number = view.reference.removeprefix("T-")
    context = {
        "view": view,
        "person": person,
        "done": done,
        "refused": refused,
        "reason": _plain(request, "reason") if refused else "",
        "action": request.path,
        "brief": list(view.brief.items()),
        "may_call_next": open_now,
        "may_snooze": open_now and bool(view.acknowledged_by),
        "snoozes": SNOOZES,
        "ticket_url": reverse("ticket", args=[number]) if signed_in and not view.is_drill else "",
    }
    return render(request, "respond/respond.html", context, status=status)


def _said(request: HttpRequest) -> Said:
    """Return what the button says. A decline says why: whoever is paged next reads it."""
    given = request.POST.get("answer", "")
    if given not in Verb:
        raise InvalidInput("answer", "Choose one of the buttons.", {"answer": ", ".join(Verb)})
    verb, reason, minutes = Verb(given), _plain(request, "reason"), request.POST.get("minutes", "")
    if verb is Verb.DECLINE and not reason.strip():
        problem = "Say in a word why you cannot, so that the next one knows."
        raise InvalidInput("reason_missing", problem, {"reason": problem})
    known = {str(choice): choice for choice, _ in SNOOZES}
    return Said(verb, reason=reason, minutes=known.get(minutes, 0))


def _plain(request: HttpRequest, name: str) -> str:
    """Return a posted text without NULs, which nothing can store, and no longer than a sentence or two."""
    return request.POST.get(name, "").replace("\x00", "")[:500]


@worker
@never_cache
@require_http_methods(METHODS)
def mine(request: HttpRequest) -> HttpResponse:
    """Everything I am paged for, with one button that acknowledges all that is ticked (check 13)."""
    user = viewer(request)
    said: list[str] = []
    if request.method == "POST":
        chosen = set(request.POST.getlist("run"))
        for run in escalation.open_runs_for(user):
            if str(run.pk) in chosen:
                said.append(
                    f"{run.ticket.reference}: {actions.acknowledge(run_id=run.pk, by=user, now=now(request)).message}"
                )
        return _acknowledged(request, said)
    runs = escalation.open_runs_for(user)
    context = {
        "runs": runs,
        "handovers": tickets.handovers_waiting_for(user, now(request)),
        "invitations": swarms.waiting_for(user),
        "offers": escalation.offers_waiting_for(user),
        "section": "respond",
    }
    return render(request, "respond/mine.html", context)


def _acknowledged(request: HttpRequest, said: list[str]) -> HttpResponse:
    if len(said) == 1:
        messages.success(request, said[0])
    elif said:
        messages.success(request, f"{len(said)} escalations acknowledged. Nobody else is paged for them.")
    else:
        messages.error(request, "Tick at least one first.")
    return redirect("respond_mine")
