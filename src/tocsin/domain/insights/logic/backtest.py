"""What two policies did on the same ticket, counted so that pieces merge exactly (SEMANTICS 10). Pure.

A tally is a tree of whole numbers: merging is adding leaf by leaf, so it does not matter into how many
pieces a history was split, nor in which order they come back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import zip_longest
from typing import Any

from tocsin.domain.escalation.logic.simulated import Simulation

type Tally = dict[str, Any]  # name -> whole number or another Tally

ADDED, AVOIDED, CHANGED, SAME = "added", "avoided", "changed", "same"
WELL, BADLY, OPEN = "well", "badly", "open"
NIGHT_BEGINS, NIGHT_ENDS = 22, 6  # hours of the clock of the person who is paged


@dataclass(frozen=True, slots=True)
class Page:
    """Somebody is told at `at` that a level opened."""

    at: datetime
    person: str  # id
    level: int
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """What one policy did on one ticket: [(instant, trigger, why)], pages, and levels that reached nobody."""

    fired: tuple[tuple[datetime, str, str], ...] = ()
    pages: tuple[Page, ...] = ()
    empty: tuple[tuple[datetime, int], ...] = ()

    @property
    def is_quiet(self) -> bool:
        return not self.fired and not self.pages


@dataclass(frozen=True, slots=True)
class Ticket:
    """As much of a ticket as counting needs. `breaches`: (kind of clock, instant)."""

    number: int
    ended: str  # well, badly, open
    breaches: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Pages of one ticket that only one of two runs has. A page at another time is one avoided and one added."""

    change: str
    added: tuple[Page, ...] = ()
    avoided: tuple[Page, ...] = ()
    sooner: int = 0  # people who are told by both, first by the second run
    later: int = 0


type Zones = Mapping[str, tzinfo]  # person -> zone; who is missing counts in UTC


def ran_of(simulation: Simulation, slug: str, catch_all: Mapping[datetime, Sequence[str]] | None = None) -> Ran:
    """Return what a simulation of the policy `slug` (and its children) did. `catch_all`: who that was, by instant."""
    pages: list[Page] = []
    empty: list[tuple[datetime, int]] = []
    for step in simulation.steps:
        people: Sequence[str] = step.people
        if step.outcome == "catch_all":
            people = (catch_all or {}).get(step.at, ())
        pages += [Page(step.at, person, step.level, step.policy) for person in people]
        if step.outcome == "empty" or (step.outcome == "catch_all" and not people):
            empty.append((step.at, step.level))
    fired = tuple((one.at, one.trigger, one.why) for one in simulation.fired if one.policy == slug)
    return Ran(fired, tuple(pages), tuple(empty))


def compare(before: Ran, after: Ran) -> Difference:
    """Return how two runs on the same ticket differ in whom they page, and when."""
    left = [(page.at, page.person) for page in before.pages]
    right = [(page.at, page.person) for page in after.pages]
    added, avoided = _without(after.pages, left), _without(before.pages, right)
    first_before, first_after = _firsts(before), _firsts(after)
    both = first_before.keys() & first_after.keys()
    sooner = sum(first_after[person] < first_before[person] for person in both)
    later = sum(first_after[person] > first_before[person] for person in both)
    if not added and not avoided and [f[:2] for f in before.fired] == [f[:2] for f in after.fired]:
        change = SAME
    elif before.is_quiet:
        change = ADDED
    elif after.is_quiet:
        change = AVOIDED
    else:
        change = CHANGED
    return Difference(change, added, avoided, sooner, later)


def _without(pages: Sequence[Page], others: Sequence[tuple[datetime, str]]) -> tuple[Page, ...]:
    left = list(others)
    kept = []
    for page in pages:
        key = (page.at, page.person)
        if key in left:
            left.remove(key)
        else:
            kept.append(page)
    return tuple(kept)


def _firsts(ran: Ran) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for page in ran.pages:
        found.setdefault(page.person, page.at)
    return found


def count(ticket: Ticket, runs: Sequence[Ran], zones: Zones, *, events: int = 0) -> Tally:
    """Return the tally of one ticket over all variants; with two, their difference too."""
    found: Tally = {"tickets": 1, "events": events, "ended": {ticket.ended: 1}}
    found["breaches"] = _counted(kind for kind, _ in ticket.breaches)
    found["sides"] = {str(n): side for n, ran in enumerate(runs) if (side := _side(ticket, ran, zones))}
    if len(runs) == 2:
        found["difference"] = _difference(ticket, runs[0], runs[1], zones)
    return found


def _side(ticket: Ticket, ran: Ran, zones: Zones) -> Tally:
    if ran.is_quiet and not ran.empty:
        return {}
    side: Tally = {
        "fired": len(ran.fired), "tickets": int(bool(ran.fired)), "pages": len(ran.pages), "empty": len(ran.empty),
        "triggers": _counted(trigger for _, trigger, _ in ran.fired), **_when(ran.pages, zones),
    }  # fmt: skip
    if ticket.ended == WELL:
        side["noise"] = {"tickets": 1, "pages": len(ran.pages)}
    warned = [(kind, lead) for kind, at in ticket.breaches if (lead := lead_of(ran, at)) is not None]
    side["warned"] = _counted(kind for kind, _ in warned)
    side["lead_minutes"] = _counted(str(lead) for _, lead in warned)
    return side


