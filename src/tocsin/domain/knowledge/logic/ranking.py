"""Suggestions in order: what the words say, and what has helped before (issue "suggestions": BM25 plus usage)."""

from dataclasses import dataclass
from math import log

SAME_SERVICE = 0.25  # share of the best score that the ticket's own service adds
LIKED = 0.15


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one thing that may be suggested. `score` is that of the words (BM25), 0 and up."""

    score: float
    same_service: bool = False
    uses: int = 0  # times it was used or solved something
    accepted: int = 0  # times its suggestion was taken up
    rejected: int = 0


def rank(one: Evidence, best: float) -> float:
    """Return the value to sort by, given the best score of the words among all.

    Usage counts by its logarithm and never outweighs what the words say by more than 15 %; a thing that is rejected
    more often than accepted sinks by as much. With nobody's verdict there is neither.
    """
    value = one.score
    if one.same_service:
        value += SAME_SERVICE * best
    verdicts = one.accepted + one.rejected
    liking = (one.accepted - one.rejected) / (verdicts + 4)
    value += LIKED * best * min(log(1 + one.uses) / 5, 1)
    return value + LIKED * best * liking


@dataclass(frozen=True, slots=True)
class Solver:
    """Somebody who solved tickets like this one."""

    key: str
    solved: int


def solvers(owners: list[str]) -> list[Solver]:
    """Return those who solved the similar tickets, most first; whoever solved only one of many is chance."""
    counted: dict[str, int] = {}
    for owner in owners:
        if owner:
            counted[owner] = counted.get(owner, 0) + 1
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [Solver(key, many) for key, many in ordered if many > 1 or len(owners) <= 3]
