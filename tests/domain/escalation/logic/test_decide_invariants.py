"""Whatever happens in whatever order: what must hold of every run (SECURITY 1, 4, 5; SEMANTICS 4)."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tocsin.domain.escalation.logic import actions as a
from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.decide import initial
from tocsin.domain.escalation.logic.policy import (
    AckMode,
    Level,
    LevelCondition,
    Policy,
    Repeat,
    Target,
    TargetKind,
    Terminal,
)
from tocsin.domain.escalation.logic.run import RunState, RunStatus
from tocsin.domain.escalation.logic.run_json import as_json, from_json
from tocsin.domain.escalation.logic.settle import settle

PEOPLE = ("ana", "ben", "kai")
people = st.sampled_from(PEOPLE)
delays = st.sampled_from([0, 0, 1, 5, 30]).map(lambda m: timedelta(minutes=m))
levels = st.builds(
    Level,
    name=st.just("level"),
    targets=st.just((Target(TargetKind.OWNER),)),
    delay=delays,
    ack=st.sampled_from(AckMode),
    condition=st.sampled_from(LevelCondition),
)
repeats = st.builds(
    Repeat,
    times=st.integers(0, 2),
    after=st.sampled_from([1, 20]).map(lambda m: timedelta(minutes=m)),
    terminal=st.sampled_from(Terminal),
    every=st.just(timedelta(minutes=15)),
)


class Runs(RuleBasedStateMachine):
    @initialize(rungs=st.lists(levels, min_size=1, max_size=4), repeat=repeats)
    def begin(self, rungs: list[Level], repeat: Repeat) -> None:
        self.policy = Policy("p", "P", "technical", "complexity", "functional", tuple(rungs), repeat=repeat)
        self.now = datetime(2026, 3, 4, tzinfo=UTC)
        self.run: RunState = initial(self.policy)
        self.reaches: tuple[str, ...] = PEOPLE
        self.told: set[tuple[int, int, str]] = set()
        self._happen(e.Started())

    def _happen(self, event: e.RunEvent) -> tuple[a.Action, ...]:
        before = self.run

        def resolve(ask: a.Notify) -> e.RunEvent:
            assert not before.ended or isinstance(event, e.Retriggered), "an ended run pages nobody"
            found = ask.people or self.reaches
            for person in found:
                assert (ask.cycle, ask.level, person) not in self.told, "a delivery would be created twice"
                self.told.add((ask.cycle, ask.level, person))
            return e.LevelReached(ask.level, found) if found else e.LevelEmpty(ask.level, "nobody")

        self.run, actions = settle(self.policy, before, event, self.now, resolve)
        self.run = from_json(as_json(self.run))
        return actions

    @rule(minutes=st.sampled_from([0, 1, 5, 16, 31, 500]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        before = self.run
        actions = self._happen(e.Ticked())
        if before.status is RunStatus.ACKNOWLEDGED and self.run.acknowledger == before.acknowledger:
            opened = [self.policy.levels[x.level - 1] for x in actions if isinstance(x, a.Notify)]
            assert all(level.condition is LevelCondition.NOT_RESOLVED for level in opened)
        again = self.run
        assert self._happen(e.Ticked()) == ()
        assert self.run == again, "a duplicate tick is a no-op"
        assert self.run.due_at is None or self.run.due_at > self.now

    @rule(who=people, back=st.integers(0, 1))
    def acknowledge(self, who: str, back: int) -> None:
        before = self.run
        self._happen(e.Acknowledged(who, cycle=before.cycle - back))
        if back or before.ended:
            assert self.run == before

    @rule(who=people)
    def decline(self, who: str) -> None:
        self._happen(e.Declined(who, "busy"))

    @rule(who=people, minutes=st.sampled_from([1, 60, 999]))
    def snooze(self, who: str, minutes: int) -> None:
        self._happen(e.Snoozed(who, timedelta(minutes=minutes)))

    @rule(who=people)
    def progress(self, who: str) -> None:
        self._happen(e.Progressed(who))

    @rule()
    def call_next(self) -> None:
        self._happen(e.NextCalled("ana"))

    @rule()
    def rebind(self) -> None:
        self._happen(e.Rebound("ana"))

    @rule(level=st.integers(1, 4))
    def deliveries_fail(self, level: int) -> None:
        self._happen(e.LevelEmpty(level, "every method failed"))

    @rule(minutes=st.sampled_from([1, 60]))
    def maintenance(self, minutes: int) -> None:
        self._happen(e.MaintenanceBegan(self.now + timedelta(minutes=minutes)))

    @rule(nobody=st.booleans())
    def reachability_changes(self, nobody: bool) -> None:
        self.reaches = () if nobody else PEOPLE

    @rule(event=st.sampled_from([e.Resolved("ana"), e.Cancelled("ana", "why"), e.DeEscalated("ana", "why")]))
    def end(self, event: e.RunEvent) -> None:
        was_open = not self.run.ended
        actions = self._happen(event)
        assert self.run.ended
        assert any(isinstance(x, a.Withdraw) for x in actions) == was_open

    @rule()
    def retrigger(self) -> None:
        self._happen(e.Retriggered("engine"))

    @invariant()
    def every_unanswered_run_ends_or_has_a_due_time(self) -> None:
        if self.run.ended:
            assert self.run.due_at is None
        elif self.run.status is not RunStatus.EXHAUSTED:
            assert self.run.due_at is not None
        assert 0 <= self.run.level <= len(self.policy.levels)


Runs.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestRuns = Runs.TestCase
