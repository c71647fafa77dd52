"""The state of one run: one policy version at work on one escalation (SEMANTICS 4)."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


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
    RESUME = "resume"  # the open level opens again (a snooze came back and its snoozer did not answer)


class Phase(StrEnum):
    """How the open level came to be open, which says what follows it."""

    CLIMB = "climb"
    RESUMING = "resuming"  # the snoozer was asked first; then the level opens for everybody
    KEEPING = "keeping"  # the last level is paged again and again


class RunState(NamedTuple):
    """Everything `decide` needs to know. People are user ids as text. A tuple, for its quick `_replace`.

    `cycle` is one pass through (part of) the levels: it grows by one whenever people may be
    paged again on a level they were paged on before (repeat, resumed climb, keep paging,
    reopening), so that (run, cycle, level, person, channel) names a delivery once and for all.
    """

    status: RunStatus
    cycle: int = 1
    level: int = 0  # number of the open level; 0 before the first
    repeats: int = 0  # further passes already made
    phase: Phase = Phase.CLIMB
    climb_at: datetime | None = None  # the ladder's next step, and what it is
    climb: Due | None = None
    hold_at: datetime | None = (
        None  # what a person's act waits for: time-out of an acknowledgement, end of a snooze ...
    )
    hold: Due | None = None
    level_due_at: datetime | None = None  # when the open level was due: next delays count from here
    awaiting: bool = False  # the open level's targets are being resolved; the executor's answer is waited for
    asked: int = 0  # the level that `paged` stands on: the open one, or one below if that reached nobody
    paged: tuple[str, ...] = ()  # on level `asked` in this cycle
    acked: tuple[str, ...] = ()  # of those, in order
    declined: tuple[str, ...] = ()  # in this cycle, unless asked again since
    acknowledger: str | None = None  # the first, who is asked to take ownership
    acknowledged_at: datetime | None = None
    reminded: bool = False
    snoozed_by: str | None = None
    snoozed_until: datetime | None = None
    reached: int = 0  # levels of this cycle that reached anybody; none at the top of the ladder means the catch-all
    catch_all: int = 0  # the cycle in which the catch-all was last paged

    @property
    def due_at(self) -> datetime | None:
        """The earlier of the two instants waited for; None: nothing happens by itself."""
        if self.climb_at is None or self.hold_at is None:
            return self.climb_at or self.hold_at
        return min(self.climb_at, self.hold_at)

    @property
    def due(self) -> Due | None:
        """What happens at `due_at`; a person's hold comes first where both fall together."""
        if self.hold_at is not None and self.hold_at == self.due_at:
            return self.hold
        return self.climb

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def held(self) -> bool:
        """Somebody has it in hand, or had it put to sleep: only levels on "not resolved" go on opening."""
        return self.acknowledger is not None or self.status is RunStatus.SNOOZED
