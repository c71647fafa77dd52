"""Mail out: threads, languages, caps, and that two machines never talk to each other (SECURITY 12)."""

import email
import email.policy
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from tests.intake.email.conftest import MailDesk, answer, written
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.models import Delivery, Page
from tocsin.domain.notify.transport import TransportError
from tocsin.domain.people import actions as people
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.logic.attached import Upload
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.intake.email.models import InboundMail, SentMail

Shown = Callable[[EmailMessage], str]


def test_a_call_is_confirmed_in_the_requester_s_language(desk: MailDesk, shown: Shown) -> None:
    people.edit_person(user_id=desk.ana.pk, language="de", by=None, now=desk.now)
    desk.ana.refresh_from_db()
    tickets.open_ticket(subject="Drucker", requester=desk.ana, by=desk.agent, channel="phone", now=desk.now)
    [letter] = desk.deliver()
    assert "Ihre Anfrage ist bei uns angekommen." in shown(letter)
    assert letter["Subject"].startswith("Drucker [T-")
    assert letter["In-Reply-To"] is None
    assert '<html lang="de">' in letter.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_imported_tickets_are_not_confirmed(desk: MailDesk) -> None:
    tickets.open_ticket(subject="Old", requester=desk.ana, by=None, channel="import", now=desk.now)
    assert desk.deliver() == []


def test_no_letter_is_written_without_a_mail_server(desk: MailDesk, mail_settings: Any) -> None:
    mail_settings.SMTP_HOST = ""
    ticket = tickets.open_ticket(subject="x", requester=desk.ana, by=None, now=desk.now)
    tickets.add_message(ticket_id=ticket.pk, kind="reply", body="y", by=desk.agent, now=desk.now)
    assert (SentMail.objects.count(), Page.objects.count()) == (0, 0)


def test_a_note_never_leaves_the_house(desk: MailDesk) -> None:
    ticket = desk.open()
    desk.deliver()
    tickets.add_message(
        ticket_id=ticket.pk, kind="note", body="The customer is difficult.", by=desk.agent, now=desk.now
    )
    assert desk.deliver(2) == []


def test_a_status_set_with_a_reply_is_told_in_the_same_mail(desk: MailDesk, mail_settings: Any, shown: Shown) -> None:
    mail_settings.MAIL_HOLD = 10.0
    ticket = desk.open()
    desk.deliver(0)
    tickets.add_message(ticket_id=ticket.pk, kind="reply", body="Replaced it.", by=desk.agent, now=desk.now)
    tickets.resolve(ticket_id=ticket.pk, by=desk.agent, now=desk.now)
    assert desk.deliver(0.1) == []
    [letter] = desk.deliver(1)
    assert f"We consider T-{ticket.number} resolved." in shown(letter)
    assert f"We consider T-{ticket.number} resolved." in letter.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_a_status_by_itself_is_told_automatically_and_not_to_who_set_it(desk: MailDesk, shown: Shown) -> None:
    ticket = desk.open()
    desk.deliver(0)
    tickets.resolve(ticket_id=ticket.pk, by=desk.agent, now=desk.now)
    [letter] = desk.deliver(1)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "resolved" in shown(letter)
    tickets.close(ticket_id=ticket.pk, by=desk.ana, now=desk.now)
    assert desk.deliver(2) == []


def test_files_of_a_reply_go_with_it_and_what_is_too_large_is_named(desk: MailDesk, shown: Shown) -> None:
    ticket = desk.open()
    desk.deliver(0)
    files = [
        Upload(name="März.txt", content=b"hello"), Upload(name="big.bin", content=b"0" * 10_500_000),
        Upload(name="p.png", content=b"\x89PNG\r\n\x1a\n0"),
    ]  # fmt: skip
    tickets.add_message(ticket_id=ticket.pk, kind="reply", body="Here.", by=desk.agent, now=desk.now, files=files)
    [letter] = desk.deliver(1)
    assert [(part.get_filename(), part.get_content_type()) for part in letter.iter_attachments()] == [
        ("März.txt", "application/octet-stream"), ("p.png", "image/png"),
    ]  # fmt: skip
    assert "Too large for mail: big.bin." in shown(letter)


