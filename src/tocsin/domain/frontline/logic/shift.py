"""A shift's end: who comes next by the roster, and what is told of each promise. Pure (SEMANTICS 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LONGEST = 700


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` until before `end` these people are on call, in order."""

    start: datetime
    end: datetime
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Next:
    """Who takes over, and from when."""

    person: str
    at: datetime


def next_after(view: Sequence[Stretch], giver: str, now: datetime) -> Next | None:
    """Return who is on call after `giver`: the first of the next stretch without them; None if the view names nobody.

    Where the giver is not on call at `now`, whoever is takes over at once. A gap in the roster is passed over.
    """
    present = next((one for one in view if one.start <= now < one.end), None)
    others = [person for person in present.people if person != giver] if present else []
    if present is not None and giver not in present.people and others:
        return Next(others[0], now)
    for stretch in sorted(view, key=lambda one: one.start):
        if stretch.start > now and stretch.people and giver not in stretch.people:
            return Next(stretch.people[0], stretch.start)
    return Next(others[0], now) if others else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a ticket says of itself."""

    subject: str
    description: str = ""
    tried: Sequence[str] = ()
    facts: Sequence[str] = ()
    wanted: str = ""
    promises: Sequence[str] = ()


def brief(known: Known) -> str:
    """Return what the next one must know: what happened, tried, known, wanted, next promise (SEMANTICS 6)."""
    tried = "\n".join(_cut(one, 300) for one in known.tried if one.strip())
    parts = [
        ("What happened", _cut(known.description, LONGEST) or known.subject),
        ("Tried", tried or "nothing is written down yet"),
        ("Known", ", ".join(fact for fact in known.facts if fact)),
        ("Wanted", _cut(known.wanted, 300)),
        ("Next promise", "; ".join(known.promises) or "none is running"),
    ]
    return "\n\n".join(f"{title}: {text}" for title, text in parts if text)


def _cut(text: str, limit: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= limit else plain[: limit - 1].rsplit(" ", 1)[0] + " …"


def summary(taken: int, kept: int) -> str:
    """Return in one sentence what became of a bundle."""
    if not kept:
        return "All of it was taken over." if taken > 1 else "It was taken over."
    if not taken:
        return "Nothing was taken over: it stays with the giver."
    return f"{taken} taken over, {kept} {'stays' if kept == 1 else 'stay'} with the giver."
