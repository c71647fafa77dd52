"""A ticket's own records as the history that `simulate` walks. Pure: rows in, facts out, nothing known before it happened."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.simulated import Fact, Lived
from tocsin.domain.escalation.logic.triggers import Happening
from tocsin.domain.tickets.logic import hops
from tocsin.domain.tickets.logic.lifecycle import ENDED, REOPENED

PERSON = "person:"
REASSIGNED = "the ticket was reassigned"


class Changed(NamedTuple):
    at: datetime
    field: str
    before: str
    after: str
    actor: str


class Said(NamedTuple):
    at: datetime
    kind: str  # customer, reply, note
    body: str
    author: str  # id


class Told(NamedTuple):
    """An entry of the journal."""

    at: datetime
    kind: str
    actor: str
    data: Mapping[str, Any]


class Sounded(NamedTuple):
    """A message of the customer sounded displeased, as it is graded today."""

    at: datetime
    degree: int
    words: tuple[str, ...]


class Linked(NamedTuple):
    """Another ticket was linked to this one; `same_service`: both are of one service today."""

    at: datetime
    kind: str
    same_service: bool | None  # None: this ticket is of none


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called in conditions, and which line a team is."""

    people: Mapping[str, str]  # id -> e-mail
    teams: Mapping[str, tuple[str, str]]  # id -> (slug, line)
    services: Mapping[str, str]
    organisations: Mapping[str, str]


@dataclass(slots=True)
class Records:
    """Everything that is kept of one ticket. `fixed` are fields of TicketView whose past is not kept."""

    opened_at: datetime
    now: Mapping[str, str]  # the columns as they are today, by field of a change
    fixed: Mapping[str, Any]
    opening_text: str
    changes: list[Changed] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    stirred: list[datetime] = field(default_factory=list)  # instants at which only a clock was touched
    sounded: list[Sounded] = field(default_factory=list)
    linked: list[Linked] = field(default_factory=list)


_KEPT = ("status", "priority", "impact", "urgency", "team", "owner", "service", "organisation")
_NUMBERS = ("priority", "impact", "urgency")
_PROGRESS = ("status", "owner", "team")  # changes by which an acknowledger is seen to work


def facts_of(records: Records, names: Names, until: datetime) -> list[Fact]:
    """Return the history up to `until` (included), the opening first."""
    first, later = _beginning(records)
    walk = _Walk(records, names, first)
    by_instant: dict[datetime, _Instant] = defaultdict(_Instant)
    for change in later:
        by_instant[max(change.at, records.opened_at)].changes.append(change)
    for said in records.said:
        by_instant[max(said.at, records.opened_at)].said.append(said)
    for told in records.told:
        by_instant[max(told.at, records.opened_at)].told.append(told)
    for sounded in records.sounded:
        by_instant[max(sounded.at, records.opened_at)].happened.append(_sounds(sounded))
    for linked, happened in zip(records.linked, _links(records.linked), strict=True):
        by_instant[max(linked.at, records.opened_at)].happened += happened
    for at in records.stirred:
        by_instant[max(at, records.opened_at)].stirred = True
    facts = [walk.opening()]
    for at in sorted(by_instant):
        if at > until:
            break
        facts += walk.take(at, by_instant[at])
    return facts


@dataclass(slots=True)
class _Instant:
    changes: list[Changed] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)
    stirred: bool = False


def _sounds(it: Sounded) -> Happening:
    return Happening(kind="signal", degree=it.degree, words=it.words[:4], customer=True)


def _links(linked: Sequence[Linked]) -> list[list[Happening]]:
    """Return what each link meant when it was made: how many of its kind there were by then, and of the same service."""
    many: dict[str, int] = defaultdict(int)
    alike: dict[str, int] = defaultdict(int)
    found = []
    for link in linked:
        many[link.kind] += 1
        alike[link.kind] += bool(link.same_service)
        happened = [Happening(kind="linked", linked=many[link.kind], linked_same="problem")]
        if link.same_service is not None:
            happened.append(Happening(kind="linked", linked=alike[link.kind] + 1, linked_same="service"))
        found.append(happened)
    return found


def _beginning(records: Records) -> tuple[dict[str, str], list[Changed]]:
    """Return what the ticket began with, and the changes since: a first change from nothing at the opening tells it."""
    first: dict[str, str] = {}
    later = []
    for change in records.changes:
        if change.field not in first:
            opening = not change.before and change.at <= records.opened_at
            first[change.field] = change.after if opening else change.before
            if opening:
                continue
        later.append(change)
    return {name: first.get(name, records.now.get(name, "")) for name in _KEPT}, later


