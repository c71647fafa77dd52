"""From a customer's mail to a ticket, an agent's reply, and back (issue 3: "a real mail client's path")."""

import smtplib
import socket
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from tests.intake.email.conftest import DESK, NOTES, MailDesk, answer, written
from tocsin.domain.notify.models import CaughtMail  # noqa: F401 - the demo's mails live beside
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.intake.email.enums import MailState
from tocsin.intake.email.models import InboundMail
from tocsin.intake.email.smtp import run_listener
from tocsin.intake.email.taking import take_due


def test_a_mail_becomes_a_ticket_is_answered_and_the_answer_threads_back(
    desk: MailDesk, shown: Callable[[EmailMessage], str]
) -> None:
    first = desk.receive(
        written(subject="Printer is on fire", text="It burns.\n\n-- \nAna", Message_ID="<first@acme.example>")
    )
    ticket = Ticket.objects.get(pk=first.ticket_id)
    assert (ticket.subject, ticket.requester, ticket.channel, ticket.status) == (
        "Printer is on fire",
        desk.ana,
        "email",
        "new",
    )

    [confirmation] = desk.deliver()
    assert confirmation["To"] == "Ana Ana <ana@acme.example>"
    assert confirmation["In-Reply-To"] == "<first@acme.example>"
    assert confirmation["Auto-Submitted"] == "auto-replied"
    assert confirmation["Subject"] == f"Re: Printer is on fire [T-{ticket.number}]"
    assert "It burns" not in shown(confirmation)

    tickets.add_message(ticket_id=ticket.pk, kind="reply", body="Pour *water* on it.", by=desk.agent, now=desk.now)
    [reply] = desk.deliver(2)
    assert reply["Auto-Submitted"] is None
    assert reply["From"] == '"Kai Agent (Service desk)" <support@desk.example>'
    assert reply["In-Reply-To"] == confirmation["Message-ID"]
    assert str(reply["References"]).split() == ["<first@acme.example>", confirmation["Message-ID"]]
    assert "Pour *water* on it." in shown(reply)
    assert "<em>water</em>" in reply.get_body(("html",)).get_content()  # type: ignore[union-attr]

    back = desk.receive(answer(reply, "Thank you, it is out."), later=5)
    assert (back.state, back.ticket_id) == (MailState.TAKEN, ticket.pk)
    said = Message.objects.get(pk=back.message)
    assert (said.kind, said.author, said.body, said.via) == ("customer", desk.ana, "Thank you, it is out.", "email")


def test_an_agent_answers_by_mail(desk: MailDesk) -> None:
    ticket = desk.open()
    tickets.take(ticket_id=ticket.pk, by=desk.agent, now=desk.now)
    tickets.add_message(ticket_id=ticket.pk, kind="customer", body="Any news?", by=desk.ana, now=desk.now)
    letters = {str(mail["To"]): mail for mail in desk.deliver()}
    to_owner = letters["Kai Agent <kai@desk.example>"]
    public = desk.receive(answer(to_owner, "We are on it."), sender="kai@desk.example", later=3)
    private = desk.receive(answer(to_owner, "#note\nThe pump is dead."), sender="kai@desk.example", later=4)
    by_address = desk.receive(
        answer(to_owner, "Call the plumber.", to=NOTES), sender="kai@desk.example", to=[NOTES], later=5
    )
    found = [Message.objects.get(pk=row.message) for row in (public, private, by_address)]
    assert [(m.kind, m.author, m.body) for m in found] == [
        ("reply", desk.agent, "We are on it."), ("note", desk.agent, "The pump is dead."), ("note", desk.agent, "Call the plumber."),
    ]  # fmt: skip
    assert [str(mail["To"]) for mail in desk.deliver(6)] == ["Ana Ana <ana@acme.example>"]


@pytest.mark.django_db(transaction=True)
def test_the_listener_says_250_when_the_mail_is_stored_and_takes_only_what_is_ours(desk: MailDesk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    _, stop = run_listener(f"127.0.0.1:{port}")
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            refused = client.sendmail("ana@acme.example", [DESK, "someone@else.example"], written().as_bytes())
            assert [code for code, _ in refused.values()] == [550]
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                client.sendmail("ana@acme.example", ["someone@else.example"], written().as_bytes())
    finally:
        stop()
    row = InboundMail.objects.get()
    assert (row.state, row.envelope_from, row.recipients, row.source) == (
        "received",
        "ana@acme.example",
        [DESK],
        "smtp",
    )
    assert take_due(now=row.received_at) == 1
    row.refresh_from_db()
    assert (row.state, Ticket.objects.get().requester) == ("taken", desk.ana)
    assert take_due(now=row.received_at) == 0
