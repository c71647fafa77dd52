"""What a customer's message sounds like: displeasure and urgency, each with the words that say so (SEMANTICS 7).

Displeasure is about how the writer is treated. That something is broken is what tickets are about, and counts as
nothing here. The result is shown, never decided by: a policy that uses it must say what else has to be true.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from tocsin.domain.listening.logic.own_words import own_words
from tocsin.domain.listening.logic.phrases import (
    LONGEST_TEXT,
    Book,
    Found,
    Word,
    language_of,
    longest,
    parse_pattern,
    words_of,
)

NEGATION_REACHES = 3  # words after a negation that it turns around
# "Not bad" and "not happy" say the contrary of the word; "without a reply again" is still "again".
TURNED_BY_NEGATION = frozenset({"displeasure", "praise"})
_ALMOST = 1e-9  # sums of corrected weights are no whole numbers
TONE_MARKS = (2.0, 4.0, 7.0)  # from here on: mild, strong, severe
URGENCY_MARKS = (2.0, 4.0, 7.0)
SHOUTED_WORDS, SHOUTED_LETTERS = 3, 12
_CAPITALS = re.compile(r"\b[A-ZÄÖÜ]{2,}(?:[ ,!]+[A-ZÄÖÜ]{2,})+\b")
_EXCLAIMED = re.compile(r"!{2,}")
_ASKED = re.compile(r"\?{2,}|\?!|!\?")
_QUESTION = re.compile(r"[^.!?\n]+\??")  # every sentence; those that end with ? are questions
_SHORTEST_QUESTION = 4


class Degree(IntEnum):
    """How much of it."""

    NONE = 0
    MILD = 1
    STRONG = 2
    SEVERE = 3


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the word lists. Weights are positive for displeasure or urgency, negative for what speaks against."""

    key: str
    kind: str
    pattern: str
    tone: float = 0.0
    urgency: float = 0.0
    negated: float = 0.0  # tone when a negation stands before it


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language."""

    language: str
    terms: Mapping[str, Term]
    negations: frozenset[str]
    not_negations: frozenset[tuple[str, str]]  # "not only"
    intensifiers: Mapping[str, float]
    common: frozenset[str]
    book: Book


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why: what was found and what it counts. `start` and `end` are places in the message."""

    key: str
    kind: str
    words: str
    start: int
    end: int
    tone: float = 0.0
    urgency: float = 0.0


@dataclass(frozen=True, slots=True)
class Signal:
    """What a message sounds like."""

    tone: float
    urgency: float
    degree: Degree
    urgency_degree: Degree
    language: str
    evidence: tuple[Evidence, ...]


def lexicon(language: str, raw: Mapping[str, Any]) -> Lexicon:
    """Return a language's word lists, ready. Raises BadPattern for an entry that cannot be one."""
    terms: dict[str, Term] = {}
    for kind, groups in raw["kinds"].items():
        for group in groups:
            for pattern in group["words"]:
                key = f"{language}.{kind}.{pattern}"
                terms[key] = Term(
                    key, kind, pattern, float(group.get("tone", 0)), float(group.get("urgency", 0)),
                    float(group.get("negated", 0)),
                )  # fmt: skip
    pairs = [pair.split() for pair in raw["not_negations"]]
    return Lexicon(
        language=language, terms=terms, negations=frozenset(raw["negations"]),
        not_negations=frozenset((one, two) for one, two in pairs),
        intensifiers=dict.fromkeys(raw["intensifiers"], 1.3), common=frozenset(raw["common"]),
        book=Book((key, parse_pattern(term.pattern)) for key, term in terms.items()),
    )  # fmt: skip


def judge(
    text: str, lexicons: Sequence[Lexicon], factors: Mapping[str, float], earlier: Sequence[frozenset[str]] = ()
) -> Signal:
    """Return what a message sounds like. `factors`: what this house has made of single words; `earlier`: see questions."""
    own = own_words(text[:LONGEST_TEXT])
    words = words_of(own)
    languages = language_of(words, {one.language: one.common for one in lexicons})
    evidence: list[Evidence] = []
    for one in lexicons:
        if one.language in languages:
            evidence += _spoken(own, words, one)
    evidence += _patterns(own)
    evidence += _asked_before(own, earlier)
    found = tuple(sorted(evidence, key=lambda e: (e.start, e.end)))
    return weighed(found, factors, languages[0] if languages else "")


