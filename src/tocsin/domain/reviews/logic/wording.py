"""Hints towards wording that looks for causes, not for culprits. They explain; they never stop anybody."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hint:
    """What was written, why it gets in the way, and what to ask instead."""

    where: str
    quote: str
    why: str
    instead: str


@dataclass(frozen=True, slots=True)
class WordingRule:
    pattern: re.Pattern[str]
    why: str
    instead: str


def compiled(rules: Iterable[dict[str, str]]) -> list[WordingRule]:
    """Return rules as read from YAML: {words: alternatives of a regular expression, why, instead}."""
    return [
        WordingRule(re.compile(rf"\b(?:{one['words']})\b", re.IGNORECASE), one["why"], one["instead"]) for one in rules
    ]


def hints(texts: Iterable[tuple[str, str]], rules: Sequence[WordingRule], most: int = 12) -> list[Hint]:
    """Return hints on [(where, text)]: each rule once for each place, in reading order."""
    found = []
    for where, text in texts:
        for rule in rules:
            match = rule.pattern.search(text)
            if match:
                start, end = max(match.start() - 24, 0), min(match.end() + 24, len(text))
                quote = " ".join(text[start:end].split())
                found.append(Hint(where, quote, rule.why, rule.instead))
    return found[:most]
