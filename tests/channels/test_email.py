import socket
from email import message_from_bytes, policy

import pytest

from tocsin.channels.email.transport import EmailTransport, SmtpServer
from tocsin.domain.notify.transport import BundleItem, Message, TransportError


def send(mailbox, message: Message) -> None:
    transport = EmailTransport(mailbox.server)
    transport.send(transport.payload(message), idempotency_key=message.key, timeout=5)
    transport.close()


def received(mailbox):
    return message_from_bytes(mailbox.mails[-1], policy=policy.default)


def test_a_mail_arrives_with_text_html_and_link(mailbox, message) -> None:
    send(mailbox, message())
    mail = received(mailbox)
    assert mailbox.recipients == [["kai@example.org"]]
    assert mail["subject"] == "[P1] T-7 needs an answer: Payroll"
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert "Impact: all." in text
    assert "https://desk.example.org/respond/abc" in text
    assert '<a href="https://desk.example.org/respond/abc"' in html


def test_no_machine_shall_answer_it(mailbox, message) -> None:
    send(mailbox, message())
    mail = received(mailbox)
    assert (mail["auto-submitted"], mail["x-auto-response-suppress"]) == ("auto-generated", "All")


def test_a_repeated_mail_has_the_same_message_id(mailbox, message) -> None:
    for _ in range(2):
        send(mailbox, message())
    ids = {message_from_bytes(mail)["message-id"] for mail in mailbox.mails}
    assert ids == {"<0190-key@example.org>"}


def test_mails_about_one_ticket_make_one_thread(mailbox, message) -> None:
    send(mailbox, message())
    assert received(mailbox)["references"] == "<T-7.ticket@example.org>"


@pytest.mark.parametrize(
    "subject", ["x\r\nBcc: all@example.org", "x\nBcc: all@example.org", "x\x0bBcc: a", "x\x00y", "x\u2028Bcc: a"]
)
def test_a_subject_cannot_make_another_header(mailbox, message, subject: str) -> None:
    send(mailbox, message(subject=subject, reference=subject))
    mail = received(mailbox)
    assert mail["bcc"] is None
    assert len(mail.get_all("subject")) == 1


def test_words_of_the_ticket_are_escaped_in_html(mailbox, message) -> None:
    send(mailbox, message(subject="<img src=x onerror=a>", body="<script>alert(1)</script>"))
    html = received(mailbox).get_body(("html",)).get_content()
    assert "<script" not in html
    assert "<img" not in html


def test_other_alphabets_arrive(mailbox, message) -> None:
    send(mailbox, message(subject="Žluťoučký kůň 🐎", body="Příliš"))
    mail = received(mailbox)
    assert mail["subject"] == "Žluťoučký kůň 🐎"
    assert "Příliš" in mail.get_body(("plain",)).get_content()


def test_a_bundle_lists_its_pages_with_their_links(mailbox, message) -> None:
    items = tuple(BundleItem(f"T-{n}", f"Page {n}", f"https://desk.example.org/respond/{n}") for n in range(3))
    send(mailbox, message(subject="5 escalations, ack all", items=items, data={"count": 5}))
    html = received(mailbox).get_body(("html",)).get_content()
    assert html.count("<li>") == 4
    assert "https://desk.example.org/respond/2" in html
    assert "and 2 more" in html


def test_one_connection_carries_a_batch(mailbox, message) -> None:
    transport = EmailTransport(mailbox.server)
    for n in range(5):
        one = message(key=str(n))
        transport.send(transport.payload(one), idempotency_key=one.key, timeout=5)
    transport.close()
    assert (len(mailbox.mails), mailbox.connections) == (5, 1)


def test_a_kept_connection_that_the_server_gave_up_is_made_anew(mailbox, message) -> None:
    transport = EmailTransport(mailbox.server)
    payload = transport.payload(message())
    transport.send(payload, idempotency_key="1", timeout=5)
    transport._connection.sock.shutdown(socket.SHUT_RDWR)
    transport.send(payload, idempotency_key="1", timeout=5)
    transport.close()
    assert (len(mailbox.mails), mailbox.connections) == (2, 2)


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("550 5.1.1 no such user", True), ("552 too large", True), ("451 4.3.0 try later", False), ("421 closing", False)],
)
@pytest.mark.parametrize("to", ["recipient", "data"])
def test_the_servers_code_tells_whether_a_retry_is_futile(
    mailbox, message, to: str, answer: str, permanent: bool
) -> None:
    setattr(mailbox, f"answer_to_{to}", answer)
    with pytest.raises(TransportError) as refused:
        send(mailbox, message())
    assert refused.value.permanent is permanent
    assert answer[4:] in refused.value.answer


def test_after_a_refusal_the_next_mail_goes_out(mailbox, message) -> None:
    transport = EmailTransport(mailbox.server)
    payload = transport.payload(message())
    mailbox.answer_to_recipient = "550 no"
    with pytest.raises(TransportError):
        transport.send(payload, idempotency_key="1", timeout=5)
    mailbox.answer_to_recipient = ""
    transport.send(payload, idempotency_key="1", timeout=5)
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("server", [SmtpServer(host="127.0.0.1", port=9), SmtpServer(host="")])
def test_a_missing_server_is_temporary(message, server: SmtpServer) -> None:
    transport = EmailTransport(server)
    with pytest.raises(TransportError) as refused:
        transport.send(transport.payload(message()), idempotency_key="1", timeout=2)
    assert refused.value.permanent is False


@pytest.mark.parametrize("to", ["kai", "", "kai@@example.org", "kai@example.org\r\nBcc: a@b"])
def test_what_is_no_address_is_refused_for_good(message, to: str) -> None:
    with pytest.raises(TransportError) as refused:
        EmailTransport(SmtpServer(host="127.0.0.1")).payload(message(to=to))
    assert refused.value.permanent is True


def test_a_server_without_starttls_gets_no_mail_when_it_is_demanded(mailbox, message) -> None:
    mailbox.server = SmtpServer(host=mailbox.server.host, port=mailbox.server.port, tls="starttls")
    with pytest.raises(TransportError) as refused:
        send(mailbox, message())
    assert refused.value.permanent is False
    assert mailbox.mails == []
