"""What a person does with mail that was set aside: it belongs to a ticket, it is a new one, or it goes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.people.models import User
from tocsin.domain.people.queries import find_person
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.enums import MessageKind
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import access_ticket
from tocsin.intake.email import senders, taking
from tocsin.intake.email.enums import MailState
from tocsin.intake.email.models import InboundMail
from tocsin.intake.email.parse import ParsedMail, Unreadable, parse
from tocsin.intake.email.quotes import strip
from tocsin.intake.email.rules import may_handle_mail
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

LATE = (MailState.QUARANTINED, MailState.REFUSED)  # what a person may still decide about


@transaction.atomic
def release_to_ticket(*, mail_id: UUID, number: int, by: User, now: datetime) -> Ticket:
    """Add a mail to a ticket as a customer's message, in its sender's name (who becomes known by it).

    The sender does not get to see the ticket by this: its requester stays who it is.
    """
    row, mail = _begin(mail_id, by)
    ticket = access_ticket(by, number)
    person = _sender(row, mail, now)
    message = tickets.add_message(
        ticket_id=ticket.pk, kind=MessageKind.CUSTOMER, body=strip(mail.text).text or mail.text.strip() or mail.subject or "(no words)",
        by=None, author=person, actor=f"person:{person.pk}", now=now, via="email", files=taking.uploads(mail), lenient=True,
    )  # fmt: skip
    row.ticket, row.message = ticket, message.pk
    _finish(row, MailState.TAKEN, f"Released to {ticket.reference} by {by.name}.", by, now)
    return ticket


@transaction.atomic
def release_as_new(*, mail_id: UUID, by: User, now: datetime) -> Ticket:
    """Open a ticket with a mail, as its sender's request; the sender gets the confirmation."""
    row, mail = _begin(mail_id, by)
    person = _sender(row, mail, now)
    ticket = taking.open_from(row, mail, person, now, confirmed=row.nature in {"", "person"})
    _finish(row, MailState.TAKEN, f"Released as {ticket.reference} by {by.name}.", by, now)
    return ticket


@transaction.atomic
def discard(*, mail_id: UUID, reason: str, by: User, now: datetime) -> None:
    """Delete a mail: its words and files go, the row says who did it and why."""
    row = _locked(mail_id, by)
    words = " ".join(reason.split())[:200]
    if not words:
        raise InvalidInput("required", "Say why it is deleted.", {"reason": "This must not be empty."})
    row.raw = b""
    _finish(row, MailState.REFUSED, f"Deleted by {by.name}: {words}", by, now)


@transaction.atomic
def discard_many(*, mail_ids: Sequence[UUID], reason: str, by: User, now: datetime) -> int:
    """Delete many at once, all or none; return how many. Those that somebody has dealt with meanwhile are passed over."""
    waiting = (
        InboundMail.objects.filter(pk__in=list(mail_ids), state__in=LATE).order_by("pk").values_list("pk", flat=True)
    )
    found = [pk for pk in waiting if InboundMail.objects.filter(pk=pk).exclude(raw=b"").exists()]
    for pk in found:
        discard(mail_id=pk, reason=reason, by=by, now=now)
    return len(found)


@transaction.atomic
def release_many_as_new(*, mail_ids: Sequence[UUID], by: User, now: datetime) -> int:
    """Open a ticket with each of many mails, all or none; return how many."""
    waiting = InboundMail.objects.filter(pk__in=list(mail_ids), state=MailState.QUARANTINED).order_by(
        "received_at", "pk"
    )
    found = list(waiting.values_list("pk", flat=True))
    for pk in found:
        release_as_new(mail_id=pk, by=by, now=now)
    return len(found)


def _begin(mail_id: UUID, by: User) -> tuple[InboundMail, ParsedMail]:
    row = _locked(mail_id, by)
    try:
        mail = parse(bytes(row.raw))
    except Unreadable as unreadable:
        raise Conflict(
            "mail_unreadable", f"This mail cannot be released. {unreadable} Ask its sender to write again."
        ) from None
    if not mail.senders:
        raise Conflict("mail_without_sender", "This mail names no sender whom an answer could reach. Delete it.")
    return row, mail


def _locked(mail_id: UUID, by: User) -> InboundMail:
    if not may_handle_mail.test(by):
        raise NotAllowed(
            "not_allowed",
            "Mail that was set aside is dealt with by team leads, escalation managers and administrators.",
        )
    row = InboundMail.objects.select_for_update(of=("self",)).filter(pk=mail_id).first()
    if row is None:
        raise NotFound("mail_not_found", "There is no such mail.")
    if row.state not in LATE or not row.raw:
        raise Conflict(
            "mail_dealt_with", f"Somebody has dealt with this mail already: {row.reason or row.get_state_display()}"
        )
    return row


def _sender(row: InboundMail, mail: ParsedMail, now: datetime) -> User:
    person = find_person(mail.senders[0].address) or senders.meet(mail, now)
    if not person.is_active:
        raise Conflict(
            "sender_inactive", f"The access of {person.name} was removed. Let them in again first, or delete the mail."
        )
    row.sender, row.message_id = mail.senders[0].address, mail.message_id
    return person


def _finish(row: InboundMail, state: MailState, reason: str, by: User, now: datetime) -> None:
    row.state, row.reason, row.due_at = state, reason[:500], None
    row.dealt_with_by, row.dealt_with_at = by, now
    row.save()
    stream = f"ticket:{row.ticket_id}" if row.ticket_id and state == MailState.TAKEN else "system"
    data = {"mail": str(row.pk), "as": str(state)}
    record(
        stream=stream,
        kind="mail.released" if state == MailState.TAKEN else "mail.deleted",
        actor=f"person:{by.pk}",
        at=now,
        data=data,
    )
