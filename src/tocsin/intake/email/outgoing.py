"""Mail out: what happens to a ticket reaches its requester, and what the requester writes reaches the owner.

Listeners (config/wiring.py) run in the transaction of what they tell about and put letters into notify's outbox: none
is lost, none is sent for something that was rolled back. Letters go to stored addresses only, never to who stands in
Cc or Reply-To of a mail (SECURITY "spoof + CC").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.conf import settings

from tocsin.domain.journal.actions import record
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.events import PageUnreachable
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.enums import MessageKind, Status
from tocsin.domain.tickets.events import MessageAdded, StatusChanged, TicketOpened
from tocsin.domain.tickets.models import Attachment, Message, Ticket
from tocsin.intake.email import letters, threading
from tocsin.intake.email.configured import Terms, letters_leave, terms
from tocsin.intake.email.enums import LetterKind
from tocsin.intake.email.letters import Letter
from tocsin.intake.email.models import SentMail
from tocsin.intake.email.queries import automatic_to, known_ids, last_letter
from tocsin.kernel.ids import new_id

HOUR = timedelta(hours=1)
SAME_BREATH = timedelta(minutes=1)  # a status that is set right after a reply is told with it
MERGED_INTO_REPLY = (Status.RESOLVED, Status.CLOSED, Status.WAITING_CUSTOMER)
TOLD_STATUSES = (Status.RESOLVED, Status.CLOSED)  # by themselves; waiting is told by the question that was asked
TOO_LARGE_FOR_MAIL = 10_000_000  # bytes of files with one letter (channels/email/letter.py sends no more)


@dataclass(frozen=True, slots=True)
class _Recipient:
    user: User
    kind: LetterKind
    auto_submitted: str = ""  # RFC 3834; "" for what a person wrote


def on_ticket_opened(event: TicketOpened) -> None:
    """Confirm a new request, whatever way it came; a mail's own request is confirmed where it is taken in."""
    if not letters_leave():
        return
    ticket = event.row
    if ticket.channel not in {"email", "import"} and event.actor != "import":
        confirm(ticket=ticket, now=event.at)


def confirm(*, ticket: Ticket, now: datetime, answers: bool = False) -> SentMail | None:
    """Write the confirmation to the requester. None if letters do not leave, or too many left for this address."""
    if ticket.requester is None:
        return None
    told = terms()
    letter = letters.confirmation(
        language=ticket.requester.language, name=ticket.requester.name, reference=ticket.reference, subject=ticket.subject,
        tag=_tag(told, ticket, ticket.requester), answers=answers,
    )  # fmt: skip
    return _post(ticket, _Recipient(ticket.requester, LetterKind.CONFIRMATION, "auto-replied"), letter, told, now=now)


def on_message_added(event: MessageAdded) -> None:
    """Send a public reply to the requester, a requester's message to the owner. Notes stay in the house."""
    if not letters_leave() or event.kind == MessageKind.NOTE:
        return
    ticket = _ticket(event.ticket_id)
    message = Message.objects.select_related("author").get(pk=event.message_id)
    if event.kind == MessageKind.REPLY:
        _send_reply(ticket, message, event.at)
    elif settings.MAIL_TO_OWNER and ticket.owner is not None and ticket.owner_id != message.author_id:
        _send_to_owner(ticket, ticket.owner, message, event.at)


def _send_reply(ticket: Ticket, message: Message, now: datetime) -> None:
    to = ticket.requester
    if to is None or to.pk == message.author_id:
        return
    told = terms()
    files, too_large = _enclosed(message)
    letter = letters.reply(
        language=to.language, body=message.body, author=message.author.name if message.author else "", desk=told.name,
        reference=ticket.reference, subject=ticket.subject, tag=_tag(told, ticket, to), too_large=too_large,
    )  # fmt: skip
    # A moment's grace, in which a status that is set with it is told with it.
    due_at = now + timedelta(seconds=settings.MAIL_HOLD)
    author = message.author.name if message.author else ""
    _post(ticket, _Recipient(to, LetterKind.REPLY), letter, told, now=now, due_at=due_at, files=files, author=author)


def _send_to_owner(ticket: Ticket, owner: User, message: Message, now: datetime) -> None:
    told = terms()
    author = message.author or ticket.requester
    files = Attachment.objects.filter(message=message, refused="").order_by("position", "id")
    letter = letters.to_owner(
        language=owner.language, body=message.body, author=author.name if author else "", reference=ticket.reference,
        subject=ticket.subject, tag=_tag(told, ticket, owner), files=[file.name for file in files],
    )  # fmt: skip
    _post(ticket, _Recipient(owner, LetterKind.OWNER, "auto-generated"), letter, told, now=now)


def on_status_changed(event: StatusChanged) -> None:
    """Tell the requester in plain words what became of the request; together with the reply, if one just left."""
    if not letters_leave() or event.after not in {*MERGED_INTO_REPLY, *TOLD_STATUSES}:
        return
    ticket = _ticket(event.ticket_id)
    to = ticket.requester
    if to is None or event.actor == f"person:{to.pk}":
        return  # whoever closes the own request need not be told
    sentence = letters.status_sentence(to.language, event.after, ticket.reference)
    reply = last_letter(ticket.pk, to.pk, LetterKind.REPLY)
    fresh = reply is not None and event.at - reply.at <= SAME_BREATH
    if (
        reply is not None
        and fresh
        and notify.add_to_letter(page_id=reply.page, body=sentence, html=letters.paragraph_html(sentence))
    ):
        return
    if event.after in TOLD_STATUSES:
        told = terms()
        letter = letters.status(
            language=to.language, status=event.after, name=to.name, reference=ticket.reference, subject=ticket.subject,
            tag=_tag(told, ticket, to),
        )  # fmt: skip
        if letter is not None:
            _post(ticket, _Recipient(to, LetterKind.STATUS, "auto-generated"), letter, told, now=event.at)


