"""Taking stored mail in: load, parse, decide (pure), act, in one transaction per mail. Repeating it changes nothing.

A mail that makes this fail is tried again later and later, and after some tries refused with the reason (healthchecks'
manner with poison rows). Nothing that a mail holds is an exception for the caller.
"""

import hashlib
import importlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from tocsin.domain.people.models import User
from tocsin.domain.people.queries import find_person
from tocsin.domain.people.rules import is_staff
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets import rules as ticket_rules
from tocsin.domain.tickets.enums import LinkKind
from tocsin.domain.tickets.logic.attached import Upload
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.email import outgoing, queries, senders, threading
from tocsin.intake.email.configured import Terms, terms
from tocsin.intake.email.deciding import Deed, Facts, Sender, Thread, Verdict, decide, may_answer_pages
from tocsin.intake.email.enums import MailState
from tocsin.intake.email.loops import judge
from tocsin.intake.email.models import InboundMail
from tocsin.intake.email.parse import ParsedMail, Unreadable, parse
from tocsin.intake.email.quotes import strip
from tocsin.intake.email.trust import authenticity, spam_sign
from tocsin.intake.replies import email as replies
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import Conflict, TocsinError

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 6
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
HOUR = timedelta(hours=1)
COPY_WITHIN = timedelta(days=7)


def take_due(*, now: datetime, limit: int = 20) -> int:
    """Take in up to `limit` mails that are due; return how many were looked at. Safe beside other workers."""
    done = 0
    while done < limit:
        claimed = _claim(now)
        if claimed is None:
            break
        done += 1
        take(mail_id=claimed, now=now)
    return done


def take(*, mail_id: UUID, now: datetime) -> InboundMail:
    """Take one stored mail in, unless that was done already. Raises only when the database does not answer."""
    row = InboundMail.objects.get(pk=mail_id)
    if row.state != MailState.RECEIVED:
        return row
    try:
        mail = parse(bytes(row.raw))
    except Unreadable as unreadable:
        return _end(row, MailState.REFUSED, str(unreadable), now)
    try:
        return _act(row.pk, mail, now)
    except (OperationalError, InterfaceError):
        raise
    except TocsinError as refused:
        return _end(row, MailState.QUARANTINED, refused.message, now)
    except Exception as error:
        return _after_failure(row, error, now)


def _claim(now: datetime) -> UUID | None:
    """Take the next due mail for a try: its time is moved on first, so that one that kills us is not taken for ever."""
    with transaction.atomic():
        waiting = InboundMail.objects.select_for_update(skip_locked=True, of=("self",)).only("pk", "attempts")
        row = waiting.filter(state=MailState.RECEIVED, due_at__lte=now).order_by("due_at").first()
        if row is None:
            return None
        attempts = row.attempts + 1
        if attempts > MOST_ATTEMPTS:
            reason = f"It could not be taken in at {MOST_ATTEMPTS} tries."
            InboundMail.objects.filter(pk=row.pk).update(
                state=MailState.REFUSED, due_at=None, reason=reason, dealt_with_at=now, attempts=attempts
            )
        else:
            pause = min(FIRST_PAUSE * 4 ** (attempts - 1), LONGEST_PAUSE)
            InboundMail.objects.filter(pk=row.pk).update(attempts=attempts, due_at=now + pause)
        return row.pk


def _after_failure(row: InboundMail, error: Exception, now: datetime) -> InboundMail:
    log.exception("a mail could not be taken in", mail=str(row.pk), attempts=row.attempts)
    if row.attempts >= MOST_ATTEMPTS:
        return _end(row, MailState.REFUSED, f"It could not be taken in ({type(error).__name__}: {error}).", now)
    InboundMail.objects.filter(pk=row.pk).update(reason=f"{type(error).__name__}: {error}"[:500].replace("\x00", ""))
    row.refresh_from_db()
    return row


@transaction.atomic
def _act(mail_id: UUID, mail: ParsedMail, now: datetime) -> InboundMail:
    row = InboundMail.objects.select_for_update(of=("self",)).get(pk=mail_id)
    if row.state != MailState.RECEIVED:
        return row
    told = terms()
    person = find_person(mail.senders[0].address) if mail.senders else None
    facts = facts_of(row, mail, person, told, now)
    verdict = decide(facts)
    row.nature, row.subject, row.message_id = facts.judged.nature, mail.subject, mail.message_id
    row.sender, row.sender_name = (mail.senders[0].address, mail.senders[0].name) if mail.senders else ("", "")
    row.text_sha256 = _text_digest(mail)
    answered = _answered(row, mail, facts, now)
    if answered is not None:
        return _end(row, *answered, now)
    row.ticket_id = verdict.ticket
    return _carry_out(row, mail, verdict, person, facts, now)


def _answered(row: InboundMail, mail: ParsedMail, facts: Facts, now: datetime) -> tuple[MailState, str] | None:
    """Take a reply to a page mail as the answer it is; None for any other mail. Raises NotAllowed for a stranger's."""
    token = replies.token_in([*row.recipients, *(box.address for box in mail.to)])
    if not token or not may_answer_pages(facts):
        return None
    answer = replies.take_answer(
        token=token, sender=mail.senders[0].address, text=_own_words(mail), automatic=facts.judged.is_automatic, now=now
    )
    if answer is None:
        return MailState.IGNORED, f"Automatic mail ({facts.judged.sign}) answers no page."
    return MailState.TAKEN, f"An answer to a page: {answer.message}"


