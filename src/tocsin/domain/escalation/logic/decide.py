"""The decider: (policy, run, event, now) -> what the run is from now on, and what is to be done (SEMANTICS 4).

Pure and total. An event that means nothing in the present state returns the very same run; where
people should be able to read later that it came (a late acknowledgement, a stale link), with an entry.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tocsin.domain.escalation.logic import answers, climb
from tocsin.domain.escalation.logic import events as e
from tocsin.domain.escalation.logic.actions import (
    Action,
    AskApproval,
    Decision,
    Journal,
    RemindAcknowledger,
    StartChild,
    StopChildren,
    Withdraw,
)
from tocsin.domain.escalation.logic.policy import OnApprovalTimeout, Policy
from tocsin.domain.escalation.logic.run import Due, Phase, RunState, RunStatus

LONGEST_GRACE = timedelta(minutes=5)  # between the reminder of a timed-out acknowledgement and the climb


def initial(policy: Policy) -> RunState:  # noqa: ARG001 - a run's beginning may come to depend on its policy
    """Return the state of a run that has not been started."""
    return RunState(status=RunStatus.CLIMBING)


def decide(policy: Policy, run: RunState, event: e.RunEvent, now: datetime) -> Decision:
    """Return the run after `event` at `now` (aware, UTC) and the actions to carry out, in order."""
    return _DECIDERS[type(event)](policy, run, event, now)


def _started(policy: Policy, run: RunState, event: e.Started, now: datetime) -> Decision:
    if run.level_due_at is not None or run.due_at is not None or run.ended:
        return Decision(run)
    return _begin(policy, run, now) if event.approved else _demand_approval(policy, run, now)


def _demand_approval(policy: Policy, run: RunState, now: datetime) -> Decision:
    if policy.approval is None:
        return _begin(policy, run, now)
    until = now + policy.approval.timeout
    waiting = run._replace(status=RunStatus.PENDING_APPROVAL, hold=Due.APPROVAL_TIMEOUT, hold_at=until)
    return Decision(waiting, (AskApproval(policy.approval.approvers, until),))


def _begin(policy: Policy, run: RunState, now: datetime) -> Decision:
    started = run._replace(
        status=RunStatus.CLIMBING, level=0, level_due_at=now, hold=None, hold_at=None, phase=Phase.CLIMB
    )
    return climb.follow(policy, started, now)


def _approved(policy: Policy, run: RunState, event: e.Approved, now: datetime) -> Decision:
    if run.status is not RunStatus.PENDING_APPROVAL:
        return Decision(run)
    begun = _begin(policy, run, now)
    return Decision(begun.run, (Journal("approved", {"by": event.by}), *begun.actions))


def _refused(_policy: Policy, run: RunState, event: e.Refused, _now: datetime) -> Decision:
    if run.status is not RunStatus.PENDING_APPROVAL:
        return Decision(run)
    return _end(run, RunStatus.CANCELLED, "refused", {"by": event.by, "reason": event.reason})


def _ticked(policy: Policy, run: RunState, _event: e.Ticked, now: datetime) -> Decision:
    """Take what is due: at most the hold and one step of the ladder. Early and duplicate ticks change nothing.

    After a downtime the ladder goes on from its planned instants (the level due now fires, `climb.climb_due`).
    What follows a hold that ran out unseen counts from now: nobody could have answered it before.
    """
    due_at = run.due_at
    if due_at is None or due_at > now or run.ended:
        return Decision(run)
    actions: tuple[Action, ...] = ()
    if run.hold_at is not None and run.hold_at <= now:
        held = _HOLDS[run.hold](policy, run, now) if run.hold else Decision(run)
        run, actions = held.run, held.actions
    if run.climb_at is not None and run.climb_at <= now and not run.ended:
        climbed = climb.climb_due(policy, run, now)
        run, actions = climbed.run, (*actions, *climbed.actions)
    return Decision(run, actions)


def _ack_timed_out(policy: Policy, run: RunState, now: datetime) -> Decision:
    """First a reminder and a short grace, then the climb resumes at the current level, not at the first."""
    grace = min(LONGEST_GRACE, policy.ack_timeout)
    held_at, who = run.hold_at or now, run.acknowledger or ""
    if not run.reminded and now < held_at + grace:
        reminded = run._replace(reminded=True, hold_at=held_at + grace)
        note = Journal("acknowledger_reminded", {"person": who, "cycle": run.cycle, "level": run.level})
        return Decision(reminded, (RemindAcknowledger(who, run.cycle, max(run.level, 1)), note))
    run, missed = climb.overtaken(policy, run, held_at if run.reminded else held_at + grace)
    note = Journal("acknowledgement_timed_out", {"person": who, "level": run.level, "reminded": run.reminded})
    resumed = climb.open_level(policy, climb.new_cycle(run), max(run.level, 1), now)
    return Decision(resumed.run, (*missed, note, Withdraw("acknowledgement timed out"), *resumed.actions))


def _snooze_ended(policy: Policy, run: RunState, now: datetime) -> Decision:
    """It comes back to whoever had it in hand first; everybody else follows if they stay silent."""
    who = run.acknowledger or run.snoozed_by or ""
    run, missed = climb.overtaken(policy, run, run.hold_at or now)
    note = Journal("snooze_ended", {"back_to": who, "cycle": run.cycle + 1})
    fresh = climb.new_cycle(run, phase=Phase.RESUMING)
    asked = climb.open_level(policy, fresh, max(run.level, 1), now, people=(who,))
    return Decision(asked.run, (*missed, note, *asked.actions))


def _approval_timed_out(policy: Policy, run: RunState, now: datetime) -> Decision:
    choice = policy.approval.on_timeout if policy.approval else OnApprovalTimeout.START
    note = Journal("approval_timed_out", {"then": str(choice)})
    if choice is OnApprovalTimeout.CANCEL:
        ended = _end(run, RunStatus.CANCELLED, "cancelled", {"by": "engine", "reason": "approval timed out"})
        return Decision(ended.run, (note, *ended.actions))
    begun = _begin(policy, run, now)
    return Decision(begun.run, (note, *begun.actions))


def _level_reached(policy: Policy, run: RunState, event: e.LevelReached, now: datetime) -> Decision:
    if not run.awaiting or event.level != run.level:
        return Decision(run)
    if not event.people:
        return _level_empty(policy, run, e.LevelEmpty(event.level, "nobody"), now)
    declined = run.declined and tuple(p for p in run.declined if p not in event.people)
    after = climb.follow(
        policy, run, now, awaiting=False, asked=run.level, paged=event.people, reached=run.reached + 1,
        acked=run.acked if run.held else (), declined=declined,
    )  # fmt: skip
    return Decision(after.run, (*_child(policy, run), *after.actions))


def _child(policy: Policy, run: RunState) -> tuple[Action, ...]:
    slug = climb.calls(policy, run)
    return (StartChild(slug, run.level),) if slug else ()


def _level_empty(policy: Policy, run: RunState, event: e.LevelEmpty, now: datetime) -> Decision:
    """At opening; or later, when every delivery has failed, and then only while an answer is still waited for."""
    if run.ended or event.cycle not in (None, run.cycle):
        return Decision(run)
    if run.awaiting and event.level == run.level:
        if climb.calls(policy, run) and not policy.levels[run.level - 1].targets:
            return climb.child_level_opened(policy, run, now)
        empty = climb.level_is_empty(policy, run, event.level, event.reason, now)
        return Decision(empty.run, (*_child(policy, run), *empty.actions))
    return _deliveries_failed(policy, run, event, now)


def _deliveries_failed(policy: Policy, run: RunState, event: e.LevelEmpty, now: datetime) -> Decision:
    """A level that had reached people proves to have reached nobody (SEMANTICS 5)."""
    asked = run.asked or run.level
    if run.awaiting or not run.paged or not 0 < event.level <= asked:
        return Decision(run)
    note = Journal("level_unreachable", {"cycle": run.cycle, "level": event.level, "reason": event.reason})
    if run.status is not RunStatus.CLIMBING:
        return Decision(run, (note,))
    fewer = run._replace(reached=max(run.reached - 1, 0))
    if event.level < asked:
        return Decision(fewer, (note,))
    return climb.level_is_empty(policy, fewer._replace(asked=0, paged=(), acked=()), event.level, event.reason, now)


def _level_skipped(policy: Policy, run: RunState, event: e.LevelSkipped, now: datetime) -> Decision:
    """The level's own condition is false: its time passes as planned, so that a skipped rung speeds nobody up."""
    if not run.awaiting or event.level != run.level:
        return Decision(run)
    note = Journal("level_skipped", {"cycle": run.cycle, "level": run.level, "reason": event.reason})
    if run.reached == 0 and not run.held and climb.next_level(policy, run, run.level) is None:
        empty = climb.level_is_empty(policy, run, run.level, event.reason, now)
        return Decision(empty.run, (note, *empty.actions))
    after = climb.follow(policy, run, now, awaiting=False)
    return Decision(after.run, (note, *after.actions))


