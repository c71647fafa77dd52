"""Whom a swarm asks: people by name, those with a skill, whoever is on call for teams; each once, the first word counts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

MOST_TEAMS = 5
MOST_PEOPLE = 30
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=24)
USUAL = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One person whom an invitation would go to, and why."""

    person: UUID
    name: str
    through: str  # person, team or skill
    why: str  # in words
    team: UUID | None = None
    reachable: bool = True  # by at least one verified contact method


def once_each(wanted: Iterable[Wanted], besides: Collection[UUID]) -> list[Wanted]:
    """Return everybody once, in order, without `besides`: the owner, who asks, and those who are part of it already.

    Who is asked for by name is asked even if no message reaches them (they see it on the desk); for a team or a skill
    only those who can be reached are.
    """
    found: dict[UUID, Wanted] = {}
    for one in wanted:
        if one.person in besides or not (one.reachable or one.through == "person"):
            continue
        found.setdefault(one.person, one)
    return list(found.values())


def problems(*, question: str, teams: int, people: int, answer_within: timedelta) -> dict[str, str]:
    """Return what is wrong with a request, by field."""
    found: dict[str, str] = {}
    if not question.strip():
        found["question"] = "Ask a question that an expert can answer."
    if teams > MOST_TEAMS:
        found["teams"] = f"Ask at most {MOST_TEAMS} teams at once; these are {teams}."
    if people > MOST_PEOPLE:
        found["people"] = f"Ask at most {MOST_PEOPLE} people at once; these are {people}."
    if not SHORTEST <= answer_within <= LONGEST:
        found["answer_within"] = "Give them between 5 minutes and 24 hours to answer."
    return found
