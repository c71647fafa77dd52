"""One piece of a back-test: read its tickets, walk each of them with every variant, count. Writes nothing.

Any worker on any machine can do any piece, because a piece needs only the database and the variants; the pieces'
tallies merge exactly (`logic.backtest.merge`).
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tocsin.domain.escalation.facts import IMPORTED
from tocsin.domain.escalation.logic.policy import Policy, TriggerKind
from tocsin.domain.escalation.logic.simulate import simulate
from tocsin.domain.escalation.models import Policy as PolicyRow
from tocsin.domain.insights.backtests.history import KnownClocks, Library, Past
from tocsin.domain.insights.backtests.rosters import PastDirectory, Rosters
from tocsin.domain.insights.logic.backtest import (
    Difference,
    Page,
    Ran,
    Tally,
    Ticket,
    Zones,
    add,
    compare,
    count,
    ran_of,
)
from tocsin.domain.insights.models.backtest import Answers, Whose
from tocsin.domain.tickets.models import Ticket as TicketRow

AT_ONCE = 500  # tickets read together
_CLOCKED = (TriggerKind.CLOCK_AT, TriggerKind.CLOCK_BREACHED, TriggerKind.CLOCK_OVERDUE_BY)
NOT_REPLAYED = {
    TriggerKind.REPEAT_ESCALATION: "each ticket is walked by itself",
    TriggerKind.ALERT_COUNT: "alerts of monitoring are kept for some weeks only",
    TriggerKind.RISK_AT_LEAST: "what a model said at the time is not kept",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the past. `variants`: policies of one slug; `children`: those that their levels call."""

    variants: tuple[Policy, ...]
    children: tuple[Policy, ...]
    starts_at: datetime
    ends_at: datetime
    answers: str = Answers.WORK
    whose: str = Whose.OWN

    @property
    def kinds(self) -> frozenset[str]:
        """The clocks that any trigger looks at."""
        return frozenset(t.clock for policy in self.variants for t in policy.triggers if t.kind in _CLOCKED)


@dataclass(slots=True)
class Row:
    """One ticket on which a variant did something."""

    ticket: UUID
    ticket_number: int
    ended: str
    runs: tuple[Ran, ...]
    difference: Difference
    breaches: tuple[tuple[str, datetime], ...]


@dataclass(slots=True)
class Outcome:
    """What a piece came to. `rows` only where two variants are compared."""

    tally: Tally = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)


def silent(policy: Policy) -> dict[str, str]:
    """Return {key of a trigger: why the history cannot drive it}."""
    return {t.key: NOT_REPLAYED[t.kind] for t in policy.triggers if t.kind in NOT_REPLAYED}


def as_child(policy: Policy) -> Policy:
    """Return a policy that begins only when a level calls it."""
    return replace(policy, triggers=())


def tickets_of(question: Question) -> QuerySet[TicketRow]:
    """Return the tickets that the question is about, by number."""
    rows = TicketRow.objects.filter(
        opened_at__gte=question.starts_at, opened_at__lt=question.ends_at, is_drill=False
    ).order_by("number")  # fmt: skip
    if question.whose == Whose.OWN:
        return rows.exclude(channel=IMPORTED)
    return rows.filter(channel=IMPORTED) if question.whose == Whose.IMPORTED else rows


class Bench:
    """Everything that pieces of one question share: names, calendars, rosters."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.library = Library(question.kinds)
        directory = PastDirectory(question.starts_at, question.ends_at)
        owners: dict[str, UUID | None] = dict(PolicyRow.objects.values_list("slug", "owner_id"))
        self.rosters = Rosters(directory, owners)
        self.zones: Zones = directory.zones()

    def past(self, tickets: Sequence[TicketRow]) -> list[Past]:
        return self.library.read(tickets, self.question.ends_at)

    def run(self, past: Past, policy: Policy) -> tuple[Ran, datetime | None]:
        """Walk one ticket with one variant; return what it did, and when it would do more if nothing happened."""
        question = self.question
        facts = past.facts
        if question.answers == Answers.NOBODY:
            facts = [fact for fact in facts if not (fact.lived and fact.lived.answer)]
        standings = past.standings if len(facts) == len(past.facts) else _kept(past)
        simulation = simulate(
            facts, (policy, *question.children), self.rosters.resolve, KnownClocks(standings), until=question.ends_at,
            activity_answers=question.answers == Answers.WORK, moves=self.rosters.move,
        )  # fmt: skip
        instants = {step.at for step in simulation.steps if step.outcome == "catch_all"}
        told = {at: self.rosters.catch_all(at) for at in instants}
        return ran_of(simulation, policy.slug, told), simulation.next_at

    def walk(self, tickets: Sequence[TicketRow], outcome: Outcome) -> None:
        """Walk these tickets and add what comes of it."""
        for past in self.past(tickets):
            runs = tuple(self.run(past, policy)[0] for policy in self.question.variants)
            ticket = Ticket(past.number, past.ended, past.breaches)
            add(outcome.tally, count(ticket, runs, self.zones, events=len(past.facts)))
            if len(runs) == 2 and not all(ran.is_quiet for ran in runs):
                found = compare(runs[0], runs[1])
                outcome.rows.append(Row(past.id, past.number, past.ended, runs, found, past.breaches))


def _kept(past: Past) -> list[Any]:
    """Return the standings of the facts that are left when nobody answers."""
    if not past.standings:
        return []
    pairs = zip(past.facts, past.standings, strict=True)
    return [standing for fact, standing in pairs if not (fact.lived and fact.lived.answer)]


def walk_tickets(
    question: Question, rows: QuerySet[TicketRow], *, go_on: Callable[[int], bool] | None = None,
    bench: Bench | None = None,
) -> Outcome | None:  # fmt: skip
    """Walk all of `rows`. `go_on` is told how many are done after each batch; None comes back once it says no.

    `bench` is what an earlier piece of the same question was walked with.
    """
    bench, outcome, done = bench or Bench(question), Outcome(), 0
    last = -1
    with _rare_collections():
        while batch := list(rows.filter(number__gt=last).select_related("requester")[:AT_ONCE]):
            bench.walk(batch, outcome)
            last, done = batch[-1].number, done + len(batch)
            if go_on is not None and not go_on(done):
                return None
    return outcome


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Let the collector of cycles look rarely: a walk makes millions of small values and hardly a cycle (a third faster)."""
    usual = gc.get_threshold()
    gc.set_threshold(200_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def as_json(row: Row) -> dict[str, Any]:
    """Return a row's runs for keeping."""
    return {
        "runs": [ran_json(ran) for ran in row.runs],
        "breaches": [[kind, at.isoformat()] for kind, at in row.breaches],
        "sooner": row.difference.sooner,
        "later": row.difference.later,
    }


def ran_json(ran: Ran) -> dict[str, Any]:
    return {
        "fired": [[at.isoformat(), trigger, why] for at, trigger, why in ran.fired],
        "pages": [[page.at.isoformat(), page.person, page.level, page.policy] for page in ran.pages],
        "empty": [[at.isoformat(), level] for at, level in ran.empty],
    }


def ran_from(data: dict[str, Any]) -> Ran:
    """Return a run as `ran_json` kept it."""
    moment = datetime.fromisoformat
    return Ran(
        tuple((moment(at), trigger, why) for at, trigger, why in data["fired"]),
        tuple(Page(moment(at), person, level, policy) for at, person, level, policy in data["pages"]),
        tuple((moment(at), level) for at, level in data["empty"]),
    )
