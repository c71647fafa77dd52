"""E-mail by SMTP, with the standard library."""

import smtplib
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from tocsin.channels.email.deadline import Deadline
from tocsin.channels.email.html import as_html, link_label
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.guarded import Refused, Unreachable, checked_address
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.transport import Capabilities, Message, Sent, TransportError

GOODBYE = 2.0  # seconds that a server has for its last word


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mail is handed in, and who sends it. `tls`: "" (none), "starttls" or "tls" (from the first byte).

    `allow`: networks besides the public ones in which it may stand; None: anywhere, for a host that an operator has set.
    """

    host: str
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = ""
    sender: str = "Tocsin <tocsin@localhost>"
    allow: Sequence[str] | None = None


class _Pinned:
    """Connects to an address that was checked, while TLS still asks for the host by its name."""

    pinned = ""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found: socket.socket = super()._get_socket(self.pinned or host, port, timeout)  # type: ignore[misc]  # smtplib's
        return found


class _Plain(_Pinned, smtplib.SMTP):
    pass


class _Encrypted(_Pinned, smtplib.SMTP_SSL):
    pass


class EmailTransport:
    """Hands mails to one SMTP server and keeps the connection until `close`. For one thread at a time."""

    capabilities = Capabilities(channel=Channel.EMAIL, bundles=True, takes_keys=False, receipts=False)

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

    def payload(self, message: Message) -> EmailMessage:
        """Return the mail: text and HTML. The Message-ID is the delivery's, so that a repeated mail can be recognised.

        Raises TransportError (permanent) if the address is none.
        """
        name, address = parseaddr(self._server.sender)
        mail = EmailMessage()
        try:
            mail["From"] = Address(_one_line(name), addr_spec=address)
            mail["To"] = Address(addr_spec=message.to)
            if message.reply_to:
                mail["Reply-To"] = Address("Answer", addr_spec=message.reply_to)
        except (ValueError, IndexError, MessageError) as error:
            raise TransportError(f"not an e-mail address: {error}", permanent=True) from error
        domain = address.rpartition("@")[2] or "localhost"
        mail["Subject"] = _one_line(message.subject)
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.key}@{domain}>"
        if message.reference:
            mail["References"] = f"<{_one_line(message.reference)}.ticket@{domain}>"
        # RFC 3834 and Exchange's own word: no machine shall answer this.
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        if unsubscribe := _one_line(str(message.data.get("unsubscribe", ""))):
            # RFC 8058: one click, by POST; opening the address shows a page and changes nothing.
            mail["List-Unsubscribe"] = f"<{unsubscribe}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        if message.urgency == "high":
            mail["Importance"] = "high"
        mail.set_content(_text(message))
        mail.add_alternative(as_html(message), subtype="html")
        return mail

    def send(self, payload: EmailMessage, *, idempotency_key: str, timeout: float) -> Sent:  # noqa: ARG002 - SMTP has no keys; the Message-ID carries it
        """Hand the mail in. Raises TransportError: permanent for 5xx answers, temporary for 4xx and a lost line."""
        with Deadline(timeout) as deadline:
            return self._hand_in(payload, timeout, deadline)

    def _hand_in(self, payload: EmailMessage, timeout: float, deadline: Deadline) -> Sent:
        connection = self._open(timeout, deadline)
        try:
            connection.send_message(payload)
        except smtplib.SMTPRecipientsRefused as error:
            self._reset()
            code, text = next(iter(error.recipients.values()))
            raise _refusal(code, text) from error
        except smtplib.SMTPResponseException as error:
            self._reset()
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            # The line broke somewhere in the middle: the server may have taken the mail.
            raise TransportError(f"{type(error).__name__}: {error}", fault=Fault.UNSURE) from error
        return Sent(provider_id=str(payload["Message-ID"]), answer="250 accepted")

    def close(self) -> None:
        """Say goodbye to the server, if it still listens."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with Deadline(GOODBYE) as deadline, suppress(smtplib.SMTPException, OSError):
                deadline.watch(connection)
                connection.quit()

    def _reset(self) -> None:
        """After a refusal the server must forget the half-given mail; if it cannot, a new connection will."""
        try:
            if self._connection is not None:
                self._connection.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _open(self, timeout: float, deadline: Deadline) -> smtplib.SMTP:
        if self._connection is not None:
            deadline.watch(self._connection)
            if self._still_there(self._connection, timeout):
                return self._connection
        self._connection = None
        server = self._server
        if not server.host:
            # Soon put right by an operator; the person's other methods are used meanwhile.
            raise TransportError("no mail server is set; set TOCSIN_SMTP_HOST")
        try:
            self._connection = self._connect(timeout, deadline)
        except smtplib.SMTPAuthenticationError as error:
            # A wrong password is not the recipient's fault and is soon put right: keep trying.
            message = f"the mail server refuses our sign-in: {error.smtp_code}"
            raise TransportError(message, fault=Fault.CREDENTIALS) from error
        except smtplib.SMTPResponseException as error:
            raise TransportError(f"{error.smtp_code} {_decoded(error.smtp_error)}") from error
        except Refused as error:
            raise TransportError(str(error), fault=Fault.PROVIDER) from error
        except (Unreachable, smtplib.SMTPException, OSError) as error:
            raise TransportError(f"{type(error).__name__}: {error}") from error
        return self._connection

    def _still_there(self, connection: smtplib.SMTP, timeout: float) -> bool:
        """Ask before a kept connection is used again: servers hang up on the idle, and that is nobody's failure."""
        try:
            if connection.sock is None:
                return False
            connection.sock.settimeout(timeout)
            return connection.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            connection.close()
            return False

    def _connect(self, timeout: float, deadline: Deadline) -> smtplib.SMTP:
        server = self._server
        trust = ssl.create_default_context() if server.tls == "tls" else None
        connection = _Encrypted(timeout=timeout, context=trust) if trust else _Plain(timeout=timeout)
        deadline.watch(connection)
        if server.allow is not None:
            connection.pinned = checked_address(server.host, server.port, server.allow)
        # What the constructor does with a host, had it known where to connect to: TLS asks for this name.
        connection._host = server.host  # type: ignore[union-attr]  # smtplib's
        code, greeting = connection.connect(server.host, server.port)
        if code != 220:
            connection.close()
            raise smtplib.SMTPConnectError(code, greeting)
        try:
            if server.tls == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if server.user:
                connection.login(server.user, server.password)
        except Exception:
            connection.close()
            raise
        return connection


def _refusal(code: int, text: bytes | str) -> TransportError:
    # 421: the server is closing down. 4xx in general: try later. 5xx: never.
    # Other refusals are about this mail or its address (greylisting, a full mailbox), not about the server.
    closing = code == 421
    return TransportError(
        f"{code} {_decoded(text)}",
        permanent=500 <= code < 600,
        retry_after=timedelta(seconds=30) if closing else None,
        fault=Fault.PROVIDER if closing else Fault.MESSAGE,
    )


def _decoded(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _one_line(text: str) -> str:
    """Return `text` as one header line: line breaks and other control characters become blanks."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _text(message: Message) -> str:
    parts = [message.body]
    if message.link and message.items:
        parts.append(f"Acknowledge them all (after signing in): {message.link}")
    elif message.link:
        parts.append(f"{link_label(message)} (nothing happens until you press a button there):\n{message.link}")
    if message.reply_to:
        what = "all of them" if message.items else "it"
        parts.append(f"Or reply to this mail with one word for {what}: ack, take, next, snooze 30, or decline and why.")
    return "\n\n".join(parts) + "\n"