def _next_called(policy: Policy, run: RunState, event: e.NextCalled, now: datetime) -> Decision:
    """Open the next level now, whatever its condition; those already paged are not taken back.

    Calling for help ends a snooze that nobody had acknowledged before: the climb goes on.
    """
    data = {"by": event.by, "cycle": run.cycle, "level": run.level}
    late = answers.too_late(run, event, "late_call_next", data)
    if late is not None:
        return Decision(run, (late,))
    if run.status is RunStatus.PENDING_APPROVAL:
        return Decision(run)
    if run.level >= len(policy.levels):
        return Decision(run, (Journal("no_next_level", {"by": event.by, "level": run.level}),))
    note = Journal("next_called", {"by": event.by, "level": run.level + 1})
    ready = run._replace(phase=Phase.CLIMB)
    if run.acknowledger is None:
        ready = ready._replace(
            status=RunStatus.CLIMBING, hold=None, hold_at=None, snoozed_by=None, snoozed_until=None
        )  # fmt: skip
    opened = climb.open_level(policy, ready, run.level + 1, now)
    return Decision(opened.run, (note, *opened.actions))


def _resolved(_policy: Policy, run: RunState, event: e.Resolved, _now: datetime) -> Decision:
    return _end(run, RunStatus.RESOLVED, "resolved", {"by": event.by})


