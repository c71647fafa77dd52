"""Mail that was set aside: a person says what becomes of it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.tickets.models import Ticket
from tocsin.intake.email import quarantine, queries
from tocsin.intake.email.enums import MailState
from tocsin.intake.email.models import InboundMail
from tocsin.kernel.errors import InvalidInput, TocsinError
from tocsin.web.access import mail_keeper, now, viewer
from tocsin.web.control.forms import DeleteMailForm, ReleaseMailForm
from tocsin.web.sheets import done, sheet

SHOWN_HEADERS = (
    "from",
    "to",
    "cc",
    "date",
    "subject",
    "reply-to",
    "message-id",
    "return-path",
    "authentication-results",
    "received",
)
GET_OR_POST = ["GET", "HEAD", "POST"]
STATES = (MailState.QUARANTINED, MailState.REFUSED, MailState.IGNORED, MailState.TAKEN, MailState.RECEIVED)
SHOWN_TEXT = 20_000  # characters


@mail_keeper
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """List mail by what became of it; first what waits for a person."""
    user = viewer(request)
    state = request.GET.get("state", MailState.QUARANTINED)
    if state not in MailState.values:
        state = MailState.QUARANTINED
    counts = queries.counts(user)
    context = {
        "mails": queries.mails(user, state=state),
        "state": state,
        "states": [(s.value, s.label, counts[s.value]) for s in STATES],
        "deletable": state in quarantine.LATE,
        "section": "mails",
    }  # fmt: skip
    return render(request, "control/mails.html", context)


@mail_keeper
@require_safe
def detail(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Show one mail as text, with what its headers say and why it is where it is."""
    found = queries.access_mail(viewer(request), mail_id)
    mail = queries.read(found)
    heads = [
        (name.title(), value) for name in SHOWN_HEADERS for value in (mail.heads.get(name, ()) if mail else ())[:6]
    ]
    context = {
        "found": found,
        "mail": mail,
        "text": mail.text[:SHOWN_TEXT] if mail else "",
        "heads": heads,
        "open": found.state in quarantine.LATE and bool(found.raw),
        "section": "mails",
    }
    return render(request, "control/mail.html", context)


@mail_keeper
@require_http_methods(GET_OR_POST)
def release(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Let a mail in: as a new ticket, or to the ticket it belongs to."""
    found = queries.access_mail(viewer(request), mail_id)
    initial = {"to": found.ticket.reference if found.ticket else ""}
    form = ReleaseMailForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            ticket = _release(request, found, form.value("to").strip())
            return done(request, reverse("ticket", args=[ticket.number]), f"Released to {ticket.reference}.")
        except TocsinError as error:
            form.refuse(error)
    lead = f"From {found.sender or 'nobody'}: {found.subject}. {found.reason} Whoever it is from becomes known as a requester by this."
    return sheet(
        request, form, title="Release this mail", submit="Release it", cancel=reverse("mail", args=[mail_id]), lead=lead
    )


def _release(request: HttpRequest, found: InboundMail, to: str) -> Ticket:
    user, at = viewer(request), now(request)
    if not to:
        return quarantine.release_as_new(mail_id=found.pk, by=user, now=at)
    digits = to.upper().removeprefix("T-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        problem = f"{to} is no ticket's number."
        raise InvalidInput(
            "bad_number", f"{problem} Write it as T-1042, or leave it empty for a new ticket.", {"to": problem}
        )
    return quarantine.release_to_ticket(mail_id=found.pk, number=int(digits), by=user, now=at)


@mail_keeper
@require_http_methods(GET_OR_POST)
def delete(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Delete one mail, with a reason."""
    found = queries.access_mail(viewer(request), mail_id)
    form = DeleteMailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            quarantine.discard(mail_id=found.pk, reason=form.value("reason"), by=viewer(request), now=now(request))
            return done(request, reverse("mails"), "The mail is deleted.")
        except TocsinError as error:
            form.refuse(error)
    lead = "Its words and files go at once, and cannot be brought back. That there was a mail, and your reason, stay."
    return sheet(
        request, form, title="Delete this mail", submit="Delete it", cancel=reverse("mail", args=[mail_id]), lead=lead
    )


@mail_keeper
@require_POST
def act_on_many(request: HttpRequest) -> HttpResponse:
    """Do one thing with all mails that are ticked: delete them, or open a ticket with each."""
    ids = [found for word in request.POST.getlist("mail")[:500] if (found := _uuid(word))]
    user, at = viewer(request), now(request)
    back = f"{reverse('mails')}?state={request.POST.get('state', '')}"
    if not ids:
        return done(request, back, "Nothing was ticked.")
    if request.POST.get("do") == "release":
        count = quarantine.release_many_as_new(mail_ids=ids, by=user, now=at)
        return done(request, back, f"{count} {'ticket' if count == 1 else 'tickets'} opened.")
    count = quarantine.discard_many(mail_ids=ids, reason=request.POST.get("reason", ""), by=user, now=at)
    return done(request, back, f"{count} {'mail' if count == 1 else 'mails'} deleted.")


def _uuid(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None
