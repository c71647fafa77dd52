"""Answering a page by replying to its mail: through the real intake, with a real mail as the transport makes it."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from tests.domain.escalation import conftest as escalation
from tests.domain.escalation.conftest import LADDER, Company
from tests.intake.email.conftest import MailDesk, Sink, answer
from tocsin.channels.email.transport import EmailTransport
from tocsin.domain.escalation.models import Run
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify import links
from tocsin.domain.notify.models import Delivery, Page
from tocsin.intake.replies import email as replies
from tocsin.kernel.errors import NotAllowed, NotFound

company = escalation.company
TERMS = notify.LeaseTerms(bundle_over=3, per_minute=0)


@pytest.fixture
def mail_in(company: Company, sink: Sink, mail_settings: Any) -> MailDesk:
    """The company of the ladders, with a desk that takes mail in."""
    mail_settings.MAIL_LISTEN = "127.0.0.1:2525"
    mail_settings.MAIL_DOMAINS = ("desk.example",)
    company.publish(LADDER)
    people = {"agent": "ana", "lead": "lead", "ana": "ana", "bob": "ben", "stranger": "rita"}
    made = {role: company[name] for role, name in people.items()}
    return MailDesk(now=company.now, acme=company.customer, team=company.desk, sink=sink, **made)


def pages(company: Company, sink: Sink, count: int = 1) -> list[EmailMessage]:
    """Escalate so many tickets of Ana's and send the mails that page her."""
    runs = [company.escalate(company.ticket(owner=company["ana"])) for _ in range(count)]
    assert all(run.status == "climbing" for run in runs)
    transport = EmailTransport(sink.server)
    for parcel in notify.lease(channel="email", now=company.now, limit=100, terms=TERMS):
        sent = transport.send(transport.payload(parcel.message(company.now)), idempotency_key=parcel.key, timeout=5)
        notify.record_sent(parcel=parcel, sent=sent, now=company.now)
    transport.close()
    return [mail for mail in sink.mails if str(mail["To"]) == "ana@example.org"]


def reply(desk: MailDesk, page: EmailMessage, text: str, *, later: float = 1, **more: Any) -> Any:
    address = str(page["Reply-To"].addresses[0].addr_spec)
    mail = answer(page, text, **more)
    return desk.receive(mail, sender=more.get("frm") or "ana@example.org", later=later, to=[address])


def back(desk: MailDesk, later: float = 1) -> list[EmailMessage]:
    """Send the letters that are due, and return those to Ana."""
    return [letter for letter in desk.deliver(later) if "ana@example.org" in str(letter["To"])]


def statuses() -> set[str]:
    return set(Run.objects.values_list("status", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("ack", "run.acknowledged"), ("Ok, danke!", "run.acknowledged"), ("take", "run.acknowledged"),
        ("ich übernehme", "run.acknowledged"), ("decline I am ill", "run.declined"), ("next", "run.next_called"),
        ("snooze 30", "run.snoozed"), ("später 20 min\n\nAna", "run.snoozed"), ("kann nicht, bin krank", "run.declined"),
    ],
)  # fmt: skip
def test_a_reply_answers_the_page(mail_in: MailDesk, company: Company, sink: Sink, words: str, kind: str) -> None:
    (page,) = pages(company, sink)
    row = reply(mail_in, page, words)
    assert row.state == "taken", row.reason
    entry = Entry.objects.filter(kind=kind).last()
    assert entry is not None
    assert (entry.data["by"], entry.data["via"]) == (str(company["ana"].pk), "email")


@pytest.mark.django_db
def test_what_it_did_goes_back_once_and_no_ticket_is_opened(mail_in: MailDesk, company: Company, sink: Sink) -> None:
    (page,) = pages(company, sink)
    row = reply(mail_in, page, "ack")
    (letter,) = back(mail_in)
    assert str(letter["To"]).endswith("<ana@example.org>")
    assert letter["Auto-Submitted"] == "auto-replied"
    assert "Acknowledged" in str(letter.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert row.ticket is None
    assert back(mail_in, later=2) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "head", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "auto_reply"}, {"X_Autoreply": "yes"}]
)
def test_an_automatic_reply_never_acts_and_is_never_answered(
    mail_in: MailDesk, company: Company, sink: Sink, head: dict[str, str]
) -> None:
    (page,) = pages(company, sink)
    row = reply(mail_in, page, "ok", **head)
    assert row.state == "ignored"
    assert statuses() == {"climbing"}
    assert back(mail_in) == []


@pytest.mark.django_db
def test_a_mail_from_the_null_sender_never_acts(mail_in: MailDesk, company: Company, sink: Sink) -> None:
    (page,) = pages(company, sink)
    address = str(page["Reply-To"].addresses[0].addr_spec)
    mail_in.receive(answer(page, "ack"), sender="", later=1, to=[address])
    assert statuses() == {"climbing"}
    assert back(mail_in) == []