def test_words_that_would_break_a_header_do_not(desk: MailDesk) -> None:
    subject = "Printer\r\nBcc: all@x.example"
    row = desk.receive(
        written(subject="placeholder")
        .as_bytes()
        .replace(b"placeholder", b"=?utf-8?q?Printer=0D=0ABcc:_all=40x.example?=")
    )
    people.edit_person(user_id=desk.agent.pk, name="Kai  Evil <x@y.example>, Z", by=None, now=desk.now)
    desk.agent.refresh_from_db()
    tickets.add_message(ticket_id=row.ticket_id, kind="reply", body="ok", by=desk.agent, now=desk.now)  # type: ignore[arg-type]
    for letter in desk.deliver():
        assert letter["Bcc"] is None
        assert "Printer Bcc: " in letter["Subject"]
        assert email.utils.parseaddr(str(letter["From"]))[1] == "support@desk.example"
    assert desk.sink.recipients == [["ana@acme.example"]] * 2
    assert subject not in str(desk.sink.raw)


def test_letters_are_neither_bundled_nor_throttled_nor_held_by_quiet_hours(desk: MailDesk) -> None:
    from datetime import time  # noqa: PLC0415 - beside the one use

    notify.set_quiet_hours(user_id=desk.ana.pk, starts=time(0, 0), ends=time(23, 59), now=desk.now)
    ticket = desk.open()
    for n in range(30):
        tickets.add_message(ticket_id=ticket.pk, kind="reply", body=f"Word {n}", by=desk.agent, now=desk.now)
    assert len(desk.deliver()) == 31


def test_an_address_gets_only_so_many_automatic_mails_within_an_hour(desk: MailDesk, mail_settings: Any) -> None:
    mail_settings.MAIL_CAP = 3
    for n in range(6):
        desk.receive(written(text=f"Request {n}"))
    assert len(desk.deliver()) == 3
    tickets.add_message(
        ticket_id=Ticket.objects.first().pk, kind="reply", body="A person writes.", by=desk.agent, now=desk.now
    )  # type: ignore[union-attr]
    assert len(desk.deliver(2)) == 1
    desk.receive(written(text="The next morning"), later=90)
    assert len(desk.deliver(91)) == 1


def test_a_confirmation_carries_no_advertising_to_whom_a_forged_mail_names(
    desk: MailDesk, mail_settings: Any, shown: Shown
) -> None:
    mail_settings.MAIL_SENDERS = "open"
    forged = written(
        frm="Win at https://evil.example/win <victim@nowhere.example>",
        subject="Buy at www.evil.example or HTTPS://EVIL.example/x now",
    )
    row = desk.receive(forged, sender="victim@nowhere.example")
    assert row.state == "taken"
    [letter] = desk.deliver()
    assert "evil" not in shown(letter).lower() + str(letter["Subject"]).lower()
    assert "evil" not in letter.get_body(("html",)).get_content().lower()  # type: ignore[union-attr]


def test_an_automatic_mail_is_never_answered_automatically(desk: MailDesk, mail_settings: Any) -> None:
    mail_settings.MAIL_AUTOMATIC = mail_settings.MAIL_SENDERS = "open"
    desk.receive(written(text="Disk full", Auto_Submitted="auto-generated"))
    desk.receive(written(text="Please do not answer", X_Auto_Response_Suppress="All"))
    desk.receive(written(frm="no-reply@acme.example", text="Invoice"), sender="no-reply@acme.example")
    assert Ticket.objects.count() == 3
    assert desk.deliver() == []


@pytest.mark.parametrize("strips_headers", [False, True])
def test_two_machines_that_answer_each_other_fall_silent(
    desk: MailDesk, mail_settings: Any, strips_headers: bool
) -> None:
    """The other side confirms whatever it gets, as we do; the worse one sets no header that would show it."""
    mail_settings.MAIL_SENDERS = mail_settings.MAIL_AUTOMATIC = "open"
    exchanged = 0
    desk.receive(written(frm="desk@other.example", subject="Order 1", text="Please send"), sender="desk@other.example")
    for step in range(1, 40):
        ours = [mail for mail in desk.deliver(step / 10) if "desk@other.example" in str(mail["To"])]
        if not ours:
            break
        for mail in ours:
            exchanged += 1
            theirs = EmailMessage()
            theirs["From"], theirs["To"], theirs["Subject"] = (
                "desk@other.example",
                str(mail["From"]),
                f"[#{step}] We have received your request",
            )
            theirs["Message-ID"] = f"<{step}.{exchanged}@other.example>"
            if not strips_headers:
                theirs["Auto-Submitted"] = "auto-replied"
            theirs.set_content(f"Thank you for your request {step}. " + str(mail.get_body(("plain",)).get_content()))  # type: ignore[union-attr]
            desk.receive(theirs, sender="" if not strips_headers else "desk@other.example", later=step / 10)
    assert exchanged <= (mail_settings.MAIL_CAP if strips_headers else 1)
    assert Delivery.objects.filter(channel="letter", state="pending").count() == 0


