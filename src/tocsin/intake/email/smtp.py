"""Our own SMTP listener: it answers "250" when the mail is committed to the database, and not before.

It relays nothing: only addresses of the desk are taken. Put a mail server of yours before it where mail comes from the
open internet (docs/mail.md): that one does TLS policy, greylisting and authentication results.
"""

import ssl
from collections.abc import Callable
from typing import Any

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from tocsin.intake.email import storing
from tocsin.intake.email.configured import terms
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import InvalidInput

MOST_RECIPIENTS = 50
IDLE_SECONDS = 120
LONGEST_LINE = 65_536  # bytes; RFC 5321 allows 1,000, and real programs write longer ones

log = structlog.get_logger(__name__)


class Listener:
    """What aiosmtpd calls for each session."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,  # noqa: ARG002 - aiosmtpd's arguments
        session: Session,  # noqa: ARG002 - aiosmtpd's arguments
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],  # noqa: ARG002 - aiosmtpd's arguments
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        if not terms().is_ours(address.strip("<>").lower()):
            return "550 5.1.1 No such address here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's name and arguments
        try:
            number = await sync_to_async(self._store)(envelope)
        except (OperationalError, InterfaceError):
            log.warning("a mail was not taken: the database does not answer")
            return "451 4.3.0 Try again later"
        return f"250 2.0.0 Taken as {number}"

    def _store(self, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        sender = envelope.mail_from
        try:
            now = database_now(connection)
            row, _ = storing.store(
                raw=content,
                source="smtp",
                now=now,
                envelope_from="" if sender is None else sender,
                recipients=envelope.rcpt_tos,
            )
            storing.source_works(name=self._name, now=now, got_mail=True)
            return str(row.pk)
        finally:
            connection.close()  # this thread may serve no further mail for hours


class _Server(SMTP):
    line_length_limit = LONGEST_LINE
    local_part_limit = 200


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


def run_listener(listen: str) -> tuple[str, Callable[[], None]]:
    """Start the listener in a thread of its own; return its name and what stops it.

    Raises InvalidInput when the address is none, OSError when it is taken.
    """
    host, port = address_of(listen)
    name = f"smtp {host}:{port}"
    more: dict[str, Any] = {}
    if settings.MAIL_TLS_CERT and settings.MAIL_TLS_KEY:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(settings.MAIL_TLS_CERT, settings.MAIL_TLS_KEY)
        more = {"tls_context": context, "require_starttls": settings.MAIL_TLS_ONLY}
    controller = _Controller(
        Listener(name), hostname=host, port=port, data_size_limit=settings.MAIL_LARGEST, decode_data=False,
        ident="Tocsin", timeout=IDLE_SECONDS, enable_SMTPUTF8=False, **more,
    )  # fmt: skip
    controller.start()
    log.info("mail is taken in", host=host, port=port, starttls=bool(more))
    return name, controller.stop


def address_of(listen: str) -> tuple[str, int]:
    """Read "host:port" ("[::1]:25" too). Raises InvalidInput."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65_536:
        problem = "Write it as host:port, such as 0.0.0.0:2525."
        raise InvalidInput(
            "bad_listen",
            f"TOCSIN_MAIL_LISTEN={listen} is no address to listen on. {problem}",
            {"TOCSIN_MAIL_LISTEN": problem},
        )
    return host.strip("[]"), int(port)
