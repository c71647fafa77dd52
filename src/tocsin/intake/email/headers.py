"""Header fields of a mail as plain text. Pure; never raises. Every value is one line: no CRLF survives."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from tocsin.intake.email.charsets import decode, one_line

LONGEST = 4_000  # characters of a header that are read
MOST_ADDRESSES = 200
MOST_REFERENCES = 100
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,240})>")
# One mailbox as we accept it: nothing exotic, since addresses end up in headers, links and look-ups.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address; the address is lower case."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def values(mail: "Message[str, str]", name: str) -> list[str]:
    """Return every value of a header, decoded, in order."""
    return [decoded(value) for value in _raw(mail, name)]


def value(mail: "Message[str, str]", name: str) -> str:
    """Return the first value of a header, decoded; "" if there is none."""
    return next(iter(values(mail, name)), "")


def decoded(raw: str) -> str:
    """Return a header's text on one line, its encoded words (RFC 2047) decoded as far as they can be."""
    unfolded = _plain(raw[: 4 * LONGEST])
    if "=?" not in unfolded:
        return one_line(unfolded, LONGEST)
    try:
        parts = decode_header(unfolded)
    except (HeaderParseError, ValueError, LookupError):
        return one_line(unfolded, LONGEST)
    words = [part if isinstance(part, str) else decode(part, charset or "") for part, charset in parts]
    return one_line("".join(words), LONGEST)


def mailboxes(mail: "Message[str, str]", name: str) -> tuple[Mailbox, ...]:
    """Return the mailboxes of an address header; what is no address is left out."""
    raw = [" ".join(_plain(text[:LONGEST]).split()) for text in _raw(mail, name)[:20]]
    try:
        pairs = getaddresses(raw, strict=False)[:MOST_ADDRESSES]
    except (ValueError, IndexError, TypeError, RecursionError):
        return ()
    found = []
    for display, address in pairs:
        cleaned = address.strip().strip("<>'\"").removesuffix(".")
        if _ADDRESS.fullmatch(cleaned) and ".." not in cleaned.rpartition("@")[2]:
            found.append(Mailbox(decoded(display)[:120], cleaned.lower()))
    return tuple(dict.fromkeys(found))


def address_of(text: str) -> str:
    """Return the address of one mailbox ("Ana <ana@example.org>"), in lower case, or "" if it is none."""
    found = _ADDRESS.fullmatch(text.strip()) or re.search(rf"<({_ADDRESS.pattern})>\s*$", text[:LONGEST])
    return found.group(found.lastindex or 0).lower() if found else ""


def message_ids(mail: "Message[str, str]", name: str) -> tuple[str, ...]:
    """Return the ids that a header names, without angle brackets, the newest (last) 100."""
    found = [found for text in _raw(mail, name)[:5] for found in _MESSAGE_ID.findall(_plain(text[-20_000:]))]
    return tuple(dict.fromkeys(one_line(one, 240) for one in found[-MOST_REFERENCES:]))


def sent_at(mail: "Message[str, str]") -> datetime | None:
    """Return what the mail says about when it was written (UTC), or None. Anybody can write anything there."""
    try:
        found = parsedate_to_datetime(value(mail, "Date")[:100])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _raw(mail: "Message[str, str]", name: str) -> list[str]:
    wanted = name.lower()
    return [str(text) for key, text in mail.raw_items() if key.lower() == wanted]


def _plain(text: str) -> str:
    """Return a header in which undeclared eight-bit bytes (kept as surrogates by the parser) are decoded."""
    try:
        return decode(text.encode("ascii", "surrogateescape"))
    except UnicodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
