"""What a person says in answer to a page, in a few words: read strictly, so that chatter never acts. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

SNOOZE_MINUTES = 30  # where nobody says for how long
LONGEST_READ = 2_000  # characters; what is longer is a letter, not an answer


class Verb(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    DECLINE = "decline"
    TAKE = "take"  # acknowledge, and own the ticket from now on
    SNOOZE = "snooze"
    CALL_NEXT = "call_next"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: `reason` of a decline, `minutes` of a snooze."""

    verb: Verb
    reason: str = ""
    minutes: int | None = None


# Longest first within a verb does not matter: phrases are matched whole, word by word, the longest phrase wins.
_PHRASES: dict[str, Verb] = {
    phrase: verb
    for verb, phrases in {
        Verb.ACKNOWLEDGE: (
            "ack", "acked", "acknowledge", "acknowledged", "ok", "okay", "k", "yes", "y", "got it", "i have it",
            "i've got it", "on it", "i'm on it", "i am on it", "accept", "confirm", "confirmed",
            "ja", "quittiere", "quittiert", "quittieren", "bestätigt", "bestätige", "bestaetigt", "bestaetige",
            "hab ich", "ich hab's", "ich habs", "habs", "bin dran", "ich bin dran", "angenommen", "verstanden",
        ),
        Verb.TAKE: (
            "take", "take it", "taking", "taking it", "i take it", "i take", "i'll take it", "i will take it", "own",
            "mine", "übernehme", "ich übernehme", "übernommen", "uebernehme", "ich uebernehme", "uebernommen",
        ),
        Verb.DECLINE: (
            "decline", "declined", "no", "n", "cannot", "can not", "can't", "cant", "i cannot", "i can't", "i can not",
            "nein", "ablehnen", "abgelehnt", "ich lehne ab", "lehne ab", "kann nicht", "ich kann nicht", "geht nicht",
        ),
        Verb.SNOOZE: (
            "snooze", "later", "wait", "pause", "später", "spaeter", "warte", "schlummern", "schlummer",
        ),
        Verb.CALL_NEXT: (
            "next", "call next", "call the next", "page next", "page the next", "escalate", "nächster", "naechster",
            "nächste", "naechste", "nächsten", "naechsten", "der nächste", "die nächste", "weiter", "eskalieren",
        ),
    }.items()
    for phrase in phrases
}  # fmt: skip
_LONGEST_PHRASE = max(len(phrase.split()) for phrase in _PHRASES)
_EVERYTHING = frozenset({"all", "everything", "alle", "alles"})
_THANKS = frozenset({"thanks", "thank", "thx", "you", "please", "danke", "bitte", "it", "this", "that", "es", "das"})
_MINUTE_WORDS = frozenset({"m", "min", "mins", "minute", "minutes", "minuten"})
_HOUR_WORDS = frozenset({"h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden"})
_CODE = re.compile(r"#?(\d{4,6})\Z")  # what is shorter is a time
_REFERENCE = re.compile(r"t-\d{1,9}\Z")
_TIME = re.compile(r"(\d{1,3})([a-z]*)\Z")
_TRIM = " \t.,;:!?\"'()[]<>*_-\N{EN DASH}\N{EM DASH}"


def read(text: str) -> tuple[Said | None, str, bool]:
    """Return (what is said, the code or reference it names or "", whether all open pages are meant).

    Only the first paragraph counts, and of it the first line, but for the reason of a decline. A code alone
    acknowledges. Anything beyond the few known words makes the answer unknown (None): better to ask
    back than to take a letter for an order. German words are known as English ones are.
    """
    lines = _first_paragraph(text)
    words = lines[0].split() if lines else []
    code, words = _take_code(words)
    verb, used = _verb(words)
    if verb is None:
        everything = [_bare(word) for word in words] in ([one] for one in _EVERYTHING)
        alone = bool(code) and not [w for w in words if _bare(w) not in _THANKS]
        return (Said(Verb.ACKNOWLEDGE), code, False) if alone else (None, code, everything)
    rest = words[used:]
    if not code:
        code, rest = _take_code(rest)
    everything = bool(rest) and _bare(rest[0]) in _EVERYTHING
    rest = rest[1:] if everything else rest
    return _complete(verb, rest, lines[1:]), code, everything


def _first_paragraph(text: str) -> list[str]:
    lines: list[str] = []
    for line in text[:LONGEST_READ].replace("\x00", "").splitlines():
        bare = line.strip()
        if bare:
            lines.append(bare)
        elif lines:
            break
    return lines


def _bare(word: str) -> str:
    return word.strip(_TRIM).lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def _take_code(words: list[str]) -> tuple[str, list[str]]:
    """Return the code or reference that stands first, and what follows it."""
    if not words:
        return "", words
    first = _bare(words[0])
    if found := _CODE.match(first):
        return found[1], words[1:]
    if _REFERENCE.match(first):
        return first.upper(), words[1:]
    return "", words


def _verb(words: list[str]) -> tuple[Verb | None, int]:
    """Return the verb that the words begin with, by the longest phrase known, and how many words that is."""
    bare = [_bare(word) for word in words[:_LONGEST_PHRASE]]
    for count in range(len(bare), 0, -1):
        verb = _PHRASES.get(" ".join(bare[:count]))
        if verb is not None:
            return verb, count
    return None, 0


def _complete(verb: Verb, rest: list[str], more: list[str]) -> Said | None:
    if verb is Verb.DECLINE:
        return Said(verb, reason=" ".join([*rest, *more]).strip(_TRIM + "\n")[:500])
    if verb is Verb.SNOOZE:
        return _snooze(rest)
    return Said(verb) if _is_filler(rest) else None


def _is_filler(words: list[str]) -> bool:
    return all(_bare(word) in _THANKS or not _bare(word) for word in words)


def _snooze(rest: list[str]) -> Said | None:
    words = [bare for word in rest if (bare := _bare(word)) and bare not in ("for", "für", "fuer")]
    if not words or _is_filler(words):
        return Said(Verb.SNOOZE, minutes=SNOOZE_MINUTES)
    found = _TIME.match(words[0])
    if found is None:
        return None
    unit, after = found[2], words[1:]
    if not unit and after and after[0] in _MINUTE_WORDS | _HOUR_WORDS:
        unit, after = after[0], after[1:]
    if (unit and unit not in _MINUTE_WORDS | _HOUR_WORDS) or not _is_filler(after):
        return None
    minutes = int(found[1]) * (60 if unit in _HOUR_WORDS else 1)
    return Said(Verb.SNOOZE, minutes=minutes) if minutes else None
