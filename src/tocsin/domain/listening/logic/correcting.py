"""What an installation's corrections of signals do to the weight of words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tocsin.domain.listening.logic.signals import Degree, Evidence, weighed

LEAST, MOST = 0.1, 1.5


class Verdict(StrEnum):
    """What somebody says of a signal."""

    RIGHT = "right"
    TOO_STRONG = "too_strong"
    WRONG = "wrong"


# Small steps: one person's verdict moves a word, it does not silence it.
STEP = {Verdict.TOO_STRONG: 0.8, Verdict.WRONG: 0.5}


@dataclass(frozen=True, slots=True)
class Moved:
    """A word whose weight changes."""

    key: str
    words: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Regraded[T]:
    """A message whose degree would change."""

    row: T
    before: Degree
    after: Degree


def moves(evidence: Sequence[Evidence], factors: Mapping[str, float], verdict: Verdict) -> list[Moved]:
    """Return which words change, and how, when a signal with this evidence is judged so.

    Only what spoke for displeasure moves. `right` brings words that were turned down a third of the way back.
    """
    found: dict[str, Moved] = {}
    for one in evidence:
        if one.tone <= 0:
            continue
        before = factors.get(one.key, 1.0)
        after = before + (1.0 - before) / 3 if verdict is Verdict.RIGHT else before * STEP[verdict]
        after = round(min(max(after, LEAST), MOST), 3)
        if verdict is Verdict.RIGHT and before >= 1.0:
            continue
        if after != before:
            found.setdefault(one.key, Moved(one.key, one.words, before, after))
    return list(found.values())


def regraded[T](
    rows: Sequence[tuple[T, Sequence[Evidence], Degree]], factors: Mapping[str, float]
) -> list[Regraded[T]]:
    """Return the messages whose degree would be another with these factors."""
    found: list[Regraded[T]] = []
    for row, evidence, before in rows:
        after = weighed(evidence, factors, "").degree
        if after != before:
            found.append(Regraded(row, before, after))
    return found
