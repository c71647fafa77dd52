"""The state of one run: one policy version at work on one escalation (SEMANTICS 4)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RunStatus(StrEnum):
    PENDING_APPROVAL = "pending_approval"
    CLIMBING = "climbing"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    EXHAUSTED = "exhausted"  # terminal action taken; still open, an answer is still welcome
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DE_ESCALATED = "de_escalated"


ENDED = frozenset({RunStatus.RESOLVED, RunStatus.CANCELLED, RunStatus.EXPIRED, RunStatus.DE_ESCALATED})


class Due(StrEnum):
    """What the run waits for at `due_at`."""

    LEVEL = "level"  # the next level opens
    REPEAT = "repeat"  # the ladder is climbed again, or the terminal action is taken
    ACK_TIMEOUT = "ack_timeout"  # first the reminder, then the climb resumes
    SNOOZE_END = "snooze_end"
    APPROVAL_TIMEOUT = "approval_timeout"
    KEEP_PAGING = "keep_paging"
    MAINTENANCE_END = "maintenance_end"  # deferred; `deferred` says what


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything `decide` needs to know. People are user ids as text.

    `cycle` is one pass through (part of) the levels: it grows by one whenever people may be
    paged again on a level they were paged on before (repeat, resumed climb, keep paging,
    reopening), so that (run, cycle, level, person, channel) names a delivery once and for all.
    """

    status: RunStatus
    cycle: int = 1
    level: int = 0  # number of the open level; 0 before the first
    repeats: int = 0  # further passes already made
    due_at: datetime | None = None
    due: Due | None = None
    level_due_at: datetime | None = None  # when the open level was due: next delays count from here
    deferred: Due | None = None
    paged: tuple[str, ...] = ()  # on the open level in this cycle
    acked: tuple[str, ...] = ()  # of those, in order
    declined: tuple[str, ...] = ()
    acknowledger: str | None = None  # the first, who is asked to take ownership
    acknowledged_at: datetime | None = None
    reminded: bool = False
    progress_at: datetime | None = None  # last sign of work by the acknowledger; pushes the ack time-out
    snoozed_by: str | None = None
    snoozed_until: datetime | None = None
    reached: bool = False  # anybody at all in this cycle; false at the top of the ladder means the catch-all
    child: bool = False  # the open level runs a child policy

    @property
    def ended(self) -> bool:
        return self.status in ENDED
