"""Who answers for whom: deputies followed transitively, cycle-safe, bounded in depth (SEMANTICS 4). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Person[Key]:
    """As much of a person as this needs."""

    key: Key
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Stand[Key]:
    """`deputy` answers for somebody now, until `ends_at` (UTC; None: open end)."""

    deputy: Key
    ends_at: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer[Key]:
    """Who answers, None if nobody can, and the way there in words."""

    person: Key | None
    evidence: tuple[str, ...]


def answering[Key](
    start: Key, people: Mapping[Key, Person[Key]], deputies: Mapping[Key, Sequence[Stand[Key]]]
) -> Answer[Key]:
    """Return who answers for `start`: the end of the chain of deputies that leads to somebody active.

    `deputies` holds the deputies that stand at the instant asked about, the preferred first. A
    deputy who is deactivated, absent without a deputy of their own, or already on the way is
    passed over with a word in the evidence; if no deputy can answer, the person answers themselves.
    """
    evidence: list[str] = []
    found = _search(start, people, deputies, (start,), evidence)
    return Answer(found, tuple(evidence))


def _search[Key](
    key: Key,
    people: Mapping[Key, Person[Key]],
    deputies: Mapping[Key, Sequence[Stand[Key]]],
    way: tuple[Key, ...],
    evidence: list[str],
) -> Key | None:
    person = people.get(key)
    if person is None:
        evidence.append("this person does not exist")
        return None
    for stand in deputies.get(key, ()):
        deputy = people.get(stand.deputy)
        if deputy is None:
            continue
        if stand.deputy in way:
            evidence.append(f"the deputies go round in a circle at {deputy.name}")
            continue
        if len(way) > DEEPEST:
            evidence.append(f"not followed beyond {DEEPEST} deputies, at {person.name}")
            break
        before = len(evidence)
        evidence.append(f"{deputy.name} answers for {person.name}{_until(stand)}")
        found = _search(stand.deputy, people, deputies, (*way, stand.deputy), evidence)
        if found is not None:
            return found
        evidence[before] = f"{deputy.name}, deputy of {person.name}, cannot answer"
    if person.is_active:
        return key
    evidence.append(f"{person.name} is deactivated")
    return None


def _until[Key](stand: Stand[Key]) -> str:
    until = "" if stand.ends_at is None else f" until {stand.ends_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{until} ({stand.reason})" if stand.reason else until
