"""What `decide` asks for: symbols, not deeds. An executor (or the simulation) carries them out."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from tocsin.domain.escalation.logic.policy import Target
from tocsin.domain.escalation.logic.run import RunState


@dataclass(frozen=True, slots=True)
class Action:
    """Base of all symbols."""


@dataclass(frozen=True, slots=True)
class Notify(Action):
    """Open level `level` of `cycle`: resolve its targets and page them; answer with LevelReached/Empty/Skipped.

    `people` (user ids) overrides the targets: a snooze comes back to the acknowledger first.
    `without`: those who have said in this cycle that they cannot; they are not asked again.
    """

    cycle: int
    level: int
    targets: tuple[Target, ...]
    urgent: bool
    people: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdraw(Action):
    """Take back every page of the run that has not gone out; nothing may be leased any more."""

    reason: str


@dataclass(frozen=True, slots=True)
class WithdrawPerson(Action):
    """Take back one person's pages: they have answered, the others are still waited for."""

    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class AskOwnership(Action):
    """Offer `person` the ticket. The previous owner stays accountable until they accept."""

    person: str


@dataclass(frozen=True, slots=True)
class RemindAcknowledger(Action):
    person: str
    cycle: int
    level: int


@dataclass(frozen=True, slots=True)
class AskApproval(Action):
    targets: tuple[Target, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class PageCatchAll(Action):
    """Page the organisation's catch-all; `reason` is ladder_empty or unanswered."""

    cycle: int
    level: int
    reason: str


@dataclass(frozen=True, slots=True)
class WarnPolicyOwner(Action):
    level: int
    reason: str


@dataclass(frozen=True, slots=True)
class Alarm(Action):
    """Raise it where operators look: health page, metrics, catch-all."""

    reason: str


@dataclass(frozen=True, slots=True)
class StartChild(Action):
    policy: str
    level: int


@dataclass(frozen=True, slots=True)
class StopChildren(Action):
    reason: str


@dataclass(frozen=True, slots=True)
class Journal(Action):
    """An entry `run.<kind>` with JSON data."""

    kind: str
    data: dict[str, Any] = field(default_factory=dict)


class Decision(NamedTuple):
    """The run as it is from now on, and what is to be done, in order."""

    run: RunState
    actions: tuple[Action, ...] = ()