def _cancelled(_policy: Policy, run: RunState, event: e.Cancelled, _now: datetime) -> Decision:
    return _end(run, RunStatus.CANCELLED, "cancelled", {"by": event.by, "reason": event.reason})


def _de_escalated(_policy: Policy, run: RunState, event: e.DeEscalated, _now: datetime) -> Decision:
    return _end(run, RunStatus.DE_ESCALATED, "de_escalated", {"by": event.by, "reason": event.reason})


def _end(run: RunState, status: RunStatus, kind: str, data: dict[str, Any]) -> Decision:
    if run.ended:
        return Decision(run)
    ended = run._replace(status=status, awaiting=False, climb=None, climb_at=None, hold=None, hold_at=None)
    return Decision(ended, (Withdraw(kind), StopChildren(kind), Journal(kind, data | {"level": run.level})))


def _retriggered(policy: Policy, run: RunState, event: e.Retriggered, now: datetime) -> Decision:
    if not run.ended:
        return Decision(run, (Journal("retriggered_while_open", {"by": event.by}),))
    fresh = initial(policy)._replace(cycle=run.cycle + 1)
    begun = _begin(policy, fresh, now) if event.approved else _demand_approval(policy, fresh, now)
    return Decision(begun.run, (Journal("reopened", {"by": event.by, "cycle": fresh.cycle}), *begun.actions))


def _maintenance_began(_policy: Policy, run: RunState, event: e.MaintenanceBegan, _now: datetime) -> Decision:
    """Push whatever would fall due inside the window to its end, where it is looked at again."""
    climb_at = max(run.climb_at, event.until) if run.climb_at else None
    hold_at = max(run.hold_at, event.until) if run.hold_at else None
    deferred = run._replace(climb_at=climb_at, hold_at=hold_at)
    if run.ended or deferred == run:
        return Decision(run)
    return Decision(deferred, (Journal("deferred", {"until": event.until.isoformat(), "what": str(run.due)}),))


def _rebound(policy: Policy, run: RunState, event: e.Rebound, now: datetime) -> Decision:
    if run.ended or run.status is RunStatus.PENDING_APPROVAL or run.level == 0:
        return Decision(run)
    opened = climb.open_level(policy, climb.new_cycle(run), min(run.level, len(policy.levels)), now)
    note = Journal("rebound", {"by": event.by, "level": opened.run.level})
    return Decision(opened.run, (note, Withdraw("rebound"), *opened.actions))


def _rebased(policy: Policy, run: RunState, event: e.PolicyRebased, now: datetime) -> Decision:
    """Go on with another version: the open level stays open, its followers come from the new ladder."""
    if run.ended:
        return Decision(run)
    level = min(run.level, len(policy.levels))
    moved = run._replace(level=level, asked=min(run.asked, level))
    if level < run.level:
        moved = moved._replace(cycle=run.cycle + 1)  # the levels above may open again in a yet newer version
    note = Journal("rebased", {"by": event.by, "level": level})
    if run.climb in _LADDER or run.held:
        # Planned, not opened here: a rung that the new ladder had due in the past opens with the next tick.
        due, at = climb.plan(policy, moved, moved.level_due_at or now)
        moved = moved._replace(climb=due, climb_at=at)
    return Decision(moved, (note,))


_LADDER = (Due.LEVEL, Due.REPEAT)
_HOLDS: dict[Due, Callable[[Policy, RunState, datetime], Decision]] = {
    Due.ACK_TIMEOUT: _ack_timed_out,
    Due.SNOOZE_END: _snooze_ended,
    Due.APPROVAL_TIMEOUT: _approval_timed_out,
}
_DECIDERS: dict[type[e.RunEvent], Callable[[Policy, RunState, Any, datetime], Decision]] = {
    e.Started: _started,
    e.Ticked: _ticked,
    e.LevelReached: _level_reached,
    e.LevelEmpty: _level_empty,
    e.LevelSkipped: _level_skipped,
    e.Acknowledged: answers.acknowledged,
    e.Declined: answers.declined,
    e.Progressed: answers.progressed,
    e.Snoozed: answers.snoozed,
    e.NextCalled: _next_called,
    e.Resolved: _resolved,
    e.Cancelled: _cancelled,
    e.DeEscalated: _de_escalated,
    e.Retriggered: _retriggered,
    e.Approved: _approved,
    e.Refused: _refused,
    e.MaintenanceBegan: _maintenance_began,
    e.Rebound: _rebound,
    e.PolicyRebased: _rebased,
}
