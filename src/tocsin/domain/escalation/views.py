"""What pages, API and CLI show of escalations: plain frozen data made by queries.py."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PersonEvidence:
    """A person that a target resolved to, and why: `by` reads like "lead of team Network", "deputy of Ana Ruiz"."""

    id: UUID
    name: str
    by: tuple[str, ...]
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class LevelPreview:
    """A rung as it would be if it opened at `at`."""

    number: int
    name: str
    at: datetime | None
    delay_seconds: int
    targets: tuple[str, ...]  # in words: "lead of the ticket's team"
    people: tuple[PersonEvidence, ...]
    condition: str
    ack: str
    skipped: str = ""  # why it would not open: condition false, nobody


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A rung of a live run. `state`: done, now, next, later, skipped."""

    number: int
    name: str
    state: str
    fires_at: datetime | None
    fired_at: datetime | None
    people: tuple[str, ...]  # names; of a future level: who it would be now
    note: str = ""  # "acknowledged by Kai", "nobody reachable", "declined by Ana: on a plane"


@dataclass(frozen=True, slots=True)
class Ladder:
    """One escalation's rail for the ticket page."""

    escalation_id: UUID
    run_id: UUID
    policy_slug: str
    policy_name: str
    version: int
    type: str
    reason: str
    direction: str
    state: str  # EscalationState
    status: str  # RunStatus
    cycle: int
    opened_at: datetime
    next_at: datetime | None
    next_what: str  # in words: "Level 2, Network experts, is paged"
    acknowledger: str
    steps: tuple[LadderStep, ...]
    may: tuple[
        str, ...
    ] = ()  # acknowledge, decline, snooze, call_next, resolve, cancel, approve, refuse, after_reassign, de_escalate


@dataclass(frozen=True, slots=True)
class RespondView:
    """The respond page: what and impact, who else is paged, what happens next, and which buttons make sense."""

    run_id: UUID
    ticket_id: UUID
    reference: str
    subject: str
    priority: int
    customer: str
    policy_name: str
    status: str
    cycle: int
    level: int
    level_name: str
    brief: dict[str, str]
    also_paged: tuple[str, ...]
    acknowledged_by: str
    next_at: datetime | None
    next_what: str
    stale: bool  # the link belongs to an older cycle
    may_acknowledge: bool
    may_decline: bool
    may_take: bool = False  # the ticket is not theirs, and may become theirs with the answer
    is_drill: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer did: `changed` is false when the state had moved on; `message` says so in words."""

    changed: bool
    status: str
    message: str
    detail: dict[str, Any] = field(default_factory=dict)
