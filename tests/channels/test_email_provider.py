"""A mail server set up as a provider: reached at the checked address, its secrets kept, its failures told apart."""

import socket
import threading
from collections.abc import Callable

import pytest

from tests.channels.conftest import Mailbox
from tocsin.channels.email.kind import KIND
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import Message, Reach, TransportError

LOOPBACK = Reach(allow=("127.0.0.0/8", "::1/128"))


def values(box: Mailbox, **more: str) -> dict[str, str]:
    return {
        "host": "127.0.0.1",
        "port": str(box.server.port),
        "tls": "none",
        "sender": "Tocsin <t@example.org>",
        **more,
    }


def test_a_mail_goes_out_by_the_server_that_was_set(mailbox: Mailbox, message: Callable[..., Message]) -> None:
    transport = KIND.build(values(mailbox), LOOPBACK)
    transport.send(transport.payload(message()), idempotency_key="1", timeout=5)
    transport.close()
    assert mailbox.recipients == [["kai@example.org"]]


def test_a_server_on_a_network_that_is_not_allowed_is_never_connected_to(
    mailbox: Mailbox, message: Callable[..., Message]
) -> None:
    transport = KIND.build(values(mailbox), Reach())
    with pytest.raises(TransportError, match="not a public address"):
        transport.send(transport.payload(message()), idempotency_key="1", timeout=5)
    assert mailbox.connections == 0


@pytest.mark.parametrize(
    ("answer", "fault", "permanent"),
    [
        ("451 later", Fault.MESSAGE, False),
        ("550 no such box", Fault.MESSAGE, True),
        ("421 closing", Fault.PROVIDER, False),
    ],
)
def test_a_refused_mail_says_nothing_of_the_server_unless_it_is_closing(
    mailbox: Mailbox, message: Callable[..., Message], answer: str, fault: Fault, permanent: bool
) -> None:
    mailbox.answer_to_data = answer
    transport = KIND.build(values(mailbox), LOOPBACK)
    with pytest.raises(TransportError) as refused:
        transport.send(transport.payload(message()), idempotency_key="1", timeout=5)
    transport.close()
    assert (refused.value.fault, refused.value.permanent) == (fault, permanent)


def test_a_line_that_breaks_after_the_mail_was_given_is_told_apart(message: Callable[..., Message]) -> None:
    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 here\r\n")
            for line in lines:
                if line.startswith(b"DATA"):
                    connection.sendall(b"354 go on\r\n")
                elif line == b".\r\n":
                    return  # taken, and not a word
                elif line[:4] in (b"ehlo", b"EHLO", b"mail", b"MAIL", b"rcpt", b"RCPT"):
                    connection.sendall(b"250 ok\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        given = {"host": "127.0.0.1", "port": str(listening.getsockname()[1]), "tls": "none", "sender": "t@example.org"}
        transport = KIND.build(given, LOOPBACK)
        with pytest.raises(TransportError) as refused:
            transport.send(transport.payload(message()), idempotency_key="1", timeout=5)
    assert refused.value.fault is Fault.UNSURE


@pytest.mark.parametrize("wrong", [{"port": "0"}, {"port": "70000"}, {"port": "mail"}, {"tls": "ssl3"}])
def test_settings_that_cannot_work_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        KIND.build({"host": "mail.example.org", "sender": "t@example.org", **wrong}, Reach())


def test_the_password_is_in_no_repr() -> None:
    transport = KIND.build({"host": "m.example.org", "sender": "t@example.org", "password": "sesame-open"}, Reach())
    assert "sesame-open" not in repr(vars(transport))