class _Walk:
    """The ticket while its records are walked forward."""

    def __init__(self, records: Records, names: Names, first: dict[str, str]) -> None:
        self.records, self.names, self.state = records, names, first
        self.moves = [
            hops.Move(records.opened_at, name, first[name]) for name in ("team", "owner") if first[name]
        ]  # fmt: skip
        self.reopens = self.messages = self.customer_messages = 0
        self.missed = {"promise": 0, "update": 0}
        self.asked: set[str] = set()  # runs whose policy asked what a reassignment means for them

    def opening(self) -> Fact:
        held = hops.fold(hops.holders_of(self.moves))
        counted = {"handovers": held.handovers, "ping_pongs": held.ping_pongs}
        changes = {**self.records.fixed, **self._shown(_KEPT), **counted}
        return Fact(self.records.opened_at, "opened", changes, text=self.records.opening_text, lived=Lived())

    def _shown(self, fields: Sequence[str]) -> dict[str, Any]:
        """Return the fields of the view that these columns show in."""
        shown: dict[str, Any] = {}
        for name in fields:
            value = self.state[name]
            if name in _NUMBERS:
                shown[name] = int(value or 3)
            elif name == "status":
                shown["status"], shown["is_open"] = value, value not in ENDED
            elif name == "owner":
                shown["owner"], shown["has_owner"] = self.names.people.get(value, ""), bool(value)
            elif name == "team":
                shown["team"], shown["line"] = self.names.teams.get(value, ("", ""))
            elif name == "service":
                shown["service"] = self.names.services.get(value, "")
            else:
                shown["organisation"] = self.names.organisations.get(value, "")
        return shown

    def take(self, at: datetime, found: _Instant) -> list[Fact]:
        """Return what happened at one instant: answers to pages first, then the change, then what people asked for."""
        answers: list[Fact] = []
        asked: list[Fact] = []
        for told in found.told:
            fact = self._answer(at, told)
            (answers if fact is not None and fact.kind == "answer" else asked).extend([fact] if fact else [])
        changed = self._changed(at, found)
        told_of = [Fact(at, "machine", lived=Lived(happened=(one,))) for one in found.happened]
        facts = [*answers, *changed, *told_of, *asked]
        return facts or ([Fact(at, "machine", lived=Lived())] if found.stirred else [])

    def _changed(self, at: datetime, found: _Instant) -> list[Fact]:
        if not found.changes and not found.said:
            return []
        shown: dict[str, Any] = {}
        touched = {change.field for change in found.changes}
        for change in found.changes:
            if change.field in self.state:
                self.state[change.field] = change.after
            if change.field in ("team", "owner"):
                self.moves.append(hops.Move(at, change.field, change.after))
            self.reopens += change.field == "status" and change.after == REOPENED
        shown |= self._shown([name for name in _KEPT if name in touched])
        moved = touched & {"team", "owner"}
        if moved:
            held = hops.fold(hops.holders_of(self.moves))
            shown |= {"handovers": held.handovers, "ping_pongs": held.ping_pongs}
        if "status" in touched:
            shown["reopens"] = self.reopens
        self.messages += len(found.said)
        self.customer_messages += sum(said.kind == "customer" for said in found.said)
        shown |= {"messages": self.messages, "customer_messages": self.customer_messages} if found.said else {}
        by = self._by(found)
        lived = Lived(by_owner=bool(by) and by == self.state["owner"], moved_to=self.state["owner"] if moved else None)
        kind, text = self._kind(found, by)
        worked = bool(found.said) or any(name in touched for name in _PROGRESS)
        facts = [Fact(at, kind, shown, by if worked else "", text, lived)]
        further = [said for said in found.said if said.kind == "customer"][1:]
        return facts + [Fact(at, "customer", {}, said.author, said.body, Lived()) for said in further]

    @staticmethod
    def _by(found: _Instant) -> str:
        for change in found.changes:
            if change.actor.startswith(PERSON):
                return change.actor.removeprefix(PERSON)
        return next((said.author for said in found.said if said.author), "")

    @staticmethod
    def _kind(found: _Instant, by: str) -> tuple[str, str]:
        kinds = {said.kind for said in found.said}
        if "customer" in kinds:
            return "customer", next(said.body for said in found.said if said.kind == "customer")
        if "reply" in kinds:
            return "reply", ""
        return ("changed" if by else "machine"), ""

    def _answer(self, at: datetime, told: Told) -> Fact | None:
        """Return what an entry of the journal means to a simulation; None: it is something that follows by itself."""
        data, by = told.data, told.actor.removeprefix(PERSON) if told.actor.startswith(PERSON) else ""
        policy = str(data.get("policy", ""))
        if told.kind == "escalation.asked_for":
            return Fact(at, "asked", {}, by, lived=Lived())
        if told.kind in (*_MISSED, "ticket.rated"):
            happened = self._happened(told)
            return Fact(at, "machine", lived=Lived(happened=(happened,))) if happened else None
        if told.kind in ("escalation.opened", "escalation.reopened"):
            by_hand = not data.get("trigger") and bool(by)
            return Fact(at, "machine", {}, by, lived=Lived(policy=policy, by_hand=True)) if by_hand else None
        if told.kind == "run.reassign_asked":
            self.asked.add(str(data.get("run")))
            return None
        event = _event(told.kind, data, by, at, chosen=str(data.get("run")) in self.asked)
        return Fact(at, "answer", {}, by, lived=Lived(answer=event, policy=policy)) if event else None

    def _happened(self, told: Told) -> Happening | None:
        """Return what an entry means to triggers; None: a rating that was changed for the better."""
        data = told.data
        if told.kind in _MISSED:
            what, text = _MISSED[told.kind]
            self.missed[what] += 1
            return Happening(kind="promise", text=str(data.get(text, "")), missed=self.missed[what], missed_what=what)
        score, earlier = int(data.get("score") or 0), data.get("before")
        return None if earlier is not None and score >= int(earlier) else Happening(kind="rated", score=score)


