"""Reading what somebody typed into a field of the organisation's own."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

YES = frozenset({"yes", "true", "1", "on", "ja"})
NO = frozenset({"no", "false", "0", "off", "nein"})
LONGEST = 1000


class NotReadable(ValueError):
    """What was typed is no value of the field; the text says what would be."""


def read(kind: str, typed: str, choices: Sequence[str] = ()) -> str | bool | None:
    """Return the value as it is kept (text, a date as YYYY-MM-DD, a number as plain digits, a truth); None for nothing."""
    text = typed.strip()
    if not text:
        return None
    if "\x00" in text or len(text) > LONGEST:
        raise NotReadable(f"At most {LONGEST} characters, and no NUL.")
    if kind == "number":
        return _number(text)
    if kind == "date":
        return _date(text)
    if kind == "yes_no":
        if text.lower() not in YES | NO:
            raise NotReadable("Write yes or no.")
        return text.lower() in YES
    if kind == "choice" and text not in choices:
        raise NotReadable(f"Choose one of: {', '.join(choices)}.")
    return text


def _number(text: str) -> str:
    try:
        number = Decimal(text.replace(" ", "").replace(",", "."))
    except InvalidOperation:
        raise NotReadable("Write a number such as 12 or 12.5.") from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise NotReadable("Write a number of at most 15 digits.")
    return f"{number.normalize():f}"


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise NotReadable("Write a date such as 2026-03-02.") from None


_TAG = re.compile(r"[^a-z0-9äöüß]+")


def tag(typed: str) -> str:
    """Return a tag as it is kept: small letters and digits, hyphens between words; "" if nothing is left."""
    return _TAG.sub("-", typed.lower()).strip("-")[:40]


_MENTION = re.compile(r"(?<![\w@.])@([\w.+-]+@[\w-]+\.[\w.-]*\w|[\w][\w.-]{1,60}\w)")


def mentions(body: str) -> list[str]:
    """Return who is mentioned, in order and once each: @ana, @ana.novak, @ana@example.org."""
    return list(dict.fromkeys(match[1].lower() for match in _MENTION.finditer(body)))
