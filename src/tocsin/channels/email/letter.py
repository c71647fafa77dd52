"""Letters: the mail that a customer gets, as one of a thread (docs/mail.md). Same server, same connection manners."""

from base64 import b64decode
from collections.abc import Iterable
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from tocsin.channels.email.transport import EmailTransport
from tocsin.domain.notify.enums import LETTER
from tocsin.domain.notify.transport import Capabilities, Message, TransportError
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import NotFound

LARGEST_FILES = 10_000_000  # bytes of files that one letter carries; many servers refuse more

# A line of headers that is too long for 78 characters and has no blank would be encoded as words (RFC 2047), and no mail
# program finds a link in that; 998 is what a line may have (RFC 5322).
_WIDE = default.clone(max_line_length=900)


class LetterTransport(EmailTransport):
    """Turns a page of purpose letter into a mail. `data` comes from the intake (intake/email/outgoing.py)."""

    capabilities = Capabilities(
        channel=LETTER, bundles=False, takes_keys=False, receipts=False, workers=2, letters=True
    )

    def payload(self, message: Message) -> EmailMessage:
        """Return the mail. Raises TransportError (permanent) if an address is none."""
        told = message.data
        mail = EmailMessage(policy=_WIDE if told.get("unsubscribe") else default)
        try:
            mail["From"] = Address(one_line(told["from_name"]), addr_spec=str(told["from"]))
            mail["To"] = Address(one_line(told.get("to_name", "")), addr_spec=message.to)
            if told.get("reply_to"):
                mail["Reply-To"] = Address(one_line(told["from_name"]), addr_spec=str(told["reply_to"]))
        except (ValueError, IndexError, MessageError) as error:
            raise TransportError(f"not an e-mail address: {error}", permanent=True) from error
        mail["Subject"] = one_line(message.subject)
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{one_line(told['message_id'])}>"
        for name, ids in (("In-Reply-To", told.get("in_reply_to", [])), ("References", told.get("references", []))):
            if ids:
                mail[name] = " ".join(f"<{one_line(one)}>" for one in ids)
        mail["X-Tocsin-Installation"] = one_line(told.get("installation", ""))
        if told.get("auto_submitted"):
            # RFC 3834, Exchange's word, and the old one: no machine shall answer this.
            mail["Auto-Submitted"] = one_line(told["auto_submitted"])
            mail["X-Auto-Response-Suppress"] = "All"
            mail["Precedence"] = "bulk"
        if told.get("unsubscribe"):
            # RFC 8058: one click, by POST, without a cookie.
            mail["List-Unsubscribe"] = f"<{one_line(told['unsubscribe'])}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(message.body)
        mail.add_alternative(_page(str(told.get("html", "")), str(told.get("language", "en"))), subtype="html")
        self._enclose(mail, told.get("files", []))
        for one in told.get("enclosed", []):  # made for this letter alone, so it travels with it
            main, _, sub = str(one["kind"]).partition("/")
            mail.add_attachment(b64decode(one["content"]), maintype=main, subtype=sub, filename=one_line(one["name"]))
        return mail

    @staticmethod
    def _enclose(mail: EmailMessage, ids: Iterable[str]) -> None:
        total = 0
        for file in tickets.kept_files(UUID(one) for one in ids):
            total += file.size
            if total > LARGEST_FILES:
                continue
            try:
                with tickets.content_of(file) as stream:
                    content = stream.read()
            except NotFound as error:
                raise TransportError(error.message, retry_after=timedelta(minutes=10)) from error
            main, _, sub = (file.kind if file.is_picture else "application/octet-stream").partition("/")
            mail.add_attachment(content, maintype=main, subtype=sub, filename=file.name)


_PAGE = (
    '<!doctype html>\n<html lang="{language}"><body style="margin:0;padding:16px;font:15px/1.5 sans-serif;color:#1b1f24;'
    'background:#ffffff">\n{html}\n</body></html>\n'
)


def _page(html: str, language: str) -> str:
    return _PAGE.format(language="de" if language.startswith("de") else "en", html=html)


def one_line(text: Any) -> str:
    """Return `text` as one header line: line breaks and other control characters become blanks."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
