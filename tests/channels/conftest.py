"""A message, and a real SMTP server that remembers."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tocsin.channels.email.transport import SmtpServer
from tocsin.domain.notify.transport import Message


@pytest.fixture
def message() -> Callable[..., Message]:
    def make(**fields: Any) -> Message:
        wanted: dict[str, Any] = {
            "key": "0190-key", "to": "kai@example.org", "subject": "[P1] T-7 needs an answer: Payroll",
            "body": "Nobody is paid.\nImpact: all.", "link": "https://desk.example.org/respond/abc", "purpose": "page",
            "urgency": "high", "reference": "T-7", "at": datetime(2026, 3, 4, 9, tzinfo=UTC),
        }  # fmt: skip
        return Message(**(wanted | fields))

    return make


@dataclass
class Mailbox:
    """What the SMTP server took in, and what it answers instead where it is told to."""

    server: SmtpServer = field(default_factory=lambda: SmtpServer(host=""))
    mails: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    connections: int = 0
    answer_to_data: str = "250 taken"
    answer_to_recipient: str = ""

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer_to_recipient:
            return self.answer_to_recipient
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer_to_data.startswith("250"):
            self.mails.append(envelope.content or b"")
            self.recipients.append(list(envelope.rcpt_tos))
        return self.answer_to_data


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.server = SmtpServer(host="127.0.0.1", port=port, sender="Tocsin <tocsin@example.org>")
    yield box
    controller.stop()