def weighed(evidence: Sequence[Evidence], factors: Mapping[str, float], language: str) -> Signal:
    """Return the signal that evidence makes with the house's factors. Each word counts once in full, then half."""
    seen: dict[str, int] = {}
    tone = urgency = 0.0
    for one in evidence:
        factor = factors.get(one.key, 1.0) * 0.5 ** min(seen.get(one.key, 0), 4)
        seen[one.key] = seen.get(one.key, 0) + 1
        tone += one.tone * factor
        urgency += one.urgency * factor
    tone, urgency = round(tone, 2), round(urgency, 2)
    return Signal(tone, urgency, _degree(tone, TONE_MARKS), _degree(urgency, URGENCY_MARKS), language, tuple(evidence))


def _degree(sum_: float, marks: Sequence[float]) -> Degree:
    return Degree(sum(sum_ + _ALMOST >= mark for mark in marks))


def _spoken(text: str, words: Sequence[Word], by: Lexicon) -> list[Evidence]:
    found: list[Evidence] = []
    for one in longest(by.book.find(words)):
        term = by.terms[one.key]
        tone = term.tone
        negation = _negated(words, one, by) if term.kind in TURNED_BY_NEGATION else None
        first = one.first
        if negation is not None:
            # "not bad" is no displeasure but faint praise; "not happy" is displeasure.
            tone = term.negated if term.negated else (-0.5 * term.tone if term.tone > 0 else 0.0)
            first = negation
        elif one.first and tone:
            tone *= by.intensifiers.get(words[one.first - 1].text, 1.0)
        start, end = words[first].start, words[one.after - 1].end
        urgency = 0.0 if negation is not None else term.urgency
        if tone or urgency:
            key = f"{term.key} (negated)" if negation is not None else term.key
            found.append(Evidence(key, term.kind, text[start:end], start, end, round(tone, 2), urgency))
    return found


def _negated(words: Sequence[Word], one: Found, by: Lexicon) -> int | None:
    """Return where the negation stands that turns a phrase around, None if none does."""
    clause = words[one.first].clause
    for at in range(one.first - 1, max(one.first - 1 - NEGATION_REACHES, -1), -1):
        if words[at].clause != clause:
            return None
        if words[at].text in by.negations and (words[at].text, words[at + 1].text) not in by.not_negations:
            return at
    return None


def _patterns(text: str) -> list[Evidence]:
    """What is said by how it is written."""
    found: list[Evidence] = []
    for match in _CAPITALS.finditer(text):
        shouted = match.group().split()
        if len(shouted) >= SHOUTED_WORDS and sum(map(len, shouted)) >= SHOUTED_LETTERS:
            found.append(_pattern("capitals", match, tone=2.0))
    for match in list(_EXCLAIMED.finditer(text))[:2]:
        found.append(_pattern("exclamation", match, tone=1.0))
    for match in list(_ASKED.finditer(text))[:2]:
        found.append(_pattern("questions", match, tone=1.0))
    asked = _questions_in(text)
    if len(asked) >= 3:
        found.append(_pattern("many_questions", asked[2], tone=1.0))
    return found


def _questions_in(text: str) -> list[re.Match[str]]:
    found = _QUESTION.finditer(text)
    return [match for match in found if match.end() - match.start() >= _SHORTEST_QUESTION and match.group()[-1] == "?"]


def _pattern(kind: str, match: re.Match[str], *, tone: float) -> Evidence:
    return Evidence(f"pattern.{kind}", kind, " ".join(match.group().split())[:120], match.start(), match.end(), tone)


def questions(text: str) -> list[frozenset[str]]:
    """Return the words of each question in a message, for later messages to be held against."""
    own = own_words(text[:LONGEST_TEXT])
    found = [frozenset(w.text for w in words_of(match.group())) for match in _questions_in(own)]
    return [asked for asked in found if len(asked) >= 3]


def _asked_before(text: str, earlier: Sequence[frozenset[str]]) -> list[Evidence]:
    """A question that was asked in an earlier message, in nearly the same words: it was not answered."""
    for match in _questions_in(text):
        asked = frozenset(w.text for w in words_of(match.group()))
        if len(asked) >= 3 and any(len(asked & one) >= 0.7 * len(asked | one) for one in earlier):
            return [_pattern("asked_before", match, tone=2.0)]
    return []
