"""Policies at work on a history, without a database: folds the very `settle`, `due` and `fires` of production.

Used by `tocsin replay` over imported logs, and by back-tests over our own tickets. Deterministic:
the same history and policies give the same steps, in the same order. A trigger sees only what was
known at its instant, because the history is walked forward.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tocsin.domain.escalation.logic import conditions
from tocsin.domain.escalation.logic.actions import Notify, PageCatchAll, StartChild, StopChildren
from tocsin.domain.escalation.logic.decide import initial
from tocsin.domain.escalation.logic.events import (
    Acknowledged,
    Cancelled,
    Declined,
    LevelEmpty,
    LevelReached,
    LevelSkipped,
    Progressed,
    Rebound,
    Resolved,
    Retriggered,
    RunEvent,
    Started,
    Ticked,
)
from tocsin.domain.escalation.logic.policy import TIME_DRIVEN, OnReassign, Policy, Trigger
from tocsin.domain.escalation.logic.run import RunState, RunStatus
from tocsin.domain.escalation.logic.settle import settle
from tocsin.domain.escalation.logic.simulated import Clocks, Fact, Firing, Resolve, Simulation, Step
from tocsin.domain.escalation.logic.triggers import (
    Fired,
    Instant,
    TriggerFacts,
    due,
    fires,
    happenings,
    has_fired,
)
from tocsin.domain.escalation.logic.view import TicketView

__all__ = ["Clocks", "Fact", "Firing", "Resolve", "Simulation", "Step", "simulate"]

TOP_SEVERITY = 1
BY_HAND = "by hand"


_NEW = TicketView()
_NEW_FIELDS = _NEW._asdict()
_AFTER_THE_END = ("rated", "promise")  # what happens once a ticket is resolved, and escalates all the same
_AGES = ("_minutes", "open_escalations")  # what a condition mentions that changes while nothing happens
_NOBODYS_WORK = ("customer", "asked", "opened", "machine")


@dataclass(slots=True)
class _AtWork:
    """One policy on the ticket."""

    policy: Policy
    run: RunState | None = None
    ended_at: datetime | None = None
    parent: str = ""  # slug of the policy whose level called this one
    marks: dict[str, Fired] = field(default_factory=dict)
    waits: dict[str, datetime] = field(default_factory=dict)  # trigger key -> due instant
    timed: tuple[Trigger, ...] = ()
    eventful: tuple[Trigger, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.run is not None and not self.run.ended


class _Walk:
    """The state of one simulation while its history is walked forward."""

    def __init__(
        self, policies: Sequence[Policy], resolve: Resolve, clocks: Clocks, *, activity_answers: bool,
        moves: Callable[[datetime], None] | None,
    ) -> None:  # fmt: skip
        self.at_work = [_at_work(policy) for policy in policies]
        self.is_timed = any(work.timed for work in self.at_work)
        self.resolve = resolve
        self.clocks = clocks
        self.activity_answers = activity_answers
        self.moves = moves or _still
        self.view = _NEW
        self.known = dict(_NEW_FIELDS)  # the view's fields, quick to change
        self.opened_at: datetime | None = None
        self.unassigned_since: datetime | None = None
        self.line_since: datetime | None = None
        self.last_update: datetime | None = None
        self.last_activity: datetime | None = None
        self.fired: list[Firing] = []
        self.refused: list[Firing] = []
        self.steps: list[Step] = []

    def advance(self, until: datetime) -> None:
        """Take everything that falls due up to and including `until`, each at its own instant."""
        while (soonest := self.soonest()) is not None and soonest[0] <= until:
            at, work, trigger = soonest
            if trigger is None:
                self._happen(work, Ticked(), at)
                continue
            del work.waits[trigger.key]
            instant = due(trigger, self._facts())
            if instant is None or has_fired(instant, work.marks.get(trigger.key)):
                continue
            if not self._holds(self._aged(work.policy.match, at)):
                continue
            work.marks[trigger.key] = Fired(instant.anchor, instant.mark)
            self._fire(work, trigger, "", at)

    def soonest(self) -> tuple[datetime, _AtWork, Trigger | None] | None:
        best: tuple[datetime, _AtWork, Trigger | None] | None = None
        for work in self.at_work:
            if work.run is not None and work.run.due_at is not None and (best is None or work.run.due_at < best[0]):
                best = (work.run.due_at, work, None)
            if not work.waits:
                continue
            for trigger in work.timed:
                at = work.waits.get(trigger.key)
                if at is not None and (best is None or at < best[0]):
                    best = (at, work, trigger)
        return best

    def tell(self, fact: Fact) -> None:
        """Take in what happened, let runs and event-driven triggers look at it, and wait anew."""
        before = self.view
        self._see(fact.changes)
        self._keep_times(fact, before)
        self.clocks.tell(fact, before, self.view)
        if fact.lived and fact.lived.moved_to is not None:
            self._reassign(fact, fact.lived.moved_to)
        self._answer(fact)
        if not self.view.is_open and before.is_open:
            # Children first: they are resolved too, not cancelled by their parent's end.
            for work in sorted(self.at_work, key=lambda work: not work.parent):
                if work.is_open:
                    self._happen(work, Resolved(by=fact.by or "history"), fact.at)
                work.waits.clear()
        self._look(fact, before)
        if self.view.is_open:
            self._wait_anew(fact.at)

    def _look(self, fact: Fact, before: TicketView) -> None:
        """Let event-driven triggers look; of a ticket that has ended only at what escalates all the same."""
        seen = [*happenings(fact.kind, fact.text, before, self.view), *(fact.lived.happened if fact.lived else ())]
        for happening in seen:
            if not self.view.is_open and happening.kind not in _AFTER_THE_END:
                continue
            for work in self.at_work:
                for trigger in work.eventful:
                    why = fires(trigger, happening)
                    if why:
                        self._fire(work, trigger, why, fact.at)
        for work in self.at_work:
            if fact.lived and fact.lived.by_hand and fact.lived.policy == work.policy.slug and not work.is_open:
                self.fired.append(Firing(fact.at, work.policy.slug, BY_HAND, "an agent escalated"))
                work.parent = ""
                self._begin(work, fact.at)

    def _reassign(self, fact: Fact, owner: str) -> None:
        """The ticket moved: follow the policy. Where it would ask, what was answered stands in the history."""
        for work in self.at_work:
            if work.run is None or work.run.ended or (owner and work.run.acknowledger == owner):
                continue
            if work.policy.on_reassign is OnReassign.CANCEL:
                self._happen(work, Cancelled(by=fact.by, reason="the ticket was reassigned"), fact.at)
            elif work.policy.on_reassign is OnReassign.REBIND:
                self._happen(work, Rebound(by=fact.by), fact.at)

    def _see(self, changes: Mapping[str, Any]) -> None:
        """Bring the view up to what is known now."""
        known = self.known
        changed = {name: value for name, value in changes.items() if name in known and known[name] != value}
        if changed:
            known.update(changed)
            self.view = TicketView._make(known.values())

    def _keep_times(self, fact: Fact, before: TicketView) -> None:
        if self.opened_at is None:
            self.opened_at = self.line_since = fact.at
        if self.view.has_owner:
            self.unassigned_since = None
        elif self.unassigned_since is None or before.has_owner or (fact.lived and self.view.reopens > before.reopens):
            self.unassigned_since = fact.at
        if (self.view.team, self.view.line) != (before.team, before.line):
            self.line_since = fact.at
        if fact.kind == "reply":
            self.last_update = fact.at
        if fact.lived is None:
            if fact.kind not in _NOBODYS_WORK:
                self.last_activity = fact.at
            return
        if self.view.owner != before.owner:
            self.last_activity = None  # being named is no sign of life
        if fact.lived.by_owner:
            self.last_activity = fact.at

    def _answer(self, fact: Fact) -> None:
        for work in self.at_work:
            if work.run is None or work.run.ended:
                continue
            if fact.lived and fact.lived.answer:
                event = fact.lived.answer if fact.lived.policy == work.policy.slug else None
            else:
                event = self._answer_of(fact, work.run)
            if event is not None:
                self._happen(work, event, fact.at)

    def _answer_of(self, fact: Fact, run: RunState) -> RunEvent | None:
        """What a fact answers to an open run; with `activity_answers` the next person asked is taken to answer."""
        if fact.kind == "declined":
            return Declined(by=fact.by, reason=fact.text or "history")
        if fact.kind == "acknowledged":
            return Acknowledged(by=fact.by)
        if fact.kind in _NOBODYS_WORK:
            return None
        if run.acknowledger is not None:
            worked = self.activity_answers or fact.by == run.acknowledger
            return Progressed(by=run.acknowledger) if worked else None
        if not self.activity_answers or run.status is not RunStatus.CLIMBING:
            return None
        silent = next((person for person in run.paged if person not in run.acked), None)
        return Acknowledged(by=silent) if silent else None

    def _wait_anew(self, now: datetime) -> None:
        """Arm every time-driven trigger that may come. Whether its policy watches the ticket is asked when it is due:
        the ticket is the same then, and few come so far."""
        if not self.is_timed:
            return
        facts = self._facts()
        for work in self.at_work:
            work.waits.clear()
            for trigger in work.timed:
                instant: Instant | None = due(trigger, facts)
                if instant is not None and not has_fired(instant, work.marks.get(trigger.key)):
                    work.waits[trigger.key] = max(instant.due_at, now)

    def _facts(self) -> TriggerFacts:
        opened = self.opened_at
        if opened is None:
            raise ValueError("a history begins with the opening of its ticket")
        acknowledged = [w.run.acknowledged_at for w in self.at_work if w.is_open and w.run and w.run.acknowledged_at]
        return TriggerFacts(
            opened_at=opened, unassigned_since=self.unassigned_since, last_public_update_at=self.last_update,
            acknowledged_at=max(acknowledged, default=None), last_owner_activity_at=self.last_activity,
            line=self.view.line, line_since=self.line_since, clocks=self.clocks.standing(),
        )  # fmt: skip

    def _holds(self, condition: str, *, otherwise: bool = False) -> bool:
        """Whether a condition is true; `otherwise` where it cannot be evaluated.

        That must open no escalation (false), and must keep no level from being told (true).
        """
        return not condition or conditions.holds(condition, self.view, otherwise=otherwise)

    def _fire(self, work: _AtWork, trigger: Trigger, why: str, at: datetime) -> None:
        refused = ""
        if not self._holds(self._aged(work.policy.match, at)):
            refused = "the policy does not watch this ticket"
        elif trigger.when and not self._holds(self._aged(trigger.when, at)):
            refused = "its condition is false"
        elif work.is_open:
            refused = "the policy is already at work on this ticket"
        firing = Firing(at, work.policy.slug, trigger.key, why or str(trigger.kind), refused)
        if refused:
            self.refused.append(firing)
            return
        self.fired.append(firing)
        work.parent = ""
        self._begin(work, at)

    def _begin(self, work: _AtWork, at: datetime) -> None:
        """Start a run, or reopen the last one within its window, as production does."""
        if work.run is not None and work.ended_at and at - work.ended_at <= work.policy.reopen_window:
            self._happen(work, Retriggered(by="engine"), at)
            return
        work.run = initial(work.policy)
        approved = work.policy.approval is None or self.view.priority == TOP_SEVERITY
        self._happen(work, Started(approved=approved), at)

    def _start_child(self, parent: _AtWork, slug: str, at: datetime) -> None:
        """Begin the policy that a level calls, if it takes part in this simulation."""
        for work in self.at_work:
            if work.policy.slug == slug and not work.is_open:
                work.parent = parent.policy.slug
                self._begin(work, at)

    def _stop_children(self, parent: _AtWork, reason: str, at: datetime) -> None:
        for work in self.at_work:
            if work.parent == parent.policy.slug and work.is_open:
                self._happen(work, Cancelled(by="engine", reason=f"parent: {reason}"), at)

    def _aged(self, condition: str, at: datetime) -> str:
        """Bring the ages in the view up to `at` before a condition looks at them."""
        if self.opened_at is not None and any(word in condition for word in _AGES):
            minute = timedelta(minutes=1)
            ages = {
                "age_minutes": (at - self.opened_at) // minute,
                "idle_minutes": (at - (self.last_update or self.opened_at)) // minute,
                "open_escalations": sum(work.is_open for work in self.at_work),
            }
            self._see(ages)
        return condition

    def _happen(self, work: _AtWork, event: RunEvent, at: datetime) -> None:
        policy, slug = work.policy, work.policy.slug
        if work.run is None:
            return
        outcomes: list[Step] = []
        self.moves(at)

        def resolve(ask: Notify) -> LevelReached | LevelEmpty | LevelSkipped:
            when = policy.levels[ask.level - 1].when if not ask.people else ""
            if when and not self._holds(self._aged(when, at), otherwise=True):
                outcomes.append(Step(at, slug, ask.cycle, ask.level, (), "skipped"))
                return LevelSkipped(ask.level, "its condition is false")
            answer = LevelReached(ask.level, ask.people) if ask.people else self.resolve(policy, ask, self.view)
            people = answer.people if isinstance(answer, LevelReached) else ()
            outcomes.append(Step(at, slug, ask.cycle, ask.level, people, "paged" if people else "empty"))
            return answer

        decision = settle(policy, work.run, event, at, resolve)
        for action in decision.actions:
            if isinstance(action, PageCatchAll):
                outcomes.append(Step(at, slug, action.cycle, action.level, ("catch-all",), "catch_all"))
        if decision.run.ended and not work.run.ended:
            work.ended_at = at
        work.run = decision.run
        self.steps.extend(outcomes)
        for action in decision.actions:
            if isinstance(action, StartChild):
                self._start_child(work, action.policy, at)
            elif isinstance(action, StopChildren):
                self._stop_children(work, action.reason, at)


def _still(at: datetime) -> None:
    """Nobody wants to know the instant."""
    del at


def _at_work(policy: Policy) -> _AtWork:
    timed = tuple(t for t in policy.triggers if t.kind in TIME_DRIVEN)
    return _AtWork(policy, timed=timed, eventful=tuple(t for t in policy.triggers if t.kind not in TIME_DRIVEN))


def simulate(
    history: Sequence[Fact],
    policies: Sequence[Policy],
    resolve: Resolve,
    clocks: Clocks,
    *,
    until: datetime | None = None,
    activity_answers: bool = False,
    moves: Callable[[datetime], None] | None = None,
) -> Simulation:
    """Walk `history` (in order of time, beginning with kind "opened") and return what the policies would have done.

    A policy that a level calls runs as a child if it is among `policies`. `resolve` says whom a level
    would have reached; `clocks` carries the ticket's SLA clocks. `until` lets time go on after the last
    fact. With `activity_answers` the first work on the ticket after a page counts as its
    acknowledgement: logs hold no answers of their own. `moves` is told the instant before `resolve` is asked.
    """
    walk = _Walk(policies, resolve, clocks, activity_answers=activity_answers, moves=moves)
    for fact in history:
        if walk.opened_at is not None:
            walk.advance(fact.at)
        walk.tell(fact)
    if until is not None and walk.opened_at is not None:
        walk.advance(until)
    ends = {w.policy.slug: str(w.run.status) for w in walk.at_work if w.run is not None}
    soonest = walk.soonest()
    next_at = soonest[0] if soonest else None
    return Simulation(tuple(walk.fired), tuple(walk.refused), tuple(walk.steps), ends, next_at)
