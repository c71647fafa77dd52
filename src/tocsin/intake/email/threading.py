"""Which ticket a mail belongs to, by proof and not by claim. Pure.

Two things prove a thread: a reply token, signed for one ticket and one person, in the address (or subject) a mail was
sent to; and the Message-ID of a letter of ours in In-Reply-To or References, if that letter went to this very sender.
A ticket's number alone proves nothing: anybody can write "[T-1042]".
"""

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

_PLUS = re.compile(r"^t(\d{1,15})-([a-z2-7]{16})$")
_TAG = re.compile(r"\[T-(\d{1,15})[.:]([a-z2-7]{16})\]", re.IGNORECASE)
_OUR_TAGS = re.compile(r"\s{0,3}\[T-\d{1,15}(?:[.:][a-z2-7]{16})?\]", re.IGNORECASE)
_ANSWERS = re.compile(
    r"^(?:(?:re|aw|sv|vs|ref|odp|ynt|antw|antwort|res|回复|回覆|答复|fwd?|wg|tr|rv|i|doorst|vb)(?:\[\d{1,2}\])?\s?[:：]\s{0,3})+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A token as it was found; whether it is true is for `is_true`."""

    number: int  # of the ticket
    signature: str


def signature(number: int, person: UUID, key: bytes) -> str:
    """Return 80 bits that only we can make for this ticket and this person; letters survive any mail program."""
    words = f"reply|{number}|{person}".encode()
    return b32encode(hmac.new(key, words, hashlib.sha256).digest()[:10]).decode().lower()


def reply_address(desk: str, number: int, person: UUID, key: bytes) -> str:
    """Return the desk's address with a token: desk+t1042-abcdefghijklmnop@example.org."""
    local, _, domain = desk.rpartition("@")
    return f"{local}+t{number}-{signature(number, person, key)}@{domain}"


def subject_tag(number: int, person: UUID, key: bytes, *, signed: bool) -> str:
    """Return the tag at the end of subjects: "[T-1042]", with the token where addresses cannot carry it."""
    return f"[T-{number}.{signature(number, person, key)}]" if signed else f"[T-{number}]"


def claims(addresses: Iterable[str], subject: str) -> list[Claim]:
    """Return every token in a mail's recipient addresses (lower case) and subject, without repeats."""
    found = []
    for address in addresses:
        token = _PLUS.match(split_plus(address)[1])
        if token:
            found.append(Claim(int(token.group(1)), token.group(2)))
    found += [Claim(int(m.group(1)), m.group(2).lower()) for m in _TAG.finditer(subject[:500])]
    return list(dict.fromkeys(found))


def is_true(claim: Claim, person: UUID, keys: Sequence[bytes]) -> bool:
    """Say whether we have made this token for this person, by any of our keys, in constant time."""
    return any(hmac.compare_digest(signature(claim.number, person, key), claim.signature) for key in keys)


def split_plus(address: str) -> tuple[str, str]:
    """Return the address without what follows the first plus, and that ("" if nothing does)."""
    local, at, domain = address.rpartition("@")
    bare, _, extra = local.partition("+")
    return f"{bare}{at}{domain}", extra


def bare_subject(subject: str) -> str:
    """Return a subject without "Re:", "AW:" and our tags: what a ticket is called."""
    return _ANSWERS.sub("", _OUR_TAGS.sub("", subject[:600]).strip()).strip()


def first_line_marks_note(text: str) -> tuple[bool, str]:
    """Say whether the first line is "#note", and return the text without it."""
    first, _, rest = text.lstrip().partition("\n")
    marked = first.strip().lower() in {"#note", "#notiz", "#intern", "#internal"}
    return (True, rest.strip()) if marked else (False, text)
