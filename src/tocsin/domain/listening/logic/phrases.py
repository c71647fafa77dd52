"""Finding phrases in a text, in time that grows with the text alone: words are compared, no expression backtracks.

A pattern is words in a row. `delay*` is any word that begins so, `a|b` either word, `*` any one word, `#` a
number, `...` up to three words. Case, ß and the kind of apostrophe do not matter. A phrase never reaches across the end of a sentence.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MOST_PLACES = 10
MOST_GAPS = 2
MOST_EITHER = 24
LONGEST_PATTERN = 160
SHORTEST_STEM = 3
GAP = 3  # words that `...` may stand for
LONGEST_TEXT = 50_000  # characters that are looked at

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_ENDS = re.compile(r"[.!?;…][\s\"')»“”]|[.!?;…]$|\n\s*\n|\n\s*[-*•]\s")
_CLAUSE_ENDS = re.compile(r"[,.!?;:…()\n]|\s[-–—]\s")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: as it is compared, where it stands, in which sentence, in which part of it."""

    text: str
    start: int
    end: int
    sentence: int
    clause: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """What may stand at one place of a pattern."""

    exact: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    anything: bool = False
    number: bool = False
    gap: bool = False

    def takes(self, word: str) -> bool:
        """Tell whether a word may stand here."""
        if self.number:
            return word[0].isdigit()
        return self.anything or word in self.exact or any(word.startswith(stem) for stem in self.stems)


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase found: its key, and the words it covers (`first` up to, not including, `after`)."""

    key: str
    first: int
    after: int


class BadPattern(Exception):
    """A pattern cannot be used; the message says why and what to write instead."""


def folded(word: str) -> str:
    """Return a word as it is compared."""
    return unicodedata.normalize("NFKC", word).replace("’", "'").casefold()


def words_of(text: str) -> list[Word]:
    """Return the words of a text with their places in it."""
    found: list[Word] = []
    sentence, clause, last = 0, 0, 0
    text = text[:LONGEST_TEXT]
    for match in _WORD.finditer(text):
        between = text[last : match.start()]
        if found and between != " ":
            sentence += bool(_SENTENCE_ENDS.search(between))
            clause += bool(_CLAUSE_ENDS.search(between))
        found.append(Word(folded(match.group()), match.start(), match.end(), sentence, clause))
        last = match.end()
    return found


def parse_pattern(text: str) -> tuple[Place, ...]:
    """Return the places of a pattern. Raises BadPattern."""
    if len(text) > LONGEST_PATTERN:
        raise BadPattern(f"At most {LONGEST_PATTERN} characters. Shorten the phrase.")
    places = tuple(_place(part) for part in text.split())
    if not places:
        raise BadPattern("Write at least one word.")
    if len(places) > MOST_PLACES:
        raise BadPattern(f"At most {MOST_PLACES} words. Shorten the phrase.")
    if sum(place.gap for place in places) > MOST_GAPS:
        raise BadPattern(f"At most {MOST_GAPS} gaps (...). Leave one out.")
    if places[0].anything or places[0].number or places[0].gap or places[-1].gap:
        raise BadPattern("Begin with a word, and end with one: *, # and ... stand after a word.")
    return places


def _place(part: str) -> Place:
    if part in ("...", "…"):
        return Place(gap=True)
    if part == "*":
        return Place(anything=True)
    if part == "#":
        return Place(number=True)
    exact: set[str] = set()
    stems: list[str] = []
    options = part.split("|")
    if len(options) > MOST_EITHER:
        raise BadPattern(f"At most {MOST_EITHER} words at one place. Make two rules.")
    for option in options:
        word = folded(option.removesuffix("*"))
        if not _WORD.fullmatch(word):
            raise BadPattern(
                f"{option!r} is no word. Use letters and digits; * after at least three letters, | between words."
            )
        if option.endswith("*") and len(word) < SHORTEST_STEM:
            raise BadPattern(f"{option!r} is too short: write at least {SHORTEST_STEM} letters before *.")
        if option.endswith("*"):
            stems.append(word)
        else:
            exact.add(word)
    return Place(frozenset(exact), tuple(stems))


class Book:
    """Many patterns, ready to be looked for at once: by the first word of each."""

    def __init__(self, patterns: Iterable[tuple[str, tuple[Place, ...]]]) -> None:
        self._by_word: dict[str, list[tuple[str, tuple[Place, ...]]]] = {}
        self._by_stem: dict[str, list[tuple[str, tuple[Place, ...]]]] = {}
        for key, places in patterns:
            for word in places[0].exact:
                self._by_word.setdefault(word, []).append((key, places))
            for stem in {stem[:SHORTEST_STEM] for stem in places[0].stems}:
                self._by_stem.setdefault(stem, []).append((key, places))

    def find(self, words: Sequence[Word]) -> list[Found]:
        """Return every phrase found, in the order of the text; phrases may overlap."""
        found: list[Found] = []
        for at, word in enumerate(words):
            tried = self._by_word.get(word.text, []) + self._by_stem.get(word.text[:SHORTEST_STEM], [])
            for key, places in tried:
                after = _match(words, at, places, 0, word.sentence)
                if after:
                    found.append(Found(key, at, after))
        return found


def _match(words: Sequence[Word], at: int, places: tuple[Place, ...], place: int, sentence: int) -> int:
    """Return the index after the phrase, 0 if it does not stand here. Gaps are at most two, so this is bounded."""
    while place < len(places):
        if places[place].gap:
            ends = (_match(words, at + skip, places, place + 1, sentence) for skip in range(GAP + 1))
            return next((end for end in ends if end), 0)
        if at >= len(words) or words[at].sentence != sentence or not places[place].takes(words[at].text):
            return 0
        at, place = at + 1, place + 1
    return at


def longest(found: Sequence[Found]) -> list[Found]:
    """Return what is left when of overlapping phrases the longest counts, the first of equals."""
    kept: list[Found] = []
    covered: set[int] = set()
    for one in sorted(found, key=lambda f: (f.first - f.after, f.first, f.key)):
        span = range(one.first, one.after)
        if not covered.intersection(span):
            kept.append(one)
            covered.update(span)
    return sorted(kept, key=lambda f: f.first)


def language_of(words: Sequence[Word], common: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the languages that a text is written in, the likelier first, by the commonest words of each.

    A second one counts where it has at least a third of the first one's words. Nothing known: every language.
    """
    counts = {language: sum(word.text in known for word in words) for language, known in common.items()}
    ranked = sorted(counts, key=lambda language: -counts[language])
    most = counts[ranked[0]] if ranked else 0
    if not most:
        return list(common)
    return [language for language in ranked if counts[language] * 3 >= most]
