"""The demo's own mail server: real SMTP on loopback into real rows."""

import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tocsin.domain.notify.models import CaughtMail
from tocsin.intake.mailsink import Sink, run_sink


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    stop = run_sink(port=port)
    yield port
    stop()


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_kept_with_its_texts(port: int) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "tocsin@localhost", "kai@example.org", "T-7 needs an answer: kůň"
    mail.set_content("text")
    mail.add_alternative("<p>html</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.send_message(mail)
        client.sendmail("tocsin@localhost", ["ana@example.org"], b"Subject: =?bogus?x?\r\n\r\n\xff\x00body")
    first, second = CaughtMail.objects.order_by("pk")
    assert (first.to, first.subject) == ("kai@example.org", "T-7 needs an answer: kůň")
    assert (first.text.strip(), first.html.strip()) == ("text", "<p>html</p>")
    assert first.headers["From"] == "tocsin@localhost"
    assert second.to == "ana@example.org"


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback"):
        run_sink("0.0.0.0")


def test_it_offers_nothing_but_taking_mail_in() -> None:
    assert [name for name in vars(Sink) if name.startswith("handle_")] == ["handle_DATA"]
