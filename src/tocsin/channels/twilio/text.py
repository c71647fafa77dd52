"""What a text message says, within two segments (each is paid for). Pure.

A message in the GSM alphabet (3GPP TS 23.038) takes 160 characters, or 153 in each of several; anything outside it
turns the whole message into UCS-2 with 70, or 67 in each. So typographic signs are written plainly first.
"""

import unicodedata

from tocsin.domain.notify.transport import Message

MOST = 2  # segments
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("^{}\\[~]|€")  # an escape before each
_PLAINLY = {
    "\N{LEFT DOUBLE QUOTATION MARK}": '"', "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{DOUBLE LOW-9 QUOTATION MARK}": '"', "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{SINGLE LOW-9 QUOTATION MARK}": "'", "\N{EN DASH}": "-",
    "\N{EM DASH}": "-", "\N{MINUS SIGN}": "-", "\N{NON-BREAKING HYPHEN}": "-", "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{BULLET}": "*", "\N{RIGHTWARDS ARROW}": "->", "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ",
    "\t": " ", "`": "'", "\N{LATIN SMALL LETTER L WITH STROKE}": "l", "\N{LATIN CAPITAL LETTER L WITH STROKE}": "L",
}  # fmt: skip


def sms_text(message: Message) -> str:
    """Return what is texted: what it is about, how to answer by text, and the link; the subject is cut to fit."""
    subject = plainly(_one_line(message.subject))
    after = _after(message)
    if not after:
        body = plainly(_one_line(message.body))
        return fitting(f"{subject}\n{body}" if body and body != subject else subject, "")
    whole = fitting(subject, "".join(f"\n{line}" for line in after))
    if subject and len(whole.partition("\n")[0]) < min(len(subject), 20) and message.code:
        # A script of many code units and a long base address: the code alone answers as well as the link.
        return fitting(subject, f"\n{after[0]}")
    return whole


def _after(message: Message) -> list[str]:
    link = message.short_link or message.link
    if message.items:
        return ['Reply "ack all".', *([link] if link else [])]
    answer = [f"Reply ack {message.code}"] if message.code else []
    return [*answer, *([link] if link else [])]


def fitting(head: str, tail: str) -> str:
    """Return `head` and `tail` in at most two segments, `head` cut with dots where it must be."""
    if segments(head + tail) <= MOST:
        return head + tail
    kept = head
    while kept and segments(f"{kept.rstrip()}...{tail}") > MOST:
        kept = kept[:-1]
    return f"{kept.rstrip()}...{tail}" if kept.strip() else tail.lstrip("\n")


def segments(text: str) -> int:
    """Return how many messages a text is sent as (and paid for)."""
    if all(c in _BASIC or c in _TWICE for c in text):
        length, one, several = len(text) + sum(c in _TWICE for c in text), 160, 153
    else:
        length, one, several = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= one else -(-length // several)


def plainly(text: str) -> str:
    """Return `text` in the GSM alphabet as far as its script allows: quotes straight, accents that it lacks dropped."""
    return "".join(_plain(c) for c in text)


def _plain(character: str) -> str:
    if character in _BASIC or character in _TWICE:
        return character
    if character in _PLAINLY:
        return _PLAINLY[character]
    bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    return bare if bare and all(c in _BASIC for c in bare) else character


def _one_line(text: str) -> str:
    return " ".join(text.split())
