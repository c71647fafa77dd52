"""What an expert did during a swarm is theirs in the record (SEMANTICS 6): counted from the ticket's own journal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry of the ticket's journal by this person."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Credit:
    """What somebody did while they were part of a swarm."""

    notes: int = 0  # notes and replies; an answer counts as an answer
    steps: int = 0  # of runbooks
    decisions: int = 0
    answers: int = 0
    minutes: int = 0  # since joining, whole ones


def credit(deeds: Iterable[Deed], *, joined: datetime, until: datetime) -> Credit:
    """Return the credit of one person for what they did from `joined` to `until`, both included.

    Every answer is also a note on the ticket: it is counted once, as an answer.
    """
    kinds = [deed.kind for deed in deeds if joined <= deed.at <= until]
    answers = kinds.count("swarm.answered")
    return Credit(
        notes=max(kinds.count("message.added") - answers, 0),
        steps=kinds.count("runbook.ticked"),
        decisions=sum(kind.startswith("decision.") or kind == "command.decided" for kind in kinds),
        answers=answers,
        minutes=max(int((until - joined).total_seconds() // 60), 0),
    )
