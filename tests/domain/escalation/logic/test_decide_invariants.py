"""Whatever happens in whatever order: what must hold of every run (SECURITY 1, 4, 5; SEMANTICS 4)."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tocsin.domain.escalation.logic import actions as a
from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.decide import decide, initial
from tocsin.domain.escalation.logic.policy import (
    AckMode,
    Approval,
    Level,
    LevelCondition,
    OnApprovalTimeout,
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
OWNER = (Target(TargetKind.OWNER),)
people = st.sampled_from(PEOPLE)
delays = st.sampled_from([0, 0, 1, 5, 30]).map(lambda m: timedelta(minutes=m))
levels = st.builds(
    Level,
    name=st.just("level"),
    targets=st.just(OWNER),
    delay=delays,
    ack=st.sampled_from(AckMode),
    condition=st.sampled_from(LevelCondition),
    policy=st.sampled_from(["", "", "child"]),
)
only_calling = st.builds(
    Level, name=st.just("calls"), delay=delays, when=st.sampled_from(["", "true"]), policy=st.just("child")
)
ladders = st.lists(levels | levels | only_calling, min_size=1, max_size=4).map(tuple)
repeats = st.builds(
    Repeat,
    times=st.integers(0, 2),
    after=st.sampled_from([1, 20]).map(lambda m: timedelta(minutes=m)),
    terminal=st.sampled_from(Terminal),
    every=st.just(timedelta(minutes=15)),
)
approvals = st.builds(Approval, approvers=st.just(OWNER), on_timeout=st.sampled_from(OnApprovalTimeout))

OUT_OF_ORDER = [
    e.Started(),
    e.Approved("ana"),
    e.Refused("ana", "no"),
    e.LevelReached(1, PEOPLE),
    e.LevelReached(2, PEOPLE),
    e.LevelSkipped(1, "false"),
    e.LevelSkipped(2, "false"),
]


class Runs(RuleBasedStateMachine):
    @initialize(rungs=ladders, repeat=repeats, approval=st.none() | approvals, approved=st.booleans())
    def begin(self, rungs: tuple[Level, ...], repeat: Repeat, approval: Approval | None, approved: bool) -> None:
        self.policy = Policy(
            "p", "P", "technical", "complexity", "functional", rungs, repeat=repeat, approval=approval
        )  # fmt: skip
        self.now = datetime(2026, 3, 4, tzinfo=UTC)
        self.run: RunState = initial(self.policy)
        self.reaches: tuple[str, ...] = PEOPLE
        self.skipped: frozenset[int] = frozenset()
        self.told: set[tuple[str, int, int, str]] = set()
        self._happen(e.Started(approved=approved))

    def _tell(self, purpose: str, cycle: int, level: int, person: str) -> None:
        """A page is named by these: asked for twice, it would be made once, and somebody silently not told."""
        assert (purpose, cycle, level, person) not in self.told
        assert (purpose == "page") <= level <= len(self.policy.levels)
        self.told.add((purpose, cycle, level, person))

    def _happen(self, event: e.RunEvent) -> tuple[a.Action, ...]:
        before = self.run
        opened: list[int] = []

        def resolve(ask: a.Notify) -> e.RunEvent:
            assert not before.ended or isinstance(event, e.Retriggered), "an ended run pages nobody"
            if ask.level in self.skipped and not ask.people:
                return e.LevelSkipped(ask.level, "its condition is false")
            found = ask.people or (self.reaches if ask.targets else ())
            for person in found:
                self._tell("page", ask.cycle, ask.level, person)
            opened.append(ask.level)
            return e.LevelReached(ask.level, found) if found else e.LevelEmpty(ask.level, "nobody")

        self.run, actions = settle(self.policy, before, event, self.now, resolve)
        assert not self.run.awaiting
        self.run = from_json(as_json(self.run))
        for action in actions:
            if isinstance(action, a.PageCatchAll):
                self._tell("catch_all", action.cycle, action.level, action.reason and "carl")
            if isinstance(action, a.RemindAcknowledger):
                self._tell("reminder", action.cycle, action.level, action.person)
        kinds = [type(action) for action in actions]
        if a.Withdraw in kinds and a.Notify in kinds:
            assert kinds.index(a.Withdraw) < kinds.index(a.Notify), "a page would be taken back as it is made"
        self._check_quiet(before, event, opened)
        return actions

    def _check_quiet(self, before: RunState, event: e.RunEvent, opened: list[int]) -> None:
        """Nothing is paged once somebody has it, until they run out of time, give it back, or somebody calls."""
        ran_out = isinstance(event, e.Ticked) and before.hold_at is not None and before.hold_at <= self.now
        gave_back = isinstance(event, e.Declined) and event.by == before.acknowledger
        if before.ended or ran_out or gave_back or isinstance(event, e.NextCalled | e.Rebound):
            return
        if before.held:
            conditions = {self.policy.levels[number - 1].condition for number in opened}
            assert conditions <= {LevelCondition.NOT_RESOLVED}

    @rule(minutes=st.sampled_from([0, 1, 5, 16, 31, 500]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self._happen(e.Ticked())
        again = self.run
        assert decide(self.policy, again, e.Ticked(), self.now) == (again, ()), "a duplicate tick is a no-op"
        assert self.run.due_at is None or self.run.due_at > self.now

    @rule(who=people, back=st.integers(0, 1))
    def acknowledge(self, who: str, back: int) -> None:
        before = self.run
        self._happen(e.Acknowledged(who, cycle=before.cycle - back))
        if back or before.ended:
            assert self.run == before
            return
        assert self.run.status is not RunStatus.EXHAUSTED
        once = self.run
        self._happen(e.Acknowledged(who))
        assert self.run == once, "an acknowledgement is idempotent"

    @rule(who=people)
    def decline(self, who: str) -> None:
        self._happen(e.Declined(who, "busy"))
        assert who != self.run.acknowledger or self.run.ended

    @rule(who=people, minutes=st.sampled_from([1, 60, 999]))
    def snooze(self, who: str, minutes: int) -> None:
        self._happen(e.Snoozed(who, timedelta(minutes=minutes)))
        until = self.run.snoozed_until
        assert until is None or until <= self.now + self.policy.snooze_cap

    @rule(who=people)
    def progress(self, who: str) -> None:
        self._happen(e.Progressed(who))

    @rule()
    def call_next(self) -> None:
        self._happen(e.NextCalled("ana"))

    @rule()
    def rebind(self) -> None:
        self._happen(e.Rebound("ana"))

    @rule(rungs=ladders, repeat=repeats)
    def rebase(self, rungs: tuple[Level, ...], repeat: Repeat) -> None:
        if not self.run.ended:  # an ended run keeps its version
            self.policy = Policy("p", "P", "technical", "complexity", "functional", rungs, repeat=repeat)
        self._happen(e.PolicyRebased("ana"))

    @rule(level=st.integers(1, 4))
    def deliveries_fail(self, level: int) -> None:
        self._happen(e.LevelEmpty(level, "every method failed"))

    @rule(minutes=st.sampled_from([1, 60]))
    def maintenance(self, minutes: int) -> None:
        self._happen(e.MaintenanceBegan(self.now + timedelta(minutes=minutes)))

    @rule(nobody=st.booleans(), skipped=st.frozensets(st.integers(1, 4)))
    def the_world_changes(self, nobody: bool, skipped: frozenset[int]) -> None:
        self.reaches = () if nobody else PEOPLE
        self.skipped = skipped

    @rule(event=st.sampled_from(OUT_OF_ORDER))
    def something_comes_out_of_order(self, event: e.RunEvent) -> None:
        before = self.run
        self._happen(event)
        if before.status is not RunStatus.PENDING_APPROVAL:
            assert self.run == before

    @rule(event=st.sampled_from([e.Resolved("ana"), e.Cancelled("ana", "why"), e.DeEscalated("ana", "why")]))
    def end(self, event: e.RunEvent) -> None:
        was_open = not self.run.ended
        actions = self._happen(event)
        assert self.run.ended
        assert any(isinstance(x, a.Withdraw) for x in actions) == was_open

    @rule(approved=st.booleans())
    def retrigger(self, approved: bool) -> None:
        self._happen(e.Retriggered("engine", approved=approved))

    @invariant()
    def every_unanswered_run_ends_or_has_a_due_time(self) -> None:
        if self.run.ended or self.run.status is RunStatus.EXHAUSTED:
            assert self.run.due_at is None
        else:
            assert self.run.due_at is not None
        assert 0 <= self.run.level <= len(self.policy.levels)

    @invariant()
    def its_parts_agree(self) -> None:
        run = self.run
        assert (run.status is RunStatus.ACKNOWLEDGED) <= (run.acknowledger is not None)
        assert (run.status is RunStatus.CLIMBING) <= (run.acknowledger is None and run.hold is None)
        assert (run.status is RunStatus.SNOOZED) == (run.snoozed_until is not None) or run.ended
        assert not set(run.acked) & set(run.declined)
        assert 0 <= run.asked <= run.level


Runs.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestRuns = Runs.TestCase
