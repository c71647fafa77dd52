"""The portal: a customer's own requests, in plain words. Every page looks only at what belongs to the viewer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation.queries import asked_for
from tocsin.domain.people import queries as people
from tocsin.domain.people import sign_in as limits
from tocsin.domain.people.rules import sees_organisation
from tocsin.domain.sla import queries as sla
from tocsin.domain.tickets import actions
from tocsin.domain.tickets import queries as tickets
from tocsin.domain.tickets.enums import MessageKind, Status
from tocsin.domain.tickets.logic import lifecycle
from tocsin.domain.tickets.models import Attachment, Ticket
from tocsin.domain.tickets.queries import Said
from tocsin.domain.tickets.rules import may_ask_for_escalation, may_rate, may_write_as_customer
from tocsin.kernel.errors import Conflict, NotFound, TocsinError
from tocsin.web.access import now, signed_in, viewer
from tocsin.web.network import address_of
from tocsin.web.portal import words
from tocsin.web.portal.forms import SCORES, AskForm, RateForm, ReopenForm, ReplyForm, RequestForm
from tocsin.web.portal.suggesting import suggestions
from tocsin.web.sheets import done
from tocsin.web.stakeholders.on_portal import on_portal
from tocsin.web.uploads import uploads_of

GET_OR_POST = ["GET", "HEAD", "POST"]
SHOWN = {"open": "Open", "done": "Solved", "all": "All"}
TOO_OFTEN = "That was very often within an hour. Wait a little, or call us."
ASK_AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One request in the list."""

    ticket: Ticket
    standing: words.Standing
    promise: words.Promise | None
    own: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing in the conversation."""

    said: Said
    move: str
    side: str  # me, customer (a colleague), desk
    name: str
    files: list[Attachment]


@signed_in
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """My requests, and the organisation's where it shares them."""
    user = viewer(request)
    shares = sees_organisation.test(user)
    which = request.GET.get("show", "open")
    which = which if which in SHOWN else "open"
    whose = "all" if shares and request.GET.get("whose") == "all" else "mine"
    page, q = request.GET.get("page", "1"), request.GET.get("q", "")[:100]
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    found = tickets.requests_of(user, which=which, whose=whose, text=q, page=number)
    clocks = sla.clocks_of([ticket.pk for ticket in found.tickets])
    lines = [
        Line(t, words.standing(t), words.promise(clocks.get(t.pk, []), now(request)), t.requester_id == user.pk)
        for t in found.tickets
    ]
    context = {
        "lines": lines, "found": found, "show": which, "whose": whose, "shares": shares, "q": q, "shown": SHOWN,
        "organisation": user.organisation, "section": "portal",
    }  # fmt: skip
    return render(request, "portal/list.html", context)


@signed_in
@require_http_methods(GET_OR_POST)
def new(request: HttpRequest) -> HttpResponse:
    """First which service, then what is wrong."""
    offered = people.offered_services()
    slug = request.GET.get("service")
    if offered and slug is None and request.method != "POST":
        return render(request, "portal/services.html", {"services": offered, "section": "portal_new"})
    service = next((one for one in offered if one.slug == slug), None)
    categories = [(name, name) for name in (service.categories if service else [])]
    form = RequestForm(request.POST or None, categories=categories)
    if request.method == "POST" and form.is_valid():
        user = viewer(request)
        try:
            _limit(request, "portal_ticket")
            made = actions.open_ticket(
                subject=form.value("subject"), description=form.value("description"), requester=user, service=service,
                category=str(form.cleaned_data.get("category", "")), impact=int(form.value("impact")),
                urgency=int(form.value("urgency")), channel="portal", by=user, now=now(request), files=uploads_of(request),
            )  # fmt: skip
            return done(request, _address(made), f"We have your request. Its number is {made.reference}.")
        except TocsinError as error:
            form.refuse(error)
    context = {"form": form, "service": service, "offered": offered, "section": "portal_new"}
    return render(request, "portal/new.html", context, status=422 if form.errors else 200)


@signed_in
@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """What may help while somebody types the subject; an empty answer where nothing does."""
    found = suggestions(viewer(request), request.GET.get("subject", "")[:300])
    return render(request, "portal/suggestions.html", {"suggestions": found})


@signed_in
@require_safe
def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """One request: how it stands, when we write next, what was said."""
    return _page(request, tickets.access_as_customer(viewer(request), number))


def _page(request: HttpRequest, found: Ticket, *, status: int = 200, **forms: Any) -> HttpResponse:
    user, at = viewer(request), now(request)
    ended = found.status in lifecycle.ENDED
    rating = tickets.rating_of(found)
    asked_at, files = asked_for(found.pk), tickets.attachments_of(found.pk)
    initial = {"score": str(rating.score), "comment": rating.comment} if rating else None
    context = {
        "ticket": found,
        "standing": words.standing(found),
        "promise": None if ended else words.promise(sla.clocks_of([found.pk]).get(found.pk, []), at),
        **on_portal(found),
        "turns": [turn for turn in (_turn(said, user.pk, files) for said in tickets.conversation(found)) if turn],
        "files": files.get(None, []),
        "own": found.requester_id == user.pk,
        "ended": ended,
        "may_reply": may_write_as_customer.test(user, found) and _comes_back(found, at),
        "may_ask": may_ask_for_escalation.test(user, found) and not ended and not _asked_lately(asked_at, at),
        "asked_at": None if ended else asked_at,
        "may_reopen": found.requester_id == user.pk and ended and _comes_back(found, at),
        "may_close": found.requester_id == user.pk and found.status == Status.RESOLVED,
        "may_rate": may_rate.test(user, found) and ended and found.resolved_at is not None,
        "rating": rating,
        "rating_words": dict(SCORES).get(str(rating.score)) if rating else "",
        "reply": ReplyForm(),
        "rate": RateForm(initial=initial),
        "section": "portal",
        **forms,
    }
    return render(request, "portal/ticket.html", context, status=status)


