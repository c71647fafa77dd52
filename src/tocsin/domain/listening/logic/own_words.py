"""What of a message its writer has written: no quoted lines, no signature, no pasted logs."""

import re

_QUOTE_HEAD = re.compile(
    r"^(?:on .{4,120} wrote:|am .{4,120} schrieb.{0,120}:|-{2,} ?(?:original message|ursprüngliche nachricht) ?-{2,}|von: .{3,120})$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^(?:-- ?|__+|sent from my .{2,40}|von meinem .{2,40} gesendet)$", re.IGNORECASE)
_LOG = re.compile(
    r"^(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d|\s{4,}at \S+|traceback|\S+exception[:\s])", re.IGNORECASE
)


def own_words(text: str) -> str:
    """Return `text` with blanks in place of what is not the writer's own, so that every place stays where it was."""
    lines = text.splitlines(keepends=True)
    kept: list[str] = []
    fenced = ended = False
    for line in lines:
        bare = line.strip()
        if bare.startswith("```"):
            fenced = not fenced
            kept.append(_blank(line))
            continue
        ended = ended or bool(_QUOTE_HEAD.match(bare[:250]) or _SIGNATURE.match(line.rstrip("\r\n")[:80]))
        gone = fenced or ended or bare.startswith((">", "|>")) or _LOG.match(line[:200]) is not None
        kept.append(_blank(line) if gone else line)
    return "".join(kept)


def _blank(line: str) -> str:
    return "".join(letter if letter in "\r\n" else " " for letter in line)


_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
SHORTEST_QUOTE = 12
LONGEST_QUOTE = 400


def sentences(text: str) -> list[str]:
    """Return the sentences of a writer's own words that are worth quoting, in order, each once."""
    found: dict[str, None] = {}
    for match in _SENTENCE.finditer(own_words(text)):
        sentence = " ".join(match.group().split()).strip("*-•> ")
        if len(sentence) >= SHORTEST_QUOTE:
            found[sentence[:LONGEST_QUOTE]] = None
    return list(found)