def facts_of(row: InboundMail, mail: ParsedMail, person: User | None, told: Terms, now: datetime) -> Facts:
    """Gather what the decision needs."""
    sender = mail.senders[0] if mail.senders else None
    to = [*row.recipients, *(box.address for box in mail.to)]
    judged = judge(mail, envelope_from=row.envelope_from, installations=told.installations, own_lists=told.own_lists)
    return Facts(
        judged=judged,
        senders=len(mail.senders),
        from_us=sender is not None and told.is_ours(sender.address),
        is_copy=_is_copy(row, mail, now),
        flood=sender is not None and _sent_lately(sender.address, now) >= told.flood,
        authentic=authenticity(mail.heads, told.authserv),
        spam=spam_sign(mail.heads, told.spam) or _asked_about_spam(mail),
        sender=Sender(person.pk, person.is_active, is_staff.test(person)) if person else None,
        domain_known=sender is not None and senders.organisation_of(sender.domain)[0],
        threads=_threads(mail, to, person, told),
        to_notes=any(told.is_notes(address) for address in to),
        marked_note=threading.first_line_marks_note(mail.text)[0],
        has_content=bool(mail.text.strip() or mail.files),
        has_subject=bool(mail.subject.strip()),
        senders_rule=told.senders,
        automatic_rule=told.automatic,
    )


def _threads(mail: ParsedMail, to: Sequence[str], person: User | None, told: Terms) -> list[Thread]:
    """Return the tickets that tokens and Message-IDs of ours name, those that are proven first."""
    named: dict[UUID, tuple[Ticket, bool]] = {}
    claims = threading.claims([address for address in to if told.is_ours(address)], mail.subject)[:10]
    numbers = {claim.number for claim in claims}
    by_number = {t.number: t for t in Ticket.objects.select_related("team").filter(number__in=numbers)}
    for claim in claims:
        ticket = by_number.get(claim.number)
        if ticket is not None:
            proven = person is not None and threading.is_true(claim, person.pk, told.keys)
            named[ticket.pk] = (ticket, proven or named.get(ticket.pk, (ticket, False))[1])
    letters = queries.letters_named(mail.replies_to)
    by_id = Ticket.objects.select_related("team").in_bulk({letter.ticket_id for letter in letters})
    for letter in letters:
        proven = person is not None and letter.user_id == person.pk
        ticket = by_id[letter.ticket_id]
        named[ticket.pk] = (ticket, proven or named.get(ticket.pk, (ticket, False))[1])
    threads = [
        Thread(
            ticket=ticket.pk, number=ticket.number, proven=proven,
            requested=person is not None and ticket.requester_id == person.pk,
            may_see=person is not None and bool(ticket_rules.may_see_ticket.test(person, ticket)),
        )
        for ticket, proven in named.values()
    ]  # fmt: skip
    return sorted(threads, key=lambda thread: not thread.proven)


def _carry_out(
    row: InboundMail, mail: ParsedMail, verdict: Verdict, person: User | None, facts: Facts, now: datetime
) -> InboundMail:
    deed = verdict.deed
    if deed is Deed.REFUSE:
        return _end(row, MailState.REFUSED, verdict.reason, now)
    if deed is Deed.QUARANTINE:
        return _end(row, MailState.QUARANTINED, verdict.reason, now)
    if deed is Deed.IGNORE:
        return _end(row, MailState.IGNORED, verdict.reason, now)
    if deed is Deed.BOUNCE:
        return _end(row, MailState.IGNORED, _note_bounce(row, mail, now), now)
    if deed is Deed.OPEN:
        person = person or senders.meet(mail, now)
        open_from(row, mail, person, now, confirmed=not facts.judged.is_automatic and facts.judged.answerable)
        return _end(row, MailState.TAKEN, "A new ticket.", now)
    if person is None or verdict.ticket is None:
        raise AssertionError("a thread without its person")  # decide gives these deeds only with both
    return _add(row, mail, verdict, person, facts, now)


def _add(
    row: InboundMail, mail: ParsedMail, verdict: Verdict, person: User, facts: Facts, now: datetime
) -> InboundMail:
    """Add the mail to its ticket as what it is."""
    ticket_id, deed = verdict.ticket, verdict.deed
    assert ticket_id is not None  # noqa: S101 - _carry_out has looked
    text = _own_words(mail)
    if deed in {Deed.REPLY, Deed.NOTE}:
        text = threading.first_line_marks_note(text)[1] or text
    if deed is Deed.REMARK:
        body = f"Automatic mail from {person.name} ({facts.judged.sign}):\n\n{text}"
        message = tickets.remark(
            ticket_id=ticket_id, body=body, now=now, actor="mail", author=person, via="email", files=uploads(mail)
        )
        row.message = message.pk
        return _end(row, MailState.TAKEN, verdict.reason, now)
    try:
        with transaction.atomic():
            message = tickets.add_message(
                ticket_id=ticket_id,
                kind=deed.value,
                body=text,
                by=person,
                now=now,
                via="email",
                files=uploads(mail),
                lenient=True,
            )
    except Conflict:
        # Closed for good: a new ticket that knows of the old one keeps clocks and figures honest.
        ticket = open_from(row, mail, person, now, confirmed=facts.judged.answerable)
        tickets.link(from_id=ticket.pk, to_id=ticket_id, kind=LinkKind.RELATED, by=None, now=now)
        return _end(row, MailState.TAKEN, "Its ticket is closed for good: a new one, linked to it.", now)
    row.message = message.pk
    return _end(row, MailState.TAKEN, verdict.reason, now)


