"""Opening levels, what follows them, and catching up after downtime (SEMANTICS 4). Pure."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

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

SHORTEST_REPEAT = timedelta(seconds=10)  # as a policy may say at the least: one that repeats at once pages without end
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

    While somebody has it in hand (or asleep) only levels on "not resolved" follow; the delays of those
    passed over still count, so that "tell management after four hours" means four hours either way.
    """
    return _next_while_held(policy, level) if run.held else _next(policy, level)


def _next(policy: Policy, level: int) -> tuple[int, timedelta] | None:
    return (level + 1, policy.levels[level].delay) if level < len(policy.levels) else None


def _next_while_held(policy: Policy, level: int) -> tuple[int, timedelta] | None:
    delay = timedelta()
    for number, rung in enumerate(policy.levels[level:], start=level + 1):
        delay += rung.delay
        if rung.condition is LevelCondition.NOT_RESOLVED:
            return number, delay
    return None


def planned_while_held(policy: Policy, run: RunState, now: datetime) -> tuple[Due | None, datetime | None]:
    """Return what follows the open level, and when, from the moment on that somebody has it in hand."""
    following = _next_while_held(policy, run.level)
    return (Due.LEVEL, (run.level_due_at or now) + following[1]) if following else (None, None)


def open_level(policy: Policy, run: RunState, number: int, due: datetime, *, people: tuple[str, ...] = ()) -> Decision:
    """Open level `number`, due at `due` (which may lie a little back; the next delay counts from it).

    Those paged before stay asked until the level has reached somebody. A level that only calls a policy
    has nobody to resolve, unless its own condition has to be looked at.
    """
    level = policy.levels[number - 1]
    run = run._replace(level=number, level_due_at=due, awaiting=True, climb_at=None, climb=None)
    if level.targets or people or level.when:
        return Decision(run, (Notify(run.cycle, number, level.targets, level.urgent, people, run.declined),))
    return child_level_opened(policy, run, due)


def child_level_opened(policy: Policy, run: RunState, now: datetime) -> Decision:
    """The open level has no people of its own: its policy takes over, and the climb goes on beside it."""
    note = Journal("child_level_opened", {"cycle": run.cycle, "level": run.level, "policy": calls(policy, run)})
    after = follow(policy, run, now, awaiting=False, reached=run.reached + 1)
    return Decision(after.run, (StartChild(calls(policy, run), run.level), note, *after.actions))


def calls(policy: Policy, run: RunState) -> str:
    """Return the policy that the open level starts as a child; empty while only the snoozer is asked."""
    return "" if run.phase is Phase.RESUMING else policy.levels[run.level - 1].policy


_FRESH: dict[str, Any] = {
    "status": RunStatus.CLIMBING, "phase": Phase.CLIMB, "asked": 0, "paged": (), "acked": (), "declined": (),
    "acknowledger": None, "acknowledged_at": None, "reminded": False, "reached": 0, "climb_at": None, "climb": None,
    "hold_at": None, "hold": None, "snoozed_by": None, "snoozed_until": None,
}  # fmt: skip


def new_cycle(run: RunState, **changes: Any) -> RunState:
    """Begin another pass: people may be paged again, and earlier answers no longer count."""
    return run._replace(**{**_FRESH, "cycle": run.cycle + 1, **changes})


def follow(policy: Policy, run: RunState, now: datetime, **changes: Any) -> Decision:
    """Plan what follows the open level; a following level with delay 0 opens at once. `changes` go into the state."""
    opened = run.level_due_at or now
    due, at = plan(policy, run, opened)
    if due is Due.LEVEL and at is not None and at <= now:
        following = next_level(policy, run, run.level)
        if following is not None:
            return open_level(policy, run._replace(**changes) if changes else run, following[0], at)
    return Decision(run._replace(climb=due, climb_at=at, **changes))


