"""The demo's own mail server: takes every mail in on loopback and keeps it for the mail viewer. Delivers nothing."""

import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection

from tocsin.domain.notify.actions import catch_mail
from tocsin.kernel.clock import database_now

LARGEST = 1024 * 1024  # bytes of one mail
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

log = structlog.get_logger(__name__)


class Sink:
    """What aiosmtpd calls for each mail. Accepted means stored."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's name and arguments
        try:
            await sync_to_async(_store)(envelope)
        except OperationalError:
            log.warning("mail not stored: the database does not answer")
            return "451 4.3.0 Try again later"
        return "250 2.0.0 Kept for the mail viewer"


def run_sink(host: str = "127.0.0.1", port: int = 2525) -> Callable[[], None]:
    """Start the listener in a thread of its own and return what stops it.

    Raises ValueError for a host that is not loopback: it takes mail from anybody who reaches it. Raises
    OSError when the port is taken.
    """
    if host not in LOOPBACK:
        raise ValueError("the demo's mail server listens on loopback only")
    controller = Controller(Sink(), hostname=host, port=port, data_size_limit=LARGEST, decode_data=False)
    controller.start()
    log.info("mail sink listens", host=host, port=port)
    return controller.stop


def _store(envelope: Envelope) -> None:
    content = envelope.original_content or b""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    try:
        now = database_now(connection)
        for recipient in envelope.rcpt_tos:
            catch_mail(
                to=recipient, subject=_header(mail, "Subject"), text=_part(mail, "plain"), html=_part(mail, "html"),
                raw=content.decode("utf-8", "replace"), headers=_headers(mail), now=now,
            )  # fmt: skip
    finally:
        connection.close()  # this thread may serve no further mail for hours


def _headers(mail: EmailMessage) -> dict[str, str]:
    return {name: _header(mail, name) for name in mail}


def _header(mail: EmailMessage, name: str) -> str:
    try:
        value: Any = mail[name]
    except (ValueError, IndexError, TypeError):  # a header so broken that its parser gives up
        return ""
    return str(value or "")


def _part(mail: EmailMessage, kind: str) -> str:
    """Return the text of the mail's first part of that kind, "" if there is none or it cannot be decoded."""
    try:
        part = mail.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""
    except (LookupError, ValueError, KeyError):
        return ""
