"""Opening levels, what follows them, and catching up after downtime (SEMANTICS 4). Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.domain.escalation.logic.actions import (
    Action,
    Alarm,
    Decision,
    Journal,
    Notify,
    PageCatchAll,
    StartChild,
    StopChildren,
    WarnPolicyOwner,
    Withdraw,
)
from tocsin.domain.escalation.logic.policy import LevelCondition, Policy, Terminal
from tocsin.domain.escalation.logic.run import Due, Phase, RunState, RunStatus

SHORTEST_REPEAT = timedelta(minutes=1)  # a ladder that repeats at once would page without end
SHORTEST_RESUME = timedelta(minutes=5)  # the snoozer's time to answer before everybody is paged again

MOST_TOLD = 20  # missed steps spelled out in one entry


class Step(NamedTuple):
    """One step of the ladder at its planned instant. `level` 0 stands for the terminal action."""

    at: datetime
    again: bool  # people may have been paged on this level before: it begins a new cycle
    level: int
    repeats: int
    phase: Phase = Phase.CLIMB


def next_level(policy: Policy, run: RunState, level: int) -> tuple[int, timedelta] | None:
    """Return (number, delay) of the level that follows `level`, or None at the top.

    While acknowledged only levels on "not resolved" follow; the delays of those passed over still
    count, so that "tell management after four hours" means four hours either way.
    """
    delay = timedelta()
    for number in range(level + 1, len(policy.levels) + 1):
        rung = policy.levels[number - 1]
        delay += rung.delay
        if run.acknowledger is None or rung.condition is LevelCondition.NOT_RESOLVED:
            return number, delay
    return None


def open_level(policy: Policy, run: RunState, number: int, due: datetime, *, people: tuple[str, ...] = ()) -> Decision:
    """Open level `number`, due at `due` (which may lie a little back; the next delay counts from it)."""
    level = policy.levels[number - 1]
    acked = () if run.acknowledger is None else run.acked
    run = run._replace(level=number, level_due_at=due, paged=(), acked=acked, climb_at=None, climb=None)
    actions: list[Action] = []
    if level.policy and not people:
        actions.append(StartChild(level.policy, number))
    if level.targets or people:
        actions.append(Notify(run.cycle, number, level.targets, level.urgent, people))
        return Decision(run, tuple(actions))
    actions.append(Journal("child_level_opened", {"cycle": run.cycle, "level": number, "policy": level.policy}))
    after = follow(policy, run._replace(reached=run.reached + 1), due)
    return Decision(after.run, (*actions, *after.actions))


def new_cycle(run: RunState, **changes: object) -> RunState:
    """Begin another pass: people may be paged again, and earlier answers no longer count."""
    fresh = run._replace(
        cycle=run.cycle + 1, status=RunStatus.CLIMBING, paged=(), acked=(), declined=(), acknowledger=None,
        acknowledged_at=None, reminded=False, reached=0, climb_at=None, climb=None, hold_at=None, hold=None,
        snoozed_by=None, snoozed_until=None, phase=Phase.CLIMB,
    )  # fmt: skip
    return fresh._replace(**changes)  # type: ignore[arg-type]  # - keywords are fields of RunState


def follow(policy: Policy, run: RunState, now: datetime, *, plan_only: bool = False) -> Decision:
    """Plan what follows the open level; a following level with delay 0 opens at once (unless `plan_only`)."""
    opened = run.level_due_at or now
    if run.phase is Phase.RESUMING:
        return Decision(run._replace(climb=Due.RESUME, climb_at=opened + _resume_after(policy, run)))
    if run.phase is Phase.KEEPING:
        every = max(policy.repeat.every, SHORTEST_REPEAT)
        return Decision(run._replace(climb=Due.KEEP_PAGING, climb_at=opened + every))
    following = next_level(policy, run, run.level)
    if following is None:
        if run.acknowledger is not None:
            return Decision(run._replace(climb=None, climb_at=None))
        return Decision(run._replace(climb=Due.REPEAT, climb_at=opened + _repeat_after(policy)))
    number, delay = following
    if opened + delay <= now and not plan_only:
        return open_level(policy, run, number, opened + delay)
    return Decision(run._replace(climb=Due.LEVEL, climb_at=opened + delay))


def _repeat_after(policy: Policy) -> timedelta:
    return max(policy.repeat.after, SHORTEST_REPEAT)


def _resume_after(policy: Policy, run: RunState) -> timedelta:
    following = next_level(policy, run, run.level)
    return max(following[1] if following else timedelta(), SHORTEST_RESUME)


def climb_on(policy: Policy, run: RunState, now: datetime) -> Decision:
    """Go to the next level at once: an empty level, a decline with nobody left, or somebody called for it."""
    following = next_level(policy, run, run.level)
    if following is not None:
        return open_level(policy, run._replace(phase=Phase.CLIMB), following[0], now)
    if run.repeats < policy.repeat.times:
        return Decision(run._replace(climb=Due.REPEAT, climb_at=run.climb_at or now + _repeat_after(policy)))
    return take_terminal(policy, run._replace(phase=Phase.CLIMB), now)


def level_is_empty(policy: Policy, run: RunState, reason: str, now: datetime) -> Decision:
    """Nobody on the open level: say so, warn the policy's owner, climb at once; an empty ladder pages the catch-all."""
    data = {"cycle": run.cycle, "level": run.level, "reason": reason}
    actions: list[Action] = [Journal("level_empty", data), WarnPolicyOwner(run.level, reason)]
    run = run._replace(level_due_at=now, paged=())
    if run.phase is Phase.RESUMING:
        again = open_level(policy, new_cycle(run), run.level, now)
        return Decision(again.run, (*actions, *again.actions))
    at_the_top = next_level(policy, run, run.level) is None
    if at_the_top and run.reached == 0 and run.acknowledger is None:
        actions.append(PageCatchAll(run.cycle, run.level, "ladder_empty"))
    if at_the_top:
        after = follow(policy, run, now)
        return Decision(after.run, (*actions, *after.actions))
    after = climb_on(policy, run, now)
    return Decision(after.run, (*actions, *after.actions))