def plan(policy: Policy, run: RunState, opened: datetime) -> tuple[Due | None, datetime | None]:
    """Return what follows the open level, which was due at `opened`, and when."""
    if run.phase is Phase.RESUMING:
        return Due.RESUME, opened + _resume_after(policy, run)
    if run.phase is Phase.KEEPING:
        return Due.KEEP_PAGING, opened + _keeping_every(policy)
    following = next_level(policy, run, run.level)
    if following is not None:
        return Due.LEVEL, opened + following[1]
    return (None, None) if run.held else (Due.REPEAT, opened + _repeat_after(policy))


def _repeat_after(policy: Policy) -> timedelta:
    return max(policy.repeat.after, SHORTEST_REPEAT)


def _resume_after(policy: Policy, run: RunState) -> timedelta:
    following = next_level(policy, run, run.level)
    return max(following[1] if following else timedelta(), SHORTEST_RESUME)


def climb_on(policy: Policy, run: RunState, now: datetime) -> Decision:
    """Go to the next target at once: nobody is left on the open level who could answer."""
    if run.phase is Phase.RESUMING:  # only the snoozer was asked: now everybody on the level is
        return open_level(policy, new_cycle(run, declined=run.declined), run.level, now)
    number = _next_target(policy, run)
    if number is not None:
        return open_level(policy, run._replace(phase=Phase.CLIMB), number, now)
    more = run.repeats < policy.repeat.times
    if run.climb_at is not None and (more or run.phase is Phase.KEEPING):
        return Decision(run)  # the next pass is planned, and those of the levels below may still answer
    return _pass_again(policy, run, now) if more else take_terminal(policy, run, now)


def _next_target(policy: Policy, run: RunState) -> int | None:
    """Return the level that is paged at once when nobody can answer on the open one; None: it is the last.

    A level that somebody called for although it was not its turn is followed by the one after it,
    whatever that one's condition: they want a person, not the ladder's plan.
    """
    if run.held and policy.levels[run.level - 1].condition is LevelCondition.NOT_ACKNOWLEDGED:
        return run.level + 1 if run.level < len(policy.levels) else None
    following = next_level(policy, run, run.level)
    return following[0] if following else None


def _pass_again(policy: Policy, run: RunState, now: datetime) -> Decision:
    """Nobody is asked any more, and no level follows: the next pass begins at once."""
    fresh = new_cycle(run, repeats=run.repeats + 1, declined=run.declined)
    opened = open_level(policy, fresh, 1, now)
    return Decision(opened.run, (Journal("repeated", {"cycle": fresh.cycle, "repeat": fresh.repeats}), *opened.actions))


def level_is_empty(policy: Policy, run: RunState, number: int, reason: str, now: datetime) -> Decision:
    """Nobody on level `number` (the open one, or one below whose deliveries failed later) can be reached.

    Say so, warn the policy's owner and climb at once; an empty ladder pages the catch-all (SEMANTICS 4).
    """
    data = {"cycle": run.cycle, "level": number, "reason": reason}
    actions: list[Action] = [Journal("level_empty", data), WarnPolicyOwner(number, reason)]
    run = run._replace(awaiting=False)
    if run.phase is Phase.RESUMING or _next_target(policy, run) is not None:
        after = climb_on(policy, run, now)
        return Decision(after.run, (*actions, *after.actions))
    if run.reached == 0 and not run.held:
        run, page = _page_catch_all(run, "ladder_empty")
        actions.append(page)
    if run.climb_at is not None:
        return Decision(run, tuple(actions))  # failed later: what was planned at the opening stands
    after = follow(policy, run, now)
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
        kept = new_cycle(run, phase=Phase.KEEPING, declined=run.declined)
        again = open_level(policy, kept, len(policy.levels), now)
        return Decision(again.run, (note, alarm, *again.actions))
    waiting = run._replace(status=RunStatus.EXHAUSTED, phase=Phase.CLIMB, climb=None, climb_at=None)
    waiting, page = _page_catch_all(waiting, "unanswered")
    return Decision(waiting, (note, alarm, page))


