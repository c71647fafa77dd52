"""What people's answers do to a run (SEMANTICS 4). Pure; called by `decide`."""

from datetime import datetime

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
from tocsin.domain.escalation.logic.events import Acknowledged, Declined, Progressed, Snoozed
from tocsin.domain.escalation.logic.policy import AckMode, Policy
from tocsin.domain.escalation.logic.run import Due, Phase, RunState, RunStatus


def acknowledged(policy: Policy, run: RunState, event: Acknowledged, now: datetime) -> Decision:
    """Somebody has it. Idempotent; resolve wins; a link of an older cycle changes nothing."""
    data = {"by": event.by, "cycle": run.cycle, "level": run.level}
    if run.ended:
        return Decision(run, (Journal("late_acknowledgement", data | {"state": str(run.status)}),))
    if event.cycle is not None and event.cycle != run.cycle:
        return Decision(run, (Journal("stale_answer", data | {"link_cycle": event.cycle}),))
    if event.by in run.acked or run.status is RunStatus.PENDING_APPROVAL:
        return Decision(run)
    run = run._replace(acked=(*run.acked, event.by))
    if run.acknowledger is not None and run.status is RunStatus.ACKNOWLEDGED:
        return Decision(run, (Journal("also_acknowledged", data),))
    mode = policy.levels[run.level - 1].ack if run.level else AckMode.ANY
    missing = [person for person in run.paged if person not in run.acked]
    if mode is AckMode.ALL and missing and run.status is not RunStatus.SNOOZED:
        note = Journal("acknowledged_partly", data | {"missing": missing})
        return Decision(run, (WithdrawPerson(event.by, "acknowledged"), note))
    first = run.acked[0]
    run = run._replace(
        status=RunStatus.ACKNOWLEDGED, acknowledger=first, acknowledged_at=now, reminded=False,
        snoozed_by=None, snoozed_until=None, phase=Phase.CLIMB,
        hold=Due.ACK_TIMEOUT, hold_at=now + policy.ack_timeout, climb=None, climb_at=None,
    )  # fmt: skip
    following = climb.follow(policy, run, run.level_due_at or now, plan_only=True)
    actions: tuple[Action, ...] = (
        Withdraw("acknowledged"),
        AskOwnership(first),
        StopChildren("acknowledged"),
        Journal("acknowledged", data),
    )
    return Decision(following.run, actions)


def declined(  # noqa: PLR0911 - one way out per state in which a decline means little
    policy: Policy, run: RunState, event: Declined, now: datetime
) -> Decision:
    """Somebody cannot. When nobody is left who could still answer, the next target is paged at once."""
    data = {"by": event.by, "reason": event.reason, "cycle": run.cycle, "level": run.level}
    if run.ended:
        return Decision(run, (Journal("late_decline", data),))
    if event.cycle is not None and event.cycle != run.cycle:
        return Decision(run, (Journal("stale_answer", data | {"link_cycle": event.cycle}),))
    if event.by in run.declined:
        return Decision(run)
    if event.by == run.acknowledger:
        return _given_back(policy, run, event, now)
    if event.by not in run.paged:
        return Decision(run, (Journal("declined_unasked", data),))
    run = run._replace(declined=(*run.declined, event.by), acked=tuple(p for p in run.acked if p != event.by))
    actions: tuple[Action, ...] = (WithdrawPerson(event.by, "declined"), Journal("declined", data))
    if run.status is not RunStatus.CLIMBING or run.acknowledger is not None:
        return Decision(run, actions)
    mode = policy.levels[run.level - 1].ack if run.level else AckMode.ANY
    if mode is AckMode.ANY and any(person not in run.declined for person in run.paged):
        return Decision(run, actions)
    onward = climb.climb_on(policy, run, now)
    return Decision(onward.run, (*actions, *onward.actions))


def _given_back(policy: Policy, run: RunState, event: Declined, now: datetime) -> Decision:
    """The acknowledger cannot after all: the climb goes on at once."""
    freed = run._replace(
        status=RunStatus.CLIMBING, acknowledger=None, acknowledged_at=None, reminded=False, hold=None, hold_at=None,
        acked=tuple(p for p in run.acked if p != event.by), declined=(*run.declined, event.by),
        snoozed_by=None, snoozed_until=None, climb=None, climb_at=None,
    )  # fmt: skip
    onward = climb.climb_on(policy, freed, now)
    note = Journal("given_back", {"by": event.by, "reason": event.reason, "level": run.level})
    return Decision(onward.run, (note, *onward.actions))


def progressed(policy: Policy, run: RunState, event: Progressed, now: datetime) -> Decision:
    """Work by the acknowledger pushes the time-out of the acknowledgement."""
    if run.status is not RunStatus.ACKNOWLEDGED or event.by != run.acknowledger:
        return Decision(run)
    return Decision(run._replace(hold_at=now + policy.ack_timeout, reminded=False))


def snoozed(policy: Policy, run: RunState, event: Snoozed, now: datetime) -> Decision:
    """Quiet for a while, at most the policy's cap; it says who wanted it, and comes back to the acknowledger first."""
    if run.ended or run.status is RunStatus.PENDING_APPROVAL:
        return Decision(run)
    until = now + min(event.duration, policy.snooze_cap)
    capped = event.duration > policy.snooze_cap
    quiet = run._replace(
        status=RunStatus.SNOOZED, snoozed_by=event.by, snoozed_until=until, hold=Due.SNOOZE_END, hold_at=until,
        climb=None, climb_at=None,
    )  # fmt: skip
    note = Journal("snoozed", {"by": event.by, "until": until.isoformat(), "capped": capped, "level": run.level})
    return Decision(quiet, (Withdraw("snoozed"), note))
