"""E-mail by SMTP, with the standard library."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from tocsin.channels.email.html import as_html, link_label
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.transport import Capabilities, Message, Sent, TransportError


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mail is handed in, and who sends it. `tls`: "" (none), "starttls" or "tls" (from the first byte)."""

    host: str
    port: int = 25
    user: str = ""
    password: str = ""
    tls: str = ""
    sender: str = "Tocsin <tocsin@localhost>"


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
        if message.urgency == "high":
            mail["Importance"] = "high"
        mail.set_content(_text(message))
        mail.add_alternative(as_html(message), subtype="html")
        return mail

    def send(self, payload: EmailMessage, *, idempotency_key: str, timeout: float) -> Sent:  # noqa: ARG002 - SMTP has no keys; the Message-ID carries it
        """Hand the mail in. Raises TransportError: permanent for 5xx answers, temporary for 4xx and a lost line."""
        connection = self._open(timeout)
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
            raise TransportError(f"{type(error).__name__}: {error}") from error
        return Sent(provider_id=str(payload["Message-ID"]), answer="250 accepted")

    def close(self) -> None:
        """Say goodbye to the server, if it still listens."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()

    def _reset(self) -> None:
        """After a refusal the server must forget the half-given mail; if it cannot, a new connection will."""
        try:
            if self._connection is not None:
                self._connection.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _open(self, timeout: float) -> smtplib.SMTP:
        if self._connection is not None and self._still_there(self._connection, timeout):
            return self._connection
        self._connection = None
        server = self._server
        if not server.host:
            # Soon put right by an operator; the person's other methods are used meanwhile.
            raise TransportError("no mail server is set; set TOCSIN_SMTP_HOST")
        try:
            self._connection = self._connect(timeout)
        except smtplib.SMTPAuthenticationError as error:
            # A wrong password is not the recipient's fault and is soon put right: keep trying.
            raise TransportError(f"the mail server refuses our sign-in: {error.smtp_code}") from error
        except smtplib.SMTPResponseException as error:
            raise TransportError(f"{error.smtp_code} {_decoded(error.smtp_error)}") from error
        except (smtplib.SMTPException, OSError) as error:
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

    def _connect(self, timeout: float) -> smtplib.SMTP:
        server = self._server
        if server.tls == "tls":
            trust = ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=trust)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=timeout)
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
    waiting = timedelta(seconds=30) if code == 421 else None
    return TransportError(f"{code} {_decoded(text)}", permanent=500 <= code < 600, retry_after=waiting)


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
    return "\n\n".join(parts) + "\n"
