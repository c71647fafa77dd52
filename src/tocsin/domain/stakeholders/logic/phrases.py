"""The words of one language by which promises are recognised, made ready for matching. Pure.

They come from data files that a team extends, so they are plain words and never patterns: matching them takes time in
proportion to the text, whatever anybody writes into a file.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r"\d+|[^\W\d_]\.[^\W\d_]\.|[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """One word or number of a text: its lower-case form, and where it stands."""

    word: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """Return the words and numbers of `text` in order."""
    return [
        Token(match[0].lower().replace("’", "'"), match.start(), match.end()) for match in _TOKEN.finditer(text)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lexicon[V]:
    """Phrases by their first word, the longest first."""

    by_first: Mapping[str, tuple[tuple[tuple[str, ...], V], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, phrases: Mapping[str, V]) -> "Lexicon[V]":
        found: dict[str, list[tuple[tuple[str, ...], V]]] = {}
        for phrase, value in phrases.items():
            words = tuple(token.word for token in tokens_of(str(phrase)))
            if words:
                found.setdefault(words[0], []).append((words, value))
        longest = {
            first: tuple(sorted(several, key=lambda one: -len(one[0]))) for first, several in found.items()
        }  # fmt: skip
        return cls(longest)

    def at(self, tokens: Sequence[Token], index: int) -> tuple[V, int] | None:
        """Return (value, how many words) of the longest phrase that begins at `index`, or None."""
        if index >= len(tokens):
            return None
        for words, value in self.by_first.get(tokens[index].word, ()):
            if all(
                index + n < len(tokens) and tokens[index + n].word == word for n, word in enumerate(words)
            ):  # fmt: skip
                return value, len(words)
        return None

    def find(self, tokens: Sequence[Token]) -> tuple[V, int, int] | None:
        """Return (value, index, how many words) of the first phrase anywhere in `tokens`, or None."""
        for index in range(len(tokens)):
            found = self.at(tokens, index)
            if found is not None:
                return found[0], index, found[1]
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """One language."""

    language: str
    commits: Lexicon[bool]
    denies: Lexicon[bool]
    acts: Sequence[tuple[str, Lexicon[bool]]]
    by: Lexicon[bool]
    within: Lexicon[bool]
    clock: Lexicon[str]
    hours: Lexicon[bool]
    morning: Lexicon[bool]
    afternoon: Lexicon[bool]
    days: Lexicon[int]
    weekdays: Lexicon[int]
    months: Lexicon[int]
    parts: Lexicon[str]
    ends: Lexicon[str]
    numbers: Lexicon[float]
    units: Lexicon[str]


class BadPhrases(ValueError):
    """A file of phrases that cannot be used; the message names the part and the remedy."""


_LISTS = ("commits", "not", "by", "within", "hours", "morning", "afternoon")
_TABLES = ("clock", "days", "weekdays", "months", "parts", "ends", "numbers", "units")


def read(documents: Iterable[Mapping[str, Any]]) -> Phrases:
    """Return what several documents of one language say together; later ones add to earlier ones. Raises BadPhrases."""
    merged: dict[str, Any] = {name: [] for name in _LISTS} | {name: {} for name in _TABLES} | {"acts": []}
    language = ""
    for document in documents:
        language = str(document.get("language", language))
        for name in _LISTS:
            merged[name] += _a_list(document, name)
        for name in _TABLES:
            merged[name] |= _a_table(document, name)
        merged["acts"] = [*_acts(document), *merged["acts"]]  # a team's own come first
    ends = {word: end for end, words in merged["ends"].items() for word in words}
    units = {word: unit for unit, words in merged["units"].items() for word in words}
    lists = {name: Lexicon.of(dict.fromkeys(merged[name], True)) for name in _LISTS}
    return Phrases(
        language=language, commits=lists["commits"], denies=lists["not"], acts=merged["acts"], by=lists["by"],
        within=lists["within"], clock=Lexicon.of(merged["clock"]), hours=lists["hours"], morning=lists["morning"],
        afternoon=lists["afternoon"], days=Lexicon.of(merged["days"]), weekdays=Lexicon.of(merged["weekdays"]),
        months=Lexicon.of(merged["months"]), parts=Lexicon.of(merged["parts"]), ends=Lexicon.of(ends),
        numbers=Lexicon.of(merged["numbers"]), units=Lexicon.of(units),
    )  # fmt: skip


def _a_list(document: Mapping[str, Any], name: str) -> list[str]:
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise BadPhrases(f"{name} must be a list of words. Write `{name}: [one, two]`.")
    return found


def _a_table(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = document.get(name, {})
    if not isinstance(found, dict):
        raise BadPhrases(f"{name} must be a table. Write it as in the file that comes with Tocsin.")
    return found


def _acts(document: Mapping[str, Any]) -> list[tuple[str, Lexicon[bool]]]:
    found = document.get("acts", [])
    good = isinstance(found, list) and all(isinstance(act, dict) and {"say", "words"} <= set(act) for act in found)
    if not good:
        raise BadPhrases("acts must be a list. Write `- {say: call {who}, words: [call you]}`.")
    return [(str(act["say"]), Lexicon.of(dict.fromkeys(act["words"], True))) for act in found]
