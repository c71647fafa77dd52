"""Noticing a promise in what somebody writes to a customer, so that it can be offered (SEMANTICS 7). Pure.

A sentence is a promise if it commits somebody of ours (by the language's own words), denies nothing, asks nothing, and
names a time that lies ahead. What is found is offered; nothing becomes a promise by being found.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.domain.stakeholders.logic.deadlines import Deadline, Frame, find
from tocsin.domain.stakeholders.logic.phrases import Phrases, Token, tokens_of

LONGEST_TEXT = 20_000
MOST = 5
LONGEST_WHAT = 140
ENOUGH_WORDS = 3  # fewer say nothing by themselves: the whole sentence is taken
_SENTENCE_END = re.compile(r"(?<![ (]\d\.)(?<![ (]\d\d\.)(?<=[.!?])\s+(?=[A-ZÄÖÜ])|\n+")
_EDGES = " \t,;:.!–-"


@dataclass(frozen=True, slots=True)
class Found:
    """A promise that a text seems to make: what, by when (UTC), and the words that say when."""

    what: str
    due_at: datetime
    said: str


def recognise(text: str, *, who: str, phrases: Sequence[Phrases], frame: Frame) -> list[Found]:
    """Return the promises in `text`, in order, at most five, each instant and deed once.

    `who` is the first name of whoever reads it. Quoted lines (">") are somebody else's words.
    """
    own = "\n".join(line for line in text[:LONGEST_TEXT].splitlines() if not line.lstrip().startswith(">"))
    found: list[Found] = []
    for sentence in _SENTENCE_END.split(own):
        if not sentence.strip() or sentence.rstrip().endswith("?"):
            continue
        tokens = tokens_of(sentence)
        one = next((hit for language in phrases if (hit := _in(sentence, tokens, language, who, frame))), None)
        if one is not None and all((one.what, one.due_at) != (other.what, other.due_at) for other in found):
            found.append(one)
    return found[:MOST]


def _in(sentence: str, tokens: Sequence[Token], phrases: Phrases, who: str, frame: Frame) -> Found | None:
    commit = phrases.commits.find(tokens)
    if commit is None or phrases.denies.find(tokens) is not None:
        return None
    deadline = find(sentence, tokens, phrases, frame)
    if deadline is None:
        return None
    _, index, words = commit
    what = _what(sentence, tokens, tokens[index + words - 1].end, deadline, phrases, who)
    return Found(what, deadline.at, " ".join(sentence[deadline.start : deadline.end].split())[:120])


def _what(sentence: str, tokens: Sequence[Token], after: int, deadline: Deadline, phrases: Phrases, who: str) -> str:
    """Return what is promised: by a known act's words, or by the sentence's own without its time."""
    for say, words in phrases.acts:
        if words.find(tokens) is not None:
            return say.replace("{who}", who)[:LONGEST_WHAT]
    rest = _without(sentence, deadline, after)
    if len(rest.split()) < ENOUGH_WORDS:
        rest = _without(sentence, deadline, 0)
    return rest[:LONGEST_WHAT]


def _without(sentence: str, deadline: Deadline, after: int) -> str:
    """Return the sentence from `after` on, without the words of its time."""
    before = sentence[after : deadline.start] if deadline.start > after else ""
    behind = sentence[max(after, deadline.end) :]
    return " ".join(f"{before.rstrip(_EDGES)} {behind}".split()).strip(_EDGES)
