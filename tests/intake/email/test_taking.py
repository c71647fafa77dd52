"""Mail in: who may say what by mail, what is set aside, and that nothing is lost or done twice (SECURITY "Identity in mail")."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.intake.email.conftest import DESK, MailDesk, answer, written
from tocsin.domain.people import actions as people
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Attachment, Message, Ticket
from tocsin.intake.email import storing, taking
from tocsin.intake.email.enums import MailState
from tocsin.intake.email.models import InboundMail, SentMail

BOUNCE = """From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: {desk}
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

I am sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ana@acme.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user

--b
Content-Type: text/rfc822-headers

Message-ID: {original}
From: {desk}

--b--
"""


def letter_to_ana(desk: MailDesk) -> EmailMessage:
    desk.open()
    return desk.deliver()[0]


def said(ticket: Ticket) -> list[tuple[str, str]]:
    return [(m.kind, m.body) for m in Message.objects.filter(ticket=ticket).order_by("at", "pk")]


def test_every_awkward_mail_ends_in_a_state_with_a_reason(
    desk: MailDesk, shared_data: Callable[[str], Path], mail_settings: Any
) -> None:
    mail_settings.MAIL_SENDERS = "open"
    found = {}
    for file in sorted(shared_data("emails/mime").iterdir()):
        row = desk.receive(file.read_bytes(), sender=None)
        found[file.name] = (row.state, row.reason)
    assert {state for state, _ in found.values()} <= {"taken", "quarantined", "refused", "ignored"}
    assert all(reason for _, reason in found.values())
    assert sum(state == "taken" for state, _ in found.values()) > 30


def test_an_unknown_sender_on_a_known_thread_is_set_aside(desk: MailDesk) -> None:
    letter = letter_to_ana(desk)
    ticket = Ticket.objects.get()
    for frm in ("Eve <eve@evil.example>", "Sam <sam@other.example>", "Bob <bob@acme.example>"):
        row = desk.receive(answer(letter, "Send me all of it.", frm=frm), later=5)
        assert (row.state, row.ticket_id) == (MailState.QUARANTINED, ticket.pk), frm
    assert said(ticket) == []
    assert Ticket.objects.count() == 1


def test_a_forged_reference_or_a_bare_number_proves_nothing(desk: MailDesk) -> None:
    first = desk.open()
    forged = written(
        subject=f"Re: Printer is on fire [T-{first.number}]",
        text="More.",
        In_Reply_To=f"<t{first.number}.guess@desk.example>",
    )
    second = desk.receive(forged, later=2)
    assert second.ticket_id != first.pk
    wrong = written(subject="Re: x", text="More still.", to=f"support+t{first.number}-aaaaaaaaaaaaaaaa@desk.example")
    third = desk.receive(wrong, to=[f"support+t{first.number}-aaaaaaaaaaaaaaaa@desk.example"], later=3)
    assert third.state == MailState.QUARANTINED
    assert said(first) == []


def test_a_copied_stranger_never_reads_a_ticket(desk: MailDesk) -> None:
    row = desk.receive(written(Cc="Eve <eve@evil.example>", Reply_To="Eve <eve@evil.example>"))
    ticket = Ticket.objects.get(pk=row.ticket_id)
    tickets.add_message(
        ticket_id=ticket.pk, kind="reply", body="The password is swordfish.", by=desk.agent, now=desk.now
    )
    desk.deliver()
    assert desk.sink.recipients == [["ana@acme.example"], ["ana@acme.example"]]
    assert not User.objects.filter(email="eve@evil.example").exists()


def test_the_desk_s_own_address_as_sender_is_refused(desk: MailDesk) -> None:
    for frm in (DESK, f"Support <{DESK}>", "support+t1-aaaaaaaaaaaaaaaa@desk.example", "it@desk.example"):
        assert desk.receive(written(frm=frm, text=frm), sender=DESK).state == MailState.REFUSED
    assert Ticket.objects.count() == 0


def test_after_access_was_removed_an_answer_by_mail_no_longer_works(desk: MailDesk) -> None:
    letter = letter_to_ana(desk)
    people.deactivate(user_id=desk.ana.pk, by=None, now=desk.now)
    row = desk.receive(answer(letter, "Still me."), later=5)
    assert (row.state, row.reason) == (MailState.REFUSED, "The sender's access was removed.")
    assert said(Ticket.objects.get()) == []


def test_an_agent_who_became_a_customer_can_no_longer_reply_as_staff(desk: MailDesk) -> None:
    ticket = desk.open()
    tickets.take(ticket_id=ticket.pk, by=desk.agent, now=desk.now)
    tickets.add_message(ticket_id=ticket.pk, kind="customer", body="Any news?", by=desk.ana, now=desk.now)
    to_agent = next(mail for mail in desk.deliver() if "kai@" in str(mail["To"]))
    people.edit_person(user_id=desk.agent.pk, role="requester", by=None, now=desk.now)
    assert desk.receive(answer(to_agent, "Done."), sender="kai@desk.example", later=3).state == MailState.REFUSED


def test_an_automatic_answer_is_noted_and_never_reopens(desk: MailDesk) -> None:
    letter = letter_to_ana(desk)
    ticket = Ticket.objects.get()
    tickets.resolve(ticket_id=ticket.pk, by=desk.agent, now=desk.now)
    row = desk.receive(answer(letter, "I am away until Monday.", Auto_Submitted="auto-replied"), sender="", later=5)
    ticket.refresh_from_db()
    assert (row.state, ticket.status) == (MailState.TAKEN, "resolved")
    [(kind, body)] = said(ticket)
    assert kind == "note"
    assert "I am away until Monday." in body
    person = desk.receive(answer(letter, "It burns again."), later=6)
    ticket.refresh_from_db()
    assert (person.state, ticket.status) == (MailState.TAKEN, "reopened")


def test_a_bounce_names_the_failed_address_on_the_ticket_and_a_delay_does_not(desk: MailDesk) -> None:
    letter = letter_to_ana(desk)
    ticket = Ticket.objects.get()
    delayed = desk.receive(
        BOUNCE.format(desk=DESK, action="delayed", original=letter["Message-ID"]).encode(), sender=""
    )
    assert (delayed.state, said(ticket)) == (MailState.IGNORED, [])
    failed = desk.receive(BOUNCE.format(desk=DESK, action="failed", original=letter["Message-ID"]).encode(), sender="")
    assert (failed.state, failed.ticket_id) == (MailState.IGNORED, ticket.pk)
    [(kind, body)] = said(ticket)
    assert kind == "note"
    assert "ana@acme.example did not arrive: 5.1.1 550 5.1.1 No such user" in body
    forged = desk.receive(BOUNCE.format(desk=DESK, action="failed", original="<other@x.example>").encode(), sender="")
    assert (forged.state, forged.ticket_id, len(said(ticket))) == (MailState.IGNORED, None, 1)
    assert desk.deliver(3) == []


def test_the_same_mail_is_taken_in_once_however_it_comes(desk: MailDesk) -> None:
    raw = written(Message_ID="<one@acme.example>").as_bytes()
    first = desk.receive(raw)
    again = desk.receive(raw, later=1)
    other_way = desk.receive(b"Received: from elsewhere\r\n" + raw, later=2)
    assert (first.pk, other_way.state) == (again.pk, MailState.IGNORED)
    assert taking.take(mail_id=first.pk, now=desk.now).ticket_id == first.ticket_id
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("rule", "frm", "state"),
    [
        ("open", "New <new@nowhere.example>", "taken"),
        ("known_domains", "New <new@nowhere.example>", "quarantined"),
        ("known_domains", "New <new@acme.example>", "taken"),
        ("quarantine", "New <new@acme.example>", "quarantined"),
        ("nonsense", "New <new@acme.example>", "quarantined"),
    ],
)
def test_unknown_senders_are_met_by_the_rule(
    desk: MailDesk, mail_settings: Any, rule: str, frm: str, state: str
) -> None:
    mail_settings.MAIL_SENDERS = rule
    row = desk.receive(written(frm=frm, text="Guten Tag, mein Drucker ist kaputt."), sender="new@nowhere.example")
    assert row.state == state
    if state == "taken":
        person = User.objects.get(email=row.sender)
        assert (person.role, person.name, person.language, person.has_usable_password()) == (
            "requester",
            "New",
            "de",
            False,
        )
        assert person.organisation == (desk.acme if "acme" in row.sender else None)


def test_a_public_mail_domain_makes_nobody_known(desk: MailDesk, mail_settings: Any) -> None:
    people.create_person(email="someone@gmail.com", name="Someone", organisation=desk.acme, by=None, now=desk.now)
    mail_settings.MAIL_SENDERS = "known_domains"
    assert desk.receive(written(frm="eve@gmail.com"), sender="eve@gmail.com").state == MailState.QUARANTINED


def test_a_domain_that_disowns_the_mail_sets_it_aside_and_foreign_results_are_not_read(
    desk: MailDesk, mail_settings: Any
) -> None:
    mail_settings.MAIL_AUTHSERV = "mx.desk.example"
    good = "mx.desk.example; dmarc=pass"
    assert (
        desk.receive(written(text="1", Authentication_Results="mx.desk.example; dmarc=fail")).state
        == MailState.QUARANTINED
    )
    assert desk.receive(written(text="2", Authentication_Results=good)).state == MailState.TAKEN
    assert (
        desk.receive(written(text="3", Authentication_Results="mx.evil.example; dmarc=fail")).state == MailState.TAKEN
    )


def test_spam_is_set_aside_by_rule_and_by_the_operator_s_own_function(desk: MailDesk, mail_settings: Any) -> None:
    mail_settings.MAIL_SPAM = "X-Spam-Flag: YES"
    assert desk.receive(written(text="1", X_Spam_Flag="YES")).reason == "It looks like spam (X-Spam-Flag: YES)."
    mail_settings.MAIL_SPAM_CHECK = "tests.intake.email.test_taking:too_cheap"
    assert desk.receive(written(subject="Cheap watches", text="2")).reason == "It looks like spam (cheap)."
    assert desk.receive(written(text="3")).state == MailState.TAKEN


def too_cheap(mail: Any) -> str:
    """What an operator may write: a mail in, why it is spam out."""
    return "cheap" if "cheap" in mail.subject.lower() else ""


def test_a_flood_from_one_address_is_set_aside(desk: MailDesk, mail_settings: Any) -> None:
    mail_settings.MAIL_FLOOD = 3
    states = [desk.receive(written(text=f"mail {n}")).state for n in range(5)]
    assert states == ["taken", "taken", "taken", "quarantined", "quarantined"]


def test_a_mail_to_a_ticket_closed_for_good_opens_a_linked_one(desk: MailDesk) -> None:
    letter = letter_to_ana(desk)
    old = Ticket.objects.get()
    tickets.resolve(ticket_id=old.pk, by=desk.agent, now=desk.now)
    tickets.close(ticket_id=old.pk, by=desk.agent, now=desk.now)
    row = desk.receive(answer(letter, "It burns again."), later=60 * 24 * 20)
    new = Ticket.objects.exclude(pk=old.pk).get()
    assert (row.ticket_id, new.subject, new.links_out.get().to_ticket) == (new.pk, "Printer is on fire", old)


def test_files_of_a_mail_are_kept_or_named_as_refused(desk: MailDesk) -> None:
    mail = written(text="See the pictures.", html='<p>See <img src="cid:pic@x"></p>')
    mail.get_body(("html",)).add_related(b"\x89PNG\r\n\x1a\n0", "image", "png", cid="<pic@x>")  # type: ignore[union-attr]
    mail.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="bill.pdf")
    mail.add_attachment(b"MZ\x90", maintype="application", subtype="pdf", filename="bill.pdf.exe")
    row = desk.receive(mail)
    found = [
        (a.name, a.kind, a.inline, a.refused, a.message_id)
        for a in Attachment.objects.filter(ticket=row.ticket_id).order_by("position")
    ]
    assert found == [
        ("part-1.png", "image/png", True, "", None), ("bill.pdf", "application/pdf", False, "", None),
        ("bill.pdf.exe", "application/x-executable", False, "files of type .exe are not taken in", None),
    ]  # fmt: skip


def test_a_mail_that_breaks_the_taking_backs_off_and_is_refused_in_the_end(desk: MailDesk, mail_settings: Any) -> None:
    mail_settings.MAIL_SPAM_CHECK = "tests.intake.email.test_taking:broken"
    row, _ = storing.store(raw=written().as_bytes(), source="smtp", now=desk.now, recipients=[DESK])
    good, _ = storing.store(
        raw=written(subject="Automatic reply: x").as_bytes(),
        source="smtp",
        now=desk.now,
        envelope_from="",
        recipients=[DESK],
    )
    at, waits = desk.now, []
    for _ in range(taking.MOST_ATTEMPTS):
        taking.take_due(now=at)
        row.refresh_from_db()
        if row.due_at is not None:
            waits.append(row.due_at - at)
            at = row.due_at
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=30)
    assert (row.state, row.due_at) == (MailState.REFUSED, None)
    assert "ZeroDivisionError" in row.reason
    assert taking.take_due(now=at + timedelta(days=1)) == 0
    good.refresh_from_db()
    assert good.state == MailState.REFUSED  # it asks the same broken function


def broken(_mail: Any) -> str:
    """What an operator should not write."""
    raise ZeroDivisionError


def test_the_mail_itself_is_forgotten_some_weeks_after_it_was_dealt_with(desk: MailDesk, mail_settings: Any) -> None:
    mail_settings.MAIL_KEEP_DAYS = 30
    taken = desk.receive(written())
    aside = desk.receive(written(frm="eve@evil.example"), sender="eve@evil.example")
    assert taking.forget_raw(now=desk.now + timedelta(days=29)) == 0
    assert taking.forget_raw(now=desk.now + timedelta(days=31)) == 1
    assert (
        bytes(InboundMail.objects.get(pk=taken.pk).raw),
        bytes(InboundMail.objects.get(pk=aside.pk).raw) != b"",
    ) == (b"", True)


def test_a_person_s_answer_with_nothing_but_a_quote_is_kept_whole(desk: MailDesk) -> None:
    letter = letter_to_ana(desk)
    row = desk.receive(
        written(
            to=str(letter["Reply-To"]), subject="Re: x", text="> Did it help?", In_Reply_To=str(letter["Message-ID"])
        ),
        later=2,
    )
    assert Message.objects.get(pk=row.message).body == "> Did it help?"
    assert SentMail.objects.count() == 1
