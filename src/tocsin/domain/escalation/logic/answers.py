"""What people's answers do to a run (SEMANTICS 4). Pure; called by `decide`."""

from datetime import datetime
from typing import Any

from tocsin.domain.escalation.logic import climb
from tocsin.domain.escalation.logic.actions import (
    Action,
    AskOwnership,
    Decision,
    Journal,
    StopChildren,
    Withdraw,
    WithdrawPerson,
)
from tocsin.domain.escalation.logic.events import Acknowledged, Declined, NextCalled, Progressed, Snoozed
from tocsin.domain.escalation.logic.policy import AckMode, Policy
from tocsin.domain.escalation.logic.run import Due, Phase, RunState, RunStatus


def acknowledged(policy: Policy, run: RunState, event: Acknowledged, now: datetime) -> Decision:
    """Somebody has it. Idempotent; resolve wins; a link of an older cycle changes nothing.

    Anybody may: those paged, and a lead from the ticket's page. A level on which everyone has to
    answer waits for those it paged; once its climb is over (or asleep) one answer is welcome there too.
    """
    data = {"by": event.by, "cycle": run.cycle, "level": run.level}
    late = too_late(run, event, "late_acknowledgement", data)
    if late is not None:
        return Decision(run, (late,))
    if run.status is RunStatus.PENDING_APPROVAL:
        return Decision(run)
    if run.status is RunStatus.ACKNOWLEDGED:
        if event.by in run.acked:
            return Decision(run)
        also = run._replace(acked=(*run.acked, event.by), declined=_without(run.declined, event.by))
        return Decision(also, (Journal("also_acknowledged", data),))
    if run.status is RunStatus.CLIMBING and _mode(policy, run) is AckMode.ALL and run.paged:
        return _one_of_all(policy, run, event, now)
    return _taken(policy, run, (event.by, *_without(run.acked, event.by)), event.by, now)


def too_late(
    run: RunState, event: Acknowledged | Declined | Snoozed | NextCalled, kind: str, data: dict[str, Any]
) -> Journal | None:
    """Return the entry for an answer to a run that has ended, or to an older cycle of it; None: it counts."""
    if run.ended:
        return Journal(kind, data | {"state": str(run.status)})
    if event.cycle is not None and event.cycle != run.cycle:
        return Journal("stale_answer", data | {"link_cycle": event.cycle})
    return None


def _without(people: tuple[str, ...], person: str) -> tuple[str, ...]:
    return tuple(one for one in people if one != person) if person in people else people


def _mode(policy: Policy, run: RunState) -> AckMode:
    """How many of the level that waits for an answer have to give it."""
    asked = run.asked or run.level
    return policy.levels[asked - 1].ack if asked else AckMode.ANY


def _one_of_all(policy: Policy, run: RunState, event: Acknowledged, now: datetime) -> Decision:
    data = {"by": event.by, "cycle": run.cycle, "level": run.level}
    if event.by in run.acked:
        return Decision(run)
    if event.by not in run.paged:
        return Decision(run, (Journal("acknowledged_unasked", data),))
    acked = (*run.acked, event.by)
    missing = [person for person in run.paged if person not in acked]
    if missing:
        note = Journal("acknowledged_partly", data | {"missing": missing})
        partly = run._replace(acked=acked, declined=_without(run.declined, event.by))
        return Decision(partly, (WithdrawPerson(event.by, "acknowledged"), note))
    return _taken(policy, run, acked, event.by, now)


def _taken(policy: Policy, run: RunState, acked: tuple[str, ...], by: str, now: datetime) -> Decision:
    """The first of `acked` has it from now on; paging and climb stop, but for levels on "not resolved"."""
    due, at = climb.planned_while_held(policy, run, now)
    taken = run._replace(
        status=RunStatus.ACKNOWLEDGED, acked=acked, acknowledger=acked[0], acknowledged_at=now, reminded=False,
        declined=tuple(p for p in run.declined if p not in acked), snoozed_by=None, snoozed_until=None,
        phase=Phase.CLIMB, hold=Due.ACK_TIMEOUT, hold_at=now + policy.ack_timeout, climb=due, climb_at=at,
    )  # fmt: skip
    actions: tuple[Action, ...] = (
        Withdraw("acknowledged"),
        AskOwnership(acked[0]),
        StopChildren("acknowledged"),
        Journal("acknowledged", {"by": by, "cycle": run.cycle, "level": run.level}),
    )
    return Decision(taken, actions)


