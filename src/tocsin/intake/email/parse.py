"""Raw bytes of a mail into plain values: parse never raises anything but Unreadable. Pure."""

import email
import email.policy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message

from tocsin.intake.email import bodies, headers
from tocsin.intake.email.bounces import Report, report_of
from tocsin.intake.email.charsets import clean, decode, one_line
from tocsin.intake.email.headers import Mailbox

MOST_PARTS = 300
DEEPEST = 20  # multiparts within multiparts
LARGEST_HEAD = 256 * 1024  # bytes before the first blank line
LONGEST_CONTENT_HEADER = 8 * 1024
_CONTENT_HEADER = re.compile(
    rb"^content-(?:type|disposition)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE
)
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")
_BOUNDARY = re.compile(rb"boundary", re.IGNORECASE)


class Unreadable(Exception):
    """The mail cannot be taken in; the message says why in words for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """A file that came with a mail."""

    name: str
    declared: str  # the content type that the mail claims
    content: bytes = field(repr=False)
    content_id: str = ""  # without angle brackets; of an image that the HTML shows inline
    inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMail:
    """What a mail says. Nothing in it is proven."""

    subject: str
    senders: tuple[Mailbox, ...]  # From; more than one is legal and suspicious
    to: tuple[Mailbox, ...]  # To, Cc, and what delivery wrote down
    message_id: str
    replies_to: tuple[str, ...]  # In-Reply-To first, then References from the newest
    sent_at: datetime | None
    text: str  # the whole text, quotes included
    files: tuple[FilePart, ...]
    heads: Mapping[str, tuple[str, ...]]  # every header by lower-case name, decoded, one line each
    report: Report | None  # of a delivery report
    content_type: str
    problems: tuple[str, ...] = ()  # what was broken and mended

    def head(self, name: str) -> str:
        """Return the first value of a header, "" if it has none."""
        return next(iter(self.heads.get(name.lower(), ())), "")


def parse(raw: bytes) -> ParsedMail:
    """Read a mail. Raises Unreadable for what is no mail, or is built to be slow or deep."""
    _check(raw)
    try:
        mail: Message[str, str] = email.message_from_bytes(raw, policy=email.policy.compat32)
        return _read(mail)
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable("Its parts are nested too deeply.") from None
    except Exception as error:
        # The parser of the standard library knows many ways to fail on broken mails; none may stop the others.
        raise Unreadable(f"It cannot be read ({type(error).__name__}).") from error


def _check(raw: bytes) -> None:
    """Refuse what would make the parser slow before it is given to it."""
    if not raw.strip():
        raise Unreadable("It is empty.")
    ends = _HEAD_ENDS.search(raw)
    if (ends.start() if ends else len(raw)) > LARGEST_HEAD:
        raise Unreadable("Its header is larger than any mail needs.")
    if sum(1 for _ in _BOUNDARY.finditer(raw)) > MOST_PARTS:
        raise Unreadable("It has too many nested parts.")
    for count, found in enumerate(_CONTENT_HEADER.finditer(raw)):
        if found.end() - found.start() > LONGEST_CONTENT_HEADER:
            raise Unreadable("A header that describes a part is too long.")
        if count > 2 * MOST_PARTS:
            raise Unreadable("It has too many parts.")


def _read(mail: "Message[str, str]") -> ParsedMail:
    heads = _heads(mail)
    if not heads:
        raise Unreadable("It has no header: this is no mail.")
    problems = [type(defect).__name__ for defect in mail.defects][:5]
    plain: list[str] = []
    rich: list[str] = []
    files: list[FilePart] = []
    for part in _leaves(mail):
        _sort(part, plain, rich, files)
    text = bodies.choose("\n\n".join(plain), bodies.html_to_text("\n".join(rich)) if rich else "")
    in_reply_to = headers.message_ids(mail, "In-Reply-To")
    references = headers.message_ids(mail, "References")[::-1]
    return ParsedMail(
        subject=headers.value(mail, "Subject")[:300],
        senders=headers.mailboxes(mail, "From"),
        to=tuple(
            m
            for name in ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
            for m in headers.mailboxes(mail, name)
        ),
        message_id=next(iter(headers.message_ids(mail, "Message-ID")), ""),
        replies_to=tuple(dict.fromkeys([*in_reply_to, *references])),
        sent_at=headers.sent_at(mail),
        text=clean(text)[: bodies.LONGEST_TEXT],
        files=tuple(files),
        heads=heads,
        report=report_of(mail),
        content_type=mail.get_content_type(),
        problems=tuple(problems),
    )


def _heads(mail: "Message[str, str]") -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, raw in list(mail.raw_items())[:1_000]:
        found.setdefault(name.lower()[:80], []).append(headers.decoded(str(raw)))
    return {name: tuple(texts) for name, texts in found.items()}


def _leaves(mail: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """Yield the parts that hold something, in order. Raises Unreadable beyond the bounds.

    A mail within the mail is one part, a file; delivery reports are read by themselves (bounces).
    """
    count = 0
    waiting: list[tuple[Message[str, str], int]] = [(mail, 0)]
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if depth > DEEPEST:
            raise Unreadable("Its parts are nested too deeply.")
        if count > MOST_PARTS:
            raise Unreadable("It has too many parts.")
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [(inner, depth + 1) for inner in reversed(payload) if isinstance(inner, Message)]
        else:
            yield part


def _sort(part: "Message[str, str]", plain: list[str], rich: list[str], files: list[FilePart]) -> None:
    """Put a part where it belongs: to the text, to the HTML, or to the files."""
    kind = part.get_content_type()
    name = _name(part)
    disposition = headers.value(part, "Content-Disposition").partition(";")[0].strip().lower()
    is_text = kind in {"text/plain", "text/html"} or part.get_content_maintype() not in _MAIN_TYPES
    if is_text and disposition != "attachment" and not (name and disposition != "inline"):
        content = _content(part)
        if not (b"\x00" in content[:1000] and kind != "text/plain"):
            words = decode(content, _charset(part))
            (rich if kind == "text/html" else plain).append(words)
            return
    if kind in {"message/delivery-status", "text/rfc822-headers"} or kind == "multipart/report":
        return
    content = _content(part)
    if part.get_content_maintype() == "multipart":
        # It says that it has parts, and has none: what stands there is its text.
        plain.append(decode(content))
        return
    if not content and not name:
        return
    content_id = headers.value(part, "Content-ID").strip("<> ")[:240]
    shown = disposition != "attachment" and bool(content_id or disposition == "inline")
    files.append(
        FilePart(
            name=name or _default_name(kind, len(files)),
            declared=kind[:120],
            content=content,
            content_id=content_id,
            inline=shown,
        )
    )


_MAIN_TYPES = {"text", "image", "audio", "video", "application", "message", "multipart", "font", "model"}


def _content(part: "Message[str, str]") -> bytes:
    """Return a part's bytes; of a mail within the mail, the mail as it stands."""
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload else None
        try:
            return inner.as_bytes() if isinstance(inner, Message) else b""
        except (UnicodeError, LookupError, ValueError, TypeError, KeyError, IndexError):
            return b""
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AssertionError, IndexError):
        found = str(payload).encode("utf-8", "surrogateescape")
    return found if isinstance(found, bytes) else b""