def on_page_unreachable(event: PageUnreachable) -> None:
    """A mail server refused a letter for good: say so on the ticket, where somebody can act on it."""
    letter = SentMail.objects.select_related("user").filter(page=event.page_id, failed_at=None).first()
    if letter is not None:
        note_failure(letter=letter, why="our mail server could not deliver it", now=event.at)


def note_failure(*, letter: SentMail, why: str, now: datetime) -> None:
    """Remember that a letter did not arrive, and tell those who work on the ticket. Repeating it changes nothing."""
    if letter.failed_at is not None:
        return
    letter.failed_at, letter.failure = now, why[:400]
    letter.save(update_fields=["failed_at", "failure"])
    words = f"The mail to {letter.address} did not arrive: {why}. Reach {letter.user.name} another way, or correct the address."
    tickets.remark(ticket_id=letter.ticket_id, body=words, now=now, actor="mail", via="email")


def post_question(*, ticket: Ticket, to: User, letter: Letter, unsubscribe: str, now: datetime) -> SentMail | None:
    """Ask a customer what they think of a ticket (intake/email/asking.py). `unsubscribe` takes their no by POST."""
    recipient = _Recipient(to, LetterKind.STATUS, "auto-generated")
    return _post(ticket, recipient, letter, terms(), now=now, more={"unsubscribe": unsubscribe})


def post_to_requester(*, ticket: Ticket, letter: Letter, author: str, now: datetime) -> SentMail | None:
    """Send the requester a letter that a person has caused. None for nobody reachable, or where letters do not leave."""
    to = ticket.requester
    if to is None or not letters_leave():
        return None
    return _post(ticket, _Recipient(to, LetterKind.STATUS), letter, terms(), now=now, author=author)


def tag_of(ticket: Ticket, user: User) -> str:
    """Return the tag in a subject by which an answer finds its ticket."""
    return _tag(terms(), ticket, user)


def _post(
    ticket: Ticket, to: _Recipient, letter: Letter, told: Terms, *, now: datetime, due_at: datetime | None = None,
    files: Sequence[UUID] = (), author: str = "", more: Mapping[str, Any] = MappingProxyType({}),
) -> SentMail | None:  # fmt: skip
    """Put a letter into the outbox and remember its Message-ID. None for nobody reachable, or over the cap."""
    user = to.user
    if not letters_leave() or not user.is_active or told.is_ours(user.email.lower()):
        return None
    address = user.email.lower()
    # Mail to an owner is no answer to anybody outside, and stops with the ownership.
    automatic = bool(to.auto_submitted) and to.kind != LetterKind.OWNER
    if automatic and automatic_to(address, since=now - HOUR) >= told.cap:
        why = {"user": str(user.pk), "letter": to.kind, "cap": told.cap}
        record(stream=f"ticket:{ticket.pk}", kind="letter.held_back", actor="system", at=now, data=why)
        return None
    mail_id = f"t{ticket.number}.{new_id()}@{told.domain}"
    in_reply_to, references = known_ids(ticket.pk, user)
    data: dict[str, Any] = {
        "reference": ticket.reference, "from": told.desk, "from_name": f"{author} ({told.name})" if author else told.name,
        "to_name": user.name, "reply_to": _reply_to(told, ticket, user), "message_id": mail_id, "in_reply_to": in_reply_to,
        "references": references, "auto_submitted": to.auto_submitted, "installation": told.installation, "html": letter.html,
        "language": user.language, "files": [str(pk) for pk in files], **more,
    }  # fmt: skip
    page = notify.post_letter(
        user_id=user.pk, address=user.email, subject=letter.subject, body=letter.text, data=data, ticket=ticket.pk,
        due_at=due_at or now, now=now,
    )  # fmt: skip
    return SentMail.objects.create(
        mail_id=mail_id,
        ticket=ticket,
        user=user,
        address=address,
        kind=to.kind,
        automatic=automatic,
        page=page.pk,
        at=now,
    )


def _reply_to(told: Terms, ticket: Ticket, user: User) -> str:
    return threading.reply_address(told.desk, ticket.number, user.pk, told.keys[0]) if told.plus else told.desk


def _tag(told: Terms, ticket: Ticket, user: User) -> str:
    return threading.subject_tag(ticket.number, user.pk, told.keys[0], signed=not told.plus)


def _enclosed(message: Message) -> tuple[list[UUID], list[str]]:
    """Return the files that go with a letter, and the names of those that are too large for mail."""
    chosen: list[UUID] = []
    too_large: list[str] = []
    total = 0
    for file in Attachment.objects.filter(message=message, refused="").order_by("position", "id"):
        if total + file.size > TOO_LARGE_FOR_MAIL:
            too_large.append(file.name)
        else:
            total += file.size
            chosen.append(file.pk)
    return chosen, too_large


def _ticket(ticket_id: UUID) -> Ticket:
    return Ticket.objects.select_related("requester", "owner", "organisation").get(pk=ticket_id)