def open_from(row: InboundMail, mail: ParsedMail, person: User, now: datetime, *, confirmed: bool) -> Ticket:
    """Open a ticket with a mail's words, as this person's, and confirm it unless nothing may answer the mail."""
    subject = threading.bare_subject(mail.subject) or _first_words(mail.text) or "No subject"
    ticket = tickets.open_ticket(
        subject=subject[:300], description=mail.text.strip(), requester=person, by=None, now=now, channel="email",
        actor=f"person:{person.pk}", files=uploads(mail), lenient=True,
    )  # fmt: skip
    # Written before the confirmation, whose thread begins with this mail.
    row.ticket, row.state, row.due_at = ticket, MailState.TAKEN, None
    row.save()
    if confirmed:
        outgoing.confirm(ticket=Ticket.objects.select_related("requester").get(pk=ticket.pk), now=now, answers=True)
    return ticket


def uploads(mail: ParsedMail) -> list[Upload]:
    """Return a mail's files as the ticket takes them."""
    return [
        Upload(name=f.name, content=f.content, declared=f.declared, content_id=f.content_id, inline=f.inline)
        for f in mail.files
    ]


def _own_words(mail: ParsedMail) -> str:
    """Return what the author wrote, without what is quoted; the whole text if nothing would be left."""
    return strip(mail.text).text or mail.text.strip() or _file_names(mail)


def _file_names(mail: ParsedMail) -> str:
    return ", ".join(file.name for file in mail.files) or "(no words)"


def _first_words(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line[:120]


def _note_bounce(row: InboundMail, mail: ParsedMail, now: datetime) -> str:
    """Note at our letters what a delivery report says of them, and return the report in words."""
    report = mail.report
    if report is None:
        return "A mail server's notice that names no address."
    letters = queries.letters_named([report.original_id] if report.original_id else mail.replies_to)
    told = []
    for failure in report.failures:
        why = " ".join(part for part in (failure.status, failure.why) if part) or "no reason given"
        told.append(f"{failure.address}: {failure.action or 'failed'} ({why})")
        for letter in letters:
            if failure.is_final and letter.address == failure.address:
                row.ticket_id = letter.ticket_id
                outgoing.note_failure(letter=letter, why=why, now=now)
    return ("Delivery report. " + "; ".join(told or ["It names no address."]))[:500]


def _is_copy(row: InboundMail, mail: ParsedMail, now: datetime) -> bool:
    """Say whether this very mail came by another way already: same id, sender and words."""
    if not mail.message_id or not mail.senders:
        return False
    others = InboundMail.objects.filter(
        message_id=mail.message_id,
        sender=mail.senders[0].address,
        text_sha256=_text_digest(mail),
        received_at__gt=now - COPY_WITHIN,
    )
    return others.exclude(pk=row.pk).exclude(state=MailState.RECEIVED).exists()


def _text_digest(mail: ParsedMail) -> str:
    return hashlib.sha256(" ".join(mail.text.split()).encode()).hexdigest()


def _sent_lately(address: str, now: datetime) -> int:
    return InboundMail.objects.filter(sender=address, received_at__gt=now - HOUR).count()


def _asked_about_spam(mail: ParsedMail) -> str:
    """Ask the operator's own function, if one is set, why this mail is spam ("" if it is not)."""
    path = settings.MAIL_SPAM_CHECK
    if not path:
        return ""
    module, _, name = path.partition(":")
    return str(getattr(importlib.import_module(module), name)(mail) or "")


def _end(row: InboundMail, state: MailState, reason: str, now: datetime) -> InboundMail:
    row.state, row.reason, row.due_at, row.dealt_with_at = state, reason[:500].replace("\x00", ""), None, now
    row.save()
    return row


def forget_raw(*, now: datetime) -> int:
    """Empty the bytes of mails that were dealt with long ago; return how many. What they became stays."""
    before = now - timedelta(days=settings.MAIL_KEEP_DAYS)
    old = InboundMail.objects.filter(dealt_with_at__lt=before).exclude(
        state__in=[MailState.RECEIVED, MailState.QUARANTINED]
    )
    return old.exclude(raw=b"").update(raw=b"")


def take_now(*, mail_id: UUID) -> InboundMail:
    """Take a mail in at once, in this process (`tocsin mail import`)."""
    return take(mail_id=mail_id, now=database_now(connection))
