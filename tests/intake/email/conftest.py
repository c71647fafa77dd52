"""A desk that takes mail in, its people, and a real SMTP server in which its letters arrive."""

import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tocsin.channels.email.letter import LetterTransport
from tocsin.channels.email.transport import SmtpServer
from tocsin.domain.notify import actions as notify
from tocsin.domain.people import actions as people
from tocsin.domain.people.models import Organisation, Team, User
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.email import storing, taking
from tocsin.intake.email.models import InboundMail

DESK = "support@desk.example"
NOTES = "notes@desk.example"


@dataclass
class Sink:
    """A mail server that keeps what it is given."""

    server: SmtpServer = field(default_factory=lambda: SmtpServer(host=""))
    raw: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answer: str = "250 taken"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.raw.append(bytes(envelope.content or b""))
            self.recipients.append(list(envelope.rcpt_tos))
        return self.answer

    @property
    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw]  # type: ignore[misc]

    def last(self) -> EmailMessage:
        return self.mails[-1]


def delivered(sink: Sink, at: datetime) -> list[EmailMessage]:
    """Send every letter that is due, through real SMTP; return those that came by this."""
    before, transport = len(sink.raw), LetterTransport(sink.server)
    terms = notify.LeaseTerms(bundle_over=0, per_minute=0)
    while parcels := notify.lease(channel="letter", now=at, limit=100, terms=terms):
        for parcel in parcels:
            sent = transport.send(transport.payload(parcel.message(at)), idempotency_key=parcel.key, timeout=5)
            notify.record_sent(parcel=parcel, sent=sent, now=at)
    transport.close()
    return list(sink.mails[before:])


@pytest.fixture
def sink() -> Iterator[Sink]:
    box = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.server = SmtpServer(host="127.0.0.1", port=port, sender="Tocsin <tocsin@desk.example>")
    yield box
    controller.stop()


@pytest.fixture
def mail_settings(settings: Any, tmp_path: Path) -> Any:
    """The desk's settings: letters leave, replies at once."""
    settings.SMTP_HOST = "127.0.0.1"
    settings.MAIL_ADDRESSES = (f"service desk <{DESK}>", "it@desk.example")
    settings.MAIL_NOTES = NOTES
    settings.MAIL_HOLD = 0.0
    settings.ATTACHMENTS = tmp_path / "attachments"
    return settings


@dataclass(slots=True)
class MailDesk:
    """The people, and what the tests do with mail."""

    now: datetime
    agent: User
    lead: User
    ana: User  # requester of Acme
    bob: User  # requester of Acme too
    stranger: User  # requester of another customer
    acme: Organisation
    team: Team
    sink: Sink

    def receive(
        self, raw: bytes | EmailMessage, *, sender: str | None = "ana@acme.example", later: float = 0, **more: Any
    ) -> InboundMail:
        """Store a mail as a way in does, take it in, and return its row. `later`: minutes."""
        data = raw if isinstance(raw, bytes) else raw.as_bytes(policy=email.policy.SMTP)
        at = self.now + timedelta(minutes=later)
        row, _ = storing.store(raw=data, source="smtp", now=at, envelope_from=sender, recipients=more.get("to", [DESK]))
        return taking.take(mail_id=row.pk, now=at)

    def open(self, subject: str = "Printer is on fire", text: str = "It burns.", **more: Any) -> Ticket:
        """Ana writes to the desk; return the ticket that comes of it."""
        row = self.receive(written(subject=subject, text=text), **more)
        assert row.ticket is not None, row.reason
        return Ticket.objects.get(pk=row.ticket_id)

    def deliver(self, later: float = 1) -> list[EmailMessage]:
        """Send every letter that is due, through real SMTP; return what arrived by this."""
        before = len(self.sink.raw)
        transport = LetterTransport(self.sink.server)
        at = self.now + timedelta(minutes=later)
        for parcel in notify.lease(
            channel="letter", now=at, limit=100, terms=notify.LeaseTerms(bundle_over=0, per_minute=0)
        ):
            sent = transport.send(transport.payload(parcel.message(at)), idempotency_key=parcel.key, timeout=5)
            notify.record_sent(parcel=parcel, sent=sent, now=at)
        transport.close()
        return self.sink.mails[before:]


def written(
    *, frm: str = "Ana Acme <ana@acme.example>", to: str = DESK, subject: str = "Printer is on fire", text: str = "It burns.",
    html: str = "", **heads: str,
) -> EmailMessage:  # fmt: skip
    """A mail as a person's program writes it; header names with underscores."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = frm, to, subject
    mail["Date"] = "Wed, 04 Mar 2026 08:59:00 +0000"
    mail["Message-ID"] = heads.pop("Message_ID", f"<{abs(hash((frm, subject, text)))}@mail.example>")
    for name, value in heads.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def answer(letter: EmailMessage, text: str, *, frm: str | None = None, **more: Any) -> EmailMessage:
    """The recipient's answer to a letter of ours, as mail programs write one."""
    quoted = "\n".join(f"> {line}" for line in letter.get_body(("plain",)).get_content().splitlines())  # type: ignore[union-attr]
    more = {
        "In_Reply_To": str(letter["Message-ID"]),
        "References": f"{letter['References'] or ''} {letter['Message-ID']}".strip(),
        **more,
    }
    return written(
        frm=frm or str(letter["To"]), to=more.pop("to", str(letter["Reply-To"] or letter["From"])), subject=f"Re: {letter['Subject']}",
        text=f"{text}\n\nOn Wed, 4 Mar 2026 at 10:00, Service desk <{DESK}> wrote:\n\n{quoted}\n", **more,
    )  # fmt: skip


@pytest.fixture
def desk(db: None, now: datetime, mail_settings: Any, sink: Sink) -> MailDesk:
    made: dict[str, User] = {}
    acme = people.create_organisation(name="Acme", by=None, now=now)
    other = people.create_organisation(name="Other", by=None, now=now)
    for name, address, role, organisation in (
        ("agent", "kai@desk.example", "agent", None), ("lead", "lea@desk.example", "lead", None),
        ("ana", "ana@acme.example", "requester", acme), ("bob", "bob@acme.example", "requester", acme),
        ("stranger", "sam@other.example", "requester", other),
    ):  # fmt: skip
        made[name] = people.create_person(
            email=address,
            name=f"{address.partition('@')[0].title()} {name.title()}",
            role=role,
            organisation=organisation,
            by=None,
            now=now,
        )
    team = people.create_team(
        name="First line", slug="first-line", line="L1", members=[made["agent"]], by=None, now=now
    )
    return MailDesk(now=now, acme=acme, team=team, sink=sink, **made)


@pytest.fixture
def shown() -> Callable[[EmailMessage], str]:
    """Return the plain text of a mail."""
    return lambda mail: str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
