"""Whether a draft answers what somebody is concerned about: by the words that carry meaning. Pure, and only a hint."""

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.domain.listening.logic.phrases import words_of

ENOUGH = 0.3  # share of a concern's telling words that a draft must take up
_ENDINGS = ("ungen", "ings", "ing", "ung", "en", "ed", "es", "er", "em", "s", "e", "n")
_SHORTEST_STEM = 4


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a concern a draft takes up."""

    answered: bool
    taken_up: tuple[str, ...]
    missing: tuple[str, ...]


def coverage(concern: str, draft: str, common: frozenset[str]) -> Coverage:
    """Return which of a concern's telling words stand in the draft. A concern without any counts as answered."""
    wanted = telling(concern, common)
    said = {stem(word) for word in telling(draft, common)}
    taken = tuple(word for word in wanted if stem(word) in said)
    missing = tuple(word for word in wanted if stem(word) not in said)
    return Coverage(not wanted or len(taken) >= ENOUGH * len(wanted), taken, missing)


def telling(text: str, common: frozenset[str]) -> Sequence[str]:
    """Return the words of a text that carry its meaning, in order, each once."""
    return list(dict.fromkeys(w.text for w in words_of(text) if len(w.text) > 2 and w.text not in common))


def stem(word: str) -> str:
    """Return a word without the ending that changes with its use, in English or German; rough on purpose."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word