def take_terminal(policy: Policy, run: RunState, now: datetime) -> Decision:
    """The last repeat is over and nobody answered (SEMANTICS 4: a mandatory terminal action)."""
    kind = policy.repeat.terminal
    note = Journal("terminal", {"action": str(kind), "cycle": run.cycle, "repeats": run.repeats})
    alarm = Alarm(f"unanswered: {kind}")
    if kind is Terminal.EXPIRE:
        ended = run._replace(status=RunStatus.EXPIRED, climb=None, climb_at=None, hold=None, hold_at=None)
        return Decision(ended, (note, alarm, Withdraw("expired"), StopChildren("expired")))
    if kind is Terminal.KEEP_PAGING:
        kept = new_cycle(run, phase=Phase.KEEPING)
        again = open_level(policy, kept, len(policy.levels), now)
        return Decision(again.run, (note, alarm, *again.actions))
    waiting = run._replace(status=RunStatus.EXHAUSTED, climb=None, climb_at=None)
    return Decision(waiting, (note, alarm, PageCatchAll(run.cycle, run.level, "unanswered")))


def climb_due(policy: Policy, run: RunState, now: datetime) -> Decision:
    """The ladder's next step is due. After downtime only the step due now is taken; the missed are journalled."""
    step, missed = _due_now(policy, run, now)
    actions: list[Action] = []
    if missed:
        told = [{"level": m.level, "repeat": m.repeats, "due_at": m.at.isoformat()} for m in missed[:MOST_TOLD]]
        actions.append(Journal("missed", {"count": len(missed), "steps": told}))
    if step.phase is Phase.KEEPING and run.phase is not Phase.KEEPING and step.level:
        actions.append(Alarm(f"unanswered: {policy.repeat.terminal}"))
    if step.level == 0:
        taken = take_terminal(policy, run._replace(repeats=step.repeats), step.at)
    elif step.again:
        fresh = new_cycle(run, repeats=step.repeats, phase=step.phase)
        if step.repeats != run.repeats:
            actions.append(Journal("repeated", {"cycle": fresh.cycle, "repeat": step.repeats}))
        taken = open_level(policy, fresh, step.level, step.at)
    else:
        taken = open_level(policy, run, step.level, step.at)
    return Decision(taken.run, (*actions, *taken.actions))


def _due_now(policy: Policy, run: RunState, now: datetime) -> tuple[Step, list[Step]]:
    """Return the latest step that is due at `now`, and the earlier ones that nobody took in time."""
    step = last = _planned(policy, run)
    missed: list[Step] = []
    together = [step]  # steps of one instant (delay 0) are taken or missed together
    while (following := _after(policy, run, last)) is not None and following.at <= now:
        if following.at > step.at:
            missed += together
            step, together = following, []
        together.append(following)
        last = following
    if step.level == 0 and policy.repeat.terminal is Terminal.EXPIRE and missed:
        # Expiring unseen would be silence: the last level is told first, and the end follows in its time.
        return missed.pop()._replace(at=now), missed
    return step, missed


def _planned(policy: Policy, run: RunState) -> Step:
    at = run.climb_at
    if at is None:
        raise ValueError("nothing of the ladder is planned")
    if run.climb is Due.REPEAT:
        return _repeat_or_terminal(policy, at, run.repeats)
    if run.climb is Due.RESUME:
        return Step(at, True, max(run.level, 1), run.repeats)
    if run.climb is Due.KEEP_PAGING:
        return Step(at, True, len(policy.levels), run.repeats, Phase.KEEPING)
    following = next_level(policy, run, run.level)
    if following is None:
        return _repeat_or_terminal(policy, at, run.repeats)
    return Step(at, False, following[0], run.repeats)


def _repeat_or_terminal(policy: Policy, at: datetime, repeats: int) -> Step:
    if repeats < policy.repeat.times:
        return Step(at, True, 1, repeats + 1)
    phase = Phase.KEEPING if policy.repeat.terminal is Terminal.KEEP_PAGING else Phase.CLIMB
    return Step(at, True, 0, repeats, phase)


def _after(policy: Policy, run: RunState, step: Step) -> Step | None:
    if step.phase is Phase.KEEPING:
        every = max(policy.repeat.every, SHORTEST_REPEAT)
        return Step(step.at + every, True, len(policy.levels), step.repeats, Phase.KEEPING)
    if step.level == 0:
        return None
    following = next_level(policy, run, step.level)
    if following is None:
        if run.acknowledger is not None:
            return None
        return _repeat_or_terminal(policy, step.at + _repeat_after(policy), step.repeats)
    return Step(step.at + following[1], step.again, following[0], step.repeats)