def _turn(said: Said, me: Any, files: Mapping[UUID | None, list[Attachment]]) -> Turn | None:
    if said.message is None:
        text = words.move(said.status)
        return Turn(said, text, "", "", []) if text else None
    author, own = said.message.author, files.get(said.message.pk, [])
    if said.message.kind == MessageKind.CUSTOMER:
        mine = author is not None and author.pk == me
        return Turn(said, "", "me" if mine else "customer", "You" if mine else (author.name if author else "You"), own)
    return Turn(said, "", "desk", author.name if author else "Service desk", own)


def _asked_lately(asked_at: datetime | None, at: datetime) -> bool:
    return asked_at is not None and at - asked_at < ASK_AGAIN_AFTER


def _comes_back(found: Ticket, at: datetime) -> bool:
    """Whether a message still reaches it: not once it was closed for good."""
    try:
        lifecycle.check_reopen(found.status, found.closed_at, at)
    except lifecycle.Refused:
        return False
    return True


@signed_in
@require_POST
def reply(request: HttpRequest, number: int) -> HttpResponse:
    """Write on a request; a solved one opens again by it."""
    user = viewer(request)
    found = tickets.access_as_customer(user, number)
    form = ReplyForm(request.POST)
    if form.is_valid():
        try:
            _limit(request, "portal_message")
            actions.add_message(
                ticket_id=found.pk, kind=MessageKind.CUSTOMER, body=form.value("body"), by=user, now=now(request),
                files=uploads_of(request),
            )  # fmt: skip
            return done(request, f"{_address(found)}#end", "Sent.")
        except TocsinError as error:
            form.refuse(error)
    return _page(request, found, status=422, reply=form)


@signed_in
@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Agree that it is solved."""
    found = _own(request, number)
    actions.close(ticket_id=found.pk, by=viewer(request), now=now(request))
    return done(request, _address(found), f"{found.reference} is closed. Thank you.")


@signed_in
@require_http_methods(GET_OR_POST)
def reopen(request: HttpRequest, number: int) -> HttpResponse:
    """Say that it is not solved, and what is still wrong."""
    found = _own(request, number)
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _limit(request, "portal_message")
            # A customer's message is what opens a solved request again; the words stand in the conversation.
            if found.status not in lifecycle.ENDED:
                raise Conflict("not_ended", f"{found.reference} is open already. Write a message instead.")
            actions.add_message(
                ticket_id=found.pk, kind=MessageKind.CUSTOMER, body=form.value("reason"), by=viewer(request),
                now=now(request),
            )  # fmt: skip
            return done(request, _address(found), f"{found.reference} is open again.")
        except TocsinError as error:
            form.refuse(error)
    context = {"form": form, "ticket": found, "section": "portal"}
    return render(request, "portal/reopen.html", context, status=422 if form.errors else 200)


@signed_in
@require_http_methods(GET_OR_POST)
def ask(request: HttpRequest, number: int) -> HttpResponse:
    """Ask that somebody who may decide looks at it, with the reason in one's own words."""
    user = viewer(request)
    found = tickets.access_as_customer(user, number)
    asked_at = asked_for(found.pk)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _limit(request, "portal_ask")
            if _asked_lately(asked_at, now(request)):
                raise Conflict(
                    "asked_already",
                    "It was asked for less than an hour ago, and it is known. Write a message to add to it.",
                )
            escalation.ask(ticket_id=found.pk, reason=form.value("reason"), by=user, now=now(request))
            return done(request, _address(found), "The people answerable for your request are being told now.")
        except TocsinError as error:
            form.refuse(error)
    context = {"form": form, "ticket": found, "asked_at": asked_at, "section": "portal"}
    return render(request, "portal/ask.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def rate(request: HttpRequest, number: int) -> HttpResponse:
    """Rate how it was solved, or change that."""
    found = _own(request, number)
    form = RateForm(request.POST)
    if form.is_valid():
        try:
            actions.rate(
                ticket_id=found.pk, score=int(form.value("score")), comment=form.value("comment"), by=viewer(request),
                now=now(request),
            )  # fmt: skip
            return done(
                request, f"{_address(found)}#rating", "Thank you. You can change it as long as it stays solved."
            )
        except TocsinError as error:
            form.refuse(error)
    return _page(request, found, status=422, rate=form)


def _own(request: HttpRequest, number: int) -> Ticket:
    """Return a request that the viewer made; of a colleague's there is nothing to close, reopen or rate."""
    user = viewer(request)
    found = tickets.access_as_customer(user, number)
    if found.requester_id != user.pk:
        raise NotFound(
            "ticket_not_found", f"{found.reference} is a colleague's request. Write a message on it instead."
        )
    return found


def _limit(request: HttpRequest, kind: str) -> None:
    if not limits.spend(kind, str(viewer(request).pk), address_of(request), now(request)):
        raise Conflict("too_often", TOO_OFTEN)


def _address(found: Ticket) -> str:
    return reverse("portal_ticket", args=[found.number])