ANSWERS = (
    "run.acknowledged", "run.acknowledged_partly", "run.acknowledged_unasked", "run.also_acknowledged", "run.declined",
    "run.declined_unasked", "run.given_back", "run.snoozed", "run.next_called", "run.approved", "run.refused",
    "run.cancelled", "run.resolved", "run.rebound", "run.de_escalated",
)  # fmt: skip
# Kinds of entries that tell of something missed: what it was, and where its words stand.
_MISSED = {"promise.broken": ("promise", "what"), "update.missed": ("update", "audience")}
WANTED = (
    *_MISSED, *ANSWERS, "run.reassign_asked", "escalation.asked_for", "escalation.opened", "escalation.reopened", "ticket.rated",
)  # fmt: skip


# What only a person's act does: who, why, the entry's data, and its instant give the event.
_ACTS: dict[str, Callable[[str, str, Mapping[str, Any], datetime], e.RunEvent]] = {
    "run.snoozed": lambda who, _, data, at: e.Snoozed(by=who, duration=datetime.fromisoformat(data["until"]) - at),
    "run.next_called": lambda who, _, __, ___: e.NextCalled(by=who),
    "run.approved": lambda who, _, __, ___: e.Approved(by=who),
    "run.refused": lambda who, reason, _, __: e.Refused(by=who, reason=reason),
    "run.resolved": lambda who, _, __, ___: e.Resolved(by=who),
    "run.de_escalated": lambda who, reason, _, __: e.DeEscalated(by=who, reason=reason),
    "run.cancelled": lambda who, reason, _, __: e.Cancelled(by=who, reason=reason),
    "run.rebound": lambda who, _, __, ___: e.Rebound(by=who),
}


def _event(kind: str, data: Mapping[str, Any], by: str, at: datetime, *, chosen: bool) -> e.RunEvent | None:
    """Return what a person answered. `chosen`: somebody was asked what a reassignment means, so it is an answer too."""
    who, reason = str(data.get("by") or by), str(data.get("reason", ""))
    if kind.startswith(("run.acknowledged", "run.also_acknowledged")):
        return e.Acknowledged(by=who)
    if kind in ("run.declined", "run.declined_unasked", "run.given_back"):
        return e.Declined(by=who, reason=reason)
    follows = kind == "run.rebound" or (kind == "run.cancelled" and reason.startswith((REASSIGNED, "parent:")))
    if not by or kind not in _ACTS or (follows and not chosen):
        return None  # it follows by itself
    return _ACTS[kind](who, reason, data, at)


def ended_how(facts: Sequence[Fact], breaches: Sequence[datetime], until: datetime) -> str:
    """Return how the ticket had ended by `until`: open; badly (a promise broken, reopened, rated 1 or 2); or well."""
    is_open, reopens, rated = True, 0, 5
    for fact in facts:
        is_open = fact.changes.get("is_open", is_open)
        reopens = fact.changes.get("reopens", reopens)
        for happening in fact.lived.happened if fact.lived else ():
            rated = happening.score if happening.kind == "rated" else rated
    if any(at <= until for at in breaches) or reopens or rated <= 2:
        return "badly"
    return "open" if is_open else "well"