def lead_of(ran: Ran, breached_at: datetime) -> int | None:
    """Return how many whole minutes before a breach the first page went out; None: nobody was told before it."""
    first = min((page.at for page in ran.pages), default=None)
    if first is None or first >= breached_at:
        return None
    return int((breached_at - first).total_seconds() // 60)


def _when(pages: Iterable[Page], zones: Zones) -> Tally:
    people: Tally = {}
    hours: Tally = {}
    nights: Tally = {}
    for page in pages:
        zone = zones.get(page.person)
        hour = page.at.astimezone(zone).hour if zone else page.at.hour
        people[page.person] = people.get(page.person, 0) + 1
        hours[str(hour)] = hours.get(str(hour), 0) + 1
        if is_night(hour):
            nights[page.person] = nights.get(page.person, 0) + 1
    return {"people": people, "hours": hours, "nights": nights}


def is_night(hour: int) -> bool:
    """Whether an hour of the local clock belongs to the night (22 to 6)."""
    return hour >= NIGHT_BEGINS or hour < NIGHT_ENDS


def _difference(ticket: Ticket, before: Ran, after: Ran, zones: Zones) -> Tally:
    found = compare(before, after)
    if before.is_quiet and after.is_quiet:
        return {}
    told: Tally = {
        "tickets": {found.change: 1}, "sooner": found.sooner, "later": found.later,
        "added": _when(found.added, zones), "avoided": _when(found.avoided, zones),
    }  # fmt: skip
    fired_before, fired_after = bool(before.fired), bool(after.fired)
    name = ("neither", "only_before", "only_after", "both")[fired_before + 2 * fired_after]
    told["fired"] = {name: 1}
    for kind, at in ticket.breaches:
        old, new = lead_of(before, at), lead_of(after, at)
        told = merge(told, {"breaches": _warning(kind, old, new)})
    return told


def _warning(kind: str, old: int | None, new: int | None) -> Tally:
    if old is None and new is None:
        return {"neither": {kind: 1}}
    if old is None:
        return {"only_after": {kind: 1}}
    if new is None:
        return {"only_before": {kind: 1}}
    if new == old:
        return {"alike": {kind: 1}}
    word, minutes = ("earlier", new - old) if new > old else ("later", old - new)
    return {word: {kind: 1}, f"{word}_minutes": {str(minutes): 1}}


def _counted(names: Iterable[str]) -> Tally:
    found: Tally = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return found


def merge(one: Tally, other: Tally) -> Tally:
    """Add two tallies leaf by leaf. Associative and commutative; {} changes nothing."""
    found = dict(one)
    for name, value in other.items():
        mine = found.get(name)
        if mine is None:
            found[name] = value
        elif isinstance(value, dict):
            found[name] = merge(mine, value)
        else:
            found[name] = mine + value
    return found


def merged(tallies: Iterable[Tally]) -> Tally:
    """Add any number of tallies."""
    whole: Tally = {}
    for tally in tallies:
        add(whole, tally)
    return whole


def add(whole: Tally, tally: Tally) -> None:
    """Add a tally to `whole` in place: what a walk over many tickets does."""
    for name, value in tally.items():
        if isinstance(value, dict):
            add(whole.setdefault(name, {}), value)
        else:
            whole[name] = whole.get(name, 0) + value


def leaf(tally: Mapping[str, Any], *path: str) -> int:
    """Return one number of a tally, or the sum below it; 0 where nothing was counted."""
    found: Any = tally
    for name in path:
        found = found.get(name, {}) if isinstance(found, dict) else {}
    return total(found)


def total(found: Any) -> int:
    """Return the sum of the leaves of (part of) a tally."""
    return sum(total(value) for value in found.values()) if isinstance(found, dict) else int(found or 0)


def quantile(histogram: Mapping[str, int], share: float) -> int | None:
    """Return the value below which `share` of a histogram {value: how often} lies; None if it is empty."""
    values = sorted((int(value), times) for value, times in histogram.items() if times)
    wanted = share * sum(times for _, times in values)
    seen = 0
    for value, times in values:
        seen += times
        if seen >= wanted:
            return value
    return None


def paired(before: Ran, after: Ran) -> list[tuple[Page | None, Page | None]]:
    """Return the pages of both runs side by side, for a table: those at the same instant to the same person together."""
    found: list[tuple[Page | None, Page | None]] = []
    people = dict.fromkeys(page.person for page in (*before.pages, *after.pages))
    for person in people:
        left = [page for page in before.pages if page.person == person]
        right = [page for page in after.pages if page.person == person]
        found += list(zip_longest(left, right))
    return sorted(found, key=lambda pair: min(page.at for page in pair if page))
