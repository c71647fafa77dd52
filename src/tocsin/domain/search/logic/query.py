"""Reading what a person types: words, "phrases", -exclusions and filters such as status:open or sla:<1h."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

MOST_WORDS = 12  # more are passed over: nobody types them, and each costs a look-up
LONGEST = 400  # characters that are read
_PIECE = re.compile(
    r'(?P<minus>-)?(?:(?P<name>[a-z_]{2,20}):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))', re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Filter:
    """One `name:value`; `-name:value` excludes."""

    name: str
    value: str
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    typing: bool = field(default=False)  # the last word may not be finished

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.phrases or self.filters)


def read(text: str, filters: Collection[str]) -> Asked:
    """Return what `text` asks for. Only names in `filters` are filters; "error:5" is a word like any other.

    Nothing is an error: a lone quote, a dangling minus or an empty filter are read as far as they make sense.
    """
    text = text.replace("\x00", " ")[:LONGEST]
    words: list[str] = []
    phrases: list[str] = []
    without: list[str] = []
    found: list[Filter] = []
    for piece in _PIECE.finditer(text):
        name, value = (piece["name"] or "").lower(), piece["quoted"] if piece["quoted"] is not None else piece["plain"]
        if name and name in filters:
            if value.strip():
                found.append(Filter(name, value.strip(), bool(piece["minus"])))
            continue
        value = f"{piece['name']}:{value}" if name else value
        if not value.strip():
            continue
        if piece["minus"]:
            without.append(value)
        elif piece["quoted"] is not None and not name:
            phrases.append(value)
        else:
            words.append(value)
    typing = bool(words) and text.endswith(words[-1])
    return Asked(tuple(words[:MOST_WORDS]), tuple(phrases[:4]), tuple(without[:8]), tuple(found[:12]), typing)


_SPAN = re.compile(r"^(?P<sign>[<>]=?)?(?P<amount>\d{1,4})(?P<unit>[mhd])$")
_SECONDS = {"m": 60, "h": 3600, "d": 86400}


def span(value: str) -> tuple[str, int] | None:
    """Return (comparison, seconds) of "<1h", ">30m" or "2d" (which means "<2d"); None if it is no span of time."""
    match = _SPAN.match(value.lower())
    if match is None:
        return None
    return (match["sign"] or "<")[0], int(match["amount"]) * _SECONDS[match["unit"]]