def declined(policy: Policy, run: RunState, event: Declined, now: datetime) -> Decision:
    """Somebody cannot. When nobody is left who could still answer, the next target is paged at once."""
    data = {"by": event.by, "reason": event.reason, "cycle": run.cycle, "level": run.level}
    late = too_late(run, event, "late_decline", data)
    if late is not None:
        return Decision(run, (late,))
    if event.by == run.acknowledger:
        return _given_back(policy, run, event, now)
    if event.by in run.declined:
        return Decision(run)
    if event.by not in run.paged and event.by not in run.acked:
        return Decision(run, (Journal("declined_unasked", data),))
    return _cannot(policy, run, event, now)


def _cannot(policy: Policy, run: RunState, event: Declined, now: datetime) -> Decision:
    data = {"by": event.by, "reason": event.reason, "cycle": run.cycle, "level": run.level}
    run = run._replace(declined=(*run.declined, event.by), acked=_without(run.acked, event.by))
    actions: tuple[Action, ...] = (WithdrawPerson(event.by, "declined"), Journal("declined", data))
    left = any(person not in run.declined for person in run.paged)
    if run.status is not RunStatus.CLIMBING or (left and _mode(policy, run) is AckMode.ANY):
        return Decision(run, actions)
    onward = climb.climb_on(policy, run, now)
    return Decision(onward.run, (*actions, *onward.actions))


def _given_back(policy: Policy, run: RunState, event: Declined, now: datetime) -> Decision:
    """The acknowledger cannot after all: another who acknowledged has it, or the climb goes on at once."""
    note = Journal("given_back", {"by": event.by, "reason": event.reason, "level": run.level})
    others = _without(run.acked, event.by)
    run = run._replace(acked=others, declined=(*_without(run.declined, event.by), event.by))
    if others and _mode(policy, run) is AckMode.ANY:
        passed = _taken(policy, run, others, others[0], now)
        return Decision(passed.run, (note, *passed.actions))
    freed = run._replace(
        status=RunStatus.CLIMBING, acknowledger=None, acknowledged_at=None, reminded=False, hold=None, hold_at=None,
        acked=(), snoozed_by=None, snoozed_until=None, climb=None, climb_at=None,
    )  # fmt: skip
    onward = climb.climb_on(policy, freed, now)
    return Decision(onward.run, (note, *onward.actions))


def progressed(policy: Policy, run: RunState, event: Progressed, now: datetime) -> Decision:
    """Work by the acknowledger pushes the time-out of the acknowledgement."""
    if run.status is not RunStatus.ACKNOWLEDGED or event.by != run.acknowledger:
        return Decision(run)
    # Reminded once, they may have to be reminded again: a cycle holds one reminder, as it holds one page.
    cycle = run.cycle + 1 if run.reminded else run.cycle
    return Decision(run._replace(cycle=cycle, hold_at=now + policy.ack_timeout, reminded=False))


def snoozed(policy: Policy, run: RunState, event: Snoozed, now: datetime) -> Decision:
    """Quiet for a while, at most the policy's cap; it says who wanted it, and comes back to the acknowledger first.

    Levels on "not resolved" open all the same. What sleeps already cannot be put to sleep for longer:
    that would be a way around the cap.
    """
    late = too_late(run, event, "late_snooze", {"by": event.by, "cycle": run.cycle, "level": run.level})
    if late is not None:
        return Decision(run, (late,))
    if run.status is RunStatus.PENDING_APPROVAL:
        return Decision(run)
    if run.status not in (RunStatus.CLIMBING, RunStatus.ACKNOWLEDGED):
        return Decision(run, (Journal("not_snoozed", {"by": event.by, "state": str(run.status)}),))
    until = now + min(event.duration, policy.snooze_cap)
    capped = event.duration > policy.snooze_cap
    due, at = climb.planned_while_held(policy, run, now)
    quiet = run._replace(
        status=RunStatus.SNOOZED, snoozed_by=event.by, snoozed_until=until, hold=Due.SNOOZE_END, hold_at=until,
        phase=Phase.CLIMB, climb=due, climb_at=at,
    )  # fmt: skip
    note = Journal("snoozed", {"by": event.by, "until": until.isoformat(), "capped": capped, "level": run.level})
    return Decision(quiet, (Withdraw("snoozed"), note))
