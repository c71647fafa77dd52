"""Policies at work on a log: each ticket's history through the very code that runs in production. Pure.

A log holds no members of teams, no messages and no answers. docs/imports.md says what is assumed for
each: roles are filled, the first work after a page is its answer, and triggers that count what a
log does not tell are left out, by name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from tocsin.domain.escalation.logic.actions import Notify
from tocsin.domain.escalation.logic.events import LevelEmpty, LevelReached, LevelSkipped
from tocsin.domain.escalation.logic.policy import Policy, Target, TargetKind, Trigger, TriggerKind
from tocsin.domain.escalation.logic.simulate import Fact, Simulation, simulate
from tocsin.domain.escalation.logic.view import TicketView
from tocsin.domain.sla.logic.clock import RESOLUTION
from tocsin.intake.imports.events import Case
from tocsin.intake.imports.history import History, steps
from tocsin.intake.imports.promises import Promises, ResolutionClock

NEXT_LINE = {"L1": "L2", "L2": "L3", "L3": "", "management": ""}
_CLOCKS = (TriggerKind.CLOCK_AT, TriggerKind.CLOCK_BREACHED, TriggerKind.CLOCK_OVERDUE_BY)
_NO_SOURCE = {
    TriggerKind.NO_PUBLIC_UPDATE_FOR: "the log holds no messages",
    TriggerKind.CUSTOMER_ASKS: "the log holds no messages",
    TriggerKind.LINKED_TICKETS: "the log holds no links",
    TriggerKind.REPEAT_ESCALATION: "each ticket is replayed by itself",
    TriggerKind.AGENT_JUDGEMENT: "the log does not say who wanted to escalate",
}


def _next_line(view: TicketView) -> str:
    if not view.team:
        return ""
    if not view.line:
        return f"line above {view.team}"
    above = NEXT_LINE.get(view.line, "")
    return f"{above} above {view.team}" if above else ""


_STANDING: dict[TargetKind, Callable[[TicketView], str]] = {
    TargetKind.OWNER: lambda view: view.owner,
    TargetKind.MANAGER_OF_OWNER: lambda view: f"manager of {view.owner}" if view.owner else "",
    TargetKind.TICKET_TEAM: lambda view: f"team {view.team}" if view.team else "",
    TargetKind.SERVICE_TEAM: lambda view: f"team of {view.service}" if view.service else "",
    TargetKind.NEXT_LINE_TEAM: _next_line,
    TargetKind.ACCOUNT_MANAGER: lambda view: f"account manager of {view.organisation}" if view.organisation else "",
    TargetKind.POLICY_OWNER: lambda _view: "owner of the policy",
    TargetKind.CATCH_ALL: lambda _view: "catch-all",
}
_NAMED = {
    TargetKind.TEAM_LEAD: "lead of",
    TargetKind.TEAM_MANAGER: "escalation manager of",
    TargetKind.ROUND_ROBIN_TEAM: "the next of",  # a log holds no members, so it is always this one role
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a log tells at all; decides which triggers can be replayed."""

    lines: bool
    owners: bool
    promises: bool
    answers: bool


def heard(cases: Sequence[Case], promises: Promises, *, answers: bool) -> Heard:
    """Look through the log once."""
    events = [event for case in cases for event in case.events]
    return Heard(
        lines=any(event.line for event in events),
        owners=any(event.owner for event in events),
        promises=bool(promises.targets),
        answers=answers,
    )


def without_source(trigger: Trigger, it: Heard) -> str:
    """Return why the log cannot tell what this trigger looks at; empty if it can."""
    if trigger.kind in _CLOCKS:
        if trigger.clock != RESOLUTION:
            return f"the log has nothing that meets the clock {trigger.clock}"
        return "" if it.promises else "no targets are known (--targets)"
    if trigger.kind is TriggerKind.WAITING_AT_LINE_FOR:
        return "" if it.lines else "the log does not tell support lines"
    if trigger.kind is TriggerKind.UNASSIGNED_FOR:
        return "" if it.owners else "the log does not tell owners"
    if trigger.kind is TriggerKind.OWNER_SILENT_FOR:
        return "" if it.answers else "nobody answers (--no-answers)"
    return _NO_SOURCE.get(trigger.kind, "")


def replayable(policy: Policy, it: Heard) -> tuple[Policy, dict[str, str]]:
    """Return the policy with the triggers that the log can drive, and {key: why not} of the others."""
    silent = {trigger.key: reason for trigger in policy.triggers if (reason := without_source(trigger, it))}
    return replace(policy, triggers=tuple(t for t in policy.triggers if t.key not in silent)), silent


def replay(case: Case, policies: Sequence[Policy], promises: Promises, *, until: datetime, answers: bool) -> Simulation:
    """Run the policies over one ticket, in log time up to `until` (the end of the log)."""
    facts, opened_at = facts_of(case)
    clock = ResolutionClock(promises, opened_at)
    return simulate(facts, policies, reached, clock, until=until, activity_answers=answers)


def facts_of(case: Case) -> tuple[list[Fact], datetime]:
    """Return the ticket's history as `simulate` reads it, and when the ticket was opened.

    A fact holds what its row shows and nothing that a later row tells. The opening is known from
    the first row on, though the clock counts from `opened_at`.
    """
    facts: list[Fact] = []
    opened_at = case.events[0].at
    known: tuple[Any, ...] = ()
    for event, history, _ in steps(case):
        if not facts:
            opened_at = history.opened_at
        shown = _shown(history)
        changes = _NO_CHANGES if shown == known else _changes(history, shown)
        kind = "opened" if not facts else "changed" if event.by else "machine"
        facts.append(Fact(at=history.updated_at, kind=kind, changes=changes, by=event.by))
        known = shown
    return facts, opened_at


# What a condition sees of a ticket: fields of TicketView, and where History has them.
_SAME_NAME = (
    "subject", "status", "priority", "impact", "urgency", "category", "channel", "service", "team", "line", "owner",
    "organisation", "handovers", "ping_pongs", "reopens",
)  # fmt: skip
_shown = attrgetter(*_SAME_NAME, "item")
_NO_CHANGES: Mapping[str, Any] = {}


def _changes(history: History, shown: tuple[Any, ...]) -> dict[str, Any]:
    found = dict(zip((*_SAME_NAME, "configuration_item"), shown, strict=True))
    return {**found, "has_owner": bool(history.owner), "is_open": history.is_open}


def reached(policy: Policy, ask: Notify, view: TicketView) -> LevelReached | LevelEmpty | LevelSkipped:
    """Say whom a level reaches: one page per role that the ticket has (an owner, a team, a line above)."""
    del policy
    people = dict.fromkeys(person for target in ask.targets for person in _people(target, view))
    if not people:
        return LevelEmpty(ask.level, "the ticket has nobody in these roles")
    return LevelReached(ask.level, tuple(people))


def _people(target: Target, view: TicketView) -> Iterator[str]:
    if target.kind in _NAMED:
        team = target.ref or view.team
        found = f"{_NAMED[target.kind]} {team}" if team else ""
    elif target.kind in _STANDING:
        found = _STANDING[target.kind](view)
    else:
        found = f"{target.kind} {target.ref}"
    if found:
        yield found