def _charset(part: "Message[str, str]") -> str:
    try:
        found = part.get_param("charset", "")
    except (ValueError, LookupError, TypeError):
        return ""
    return str(found[2] if isinstance(found, tuple) else found or "")


def _name(part: "Message[str, str]") -> str:
    """Return the name of a part's file as a bare name: no folders, no control characters, no turned letters."""
    for header, param in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            found = part.get_param(param, None, header=header)
        except (ValueError, LookupError, TypeError, IndexError):
            continue
        if isinstance(found, tuple):
            # Not decoded: another decoder than ours would obey whatever charset it names.
            found = decode(str(found[2]).encode("latin-1", "replace"), str(found[0] or ""))
        if found:
            return bare_name(headers.decoded(str(found)))
    location = headers.value(part, "Content-Location")
    return bare_name(location) if location and part.get_content_maintype() not in {"text", "multipart"} else ""


def bare_name(name: str) -> str:
    """Return the last part of a path as a file name of at most 150 characters; "" if nothing is left."""
    last = re.split(r"[/\\]", one_line(name, 500))[-1]
    return re.sub(r'[<>:"|?*]', "_", last).strip(". ")[-150:]


def _default_name(kind: str, position: int) -> str:
    ending = {"message/rfc822": "eml", "text/plain": "txt", "text/html": "html", "text/calendar": "ics"}.get(kind)
    return f"part-{position + 1}.{ending or kind.partition('/')[2].partition('+')[0][:10] or 'bin'}"