def _page_catch_all(run: RunState, reason: str) -> tuple[RunState, PageCatchAll]:
    """Page the catch-all; a second time in a cycle begins another one: the same page is never made twice."""
    cycle = run.cycle + 1 if run.catch_all == run.cycle else run.cycle
    return run._replace(cycle=cycle, catch_all=cycle), PageCatchAll(cycle, run.level, reason)


def overtaken(policy: Policy, run: RunState, until: datetime) -> Decision:
    """Levels that fell due before a person's hold ran out, both unseen: the hold's end goes on from the highest."""
    if run.climb_at is None or run.climb_at > until:
        return Decision(run)
    found = _due_now(policy, run, until)
    return Decision(run._replace(level=found.step.level), (_missed([*found.missed, found.step]),))


def climb_due(policy: Policy, run: RunState, now: datetime) -> Decision:
    """The ladder's next step is due. After downtime only the step due now is taken; the missed are journalled."""
    found = _due_now(policy, run, now)
    step = found.step
    actions: list[Action] = []
    if found.missed:
        actions.append(_missed(found.missed, found.more))
    if step.phase is Phase.KEEPING and run.phase is not Phase.KEEPING and step.level:
        actions.append(Alarm(f"unanswered: {policy.repeat.terminal}"))
    if step.level == 0:
        taken = take_terminal(policy, run._replace(repeats=step.repeats, declined=()), step.at)
    elif step.again:
        fresh = new_cycle(run, repeats=step.repeats, phase=step.phase)
        if step.repeats != run.repeats:
            actions.append(Journal("repeated", {"cycle": fresh.cycle, "repeat": step.repeats}))
        taken = open_level(policy, fresh, step.level, step.at)
    else:
        taken = open_level(policy, run, step.level, step.at)
    return Decision(taken.run, (*actions, *taken.actions))


def _missed(steps: list[Step], more: int = 0) -> Journal:
    told = [{"level": m.level, "repeat": m.repeats, "due_at": m.at.isoformat()} for m in steps[:MOST_TOLD]]
    return Journal("missed", {"count": len(steps) + more, "steps": told})


class _Found(NamedTuple):
    step: Step  # the latest that is due
    missed: list[Step]  # the earlier ones, which nobody took in time
    more: int = 0  # missed beyond those


def _due_now(policy: Policy, run: RunState, now: datetime) -> _Found:
    """Return the latest step that is due at `now`, and the earlier ones that nobody took in time."""
    step = last = _planned(policy, run)
    missed: list[Step] = []
    together = [step]  # steps of one instant (delay 0) are taken or missed together
    while last.phase is not Phase.KEEPING and (following := _after(policy, run, last)) and following.at <= now:
        if following.at > step.at:
            missed += together
            step, together = following, []
        together.append(following)
        last = following
    if step.phase is Phase.KEEPING:
        return _kept(policy, step, missed, now)
    if step.level == 0 and policy.repeat.terminal is Terminal.EXPIRE and missed:
        # Expiring unseen would be silence: the last level is told first, and the end follows in its time.
        return _Found(missed.pop()._replace(at=now), missed)
    return _Found(step, missed)


def _kept(policy: Policy, first: Step, missed: list[Step], now: datetime) -> _Found:
    """The last level is paged again and again: count what a long downtime missed, do not walk it."""
    every = _keeping_every(policy)
    times = (now - first.at) // every
    if times == 0:
        return _Found(first, missed)
    again = first._replace(level=len(policy.levels))
    told = [first, *(again._replace(at=first.at + every * n) for n in range(1, min(times, MOST_TOLD)))]
    return _Found(again._replace(at=first.at + every * times), [*missed, *told], times - len(told))


def _keeping_every(policy: Policy) -> timedelta:
    return max(policy.repeat.every, SHORTEST_REPEAT)


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
    if step.level == 0:
        return None
    following = next_level(policy, run, step.level)
    if following is None:
        if run.held:
            return None
        return _repeat_or_terminal(policy, step.at + _repeat_after(policy), step.repeats)
    return Step(step.at + following[1], step.again, following[0], step.repeats)