@pytest.mark.django_db
def test_another_sender_with_the_right_token_answers_nothing(mail_in: MailDesk, company: Company, sink: Sink) -> None:
    (page,) = pages(company, sink)
    row = reply(mail_in, page, "ack", frm="ben@example.org")
    assert row.state == "quarantined"
    assert statuses() == {"climbing"}
    assert back(mail_in) == []


@pytest.mark.django_db
def test_the_right_sender_without_the_token_answers_nothing(mail_in: MailDesk, company: Company, sink: Sink) -> None:
    (page,) = pages(company, sink)
    address = str(page["Reply-To"].addresses[0].addr_spec)
    forged = address.replace("+", "+aaaa", 1)
    mail_in.receive(answer(page, "ack", to=forged), sender="ana@example.org", later=1, to=[forged])
    assert statuses() == {"climbing"}


@pytest.mark.django_db
def test_a_mail_whose_domain_disowns_it_answers_nothing(
    mail_in: MailDesk, company: Company, sink: Sink, settings: Any
) -> None:
    settings.MAIL_AUTHSERV = "mx.desk.example"
    (page,) = pages(company, sink)
    forged = {"Authentication_Results": "mx.desk.example; dmarc=fail"}
    assert reply(mail_in, page, "ack", **forged).state == "quarantined"
    assert statuses() == {"climbing"}
    others_word = {"Authentication_Results": "mx.elsewhere.example; dmarc=fail"}
    assert reply(mail_in, page, "ok", later=2, **others_word).state == "taken"
    assert statuses() == {"acknowledged"}


@pytest.mark.django_db
def test_the_same_mail_twice_acts_once(mail_in: MailDesk, company: Company, sink: Sink) -> None:
    (page,) = pages(company, sink)
    first = reply(mail_in, page, "ack", Message_ID="<one@mail.example>")
    again = reply(mail_in, page, "ack", later=2, Message_ID="<one@mail.example>", X_Way="another")
    assert (first.state, again.state) == ("taken", "ignored")
    assert len(back(mail_in, later=3)) == 1


@pytest.mark.django_db
def test_a_letter_is_no_order_and_is_answered_with_how(mail_in: MailDesk, company: Company, sink: Sink) -> None:
    (page,) = pages(company, sink)
    reply(mail_in, page, "Thanks for letting me know, I will have a look later.")
    assert statuses() == {"climbing"}
    (letter,) = back(mail_in)
    assert "not understood" in str(letter.get_body(("plain",)).get_content())  # type: ignore[union-attr]


@pytest.mark.django_db
def test_two_machines_never_talk_for_long(mail_in: MailDesk, company: Company, sink: Sink, settings: Any) -> None:
    (page,) = pages(company, sink)
    for minute in range(settings.MAIL_CAP + 4):
        reply(mail_in, page, f"I am away, message {minute}", later=minute, Message_ID=f"<{minute}@mail.example>")
    assert Page.objects.filter(purpose="letter", user=company["ana"]).count() == settings.MAIL_CAP


@pytest.mark.django_db
def test_one_reply_answers_a_bundle(mail_in: MailDesk, company: Company, sink: Sink) -> None:
    (page,) = pages(company, sink, count=5)
    reply(mail_in, page, "ack all")
    assert statuses() == {"acknowledged"}


@pytest.mark.django_db
def test_only_page_mails_carry_an_answer_address(
    mail_in: MailDesk, company: Company, sink: Sink, settings: Any
) -> None:
    (page,) = pages(company, sink)
    delivery = Delivery.objects.get(user=company["ana"])
    assert str(page["Reply-To"].addresses[0].addr_spec) == links.reply_address(delivery.pk)
    assert len(links.reply_address(delivery.pk).partition("@")[0]) <= links.LONGEST_LOCAL_PART
    settings.MAIL_LISTEN = ""
    assert links.reply_address(delivery.pk) == ""
    settings.ANSWER_ADDRESS = "answers@desk.example"
    address = links.reply_address(delivery.pk)
    assert address.startswith("answers+")
    assert links.read_reply_address(address.upper()) == delivery.pk, "some mail programs change the case"


@pytest.mark.django_db
def test_the_address_ages_with_its_page(mail_in: MailDesk, company: Company, sink: Sink) -> None:
    pages(company, sink)
    delivery = Delivery.objects.get(user=company["ana"])
    token, late = links.reply_address(delivery.pk), company.now + timedelta(days=8)
    with pytest.raises(NotFound):
        replies.take_answer(token=token, sender="ana@example.org", text="ack", automatic=False, now=late)
    with pytest.raises(NotAllowed):
        replies.take_answer(token=token, sender="eve@example.org", text="ack", automatic=False, now=company.now)
    assert replies.take_answer(token="x@y", sender="ana@example.org", text="ack", automatic=False, now=late) is None
