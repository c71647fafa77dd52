"""What people do with mail that was set aside."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.intake.email.conftest import MailDesk, answer, written
from tocsin.domain.tickets.models import Message, Ticket
from tocsin.intake.email import quarantine
from tocsin.intake.email.models import InboundMail
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed


def aside(desk: MailDesk, text: str = "Let me in.", frm: str = "Eve <eve@evil.example>") -> InboundMail:
    return desk.receive(written(frm=frm, text=text), sender="eve@evil.example")


def test_a_mail_is_released_to_a_ticket_in_its_sender_s_name_who_still_cannot_see_it(desk: MailDesk) -> None:
    ticket = desk.open()
    letter = desk.deliver()[0]
    row = desk.receive(answer(letter, "I am Ana's colleague.", frm="Eve <eve@evil.example>"), later=2)
    quarantine.release_to_ticket(mail_id=row.pk, number=ticket.number, by=desk.lead, now=desk.now)
    message = Message.objects.get(ticket=ticket)
    assert message.author is not None
    assert (message.kind, message.author.email, message.body) == (
        "customer",
        "eve@evil.example",
        "I am Ana's colleague.",
    )
    again = desk.receive(answer(letter, "More.", frm="Eve <eve@evil.example>"), later=3)
    assert again.state == "quarantined"


def test_a_mail_is_released_as_a_new_ticket_and_confirmed(desk: MailDesk) -> None:
    row = aside(desk)
    ticket = quarantine.release_as_new(mail_id=row.pk, by=desk.lead, now=desk.now)
    assert ticket.requester is not None
    assert ticket.requester.email == "eve@evil.example"
    [letter] = desk.deliver()
    assert letter["To"] == "Eve <eve@evil.example>"
    row.refresh_from_db()
    assert (row.state, row.dealt_with_by) == ("taken", desk.lead)
    with pytest.raises(Conflict):
        quarantine.release_as_new(mail_id=row.pk, by=desk.lead, now=desk.now)


def test_a_deleted_mail_leaves_its_reason_and_not_its_words(desk: MailDesk) -> None:
    row = aside(desk)
    with pytest.raises(InvalidInput):
        quarantine.discard(mail_id=row.pk, reason=" ", by=desk.lead, now=desk.now)
    quarantine.discard(mail_id=row.pk, reason="Advertising", by=desk.lead, now=desk.now)
    row.refresh_from_db()
    assert (bytes(row.raw), row.state, row.reason) == (b"", "refused", "Deleted by Lea Lead: Advertising")


def test_agents_do_not_deal_with_mail_that_was_set_aside(desk: MailDesk) -> None:
    row = aside(desk)
    with pytest.raises(NotAllowed):
        quarantine.release_as_new(mail_id=row.pk, by=desk.agent, now=desk.now)
    client = Client()
    client.force_login(desk.agent, backend="django.contrib.auth.backends.ModelBackend")
    for name, arguments in (("mails", []), ("mail", [row.pk]), ("mail_release", [row.pk]), ("mail_delete", [row.pk])):
        assert client.get(reverse(name, args=arguments)).status_code == 403


@pytest.fixture
def lead(desk: MailDesk) -> Client:
    client = Client()
    client.force_login(desk.lead, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_list_shows_what_waits_and_takes_many_at_once(desk: MailDesk, lead: Client) -> None:
    rows = [aside(desk, f"mail {n}") for n in range(3)]
    page = lead.get(reverse("mails")).content.decode()
    assert page.count("Nobody is known by this address.") == 3
    sent = {
        "do": "delete",
        "mail": [str(rows[0].pk), str(rows[1].pk), "nonsense"],
        "reason": "spam",
        "state": "quarantined",
    }
    assert lead.post(reverse("mails_act"), sent).status_code == 302
    assert lead.post(reverse("mails_act"), {"do": "release", "mail": [str(row.pk) for row in rows]}).status_code == 302
    assert sorted(InboundMail.objects.values_list("state", flat=True)) == ["refused", "refused", "taken"]
    assert Ticket.objects.count() == 1


def test_one_mail_is_shown_as_text_only_and_released_from_its_sheet(desk: MailDesk, lead: Client) -> None:
    row = aside(desk, "<script>alert(1)</script> hello")
    page = lead.get(reverse("mail", args=[row.pk])).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; hello" in page
    wrong = lead.post(reverse("mail_release", args=[row.pk]), {"to": "nonsense"})
    assert (wrong.status_code, "nonsense is no ticket" in wrong.content.decode()) == (422, True)
    gone = lead.post(reverse("mail_release", args=[row.pk]), {"to": "T-999999"})
    assert gone.status_code == 422
    ticket = desk.open(subject="Another")
    done = lead.post(reverse("mail_release", args=[row.pk]), {"to": f"T-{ticket.number}"})
    assert (done.status_code, done["Location"]) == (302, reverse("ticket", args=[ticket.number]))


def test_the_settings_page_says_how_mail_does(desk: MailDesk, lead: Client, mail_settings: Any) -> None:
    from tocsin.intake.email import storing  # noqa: PLC0415 - beside the one use

    storing.source_works(name="smtp 127.0.0.1:2525", now=desk.now, got_mail=True)
    storing.source_fails(name="imap ana@mail.example/INBOX", error="refused: bad password", now=desk.now)
    aside(desk)
    page = lead.get(reverse("settings")).content.decode()
    assert "imap ana@mail.example/INBOX" in page
    assert "refused: bad password" in page
    assert "1 mail waits for a person" in page