def test_our_own_mail_that_comes_back_is_recognised(desk: MailDesk) -> None:
    desk.open()
    [letter] = desk.deliver()
    row = desk.receive(letter.as_bytes(policy=email.policy.SMTP), sender="ana@acme.example", later=2)
    assert (row.state, row.nature) == ("ignored", "own")


def test_a_letter_that_our_server_refuses_for_good_is_told_on_the_ticket(desk: MailDesk) -> None:
    ticket = desk.open()
    [parcel] = notify.lease(channel="letter", now=desk.now, limit=10, terms=notify.LeaseTerms())
    notify.record_failed(
        parcel=parcel, error=TransportError("550 no such user", permanent=True), now=desk.now, max_attempts=60
    )
    note = Message.objects.get(ticket=ticket)
    assert (note.kind, "ana@acme.example did not arrive" in note.body) == ("note", True)
    ticket.refresh_from_db()
    assert ticket.status == "new"


def test_answers_by_subject_tag_thread_where_addresses_cannot_carry_a_token(desk: MailDesk, mail_settings: Any) -> None:
    mail_settings.MAIL_PLUS = False
    ticket = desk.open()
    [letter] = desk.deliver()
    assert "support@desk.example" in str(letter["Reply-To"])
    row = desk.receive(
        written(subject=f"Re: {letter['Subject']}", text="A new mail, not an answer by button."), later=2
    )
    assert (row.ticket_id, Message.objects.get(pk=row.message).kind) == (ticket.pk, "customer")
    eve = desk.receive(
        written(frm="eve@acme.example", subject=f"Re: {letter['Subject']}", text="Let me in."),
        sender="eve@acme.example",
        later=3,
    )
    assert eve.state == "quarantined"


def test_letters_to_the_owner_can_be_turned_off(desk: MailDesk, mail_settings: Any) -> None:
    mail_settings.MAIL_TO_OWNER = False
    ticket = desk.open()
    tickets.take(ticket_id=ticket.pk, by=desk.agent, now=desk.now)
    desk.deliver()
    tickets.add_message(ticket_id=ticket.pk, kind="customer", body="Hello?", by=desk.ana, now=desk.now)
    assert desk.deliver(2) == []


def test_nothing_is_sent_for_what_was_rolled_back(desk: MailDesk) -> None:
    from django.db import transaction  # noqa: PLC0415 - beside the one use

    ticket = desk.open()
    before = Page.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        tickets.add_message(ticket_id=ticket.pk, kind="reply", body="Oops", by=desk.agent, now=desk.now)
        raise RuntimeError
    assert (Page.objects.count(), SentMail.objects.count()) == (before, before)


def test_a_long_thread_keeps_its_first_and_its_latest_ids(desk: MailDesk) -> None:
    ticket = desk.open()
    for n in range(30):
        tickets.add_message(
            ticket_id=ticket.pk, kind="reply", body=f"{n}", by=desk.agent, now=desk.now + timedelta(seconds=n)
        )
    last = desk.deliver()[-1]
    ids = str(last["References"]).split()
    assert len(ids) == 20
    assert ids[0] == f"<{InboundMail.objects.get().message_id}>"
    assert ids[-1] == str(last["In-Reply-To"])


def test_one_customer_is_never_referred_to_another_s_mails(desk: MailDesk) -> None:
    ticket = desk.open()
    tickets.take(ticket_id=ticket.pk, by=desk.agent, now=desk.now)
    tickets.add_message(ticket_id=ticket.pk, kind="customer", body="Hello?", by=desk.ana, now=desk.now)
    letters = {str(mail["To"]).rpartition("<")[2]: mail for mail in desk.deliver()}
    desk.receive(answer(letters["kai@desk.example>"], "Yes."), sender="kai@desk.example", later=2)
    [reply] = desk.deliver(3)
    assert str(letters["kai@desk.example>"]["Message-ID"]) not in str(reply["References"])
