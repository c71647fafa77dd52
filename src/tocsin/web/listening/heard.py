"""What a customer is asked: is that it? By the link of a mail (no sign-in, it speaks for its person) or in the portal.

GET shows how things stand and changes nothing, ever: mail scanners and unfurlers click everything.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.domain.listening import actions, queries
from tocsin.domain.listening.enums import State, Via
from tocsin.domain.listening.links import read_heard_token
from tocsin.domain.listening.models import ListeningRecord
from tocsin.domain.people import queries as people
from tocsin.domain.people import sign_in as limits
from tocsin.domain.people.models import User
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import Conflict, NotFound, TocsinError
from tocsin.web.access import now, public, signed_in, viewer
from tocsin.web.listening.forms import AnswerForm
from tocsin.web.network import address_of
from tocsin.web.sheets import done

METHODS = ["GET", "HEAD", "POST"]


@public
@never_cache
@require_http_methods(METHODS)
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link of a mail."""
    try:
        claim = read_heard_token(token, now=now(request))
        record, person = queries.record_by_id(claim.record), people.person(claim.user)
        if not person.is_active or record.ticket.requester_id != person.pk:
            raise NotFound("link_invalid", "Somebody else answers for this request now.")
    except NotFound as error:
        return render(request, "listening/gone.html", {"message": error.message}, status=404)
    stale = claim.version != record.version
    form = AnswerForm(request.POST or None)
    status = 200
    if request.method == "POST" and not stale:
        status = _answer(request, form, record, person, Via.LINK)
        record = queries.record_by_id(claim.record)
    context = _shown(record, form, stale=stale) | {"person": person, "action": request.path}
    return render(
        request, "listening/heard.html", context, status=409 if stale and request.method == "POST" else status
    )


@signed_in
@require_http_methods(METHODS)
def in_portal(request: HttpRequest, number: int) -> HttpResponse:
    """The same for the requester who is signed in."""
    record = _own(request, number)
    form = AnswerForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = _answer(request, form, record, viewer(request), Via.PORTAL)
        if status == 200:
            return done(
                request, reverse("portal_ticket", args=[number]), "Thank you. The service desk has your answer."
            )
        record = queries.record_by_id(record.pk)
    context = _shown(record, form, stale=False) | {"ticket": record.ticket, "action": request.path, "section": "portal"}
    return render(request, "listening/portal.html", context, status=status)


@signed_in
@require_safe
def portal_line(request: HttpRequest, number: int) -> HttpResponse:
    """One line on the request, while there is something to say: loaded after the page."""
    found = tickets.access_as_customer(viewer(request), number)
    record = queries.record_on(found.pk)
    mine = found.requester_id == viewer(request).pk
    if record is None or record.state == State.NOTED or not mine:
        return HttpResponse("")
    return render(request, "listening/portal_line.html", {"record": record, "ticket": found})


def _own(request: HttpRequest, number: int) -> ListeningRecord:
    """Return the record of a request of the viewer's own that was played back to them. Raises NotFound."""
    found = tickets.access_as_customer(viewer(request), number)
    record = queries.record_on(found.pk)
    if record is None or found.requester_id != viewer(request).pk or record.played_back_at is None:
        raise NotFound("record_not_found", f"Nothing was asked about {found.reference}.")
    return queries.record_by_id(record.pk)


def _answer(request: HttpRequest, form: AnswerForm, record: ListeningRecord, person: User, via: str) -> int:
    """Take the answer; return the status of the page that follows."""
    if not form.is_valid():
        return 422
    try:
        if not limits.spend("portal_message", str(person.pk), address_of(request), now(request)):
            raise Conflict("too_often", "That was very often within an hour. Wait a little, or call us.")
        actions.answer(
            record_id=record.pk, version=_version(request, record), right=request.POST.get("answer") == "yes",
            words=form.value("words"), by=person, via=via, now=now(request),
        )  # fmt: skip
    except TocsinError as error:
        form.refuse(error)
        return 422
    return 200


def _version(request: HttpRequest, record: ListeningRecord) -> int:
    """The wording that the page showed; the action refuses one that has been replaced."""
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else record.version


def _shown(record: ListeningRecord, form: AnswerForm, *, stale: bool) -> dict[str, object]:
    ticket = record.ticket
    return {
        "record": record, "ticket": ticket, "concerns": queries.playable(ticket), "form": form, "stale": stale,
        "answered": record.state in (State.CONFIRMED, State.CORRECTED), "confirmed": record.state == State.CONFIRMED,
        "open": record.state != State.NOTED and not stale,
    }  # fmt: skip
